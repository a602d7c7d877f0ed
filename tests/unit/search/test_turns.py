"""Stopping rules and a stop that a person asks for."""

from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bakeoff.params import validate
from bakeoff.runs import Candidate, Trial
from bakeoff.search import begin_run, end_session, prepare, request_stop
from bakeoff.search.turns import Turns


class Never:
    """A launch whose tasks do not come back."""

    def map(self, candidates: list[Candidate]) -> list[Future[None]]:
        return [self.submit(candidate) for candidate in candidates]

    def submit(self, _candidate: Candidate) -> Future[None]:
        return Future()


def test_trials_skipped_for_a_stop_are_no_row_without_improvement_that_takes_the_others_away(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=90), "y": ["no", "yes"] * 45})
    limits: dict[str, Any] = {"max_trials": 12, "trials_without_improvement": 3}
    content = {"name": "stop", "task": "classification", "data": {"train": "x", "target": "y"}, "limits": limits}
    run = begin_run(validate(content), root=tmp_path, source=frame)
    try:
        prepare(run)
        turns = Turns(run, Never())
        turns.begin()
        request_stop(run, "stopped by a person")
        for candidate in turns.plan[:13]:
            skipped = candidate.index in (1, 2, 3, 4)
            score = {"AUC_weighted": 0.5 + candidate.index / 100}
            state = ("skipped", "stopped by a person") if skipped else ("done", "")
            run.record(Trial(candidate, *state, scores={} if skipped else score))
            turns._recorded(candidate)
        while turns.propose():
            pass
        turns.give_up()
        assert [trial.candidate.index for trial in run.trials() if trial.state == "done"] == [0, *range(5, 13)]
    finally:
        end_session(run)
        run.lock.release()
