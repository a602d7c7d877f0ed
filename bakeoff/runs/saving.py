"""Saving and loading predictors: a .pkl and its card; law: nothing is unpickled before its card's digest and versions were checked."""

import hashlib
import pickle
import platform
import time
import warnings
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Any

from bakeoff.data import describe_schema
from bakeoff.errors import MissingLibraryError, PredictorError
from bakeoff.runs import trees
from bakeoff.runs.files import read_json, write_atomically, write_json
from bakeoff.runs.predictor import Predictor
from bakeoff.runs.sharing import share_encoders

__all__ = ["load_predictor", "save_predictor"]

CARD_FORMAT, READABLE = 2, (1, 2)
"""Trees are written small since 2 (runs/trees.py)."""
ALWAYS_NEEDED = ("bakeoff", "numpy", "pandas", "scikit-learn")
_DOES_NOT_OPEN = (pickle.UnpicklingError, ImportError, AttributeError, TypeError, ValueError, LookupError, EOFError)
"""What unpickling raises where the classes are not those that were pickled."""


def save_predictor(predictor: Predictor, folder: Path, facts: dict[str, Any], needs: tuple[str, ...] = ()) -> int:
    """Writes `<name>.pkl` and its card `<name>.json`; gives the .pkl's size in bytes.

    `needs` are distributions beyond the base ones that the estimators come from; `facts` join the card (scores, digests, candidate).
    """
    share_encoders(predictor)
    path = folder / f"{predictor.name}.pkl"
    digest = hashlib.sha256()

    def dump(file: IO[bytes]) -> None:
        trees.dump(predictor, _Hashing(file, digest))

    size = write_atomically(path, dump)
    card = {
        "format": CARD_FORMAT,
        "name": predictor.name,
        "sha256": digest.hexdigest(),
        "bytes": size,
        "written": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "python": platform.python_version(),
        "requirements": {name: _version(name) for name in dict.fromkeys((*ALWAYS_NEEDED, *needs))},
        "schema": describe_schema(predictor.schema),
        **facts,
    }
    write_json(path.with_suffix(".json"), card)
    return size


def load_predictor(path: str | Path) -> Predictor:
    """The predictor in a .pkl whose card stands beside it. A .pkl is code: open only files whose origin you trust.

    Checks the card's sha256 and library versions first; a differing version is warned of, a missing library is an error with its
    install line. Raises PredictorError, MissingLibraryError.
    """
    path = Path(path)
    card = _read_card(path)
    _check_libraries(path, card)
    with open(path, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != card["sha256"]:
        raise PredictorError(
            "the file is not the one its card describes: it was changed or damaged",
            where=path,
            given=f"sha256 {found[:16]}…",
            allowed=f"sha256 {card['sha256'][:16]}…",
            remedy="fetch it again (dvc checkout), never open it as it is",
        )
    predictor = _opened(path)
    if not isinstance(predictor, Predictor):
        raise PredictorError("the file holds no predictor", where=path, given=type(predictor).__name__)
    predictor.card = card
    return predictor


def _opened(path: Path) -> object:
    """What the .pkl holds; its digest is the card's. Other versions of the libraries may lack what it names, or want more of it."""
    with open(path, "rb") as file:
        try:
            return pickle.load(file)  # noqa: S301
        except _DOES_NOT_OPEN as error:
            remedy = "install the versions of Python and the libraries that its card names"
            raise PredictorError("it does not open here", where=path, given=f"{type(error).__name__}: {error}", remedy=remedy) from error


def _read_card(path: Path) -> dict[str, Any]:
    card_path = path.with_suffix(".json")
    if not path.is_file():
        raise PredictorError("there is no such file", where=path, remedy="bakeoff leaderboard EXPERIMENT names a run's predictors")
    try:
        card: dict[str, Any] = read_json(card_path)
        known = card["format"] in READABLE and bool(card["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        remedy = "keep the .json that belongs to the .pkl beside it"
        raise PredictorError("its card cannot be read, so it is not opened", where=card_path, given=error, remedy=remedy) from error
    if not known:
        raise PredictorError(
            "its card was written by another version of Bakeoff",
            where=card_path,
            given=f"format {card['format']}",
            allowed=", ".join(map(str, READABLE)),
        )
    return card


def _check_libraries(path: Path, card: dict[str, Any]) -> None:
    differing = []
    for name, wanted in card["requirements"].items():
        try:
            here = version(name)
        except PackageNotFoundError as error:
            line = f'pip install "{name}=={wanted}"'
            raise MissingLibraryError(f"{name} is needed to open it and is not installed", where=path, remedy=line) from error
        if here != wanted:
            differing.append(f"{name} {wanted} there, {here} here")
    if card["python"].split(".")[:2] != platform.python_version().split(".")[:2]:
        differing.append(f"Python {card['python']} there, {platform.python_version()} here")
    if differing:
        warnings.warn(f"{path}: made with other versions: {'; '.join(differing)}", UserWarning, stacklevel=3)


@cache
def _version(name: str) -> str:
    return version(name)


class _Hashing:
    """A file that digests what is written to it on the way, so that a large predictor is not read again."""

    def __init__(self, file: IO[bytes], digest: Any) -> None:
        self.file, self.digest = file, digest

    def write(self, data: Any) -> int:
        self.digest.update(data)
        return self.file.write(data)
