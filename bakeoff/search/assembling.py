"""An ensemble's predictor, put together from its members' in a child, and measured there; law: the parent loads none of them."""

from pathlib import Path
from typing import Any

from bakeoff.algorithms import get_algorithm
from bakeoff.runs import (
    MeanBlend,
    Predictor,
    StackingPredictor,
    VotingPredictor,
    answer,
    blend_from_json,
    load_predictor,
    save_predictor,
)
from bakeoff.search.measuring import latencies_in_time, measuring_job
from bakeoff.search.session import Session

__all__ = ["assemble", "carry_out"]

ROW = ("members", "blend", "decision", "scores")
"""What the card says of the row."""


def assemble(session: Session, row: dict[str, Any]) -> None:
    """Saves the predictor of an ensemble's row, and notes its latencies. Raises RuntimeError with the reason where it cannot be saved."""
    job = {"run": str(session.run.path.resolve()), "facts": session.facts, **{key: row[key] for key in ("name", *ROW)}}
    found = session.in_child("bakeoff.search.assembling:carry_out", {**job, **measuring_job(session)}, session.may_end_in())
    if found["state"] != "done":
        raise RuntimeError(found["reason"])
    session.measured[row["name"]] = found["latencies"]


def carry_out(job: dict[str, Any]) -> dict[str, Any]:
    """In a child: loads the members named in job["members"] of the run in job["run"], saves the ensemble of them and measures it."""
    return answer(lambda: {"state": "done", "latencies": latencies_in_time(_save(Path(job["run"]) / "predictors", job), job)})


def _save(folder: Path, job: dict[str, Any]) -> Predictor:
    members = [load_predictor(folder / f"{name}.pkl") for name in job["members"]]
    blend = blend_from_json(job["blend"], list(job["members"].values()))
    predictor: Predictor = StackingPredictor(job["name"], members[0].schema, members, blend)
    if isinstance(blend, MeanBlend):
        predictor = VotingPredictor(job["name"], members[0].schema, members, blend.weights)
    predictor.decision = None if job["decision"] is None else tuple(job["decision"])
    needs = tuple(get_algorithm(name.rpartition("-")[0]).needs for name in job["members"])
    save_predictor(predictor, folder, {**{key: job[key] for key in ROW}, **job["facts"]}, needs=needs)
    return predictor
