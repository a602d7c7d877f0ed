"""Launch: how the loop has candidates carried out; law: notebook and flow differ only in it (the flow's are Prefect tasks)."""

import contextlib
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any, Protocol

from bakeoff.runs import Candidate

__all__ = ["Launch", "on_threads"]


class Launch(Protocol):
    """How candidates are carried out. Futures have add_done_callback and result."""

    def map(self, candidates: list[Candidate]) -> Iterable[Any]: ...
    def submit(self, candidate: Candidate) -> Any: ...


class _Threads:
    """Launches candidates on threads of this process."""

    def __init__(self, pool: Any, train: Callable[[Candidate], str]) -> None:
        self.pool, self.train = pool, train

    def submit(self, candidate: Candidate) -> "Future[str]":
        future: Future[str] = self.pool.submit(self.train, candidate)
        return future

    def map(self, candidates: list[Candidate]) -> "list[Future[str]]":
        return [self.submit(candidate) for candidate in candidates]


@contextlib.contextmanager
def on_threads(width: int, train: Callable[[Candidate], str]) -> Any:
    """A Launch on `width` threads. Where the block ends by an error, what has not begun is not begun any more."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(width) as pool:
        try:
            yield _Threads(pool, train)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
