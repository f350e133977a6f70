"""The sweep: ends what is past its period, and leaves a proof.

1. Read the due index up to now: what ends, what is blocked, what was never sent, and what a job should have dealt with
   long ago. Its cost grows with what is due, never with what is stored.
2. Plan: frozen steps, each of one tenant and as large as one transaction, taking turns (`sweeping_plan`). The plan can
   be printed; a dry run stops here.
3. Carry out exactly these steps, each in one transaction with its proof in the ledger (`sweeping_steps`). So there is
   no deletion without a proof, and a sweep that is killed leaves whole steps behind; the next one goes on with the
   rest.

Then again from 1, until nothing is due any more or time is short. A sweep that can't account for every record fails.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from chalicelib.domain.clock import Clock
from chalicelib.records._base import Record
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.due import JOBS, SEND, Due, ended, endings
from chalicelib.records.notification import UNSENT
from chalicelib.services.ports import Files
from chalicelib.services.retention.sweeping_plan import WINDOW, Plan, planned
from chalicelib.services.retention.sweeping_steps import Counts, Steps

AHEAD = 60_000  # entries of one shard that are read at most for one plan
PAGE = 500  # so that a page in hand weighs little beside the plan: memory stays flat
LEFT_OVER = timedelta(hours=1)  # what waits for a job for longer may have reached its end in its list
ROUNDS = 8  # every so manyth plan looks ahead; those in between take what comes first, which costs less


class SweepDoesNotAddUpError(Exception):
    """Raised when a sweep can't account for every record it was to end; the function fails and alarms."""


@dataclass(frozen=True)
class Sweeping:
    """The sweep of records of these kinds; `files` is asked for only when a record has some."""

    clock: Clock
    files: Callable[[], Files]
    kinds: tuple[type[Record], ...] = RECORDS

    def run(self, *, may_go_on: Callable[[], bool] = lambda: True) -> Counts:
        """Ends what is due, until nothing is left or `may_go_on` says that time is short.

        A failure that is no mere delay is raised at the end.
        """
        counts = Counts()
        steps = Steps(self.clock, self.files, {kind.kind_name(): kind for kind in self.kinds}, counts)
        turn = 0
        while may_go_on():
            looks_ahead, before = turn % ROUNDS == 0, counts.settled
            plan = self.plan() if looks_ahead else planned(islice(self._due(), WINDOW - 1))
            for step in plan.steps:
                if not may_go_on():
                    break
                steps.carry_out(step)
            if counts.settled == before and looks_ahead:
                break
            turn = turn + 1 if counts.settled > before else 0
        if not counts.adds_up:
            raise SweepDoesNotAddUpError(f"{counts.due} due, {counts.settled} settled")
        if steps.failures:
            raise steps.failures[0]
        return counts

    def plan(self) -> Plan:
        """What would be done now, without doing it."""
        return planned(self._due())

    def _due(self) -> Iterator[Due]:
        now = self.clock()
        for action in endings(self.kinds):
            yield from ended(action, until=now, limit=AHEAD, page=PAGE)
        yield from ended(SEND, until=now - UNSENT, limit=AHEAD, page=PAGE)
        for action in JOBS:
            yield from ended(action, until=now - LEFT_OVER, limit=AHEAD, page=PAGE)
