"""Time and memory kept, `make bench-contracts BENCH=FOLDER`: every set of the comparison at 20, 60 and 300 seconds.

Tells of each run what it used of its limit, step by step what was planned and what it took, when its first trial began and its first
predictor was there, the estimators' share of the search, and its peak memory. Fails where a run is over its limit by more
than 5 % or 5 s, whichever is more, or leaves no predictor.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.comparison import check_names, sets_in

HERE = Path(__file__).resolve().parent
BUDGETS = (20, 60, 300)
ALLOWED_SHARE, ALLOWED_SECONDS = 0.05, 5.0
STEPS: Mapping[str, tuple[str, ...]] = {
    "training candidates": ("training candidates",),
    "ranking": ("ranking", "writing the report and publishing"),
    "measuring": ("measuring", "evaluating"),
}
"""What is planned together, and the steps that it is planned for."""
PLANNED = tuple(f"{step} planned / took s" for step in STEPS)
COLUMNS = ("set", "limit s", "used s", "first trial s", "predictor after s", "preparing s", *PLANNED, "in estimators", "peak MiB")


def main() -> int:
    """Measures what was not measured yet and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=os.environ.get("BENCH"), help="the comparison's folder")
    parser.add_argument("--budgets", type=int, nargs="+", default=BUDGETS, help="limits in seconds")
    parser.add_argument("--only", default="", help="names of sets, by commas; all where empty")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/contracts.jsonl"), help="results; what is there is not measured again")
    options = parser.parse_args()
    if options.bench is None or not (options.bench / "run.py").is_file():
        sys.exit("the comparison's folder is needed: make bench-contracts BENCH=FOLDER, with run.py and suite-dev/ in it")
    if options.only:
        check_names(parser, options.only.split(","), sets_in(options.bench / "suite-dev").index)
    for budget in options.budgets:
        run = [sys.executable, str(options.bench / "run.py"), "--suite", str(options.bench / "suite-dev"), "--systems", "ours"]
        run += ["--adapters", str(HERE / "adapters"), "--tasks", "binary,multiclass,regression", "--budget", str(budget)]
        run += ["--out", str(options.out), *(["--only", options.only] if options.only else [])]
        subprocess.run(run, env={"BENCH_PYTHON_OURS": sys.executable, **os.environ}, check=True)
    results = [json.loads(line) for line in options.out.read_text().splitlines()]
    print("| " + " | ".join(COLUMNS) + " |\n" + "|---" * len(COLUMNS) + "|")
    for result in sorted(results, key=lambda one: (one["budget_s"], one["dataset"])):
        print("| " + " | ".join(row(result)) + " |")
    broken = [f"{one['dataset']} at {one['budget_s']} s" for one in results if not kept(one)]
    print(f"\n{len(results)} runs, {len(broken)} over their limit or without a predictor{': ' * bool(broken)}{', '.join(broken)}")
    return 1 if broken else 0


def kept(result: Mapping[str, Any]) -> bool:
    """Whether a run left a predictor in time."""
    over = result.get("fit_s", float("inf")) - result["budget_s"]
    return bool(over <= max(ALLOWED_SECONDS, ALLOWED_SHARE * result["budget_s"]))


def row(result: Mapping[str, Any]) -> list[str]:
    """A run's cells."""
    if "steps" not in result:
        return [result["dataset"], str(result["budget_s"]), "no predictor", *[""] * (len(COLUMNS) - 4), f"{result['peak_mib']:,}"]
    steps, planned = result["steps"], result["planned"]
    measured = [result["fit_s"], result["first_trial_s"], result["predictor_s"], steps["preparing"]]
    told = [f"{seconds:.1f}" for seconds in measured]
    told += [f"{planned[name]:.1f} / {sum(steps.get(step, 0.0) for step in parts):.1f}" for name, parts in STEPS.items()]
    return [result["dataset"], str(result["budget_s"]), *told, f"{result['estimators_share']:.0%}", f"{result['peak_mib']:,}"]


if __name__ == "__main__":
    sys.exit(main())
