"""RunParams and its sections: what one params file may say; law: names only, frozen, nothing unknown, nothing heavy imported."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from bakeoff.params.featurization import FeaturizationParams
from bakeoff.params.section import ColumnName, Section
from bakeoff.params.validation import ValidationParams

__all__ = [
    "AlgorithmParams",
    "ComputeParams",
    "DataParams",
    "FeaturizationParams",
    "InferenceParams",
    "LeaderboardParams",
    "LimitParams",
    "PublishParams",
    "RetentionParams",
    "RunParams",
    "SearchParams",
    "Section",
    "Task",
    "ValidationParams",
]

Task = Literal["classification", "regression", "forecasting"]
ExperimentName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]


class DataParams(Section):
    """Where the table is and which column is learned."""

    train: str
    """Path of the table: CSV, Parquet, Feather or JSON lines, relative to the project's folder."""
    target: ColumnName
    """The column to predict."""
    test: str | Annotated[float, Field(gt=0, lt=1)] | None = None
    """A test part that no search ever sees: a file, or a fraction of the training table set aside."""
    drop: tuple[ColumnName, ...] = ()
    """Columns to leave out before anything looks at them."""
    weight: ColumnName | None = None
    """A column of row weights, used in fitting, in every metric and in ensembles; it is no feature."""
    positive_label: bool | int | float | str | None = None
    """The class that the _binary metrics speak of; absent: of two classes the one sorted last."""


class AlgorithmParams(Section):
    """Which algorithms compete."""

    include: tuple[str, ...] | None = None
    """Only these; absent: all that fit the task."""
    exclude: tuple[str, ...] = ()
    """All but these."""

    @model_validator(mode="after")
    def _one_list(self) -> "AlgorithmParams":
        if self.include is not None and self.exclude:
            raise ValueError("give include or exclude, not both")
        if self.include == ():
            raise ValueError("include names no algorithm")
        return self


class SearchParams(Section):
    """What is searched for and where."""

    metric: str | None = None
    """Primary metric, or a function of your own as module:function; absent: AUC_weighted, normalized_root_mean_squared_error."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    """Reaches folds, samplers and estimators."""
    algorithms: AlgorithmParams = AlgorithmParams()
    ensemble: bool = True
    """Whether a voting and a stacking ensemble of the trials join the leaderboard."""
    meta_learner: str | None = None
    """An algorithm that learns from the ensemble's members, as a third ensemble: logistic_regression, ridge, lightgbm, …"""

    @model_validator(mode="after")
    def _learns_from_an_ensemble(self) -> "SearchParams":
        if self.meta_learner is not None and not self.ensemble:
            raise ValueError("meta_learner is read only with ensemble: true")
        return self


class LimitParams(Section):
    """When the search ends; with neither max_trials nor max_minutes it ends after 20 trials."""

    max_trials: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Candidates trained at most, the baseline not counted."""
    max_minutes: Annotated[float, Field(gt=0, le=60 * 24 * 30)] | None = None
    """Minutes from the flow's start to the written report."""
    trial_minutes: Annotated[float, Field(gt=0)] | None = None
    """Minutes one trial may take before it is killed."""
    trial_memory_mb: Annotated[int, Field(ge=64)] | None = None
    """Resident memory one trial may take before it is killed; absent: the machine's free memory shared out."""
    exit_score: float | None = None
    """Stop when the primary metric is at least this good."""
    trials_without_improvement: Annotated[int, Field(ge=1)] | None = None
    """Stop after this many trials in a row that did not improve the best score."""


class InferenceParams(Section):
    """What scoring may cost."""

    max_ms_per_row: Annotated[float, Field(gt=0)] | None = None
    """Milliseconds per row that the best predictor may take, scoring 1,000 rows at once; slower ones are ranked and not chosen."""


class ComputeParams(Section):
    """What the run may use of the machine."""

    max_concurrent_trials: Annotated[int, Field(ge=1, le=16)] | None = None
    """Trials trained side by side; absent: cores / cores_per_trial. Never changes a trial-limited result."""
    cores_per_trial: Annotated[int, Field(ge=1, le=256)] = 1
    """Threads of one trial; part of every candidate."""
    concurrency_limit: str | None = "bakeoff-trials"
    """Prefect global concurrency limit that trials of all runs share, where it exists on the server."""


class LeaderboardParams(Section):
    """The live leaderboard."""

    interval_seconds: Annotated[float, Field(ge=0.5, le=3600)] = 5
    """Seconds between refreshes."""


class PublishParams(Section):
    """What leaves the run store, and who records it."""

    enabled: bool = True
    """Off: the run stays in data/runs."""
    git: Literal["none", "commit"] = "none"
    """commit: git commits dvc.lock alone after DVC recorded the outs."""
    push: bool = True
    """Push the outs where DVC has a default remote."""


class RetentionParams(Section):
    """How much the run store may keep."""

    keep: Annotated[int, Field(ge=1)] = 5
    """Finished runs of the experiment that stay in data/runs."""
    keep_models: Literal["all"] | Annotated[int, Field(ge=1)] = "all"
    """Predictors kept of a run: all, or the best N (the ensemble's members always)."""


class RunParams(Section):
    """One experiment."""

    name: ExperimentName
    """The experiment's name: letters, digits, - and _; names its files."""
    task: Task
    data: DataParams
    featurization: FeaturizationParams = FeaturizationParams()
    validation: ValidationParams = ValidationParams()
    search: SearchParams = SearchParams()
    limits: LimitParams = LimitParams()
    inference: InferenceParams = InferenceParams()
    refit: Literal["none", "full"] = "none"
    """full: the best single trial is fitted once more, on all rows, as one small predictor; its score is its trial's."""
    compute: ComputeParams = ComputeParams()
    leaderboard: LeaderboardParams = LeaderboardParams()
    publish: PublishParams = PublishParams()
    runs: RetentionParams = RetentionParams()

    @model_validator(mode="after")
    def _roles_are_not_the_target(self) -> "RunParams":
        rules = self.validation
        roles = {"data.weight": self.data.weight, "validation.group": rules.group, "validation.time": rules.time}
        named = [key for key, column in roles.items() if column == self.data.target]
        named += ["validation.split_columns"] * (self.data.target in rules.split_columns)
        if named:
            raise ValueError(f"{named[0]} names the target, {self.data.target}; name another column")
        if self.data.positive_label is not None and self.task != "classification":
            raise ValueError(f"data.positive_label is read only with task: classification, not {self.task}")
        return self
