"""The command line of a flow, as far as it goes without Prefect."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def command(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs it, and says at the end whether Prefect was imported."""
    code = (
        "import sys; from flows.command import main\n"
        "try: code = main('flows.automl:automl', sys.argv[1:])\n"
        "except SystemExit as end: code = end.code\n"
        "print('prefect imported:', 'prefect' in sys.modules); sys.exit(code)"
    )
    environment = {
        "PYTHONPATH": str(ROOT),
        "PATH": "/usr/bin:/bin",
        "PREFECT_API_URL": "http://127.0.0.1:9/api",
        "PREFECT_HOME": str(folder),
        **more,
    }
    return subprocess.run([sys.executable, "-c", code, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("params/none.yaml",), "the params file cannot be read"),
        (("params/small.yaml", "--set", "limits.max_trial=3"), "did you mean max_trials"),
        (("params/small.yaml", "--set", "search.algorithms.include=[lightgmb]"), "lightgbm"),
        (("params/small.yaml", "--set", "limits.max_trials"), "an override is KEY=VALUE"),
        ((), "the following arguments are required: PARAMS"),
    ],
)
def test_mistakes_are_told_before_prefect_is_imported(project: Path, words: tuple[str, ...], message: str) -> None:
    done = command(project, *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert "prefect imported: False" in done.stdout


def test_a_run_that_dvc_starts_is_published(project: Path) -> None:
    done = command(project, "params/small.yaml", "--set", "publish.enabled=false", DVC_STAGE="automl@small")
    assert done.returncode == 2
    assert "publish.enabled: a run that DVC starts is published" in done.stderr


def test_prefect_is_told_to_keep_quiet_before_whoever_imports_the_flow_imports_it(project: Path) -> None:
    code = (
        "import os, sys\n"
        "class Spy:\n"
        "    def find_spec(name, *_):\n"
        "        if name == 'prefect': sys.exit(os.environ.get('DO_NOT_TRACK') != '1')\n"
        "sys.meta_path.insert(0, Spy)\n"
        "import flows.automl"
    )
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", code], cwd=project, env=environment, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


def test_help_teaches(project: Path) -> None:
    done = command(project, "--help")
    assert done.returncode == 0
    for word in ("--set limits.max_trials=20", "--runs", "Ctrl-C", "bakeoff adopt", "exit codes"):
        assert word in done.stdout


def test_a_server_that_does_not_answer_is_said(project: Path) -> None:
    done = command(project, "params/small.yaml")
    assert done.returncode == 5
    assert "Prefect's server does not answer" in done.stderr
    assert "Traceback" not in done.stderr
