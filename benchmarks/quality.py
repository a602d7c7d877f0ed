"""Accuracy beside other AutoML systems, `make bench-quality BENCH=FOLDER`: one split, one scorer, one system at a time.

FOLDER is the comparison: run.py, report.py, adapters/ and suite-dev/. A peer takes part where BENCH_PYTHON_<NAME> names its interpreter.
Bakeoff is measured through benchmarks/adapters/ours.py: the Prefect flow, as a user runs it.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEERS = {
    "AUTOGLUON": ["autogluon", "autogluon_best150"],
    "FLAML": ["flaml"],
    "LIGHTAUTOML": ["lightautoml"],
    "MLJAR": ["mljar"],
    "H2O": ["h2o"],
}


def main() -> int:
    """Runs the comparison and prints its report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=os.environ.get("BENCH"), help="the comparison's folder")
    parser.add_argument("--suite", type=Path, help="a folder of sets; the comparison's suite-dev where none is given")
    parser.add_argument("--budget", type=int, default=60, help="seconds each system is told")
    parser.add_argument("--seed", type=int, default=0, help="of the split and of the systems")
    parser.add_argument("--out", type=Path, help="results, what is there is not measured again; benchmarks/quality-SUITE-BUDGETs.jsonl")
    options = parser.parse_args()
    if options.bench is None or not (options.bench / "run.py").is_file():
        sys.exit("the comparison's folder is needed: make bench-quality BENCH=FOLDER, with run.py and suite-dev/ in it")
    suite = (options.suite or options.bench / "suite-dev").resolve()
    out = options.out or HERE / f"quality-{suite.name}-{options.budget}s.jsonl"  # the report's means are over all of a file
    peers = [system for name, systems in PEERS.items() if f"BENCH_PYTHON_{name}" in os.environ for system in systems]
    environment = {"BENCH_PYTHON_OURS": sys.executable, **os.environ}
    run = [sys.executable, str(options.bench / "run.py"), "--suite", str(suite), "--adapters", str(HERE / "adapters")]
    what = ["--systems", ",".join(["ours", "forest", *peers]), "--tasks", "binary,multiclass,regression"]
    what += ["--budget", str(options.budget), "--seed", str(options.seed), "--out", str(out)]
    subprocess.run([*run, *what], env=environment, check=True)
    return subprocess.run([sys.executable, str(options.bench / "report.py"), str(out)], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
