"""DVC and git as the command line uses them; law: as commands of their own, never imported, analytics off."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from bakeoff.cli.project_files import read_project_file
from bakeoff.errors import DataError, MissingLibraryError

__all__ = ["is_tracked", "run_dvc", "track"]


def run_dvc(*words: str, root: Path) -> str:
    """Runs DVC in the project's folder and gives what it printed. Raises MissingLibraryError, DataError."""
    if find_spec("dvc") is None:
        raise MissingLibraryError("DVC is not installed here", where="dvc", remedy='pip install "bakeoff[flows]", or make setup')
    environment = {**os.environ, "DVC_NO_ANALYTICS": "1"}
    done = subprocess.run([sys.executable, "-m", "dvc", *words], cwd=root, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise DataError(
            f"dvc {words[0]} failed", where=root.resolve(), given=done.stderr.strip() or done.stdout.strip(), remedy="mend what DVC says"
        )
    return done.stdout


def track(path: Path, root: Path) -> None:
    """Puts a file under DVC, where neither git nor DVC knows it yet."""
    if not is_tracked(path, root):
        run_dvc("add", str(path), root=root)


def is_tracked(path: Path, root: Path) -> bool:
    """Whether git or DVC can bring back this file of the project: by git, by a .dvc file, or as a stage's out. Raises ParamsError."""
    name = path.as_posix()
    if (root / f"{name}.dvc").is_file() or name in _outs(root):
        return True
    git = shutil.which("git")
    return git is not None and subprocess.run([git, "ls-files", "--error-unmatch", name], cwd=root, capture_output=True).returncode == 0


def _outs(root: Path) -> set[str]:
    """Paths that stages write, foreach stages included, as dvc.lock names them or dvc.yaml says them plainly."""
    found: set[str] = set()
    for file in ("dvc.yaml", "dvc.lock"):
        if (root / file).is_file():
            stages = read_project_file(root / file).get("stages") or {}
            for stage in stages.values():
                found |= {
                    name for out in stage.get("outs") or () for name in ([out] if isinstance(out, str) else [out.get("path"), *out][:1])
                }
    return found
