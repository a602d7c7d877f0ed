"""The dataset against its experiment's expectations; law: a broken contract stops the run, and says what was seen."""

import json
from pathlib import Path

from prefect.logging import get_run_logger

from bakeoff.data import infer_expectations, read_table
from bakeoff.errors import ContractError
from bakeoff.runs import RunFolder
from bakeoff.runs.files import write_atomically, write_json
from bakeoff.search import session_for
from tasks.artifacts import show_markdown
from tasks.contract import expectations_file, judge, read_expectations
from tasks.mistakes import step

__all__ = ["validate"]


@step
def validate(run_path: str) -> str:
    """Judges the run's dataset by the kept expectations, inferring them at the first sight of an experiment. Raises ContractError."""
    run = RunFolder(run_path)
    session_for(run).begin("validating")
    params = run.params()
    path = expectations_file(run.experiment)
    frame = read_table(run.facts()["dataset"])
    if path.exists():
        suite = read_expectations(path)
    else:
        suite = infer_expectations(frame, params.data.target, run.experiment, task=params.task)
        _keep(run, path, suite)
    broken, asked, page = judge(frame, suite, path)
    write_atomically(run.path / "expectations.html", lambda file: file.write(page.encode()))
    run.write_json("expectations.json", {"suite": json.loads(json.dumps(suite, default=str)), "broken": broken, "asked": asked})
    said = f"{asked - len(broken)} of {asked} expectations of {path} hold"
    get_run_logger().info(said)
    markdown = "\n".join([f"**{said}**", "", *(f"* {line}" for line in broken), "", f"Full result: `{run.path / 'expectations.html'}`"])
    show_markdown(run, "expectations", markdown)
    if broken:
        raise ContractError(
            f"the dataset breaks {len(broken)} of {asked} expectations",
            where=path,
            given="\n    ".join(["", *broken]),
            remedy=f"mend the data, or see and accept the change with: bakeoff expectations accept {run.experiment}",
        )
    return said


def _keep(run: RunFolder, path: Path, suite: dict[str, object]) -> None:
    """Only the experiment's own run may say what is to be expected of it from now on."""
    if not run.facts()["own"]:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, suite)
    get_run_logger().info("first sight of %s: expectations inferred and kept in %s; put that file in git", run.experiment, path)
