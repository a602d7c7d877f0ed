"""Would boosters under a short limit gain by training on samples first? `make bench-ladder`.

LightGBM with one thread and as many seconds as a trial of a 60-second run may take, on all rows at raised learning rates (what the engine
does where time is short) and on samples at lower ones: RMSE on 40,000 new rows of a made regression of 20 columns.
"""

import time
from typing import Any

import numpy as np

ROWS = (300_000, 1_000_000)
NOISE = (0.5, 3.0)
SECONDS = 16.0
SAMPLES = ((None, 0.15), (None, 0.25), (40_000, 0.05), (160_000, 0.1))
"""Training rows (None: all) and learning rate."""


def table(rows: int, noise: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Values of waves, products, squares and lines of eleven of twenty columns, and noise."""
    x = rng.normal(size=(rows, 20))
    signal = np.sin(2 * x[:, 0]) * x[:, 1] + np.abs(x[:, 2]) * x[:, 3] + x[:, 4] ** 2 * (x[:, 5] > 0)
    signal += 3 * np.exp(-(x[:, 6] ** 2)) * x[:, 7] + x[:, 8] + 0.5 * x[:, 9] * x[:, 10]
    return x, signal + noise * rng.normal(size=rows)


def fitted(x: np.ndarray, y: np.ndarray, rate: float, valid: tuple[np.ndarray, np.ndarray]) -> Any:
    """A booster stopped by its validation rows, or when its seconds are over."""
    import lightgbm

    end = time.monotonic() + SECONDS

    def stop(at: Any) -> None:
        if time.monotonic() > end:
            raise lightgbm.callback.EarlyStopException(at.iteration, at.evaluation_result_list)

    settings = {"objective": "regression", "num_threads": 1, "learning_rate": rate, "num_leaves": 31, "verbosity": -1}
    settings |= {"bagging_fraction": 0.9, "bagging_freq": 1, "feature_fraction": 0.8}
    data = lightgbm.Dataset(x, y)
    return lightgbm.train(
        settings, data, 4000, valid_sets=[data.create_valid(*valid)], callbacks=[stop, lightgbm.early_stopping(60, verbose=False)]
    )


def main() -> None:
    """Prints the table."""
    rng = np.random.default_rng(0)
    print("| rows | noise | trained on | learning rate | rounds | RMSE | s |\n|---|---|---|---|---|---|---|")
    for rows in ROWS:
        for noise in NOISE:
            (x, y), (x_new, y_new) = table(rows, noise, rng), table(40_000, noise, rng)
            held = rows // 5
            for sample, rate in SAMPLES:
                chosen = held + rng.permutation(rows - held)[:sample]
                begun = time.monotonic()
                booster = fitted(x[chosen], y[chosen], rate, (x[: min(held, 40_000)], y[: min(held, 40_000)]))
                loss = float(np.sqrt(np.mean((booster.predict(x_new, num_threads=1) - y_new) ** 2)))
                told = f"{len(chosen):,} | {rate} | {booster.current_iteration()} | {loss:.4f} | {time.monotonic() - begun:.1f}"
                print(f"| {rows:,} | {noise} | {told} |", flush=True)


if __name__ == "__main__":
    main()
