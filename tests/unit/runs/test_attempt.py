"""Failures become values, but for a full disk where the same command should go on."""

import pytest

from bakeoff.errors import DiskFullError
from bakeoff.runs import Failure, answer, attempt, optional

FULL = {"where": "a.pkl", "given": "No space left on device", "remedy": "give space back"}


def full() -> dict[str, object]:
    raise DiskFullError("the disk is full", **FULL)


def test_a_child_tells_of_a_full_disk_what_makes_the_error_in_its_parent() -> None:
    told = answer(full)
    assert str(DiskFullError(**told["disk_full"])) == str(DiskFullError("the disk is full", **FULL))


def test_an_optional_step_fails_by_itself_but_not_by_a_full_disk() -> None:
    told: list[Failure] = []
    assert optional(lambda: 1 // 0, told.append).value is None
    with pytest.raises(DiskFullError):
        optional(full, told.append)
    assert [failure.kind for failure in told] == ["ZeroDivisionError"]
    assert attempt(full).failure is not None
