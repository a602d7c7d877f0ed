"""What a run shows of itself as it goes on: leaderboard, progress, the ensembles so far; law: one clock, and written before shown."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bakeoff.runs import RunFolder, Trial, best_row, optional
from bakeoff.search.budgeting import width_of
from bakeoff.search.closing import closing_seconds, complete
from bakeoff.search.ensembles import MOST_MEMBERS, ensemble_rows, load_libraries, possible_members
from bakeoff.search.proposing import trial_limit
from bakeoff.search.ranking import build_leaderboard
from bakeoff.search.session import FIRST_RESERVE_SECONDS, Session, session_for

__all__ = ["Progress", "Snapshot", "announce", "refresh", "unwatched"]

COPIED_MB_PER_SECOND = 70
"""Predictors read, checked and written again as the ensemble's, two ensembles side by side; forests, which are put together anew, are the
slow ones (60 s: phoneme's end, 3,000 small trees, planned for 7.0 s and took 6.8; movies', 300 large ones, 8.8 and 7.2)."""
ENSEMBLE_SHARE = 0.03
"""Of the run's CPU seconds that growing ensembles during the run may take."""


@dataclass(frozen=True)
class Progress:
    """Where a run stands."""

    elapsed_seconds: float
    left_seconds: float | None
    search_ends: float | None
    """The time.time() at which trials under way should be back; None where no clock rules."""
    doing: str
    done: int
    failed: int
    skipped: int
    planned: int | None
    best_name: str
    best_score: float | None


@dataclass(frozen=True)
class Snapshot:
    """Leaderboard and progress of one moment."""

    leaderboard: dict[str, Any]
    progress: Progress
    guardrails: tuple[dict[str, str], ...] = ()
    """What was looked for in the data before training: name, state, seen, done."""


def refresh(session: Session, trials: list[Trial], watch: Callable[[Snapshot], None], final: bool = False) -> Snapshot:
    """Grows the ensembles where there are new members and their share of time allows it (always where `final`), writes leaderboard and
    progress, and shows them."""
    run = session.run
    if session.params.search.ensemble:
        members = frozenset(t.id for t in possible_members(trials, session.metric, len(session.prepared.scored_rows)))
        if members != session.grown_from and (final or _is_affordable(session)):
            session.grown_from = members if _grow(session, trials) else frozenset()
    planned = trial_limit(session.params)
    most = None if planned is None else planned + 1
    session.closing_seconds = closing_seconds(session, trials)
    ranked = build_leaderboard(trials, session.metric, session.prepared.schema.task, session.ensembles, most, session.prepared.dealing)
    board = complete(run, session.params, ranked)
    run.write_json("leaderboard.json", board)
    best = best_row(board["rows"]) or {"name": "", "score": None}
    counts = board["counts"]
    progress = Progress(
        elapsed_seconds=round(session.clock.elapsed(), 2),
        left_seconds=session.clock.left(),
        search_ends=None if (left := session.search_left()) is None else round(time.time() + left, 2),
        doing=session.doing,
        done=counts["done"],
        failed=counts["failed"],
        skipped=counts["skipped"],
        planned=counts["planned"],
        best_name=best["name"],
        best_score=best["score"],
    )
    run.write_json("progress.json", vars(progress))
    snapshot = Snapshot(board, progress, session.guardrails)
    watch(snapshot)
    return snapshot


def announce(run: RunFolder, doing: str, watch: Callable[[Snapshot], None]) -> None:
    """Shows what the run is doing now."""
    session = session_for(run)
    session.begin(doing)
    refresh(session, run.trials(), watch)


def unwatched(_: Snapshot) -> None:
    """Shows nothing."""


def _grow(session: Session, trials: list[Trial]) -> bool:
    """The ensembles of these trials, and what they and the run's end took and will take; whether it went well."""
    load_libraries()  # not counted: the end will not wait for them again
    begun, cpu = time.monotonic(), time.process_time()
    grown = optional(
        lambda: ensemble_rows(session.run, trials, session.metric, session.params.search.seed),
        lambda failure: session.run.update_facts(ensemble_failure=str(failure)),  # as of a user's own metric, for which trials were fine
    )
    session.ensembles = grown.value or []
    # beside trials it takes longer by the clock than at the end, and beside validation its process uses more
    used = min(time.monotonic() - begun, time.process_time() - cpu)
    session.ensemble_seconds += used
    session.reserve_seconds = _reserve(session, trials, used)
    return grown.failure is None


def _reserve(session: Session, trials: list[Trial], ensemble_seconds: float) -> float:
    """Seconds the end will take, from what was seen: the ensembles once more, their members read and written, the test part scored."""
    copied = [name for row in session.ensembles for name in row["members"]]
    megabytes = sum(t.predictor_bytes * copied.count(t.candidate.name) for t in trials) / 2**20
    return FIRST_RESERVE_SECONDS + 1.2 * _later(session, trials) * ensemble_seconds + megabytes / COPIED_MB_PER_SECOND


def _later(session: Session, trials: list[Trial]) -> float:
    """How many times as many members an ensemble will be chosen from at the end, where trials go on ending at this pace."""
    done = sum(t.state == "done" and t.candidate.origin != "baseline" for t in trials)
    limit, now = session.clock.limit, min(MOST_MEMBERS, done)
    if limit is None or not now:
        return 1.0
    return max(1.0, min(MOST_MEMBERS, now * limit / session.clock.elapsed()) / now)


def _is_affordable(session: Session) -> bool:
    """Whether growing the ensembles once more keeps within its share of the run's CPU seconds."""
    return session.ensemble_seconds * 2 < ENSEMBLE_SHARE * session.clock.elapsed() * width_of(session.params)
