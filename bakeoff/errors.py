"""Every error a user can cause, drawn as one tree; law: a message says where, what was given, what is allowed and what to do.

BakeoffError                 exit code 1
├── ParamsError              2   a params file, a setting or a command-line word
├── DataError                3   a dataset, or a frame handed to a predictor
│   └── ContractError        3   the dataset breaks the experiment's expectations
├── MissingLibraryError      4   an optional library is not installed
├── RunError                 5   a run folder: not found, written by another version, held by another process
│   ├── RunBusyError         5
│   ├── WriteError           5   a file cannot be written: what was written before is whole, and the run goes on by its command
│   │   └── DiskFullError    5   there is no space
│   ├── PublishingError      5   the run is whole, and its command, given again, publishes it
│   └── NoUsableTrialError   6   every trial failed or was skipped
└── PredictorError           7   a .pkl that is changed, incomplete or does not open here
"""

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches

__all__ = [
    "BakeoffError",
    "ContractError",
    "DataError",
    "DiskFullError",
    "MissingLibraryError",
    "NoUsableTrialError",
    "ParamsError",
    "PredictorError",
    "PublishingError",
    "RunBusyError",
    "RunError",
    "WriteError",
    "nearest",
    "writing",
]

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
MOST_NAMES = 60


class BakeoffError(Exception):
    """A mistake or a state of the world that a person can mend; shown without a traceback.

    `what` is one sentence; `where` names the file, key, column or folder; `given` is what was found there,
    `allowed` what would have been right, `remedy` what to do next.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: object = "", given: object = "", allowed: object = "", remedy: str = "") -> None:
        self.what, self.where, self.given = what, str(where), str(given)
        self.allowed, self.remedy = str(allowed), remedy
        super().__init__(what, self.where, self.given, self.allowed, remedy)

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        parts = (("given", self.given), ("allowed", self.allowed), ("what to do", self.remedy))
        return "\n".join([head, *(f"  {name}: {text}" for name, text in parts if text)])

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.what, self.where, self.given, self.allowed, self.remedy)


def _rebuild(kind: type[BakeoffError], what: str, where: str, given: str, allowed: str, remedy: str) -> BakeoffError:
    return kind(what, where=where, given=given, allowed=allowed, remedy=remedy)


class ParamsError(BakeoffError):
    """A params file, an override or a command-line word is wrong."""

    exit_code = 2


class DataError(BakeoffError):
    """A dataset cannot be read or learned from, or a frame does not fit a predictor's schema."""

    exit_code = 3


class ContractError(DataError):
    """The dataset breaks the expectations kept for its experiment."""


class MissingLibraryError(BakeoffError):
    """An optional library is not installed; the remedy holds the install line."""

    exit_code = 4


class RunError(BakeoffError):
    """A run folder cannot be used."""

    exit_code = 5


class RunBusyError(RunError):
    """Another process holds the run."""


class WriteError(RunError):
    """A file cannot be written; what was written before is whole."""


class DiskFullError(WriteError):
    """Nothing more can be written."""


class PublishingError(RunError):
    """The run's predictors could not take the place of the published ones."""


class NoUsableTrialError(RunError):
    """No trial left a predictor."""

    exit_code = 6


class PredictorError(BakeoffError):
    """A predictor file is changed, incomplete, or needs libraries that are not here."""

    exit_code = 7


@contextmanager
def writing(where: object) -> Iterator[None]:
    """Around the writing of a file: what the system refuses comes out as WriteError, for want of space as DiskFullError."""
    try:
        yield
    except OSError as error:
        given = error.strerror or str(error)
        if error.errno in FULL or "requested and" in given:  # numpy tells of a full disk by the bytes alone, without the number
            remedy = "give space back (bakeoff clean), then start the same command again: it goes on where it stopped"
            raise DiskFullError("the disk is full", where=where, given=given, remedy=remedy) from error
        remedy = "choose another folder, or mend its permissions; a run that had begun goes on by the same command"
        raise WriteError("this cannot be written", where=where, given=given, remedy=remedy) from error


def nearest(word: str, known: Iterable[str]) -> str:
    """The names in `known` nearest to `word`, the nearest first, as a remedy sentence; all (at most 60) where none is near.

    >>> nearest("lightgmb", ["catboost", "lightgbm"])
    'did you mean lightgbm?'
    """
    names = {name.lower(): name for name in sorted(known)}
    close = [names[low] for low in get_close_matches(word.lower(), list(names), n=3, cutoff=0.5)]
    if close:
        return f"did you mean {' or '.join(close)}?"
    all_names = list(names.values())
    more = f" and {len(all_names) - MOST_NAMES} more" if len(all_names) > MOST_NAMES else ""
    return f"choose one of: {', '.join(all_names[:MOST_NAMES])}{more}"
