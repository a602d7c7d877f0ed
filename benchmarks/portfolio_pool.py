"""What the portfolio is learned from: by algorithm, what differs from the first start of its card."""

from collections.abc import Mapping
from typing import Any

__all__ = ["POOL"]

BOOSTED: tuple[Mapping[str, Any], ...] = (
    {},
    {"num_leaves": 16, "min_data_in_leaf": 10, "feature_fraction": 0.55, "extra_trees": True},
    {"learning_rate": 0.03, "num_leaves": 8, "feature_fraction": 0.7},
    {"learning_rate": 0.05, "num_leaves": 128, "min_data_in_leaf": 5, "feature_fraction": 0.9},
    {"num_leaves": 4, "feature_fraction": 0.6, "lambda_l2": 1.0},
    {"num_leaves": 64, "min_data_in_leaf": 3, "feature_fraction": 0.4, "extra_trees": True},
)
POOL: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "lightgbm": (
        *BOOSTED,
        *({**one, "recipe": "crossed"} for one in BOOSTED),
        *({**one, "recipe": "arithmetic"} for one in BOOSTED),
        {"recipe": "target_encoded"},
        {"recipe": "codes"},
        {"recipe": "screened"},
        {"num_leaves": 2, "learning_rate": 0.1},
        {"num_leaves": 24, "min_data_in_leaf": 40, "bagging_fraction": 0.6, "feature_fraction": 0.3, "lambda_l2": 5.0},
    ),
    "xgboost": (
        {},
        {"learning_rate": 0.03, "max_depth": 4, "colsample_bytree": 0.6},
        {"learning_rate": 0.05, "max_depth": 9, "min_child_weight": 5.0, "colsample_bytree": 0.6},
        {"recipe": "crossed", "learning_rate": 0.03, "max_depth": 5, "colsample_bytree": 0.6},
        {"recipe": "arithmetic", "learning_rate": 0.05, "max_depth": 7, "colsample_bytree": 0.5},
        {"recipe": "target_encoded"},
    ),
    "catboost": (
        {},
        {"depth": 4},
        {"depth": 8, "l2_leaf_reg": 5.0},
        {"recipe": "mixed"},
        {"recipe": "arithmetic"},
        {"rsm": 1.0, "learning_rate": 0.05},
    ),
    "hist_gradient_boosting": ({}, {"max_leaf_nodes": 10, "min_samples_leaf": 10, "max_features": 0.6}),
    "random_forest": ({}, {"max_features": 0.5}),
    "tabm": (
        {"scaler": "piecewise"},
        {"scaler": "standard"},
        {"scaler": "standard", "standardized": True, "learning_rate": 0.008, "members": 4},
        {"scaler": "quantile"},
        {"scaler": "standard", "recipe": "screened_one_hot"},
    ),
    "extra_trees": ({"max_features": 0.5}, {"max_features": 0.5, "min_samples_leaf": 5}, {"max_features": 1.0}),
    "mlp": (
        {"scaler": "piecewise"},
        {"scaler": "piecewise", "layers": 1, "width": 256, "alpha": 0.01},
        {"scaler": "standard", "layers": 1, "width": 256, "alpha": 0.1},
        {"scaler": "quantile"},
        {"scaler": "standard"},
        {"scaler": "standard", "layers": 3, "width": 64, "alpha": 0.01},
        {"scaler": "standard", "width": 32, "alpha": 0.01},
    ),
    "svm": (
        {"scaler": "piecewise", "C": 10.0, "gamma": 0.3},
        {"scaler": "standard"},
        {"scaler": "standard", "C": 100.0, "gamma": 0.3},
        {"scaler": "quantile", "C": 30.0, "gamma": 0.3},
        {"scaler": "standard", "recipe": "screened_one_hot"},
    ),
    "knn": ({}, {"n_neighbors": 5, "scaler": "quantile"}),
    "gaussian_process": ({}, {"scaler": "quantile"}),
    "logistic_regression": (
        {},
        {"scaler": "piecewise"},
        {"recipe": "terms"},
        {"recipe": "screened_one_hot"},
    ),
    "elastic_net": ({},),
    "ridge": (
        {"scaler": "piecewise"},
        {"recipe": "terms"},
        {"recipe": "screened_one_hot"},
    ),
}
