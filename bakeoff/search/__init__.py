"""Proposing, fitting, isolating, ranking; law: proposals are pure, failures are values, one loop serves notebook and flow."""

from bakeoff.search.budgeting import width_of
from bakeoff.search.clock import Clock
from bakeoff.search.finishing import evaluate, rank, score_table, tidy
from bakeoff.search.launching import Launch
from bakeoff.search.loop import bake
from bakeoff.search.planning import begin_run, check_params, digests_of_files, files_beside, make_plan
from bakeoff.search.preparing import Prepared, prepare
from bakeoff.search.replaying import Replayed, replay
from bakeoff.search.session import end_session, holding, request_stop, session_for, train_candidate, warm_children
from bakeoff.search.showing import Progress, Snapshot, announce

__all__ = [
    "Clock",
    "Launch",
    "Prepared",
    "Progress",
    "Replayed",
    "Snapshot",
    "announce",
    "bake",
    "begin_run",
    "check_params",
    "digests_of_files",
    "end_session",
    "evaluate",
    "files_beside",
    "holding",
    "make_plan",
    "prepare",
    "rank",
    "replay",
    "request_stop",
    "score_table",
    "session_for",
    "tidy",
    "train_candidate",
    "warm_children",
    "width_of",
]
