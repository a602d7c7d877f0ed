"""The README says what the code is; law: whatever can be listed is compared with the code."""

import re
from pathlib import Path

from pydantic import BaseModel

from bakeoff import errors
from bakeoff.algorithms import ALGORITHMS, AlgorithmCard
from bakeoff.cli.main import COMMANDS
from bakeoff.evaluation import METRICS
from bakeoff.evaluation.folds import BY_SIZE
from bakeoff.features import FEATURIZERS, RECIPES
from bakeoff.features.scaling import SCALERS
from bakeoff.features.target_transforms import TARGET_TRANSFORMS
from bakeoff.params import RunParams

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
RECIPE_NAMES = [recipe.name for recipe in RECIPES]


def keys_of(model: type[BaseModel], prefix: str = "") -> list[str]:
    keys: list[str] = []
    for name, field in model.model_fields.items():
        kind = field.annotation
        section = isinstance(kind, type) and issubclass(kind, BaseModel)
        keys += keys_of(kind, f"{prefix}{name}.") if section else [prefix + name]  # type: ignore[arg-type]
    return keys


def section(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def part(title: str) -> str:
    return section("Params").partition(f"\n### {title}\n")[2].partition("\n### ")[0]


def test_every_params_key_is_in_the_table_and_no_other() -> None:
    assert sorted(re.findall(r"^\| `([\w.]+)` \|", section("Params"), flags=re.MULTILINE)) == sorted(keys_of(RunParams))


def test_every_metric_featurizer_and_scaler_is_named() -> None:
    words = set(re.findall(r"[\w-]+", section("Params")))
    names = {card.name for card in (*METRICS, *FEATURIZERS)} | set(SCALERS) | set(TARGET_TRANSFORMS)
    assert not names - words


def test_the_featurizers_and_recipes_are_as_their_cards_say() -> None:
    rows = re.findall(r"^\| (\w+) \| ([a-z, ]+) \| (yes|no) \| [^|]+ \| (.*?) ?\|$", part("Recipes"), flags=re.MULTILINE)
    assert rows == [(card.name, ", ".join(card.kinds), "yes" if card.adds else "no", ", ".join(card.parameters)) for card in FEATURIZERS]
    rows = re.findall(r"^\| (\w+) \| (yes|no) \| (.*?) ?\|$", part("Recipes"), flags=re.MULTILINE)
    assert rows == [(recipe.name, "yes" if recipe.imputed else "no", ", ".join(recipe.featurizers)) for recipe in RECIPES]


def test_every_algorithm_begins_with_the_recipe_that_is_told() -> None:
    told = " ".join(part("Recipes").partition("|")[0].split())
    first = {recipe: {card.name for card in ALGORITHMS if card.name != "baseline" and card.recipes[0] == recipe} for recipe in RECIPE_NAMES}
    trees = {"decision_tree", "extra_trees", "gradient_boosting", "random_forest"}
    assert (
        "lightgbm, xgboost and hist_gradient_boosting begin with `mixed`, catboost with `codes`, other trees with `imputed_mixed`" in told
    )
    assert (first["mixed"], first["codes"]) == ({"lightgbm", "xgboost", "hist_gradient_boosting"}, {"catboost"})
    assert first["imputed_mixed"] == trees
    assert sum(map(len, first.values())) == len(ALGORITHMS) - 1
    assert {recipe for recipe, names in first.items() if names} == {"mixed", "codes", "imputed_mixed", "one_hot"}


def test_the_algorithms_are_as_their_cards_say() -> None:
    rows = re.findall(r"^\| (\w+) \| ([a-z, ]+) \| (yes|no) \| (.*?) ?\|$", part("Algorithms"), flags=re.MULTILINE)
    assert rows == [
        (card.name, ", ".join(card.tasks), "yes" if card.portfolio else "no", limits_of(card))
        for card in ALGORITHMS
        if card.name != "baseline"
    ]


def limits_of(card: AlgorithmCard) -> str:
    sizes = ((card.max_rows, "rows"), (card.max_columns, "columns"))
    return ", ".join(f"{most:,} {what}" for most, what in sizes if most is not None)


def test_the_number_of_folds_is_as_the_code_has_it() -> None:
    assert all(f"{folds} up to {rows:,}" in section("Params") for rows, folds in BY_SIZE)


def test_every_command_is_shown() -> None:
    names = {command.__name__.rpartition(".")[2] for command in COMMANDS}
    assert not {name for name in names if f"bakeoff {name}" not in README}


def test_every_exit_code_is_explained() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.BakeoffError)]
    table = section("Exit codes")
    assert not {kind.exit_code for kind in kinds if f"| {kind.exit_code} |" not in table}


def test_prefect_is_told_to_keep_quiet_before_its_first_command() -> None:
    for text, before in ((section("From the Prefect UI"), "    "), ((ROOT / "prefect.yaml").read_text(encoding="utf-8"), "#   ")):
        commands = [line.removeprefix(before).split()[:2] for line in text.splitlines() if line.startswith(before)]
        assert commands[0] == ["export", "DO_NOT_TRACK=1"]


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]
