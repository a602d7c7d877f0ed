"""The main job: from a params file to a ranked, published set of predictors; law: it composes tasks and decides nothing."""

from typing import Any

import tasks  # noqa: F401  (before Prefect, which counts its own import unless it is told not to)

if __name__ == "__main__":
    from flows.command import main

    raise SystemExit(main("flows.automl:automl"))

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from bakeoff.params import RunOverrides
from bakeoff.search import bake
from tasks.evaluate import evaluate
from tasks.featurize import featurize
from tasks.launching import launching
from tasks.mistakes import mistakes_as_states
from tasks.plan import plan
from tasks.publish import publish
from tasks.rank import rank
from tasks.starting import started
from tasks.validate import validated_beside
from tasks.watching import watching

__all__ = ["automl"]


@flow(name="automl", flow_run_name="{params}")
@mistakes_as_states
def automl(params: str, overrides: RunOverrides | None = None, runs: str = "data/runs") -> State[Any]:
    """Finds the best predictor for a table and publishes every predictor it trained.

    Args:
        params: The experiment's params file, such as params/wine.yaml.
        overrides: Settings that take the place of the file's for this run. Such a run stays in the run store until `bakeoff adopt`.
        runs: The run store's folder.
    """
    with started(params, overrides, runs) as run:
        path = str(run.path)
        with validated_beside(run, watching(run)) as watch:
            featurize(path)
            plan(path)
            with launching(run) as launch:
                ended = bake(run, launch, watch)
        rank(path)
        evaluate(path)
        return Completed(message=publish(path, ended), data=path)
