"""Writing files so that nothing is ever half there; law: write, fsync, rename; a reader sees the old or the new, never a part."""

import glob
import json
import math
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from bakeoff.errors import writing

__all__ = ["flush_folder", "plain", "read_json", "replace_folder", "write_atomically", "write_json", "write_text"]


def write_atomically(path: Path, write: Callable[[IO[bytes]], object], mode: int = 0o644) -> int:
    """Calls `write` with a new binary file that takes the place of `path` once it is on disk; gives its size in bytes.

    Raises WriteError, DiskFullError.
    """
    with writing(path), _beside(path, mode) as temporary:
        with open(temporary, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        os.replace(temporary, path)
    return size


def write_json(path: Path, content: object) -> None:
    """Writes `content` as JSON: keys as given, NaN and infinities as null, so that any reader can read it."""
    text = json.dumps(plain(content), indent=1, ensure_ascii=False, allow_nan=False)
    write_text(path, text)


def read_json(path: Path) -> Any:
    """The content of a JSON file. Raises OSError, ValueError."""
    return json.loads(path.read_bytes())


def write_text(path: Path, text: str) -> None:
    """Writes UTF-8 text atomically."""
    write_atomically(path, lambda file: file.write(text.encode()))


def replace_folder(new: Path, old: Path) -> None:
    """Puts folder `new` in the place of `old`, which may not exist; both are on one file system. One process at a time.

    A crash leaves one of the two whole; what one between the renames left behind goes once the next folder is in place.
    """
    flush_folder(new)
    old.parent.mkdir(parents=True, exist_ok=True)
    retired = Path(tempfile.mkdtemp(prefix=f".{old.name}-old-", dir=old.parent))
    if old.exists():
        os.rename(old, retired / old.name)
    try:
        os.rename(new, old)
    except OSError:
        if (retired / old.name).exists():
            os.rename(retired / old.name, old)
        raise
    _fsync_folder(old.parent)
    for remains in old.parent.glob(f".{glob.escape(old.name)}-old-*"):
        shutil.rmtree(remains)


def flush_folder(folder: Path) -> None:
    """Every file in a folder is on disk afterwards: what says later that they are there is right, whatever happens to the machine."""
    for file in folder.rglob("*"):
        if file.is_file():
            with open(file, "rb") as opened:
                os.fsync(opened.fileno())
    _fsync_folder(folder)


def plain(value: Any) -> Any:
    """`value` as plain JSON types; numpy scalars unpacked, NaN and infinities null."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Path):
        return str(value)
    return value


@contextmanager
def _beside(path: Path, mode: int) -> Iterator[Path]:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    os.chmod(name, mode)
    try:
        yield Path(name)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
