"""Work: what was made of one frame's rows, kept while somebody will ask for it again; law: a thing makes the same of the same rows."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from bakeoff.features._reading import Readings

if TYPE_CHECKING:
    from bakeoff.features.encoding import Encoder

__all__ = ["Work", "rows_at_once"]

MOST_CELLS = 20_000_000
"""Of all that is kept at a time: 160 MB where it is dense."""
FEWEST_ROWS = 100
SPARSE_CELLS = 300
"""What a row's terms count for, however many there are."""


class Work:
    """What these encoders, each named as often as it will be asked, make of the rows of one frame."""

    def __init__(self, encoders: Iterable["Encoder"] = ()) -> None:
        every = list(encoders)
        self._left = _asks(every)
        self.readings = Readings() if len(every) > 1 else None
        """Texts of the rows, which every fold's vocabulary would take apart again."""
        self._made: dict[tuple[int, ...], Any] = {}

    def once(self, makers: tuple[object, ...], make: Callable[[], Any]) -> Any:
        """What these objects made, made now or before. It is nobody's to change."""
        key = tuple(map(id, makers))
        self._left[key] -= 1
        made = self._made.pop(key) if key in self._made else make()
        if self._left[key] > 0:
            self._made[key] = made
        return made


def rows_at_once(encoders: Iterable["Encoder"]) -> int:
    """Rows that may be worked on at a time: what is kept for others, and what is made meanwhile, stays below MOST_CELLS."""
    every = {id(encoder): encoder for encoder in encoders}
    asked = _asks(encoders)
    kept, most = 0, 0
    for encoder in every.values():
        blocks = {(id(one), id(encoder.filler)): len(one.features()) for one in encoder.featurizers}
        names = min(len(encoder.names), SPARSE_CELLS) if encoder.sparse else len(encoder.names)
        kept += names * (asked[id(encoder),] > 1) + sum(width for key, width in blocks.items() if asked[key] > 1)
        most = max(most, names + sum(blocks.values()))
    return max(FEWEST_ROWS, MOST_CELLS // max(1, kept + most))


def _asks(encoders: Iterable["Encoder"]) -> Counter[tuple[int, ...]]:
    """How often each encoder will be asked, and, by each encoder once, its filler and its featurizers."""
    asked = Counter[tuple[int, ...]]()
    for encoder in encoders:
        asked[id(encoder),] += 1
        if asked[id(encoder),] == 1:
            asked[id(encoder.filler),] += 1
            asked.update((id(featurizer), id(encoder.filler)) for featurizer in (*encoder.featurizers, *encoder.sparse))
    return asked
