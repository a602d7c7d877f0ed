"""The params file that `bakeoff new` writes; law: the few lines that matter, then every other key as a comment that says what it does."""

import re
from collections.abc import Iterable

import yaml

__all__ = ["params_text"]

OPTIONAL = """\
# Everything below is optional; what stands behind # is an example or the default. Take the # away to set it.

limits:                          # when the search ends, by whichever comes first; with neither max_trials nor max_minutes: after 20 trials
  max_trials: 20                 # candidates trained at most, the baseline not counted; take it away for a run by the clock alone
  # max_minutes: 10              # from the flow's start to the written report
  # trial_minutes: 2             # one trial; what takes longer is killed
  # trial_memory_mb: 4000        # one trial; default: the free memory shared out
  # exit_score: {exit_score}             # stop when the primary metric is at least this good{of_an_error}
  # trials_without_improvement: 10   # stop after so many trials in a row without a better score

# search:
#   metric: {metric}
#   seed: 0
#   ensemble: true               # voting and stacking
#   meta_learner: {meta_learner:<14} # an algorithm that learns from the ensemble's members, as a third one
#   algorithms:
#     include: [lightgbm, catboost]   # only these; or exclude: [knn]

# validation:
#   strategy: repeated_k_fold    # default auto: by the number of rows; k_fold, repeated_k_fold, monte_carlo, holdout, time_ordered, …
#   folds: 5                     # folds, splits or windows; default: by the number of rows
#   repeats: 2                   # repeated_k_fold: how often the folds are dealt anew
#   group: household             # a column: rows of one group are never on both sides of a split; it is no feature
#   # monte_carlo, holdout: fraction: 0.2 (of very large tables less). Or say yourself who judges, by one of
#   # file: judge.csv, split_columns: [is_train] (1 train, 0 validation), time: sold_at (judged by what came before)

# featurization:
#   mode: custom                 # auto (default), off, or custom, which reads the keys below
#   kinds: {{postcode: categorical}}   # numeric, categorical, boolean, datetime, text or list
#   drop: [comment]
#   orders: {{size: [S, M, L]}}    # categories from less to more, where their names do not tell it; [] for no order
#   imputation: {{age: median}}    # mean, median, most_frequent, constant:0; or {{strategy: mean, indicator: false}}
#   block: [linear_scores]       # featurizers not to use
#   add: [cluster_distance]      # featurizers that every recipe gets beside its own
#   parameters: {{one_hot: {{most_features: 50}}}}

# inference:
#   max_ms_per_row: 0.5          # the best predictor may take so long per row, scoring 1,000 rows at once; slower ones are not chosen

# refit: full                    # the best single trial once more, on all rows, as one small predictor; default: none

# compute:
#   max_concurrent_trials: 2     # default: cores / cores_per_trial; never changes a trial-limited result
#   cores_per_trial: 1
#   concurrency_limit: bakeoff-trials   # Prefect global concurrency limit that all runs share

# leaderboard:
#   interval_seconds: 5

# publish:
#   enabled: true                # false: the run stays in data/runs
#   git: none                    # commit: git commits dvc.lock alone after each run
#   push: true                   # push the outs where DVC has a default remote

# runs:
#   keep: 5                      # finished runs kept in data/runs
#   keep_models: all             # or a number: predictors kept of each run
"""
POSITIVE = """\
  # positive_label: 1            # the class that the _binary metrics speak of; default: of two the one sorted last
"""
EXAMPLES = {
    "classification": {"metric": "AUC_weighted", "exit_score": "0.95", "of_an_error": "", "meta_learner": "logistic_regression"},
    "regression": {
        "metric": "normalized_root_mean_squared_error",
        "exit_score": "0.02",
        "of_an_error": ", an error this small",
        "meta_learner": "ridge",
    },
}


def params_text(name: str, task: str, train: str, target: str, drop: Iterable[str] = ()) -> str:
    """The YAML text of a new experiment."""
    dropped = ", ".join(map(_scalar, drop))
    head = f"""\
name: {name}
task: {task}
data:
  train: {_scalar(train)}
  target: {_scalar(target)}
  # test: 0.2                    # a part that no search ever sees: a fraction, or a file
  {f"drop: [{dropped}]" if dropped else "# drop: [id]                  "} # columns to leave out before anything looks at them
  # weight: rows_behind          # a column of row weights, for fitting, metrics and ensembles
{POSITIVE if task == "classification" else ""}
"""
    return head + OPTIONAL.format(**EXAMPLES.get(task, EXAMPLES["regression"]))


def _scalar(text: str) -> str:
    """A string as YAML holds it on one line."""
    if re.fullmatch(r"[\w./ -]*\w", text) and not text.startswith((" ", "-")) and yaml.safe_load(text) == text:
        return text
    return yaml.safe_dump(text, default_style='"', width=100_000, allow_unicode=True).strip()
