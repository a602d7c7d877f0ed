"""bakeoff adopt: a run that was not published becomes an experiment of its own."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bakeoff.cli.layout import Project, check_name, find_run
from bakeoff.errors import DataError, ParamsError, RunError

if TYPE_CHECKING:
    from bakeoff.params import RunParams
    from bakeoff.runs import RunFolder

__all__ = ["ABOUT", "HELP", "add_arguments", "run"]

HELP = "turn a run that was not published, such as one with overrides, into an experiment of its own"
ABOUT = """\
A run with overrides never enters its experiment's tracked outs: dvc.lock takes params from the file. It stays in data/runs,
as does one that was kept back: publish.enabled false, or its params or data were changed meanwhile.
adopt writes params/NAME.yaml as the run had it, with its stage, deployment and expectations, and publishes the run as NAME's
outs, so that dvc status is clean and dvc repro would make it again.

  bakeoff adopt churn/20261122-101530-ab12 --name churn_long
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_name", metavar="RUN", help="which run: its folder, EXPERIMENT, EXPERIMENT/RUN-ID or RUN-ID")
    parser.add_argument("--name", help="the new experiment's name (default: the old one and the run's last digits)")


def run(args: argparse.Namespace) -> int:
    from bakeoff.cli.new import extended_files, keep_table, refuse_known, write_experiment
    from bakeoff.data import read_table
    from bakeoff.runs import RunFolder

    project = Project()
    project.require()
    adopted = RunFolder(find_run(args.run_name, project))
    facts, params = adopted.facts(), adopted.params()
    _refuse(adopted, facts)
    name = check_name(args.name or f"{params.name[:59]}_{adopted.id[-4:]}", "--name")
    refuse_known(project, name)
    place = _place_of(project, adopted, params, name)
    train = place.as_posix()
    extended_files(project, name, train)  # refuses before the table is copied
    keep_table(project, place, lambda: read_table(facts["dataset"]))
    suite = {**adopted.read_json("expectations.json")["suite"], "name": name}
    predictors = _publish(project, adopted, name)  # first what may want for space: the same command then does it again
    write_experiment(project, name, train, _params_text(params, name, train, adopted), suite)
    _record(project, name)
    print(f"written: params/{name}.yaml, data/expectations/{name}.json, a stage in dvc.yaml, a deployment in prefect.yaml")
    print(f"published: {predictors} predictors to data/models/{name}, report to data/reports/{name}, recorded in dvc.lock")
    print(f"next:    git add params/{name}.yaml data/expectations/{name}.json dvc.yaml dvc.lock prefect.yaml data/raw && git commit")
    if params.limits.max_minutes is not None:
        print("note:    its search ended by the clock; dvc repro trains as long, and not exactly the same")
    return 0


def _refuse(adopted: "RunFolder", facts: dict[str, Any]) -> None:
    from bakeoff.search import digests_of_files

    if facts["state"] not in ("finished", "stopped"):
        raise RunError(
            "only an ended run can be adopted", where=adopted.path, given=facts["state"], remedy="let it end, or resume it by its command"
        )
    if any(line.startswith("published ") for line in facts.get("published", ())):
        raise ParamsError(
            "this run was published as its experiment's own, there is nothing to adopt",
            where=adopted.path,
            given="no override",
            remedy=f"its models went to data/models/{adopted.experiment}; an older version comes back with git checkout and dvc checkout",
        )
    if not adopted.has("expectations.json"):
        raise RunError(
            "the run was never validated", where=adopted.path, remedy="adopt a run of the flow: python -m flows.automl PARAMS --set …"
        )
    known, now = facts.get("files", {}), digests_of_files(adopted.params())
    if changed := [key for key in known if now.get(key) != known[key]]:
        raise DataError(
            "a file that the run read was changed since", where=adopted.path, given=", ".join(changed), remedy="bring it back, or run again"
        )


def _place_of(project: Project, adopted: "RunFolder", params: "RunParams", name: str) -> Path:
    """Where the run's table stands within the project: its own file where that still holds the same, else data/raw."""
    from bakeoff.data import dataset_digest, read_table

    facts, root = adopted.facts(), project.root.resolve()
    train, dropped = Path(params.data.train), set(params.data.drop)
    if isinstance(params.data.test, str) and not Path(params.data.test).resolve().is_relative_to(root):
        raise ParamsError(
            "the test file is not in the project",
            where="data.test",
            given=params.data.test,
            remedy="copy it to data/raw and run with that path",
        )
    own = train.is_file() and train.resolve().is_relative_to(root)
    if own and dataset_digest(read_table(train, unused=dropped.__contains__)) == facts["data_digest"]:
        return train.resolve().relative_to(root)
    copy = project.raw(name)
    if copy.exists() and dataset_digest(read_table(copy)) != facts["data_digest"]:
        raise DataError("a table of this name is there already", where=copy, remedy="give --name")
    return copy.relative_to(project.root)


def _params_text(params: "RunParams", name: str, train: str, adopted: "RunFolder") -> str:
    """What the run was told, defaults left out, published in any case."""
    import yaml

    content = params.model_dump(mode="json", exclude_defaults=True)
    content |= {"name": name, "data": {**content["data"], "train": train}}
    if content.get("publish", {}).pop("enabled", None) is not None and not content["publish"]:
        del content["publish"]
    head = f"# Adopted from run {adopted.id} of {adopted.experiment}; what is not here has its default.\n"
    return head + yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def _publish(project: Project, adopted: "RunFolder", name: str) -> int:
    from bakeoff.reporting import summary_markdown
    from bakeoff.runs.publishing import publish_layout, publish_lock

    with publish_lock(project.runs):
        return len(publish_layout(adopted, project.models(name), project.reports(name), summary_markdown(adopted)))


def _record(project: Project, name: str) -> None:
    from bakeoff.cli.tracking import run_dvc

    words = ("commit", "--force", "--with-deps", f"automl@{name}")
    try:
        run_dvc(*words, root=project.root)
    except DataError as error:
        remedy = f"mend what DVC says, then: dvc {' '.join(words)}"
        raise DataError("written and published, but not recorded by DVC", where=name, given=error.given, remedy=remedy) from error
