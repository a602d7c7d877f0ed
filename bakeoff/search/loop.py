"""The loop: propose, submit, record, show; law: one loop for notebook and flow, which differ only in how a candidate is launched."""

import time
from collections.abc import Callable

from bakeoff.runs import RunFolder
from bakeoff.search.launching import Launch
from bakeoff.search.session import SEARCHING
from bakeoff.search.showing import Snapshot, refresh
from bakeoff.search.turns import Turns

__all__ = ["bake"]


def bake(run: RunFolder, launch: Launch, watch: Callable[[Snapshot], None]) -> str:
    """Carries out the run's candidates until a limit ends it; why it ended.

    `watch` is shown the leaderboard at the interval that params name, and once at the end.
    """
    turns = Turns(run, launch)
    session = turns.session
    session.begin(SEARCHING)
    interval = session.params.leaderboard.interval_seconds
    turns.begin()
    shown = -1e9
    while True:
        while turns.propose():
            pass
        if not turns.under_way and (turns.ended or session.stopped()):
            break
        if time.monotonic() - shown >= interval:
            refresh(session, turns.in_order(), watch)
            shown = time.monotonic()
        turns.collect(interval - (time.monotonic() - shown))
    turns.give_up()
    session.run.update_facts(planned_seconds=session.planned_seconds())
    session.begin("ranking")
    return session.stopped() or turns.ended or "all candidates are carried out"
