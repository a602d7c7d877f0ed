import pytest

from bakeoff.errors import RunError
from bakeoff.reporting import summary_markdown
from bakeoff.runs import RunFolder


def test_it_names_the_best_and_how_to_use_it(run: RunFolder) -> None:
    text = summary_markdown(run)
    assert text.startswith("# churn: lightgbm-aaaaaaaaaa, AUC_weighted 0.9876\n")
    assert f"bakeoff predict {run.path}/predictors/lightgbm-aaaaaaaaaa.pkl" in text
    assert "| 2 | baseline-bbbbbbbbbb | 0.5000 | 0.0100 | 1.5 |" in text
    assert "2 done, 1 failed, 0 skipped of 4 planned" in text
    assert "overridden" not in text


def test_the_best_is_the_row_that_is_fast_enough_and_notes_are_told(run: RunFolder) -> None:
    board = run.leaderboard()
    slow = {"latency_1000_p50_ms": 2500.0, "size_mb": 12.345, "reason": "too slow: 2.5 ms per row", "best": False}
    run.write_json("leaderboard.json", {**board, "rows": [{**board["rows"][0], **slow}, {**board["rows"][1], "best": True}]})
    run.update_facts(inference_warning="only the baseline is fast enough", refit_failure="")
    text = summary_markdown(run)
    assert text.startswith("# churn: baseline-bbbbbbbbbb, AUC_weighted 0.5000\n")
    assert "| 1 | lightgbm-aaaaaaaaaa | 0.9876 | 0.0100 | 1.5 | 2.500 | 12.35 |" in text
    assert "\n\nlightgbm-aaaaaaaaaa: too slow: 2.5 ms per row.\n" in text
    assert "- **Warning**: only the baseline is fast enough\n" in text
    assert "Not refitted" not in text


def test_a_failure_keeps_its_reason_in_one_cell(run: RunFolder) -> None:
    assert "| knn-cccccccccc | failed | MemoryError: [red]it \\| took too much[/] |" in summary_markdown(run)


def test_optional_parts_appear_when_they_are_there(run: RunFolder) -> None:
    assert "## Test part" not in summary_markdown(run)
    run.write_json("test_scores.json", {"rows": 50, "scores": {"lightgbm-aaaaaaaaaa": {"accuracy": 0.9, "log_loss": None}}})
    run.write_json(
        "guardrails.json", [{"name": "class balance", "state": "Alerted", "seen": "1 in 50", "done": "nothing"}, {"state": "Passed"}]
    )
    run.update_facts(overrides={"limits": {"max_trials": 2}}, ended_because="stopped by SIGINT")
    text = summary_markdown(run)
    assert "| lightgbm-aaaaaaaaaa | 0.9000 | – |" in text
    assert "| class balance | Alerted | 1 in 50 | nothing |" in text
    assert "overridden: `{'limits': {'max_trials': 2}}`" in text
    assert "ab12`, stopped by SIGINT" in text


def test_columns_are_told_as_the_best_recipe_takes_them(run: RunFolder) -> None:
    made = {
        "codes": {"featurizer": "numbers", "features": ["age"]},
        "one_hot": {"featurizer": "numbers", "features": ["age", "age is missing"]},
    }
    two = {"features": ["job", "job.order"]}
    columns = [
        {"name": "age", "kind": "numeric", "dropped": "", "imputation": "median", "indicator": False, "recipes": made},
        {"name": "said", "kind": "text", "dropped": "", "recipes": {"codes": {"featurizer": "", "features": [], "dropped": "no word"}}},
        {
            "name": "job",
            "kind": "categorical",
            "dropped": "",
            "recipes": {"codes": {"featurizer": "category_codes, spelling_order", **two}},
        },
        {"name": "id", "kind": None, "dropped": "an identifier", "recipes": {}},
    ]
    run.write_json("featurization_summary.json", {"mode": "custom", "blocked": [], "columns": columns})
    text = summary_markdown(run)
    assert "| column | kind | made of it by codes |" in text
    assert "| age | numeric | numbers: 1 feature, missing values by median |" in text
    assert "| said | text | nothing: no word |" in text
    assert "| job | categorical | category_codes, spelling_order: 2 features |" in text
    assert "| id | left out | an identifier |" in text


def test_without_a_usable_trial_it_says_so(run: RunFolder) -> None:
    board = run.leaderboard()
    run.write_json("leaderboard.json", {**board, "rows": board["rows"][2:]})
    text = summary_markdown(run)
    assert "# churn: no usable trial" in text
    assert "bakeoff predict" not in text


def test_an_unfinished_run_is_an_error_that_says_what_is_missing(run: RunFolder) -> None:
    (run.path / "leaderboard.json").unlink()
    with pytest.raises(RunError, match=r"leaderboard\.json cannot be read"):
        summary_markdown(run)
