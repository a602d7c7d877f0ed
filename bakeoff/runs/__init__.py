"""Runs on disk: candidates, trials, the run folder, predictors; law: the folder is the run, and nothing in it is ever half written."""

from bakeoff.runs.attempt import Attempt, Failure, answer, attempt, optional
from bakeoff.runs.blend import Blend, LinearBlend, LogitBlend, MeanBlend, blend_from_json, blend_to_json, log_probabilities
from bakeoff.runs.choosing import best_row
from bakeoff.runs.folder import RunFolder, lock_file
from bakeoff.runs.opened import FinishedRun, open_run
from bakeoff.runs.plan import extend_plan, read_plan
from bakeoff.runs.predictor import (
    FittedPart,
    MetaPredictor,
    Predictor,
    StackingPredictor,
    TrialPredictor,
    VotingPredictor,
    decided,
    meta_features,
    spread_classes,
    tempered,
)
from bakeoff.runs.saving import load_predictor, save_predictor
from bakeoff.runs.starting import Origin, library_versions, remove_old_runs, run_folders, start_run, write_params
from bakeoff.runs.trial import Candidate, Trial, TrialState

__all__ = [
    "Attempt",
    "Blend",
    "Candidate",
    "Failure",
    "FinishedRun",
    "FittedPart",
    "LinearBlend",
    "LogitBlend",
    "MeanBlend",
    "MetaPredictor",
    "Origin",
    "Predictor",
    "RunFolder",
    "StackingPredictor",
    "Trial",
    "TrialPredictor",
    "TrialState",
    "VotingPredictor",
    "answer",
    "attempt",
    "best_row",
    "blend_from_json",
    "blend_to_json",
    "decided",
    "extend_plan",
    "library_versions",
    "load_predictor",
    "lock_file",
    "log_probabilities",
    "meta_features",
    "open_run",
    "optional",
    "read_plan",
    "remove_old_runs",
    "run_folders",
    "save_predictor",
    "spread_classes",
    "start_run",
    "tempered",
    "write_params",
]
