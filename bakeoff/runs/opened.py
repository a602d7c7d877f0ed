"""FinishedRun: a run as its reader sees it; law: reads the folder, changes nothing."""

from pathlib import Path
from typing import Any

import pandas as pd

from bakeoff.errors import NoUsableTrialError, RunError, nearest
from bakeoff.runs.choosing import best_row
from bakeoff.runs.folder import RunFolder
from bakeoff.runs.predictor import Predictor
from bakeoff.runs.saving import load_predictor
from bakeoff.runs.trial import Trial

__all__ = ["FinishedRun", "open_run"]

ENDINGS = ("pkl", "json")
"""Of a predictor and its card, which is written last."""


class FinishedRun:
    """A run's leaderboard, predictors, metrics and failures."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.path = folder.path

    def __repr__(self) -> str:
        row = best_row(self._openable())
        best = f"best {row['name']}" if row else "no predictor yet"
        return f"<run {self.folder.experiment}/{self.folder.id}: {self.folder.facts()['state']}, {best}>"

    @property
    def leaderboard(self) -> pd.DataFrame:
        """One row a trial, ranked ones first: rank, name, algorithm, recipe, score, every metric, seconds, state, reason.

        Of the best rows also `latency_1_p50_ms` … `latency_1000_p95_ms`: milliseconds that scoring 1 and 1,000 raw rows took; `size_mb`
        of the predictor on disk; `too_slow` where params.inference sets a limit; and which row is `best`.
        """
        rows = self.folder.leaderboard()["rows"]
        flat = [{**{k: v for k, v in row.items() if k != "scores"}, **row["scores"]} for row in rows]
        return pd.DataFrame(flat) if flat else pd.DataFrame(columns=["rank", "name", "algorithm", "recipe", "score", "state", "reason"])

    @property
    def failures(self) -> pd.DataFrame:
        """The trials that failed or were skipped, with the reason."""
        board = self.leaderboard
        return board.loc[board["state"] != "done", ["name", "algorithm", "state", "reason"]].reset_index(drop=True)

    @property
    def best(self) -> str:
        """Name of the leaderboard's first row within params.inference, the fastest where none is. Raises NoUsableTrialError.

        While the run goes on, and after it was interrupted: of the rows whose predictor is there already.
        """
        row = best_row(self._openable())
        if row is not None:
            return str(row["name"])
        if self.folder.facts()["state"] == "running":
            remedy = "wait for its first trial; where it was interrupted, the same command goes on with it"
            raise NoUsableTrialError("the run has no predictor yet", where=self.path, remedy=remedy)
        raise NoUsableTrialError("no trial left a predictor", where=self.path, remedy="see the reasons: bakeoff leaderboard RUN")

    def trial(self, name: str) -> Trial:
        """A trial by its name or id. Raises RunError."""
        found = {trial.id: trial for trial in self.folder.trials()}
        trial_id = name.rpartition("-")[2]
        trial = found.get(trial_id)
        if trial is None and any(row["id"] == trial_id for row in self.folder.leaderboard()["rows"]):
            remedy = "an unfinished run fits it again when its command is given again; its scores: bakeoff leaderboard RUN --metrics"
            raise RunError("this trial's file is damaged", where=self.path / "trials" / f"{trial_id}.json", remedy=remedy)
        if trial is None:
            raise RunError("no such trial", where=self.path, given=name, remedy=nearest(name, [t.candidate.name for t in found.values()]))
        return trial

    def metrics(self, name: str | None = None) -> dict[str, float]:
        """Every metric of a row (the best where none is named), on out-of-fold rows. Raises RunError."""
        return dict(self._row(name)["scores"])

    def predictor(self, name: str | None = None) -> Predictor:
        """The predictor of a row (the best where none is named). Raises RunError, PredictorError."""
        row = self._row(name)
        return load_predictor(self.path / "predictors" / f"{row['name']}.pkl")

    def _openable(self) -> list[dict[str, Any]]:
        """The ranked rows whose predictor is there, card and all: ensembles are ranked long before they are put together."""
        rows = self.folder.leaderboard()["rows"] if self.folder.has("leaderboard.json") else []
        return [
            row for row in rows if row["rank"] is not None and all(self.folder.has(f"predictors/{row['name']}.{end}") for end in ENDINGS)
        ]

    def _row(self, name: str | None) -> dict[str, Any]:
        rows = [row for row in self.folder.leaderboard()["rows"] if row["rank"] is not None]
        wanted = self.best if name is None else name
        for row in rows:
            if wanted in (row["name"], row["id"]):
                return dict(row)
        raise RunError("no such row with a predictor", where=self.path, given=wanted, remedy=nearest(wanted, [row["name"] for row in rows]))


def open_run(path: str | Path) -> FinishedRun:
    """The run in the folder `path`. Raises RunError."""
    folder = RunFolder(path)
    folder.facts()
    return FinishedRun(folder)
