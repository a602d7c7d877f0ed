import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from bakeoff.cli.main import COMMANDS, main
from bakeoff.errors import BakeoffError, PredictorError
from tests.unit.cli.conftest import Cli

NAMES = [command.__name__.rpartition(".")[2] for command in COMMANDS]


def test_help_names_every_command_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    text = capsys.readouterr().out
    assert all(f"\n    {name}" in text for name in NAMES)
    assert "exit codes: 0 done, 1 another mistake or a replay that came out otherwise, 2 params" in text


@pytest.mark.parametrize("name", NAMES)
def test_the_help_of_a_command_shows_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([name, "--help"])
    assert f"\n  bakeoff {name}" in capsys.readouterr().out


def test_there_is_one_file_per_command() -> None:
    files = {path.stem for path in Path(main.__code__.co_filename).parent.glob("*.py") if "def add_arguments" in path.read_text()}
    assert files == set(NAMES)


def test_a_mistake_is_shown_without_a_traceback_with_its_exit_code(project: Path, bakeoff: Cli) -> None:
    code, out, err = bakeoff("check", "params/none.yaml")
    assert (code, out) == (2, "")
    assert err.startswith("params/none.yaml: the params file cannot be read\n")
    assert "Traceback" not in err


@pytest.mark.parametrize(("raised", "code"), [(BakeoffError("x"), 1), (PredictorError("x"), 7), (KeyboardInterrupt(), 130)])
def test_exit_codes(raised: BaseException, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise raised

    monkeypatch.setattr("bakeoff.cli.examples.run", fail)
    assert main(["examples"]) == code


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bakeoff.cli.examples.run", lambda args: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        main(["examples"])


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    code = """
import sys
from bakeoff.cli import examples, main
examples.run = lambda args: print("x" * 9_000_000) or 0
sys.exit(main.main(["examples"]))
"""
    writer = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert writer.stdout is not None
    writer.stdout.read(1)
    writer.stdout.close()
    assert writer.wait(timeout=60) == 0
    assert writer.stderr is not None
    assert writer.stderr.read() == b""
    writer.stderr.close()


def test_a_warning_is_one_line_without_a_place_in_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    usual, said = warnings.formatwarning, list[str]()

    def warned(*_: object) -> int:
        said.append(warnings.formatwarning(UserWarning("x"), UserWarning, "f.py", 1))
        return 0

    monkeypatch.setattr("bakeoff.cli.examples.run", warned)
    assert main(["examples"]) == 0
    assert said == ["warning: x\n"]
    assert warnings.formatwarning is usual
