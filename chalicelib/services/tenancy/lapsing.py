"""What time brings to a business: its admins hear of the end of the trial, and in the end the business ends.

Each business stands in the due index with the next of these, so that a run costs what is due and not what is stored.
Who is told is decided when it is due: whoever is an admin then. What was extended, cancelled or chosen meanwhile has
moved the business in the index, and no message lies about that would have to be taken back.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import TryAgainError
from chalicelib.records.due import TENANCY, ended
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch_raw
from chalicelib.records.tenant import Tenant
from chalicelib.records.walking import own
from chalicelib.records.writing import Transaction
from chalicelib.services.staff.admins import admins_of, tell_admins
from chalicelib.services.tenancy.terminating import Terminating

ENDING, OVER = "trial-ending", "trial-ended"
_MOST = 1000


@dataclass(kw_only=True)
class Lapsed:
    """How many businesses were told, how many have ended, and how many wait for the next run."""

    told: int = 0
    ended: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class Lapsing:
    """Tells of what is to come, and ends what is over."""

    clock: Clock
    terminating: Terminating

    def run(self, *, may_go_on: Callable[[], bool] = lambda: True) -> Lapsed:
        """Does what is due, as long as there is time; the endings take turns, so that none waits for a large one."""
        now, counts = self._now(), Lapsed()
        endings = []
        for tenant in _due(now):
            if tenant.closes_at is not None and tenant.closes_at <= now:
                endings.append(self.terminating.steps(tenant))
            elif may_go_on() and self._tell(tenant, now):
                counts.told += 1
            else:
                counts.waiting += 1
        while endings and may_go_on():
            endings = [each for each in endings if _goes_on(each, counts, may_go_on)]
        counts.waiting += len(endings)
        return counts

    def _tell(self, tenant: Tenant, now: datetime) -> bool:
        """Whether they were told; False when nothing was to be told, or it changed this very moment."""
        at = tenant.tenancy.notice_at(now, told=tenant.told_until)
        if at is None:
            return False
        over = at == tenant.trial_ends_at
        tenant.told_until = at
        transaction = Transaction()
        transaction.update(tenant)
        useless_at = tenant.closes_at if over else tenant.trial_ends_at
        tell_admins(transaction, admins_of(tenant.tenant), OVER if over else ENDING, useless_at=useless_at, now=now)
        transaction.create(LedgerEntry.of(tenant.tenant, Action.TRIAL_ANNOUNCED, at=now, thing=tenant.tenant))
        try:
            transaction.commit()
        except TryAgainError:
            return False
        return True

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _due(now: datetime) -> list[Tenant]:
    """The businesses for which something is due, as they lie there: one whose time is over is absent otherwise."""
    refs = [Tenant.ref(each.pk.removeprefix(own(""))) for each in ended(TENANCY, until=now, limit=_MOST)]
    return [Tenant.from_raw_data(raw) for raw in fetch_raw(refs).values()]


def _goes_on(ending: Iterator[int], counts: Lapsed, may_go_on: Callable[[], bool]) -> bool:
    """Takes one more step of an ending; whether there may be another."""
    if not may_go_on():
        return True
    try:
        more = next(ending, None) is not None
    except TryAgainError:
        counts.waiting += 1
        return False
    counts.ended += not more
    return more
