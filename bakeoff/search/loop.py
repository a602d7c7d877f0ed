"""The loop: propose, submit, record, show; law: one loop for notebook and flow, which differ only in how a candidate is launched."""

import time
from collections.abc import Callable

from bakeoff.runs import RunFolder
from bakeoff.search.launching import Launch
from bakeoff.search.session import SEARCHING
from bakeoff.search.showing import Snapshot, refresh, unwatched
from bakeoff.search.turns import Turns

__all__ = ["bake"]

PLANNED_SHARE = 0.1
"""Of the limit, after which the run's end is planned anew at the latest, however seldom the run is shown: what is kept for it is not known
before trials came back."""


def bake(run: RunFolder, launch: Launch, watch: Callable[[Snapshot], None]) -> str:
    """Carries out the run's candidates until a limit ends it; why it ended.

    `watch` is shown the leaderboard at the interval that params name, and once at the end.
    """
    turns = Turns(run, launch)
    session = turns.session
    session.begin(SEARCHING)
    interval = session.params.leaderboard.interval_seconds
    often = interval if session.clock.limit is None else min(interval, PLANNED_SHARE * session.clock.limit)
    turns.begin()
    shown = planned = -1e9
    while True:
        while turns.propose():
            pass
        if not turns.under_way and (turns.ended or session.stopped()):
            break
        due = time.monotonic() - shown >= interval
        if due or time.monotonic() - planned >= often:
            refresh(session, turns.in_order(), watch if due else unwatched)
            planned = time.monotonic()
            shown = planned if due else shown
        turns.collect(min(shown + interval, planned + often) - time.monotonic())
    turns.give_up()
    session.run.update_facts(planned_seconds=session.planned_seconds())
    session.begin("ranking")
    return session.stopped() or turns.ended or "all candidates are carried out"
