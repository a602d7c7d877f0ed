"""Work: what was made of one frame's rows, for all who ask; law: a thing makes the same of the same rows, so it is asked once."""

from collections.abc import Callable
from typing import Any

__all__ = ["Work"]


class Work:
    """What encoders and featurizers made of the rows of one frame, by the very objects that made it."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, ...], tuple[tuple[object, ...], Any]] = {}

    def once(self, makers: tuple[object, ...], make: Callable[[], Any]) -> Any:
        """What these objects made, made now or before. It is nobody's to change."""
        key = tuple(map(id, makers))
        if key not in self._made:
            self._made[key] = (makers, make())  # who is kept keeps its id
        return self._made[key][1]
