"""Changes of the privacy notice are told to those who were told of an older version: once, and to everybody.

When a version comes into force in which something important has changed, every member of staff whose last version lies
before it gets a message. They stand in an index in the order of that version, so that one Query finds them, and none
is read when there is nothing to say. Each is told in a transaction of its own, which moves them past the version: what
was cut off goes on where it ended, and nobody hears it twice.

Who has not confirmed the address yet, or had the processing restricted, waits: they are told once that is over.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import TryAgainError
from chalicelib.domain.fact_changes import changes, is_important
from chalicelib.domain.versions import Version, in_force
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.publications import Publications, published
from chalicelib.records.staff import Staff
from chalicelib.records.writing import Transaction
from chalicelib.services.outbox import notify_staff

MESSAGE = "notice-changed"


@dataclass(frozen=True, kw_only=True)
class Announced:
    """How many were told, how many wait, and whether there was time for everybody."""

    told: int
    waiting: int
    complete: bool


@dataclass(frozen=True)
class Announcing:
    """Tells staff of new versions of the notice."""

    clock: Clock
    versions: Publications = published

    def run(self, *, may_go_on: Callable[[], bool] = lambda: True) -> Announced:
        """Tells everybody who has to know, as long as there is time."""
        told = waiting = 0
        since = self._since()
        for staff in Staff.told_before(since) if since else ():
            if not may_go_on():
                return Announced(told=told, waiting=waiting, complete=False)
            if staff.unconfirmed_since is not None or staff.restricted_since is not None or not self._tell(staff):
                waiting += 1
            else:
                told += 1
        return Announced(told=told, waiting=waiting, complete=True)

    def _since(self) -> str:
        """The last version in force in which something important has changed; empty when there is none."""
        held, now = self.versions(), self._now()
        current = in_force(held, now)
        important = [newer for older, newer in pairwise(held) if _is_news(older, newer)]
        return max((each.version for each in important if each.version <= current.version), default="")

    def _tell(self, staff: Staff) -> bool:
        """Whether they were told; False when their record changed this very moment, so that the next run does it."""
        now = self._now()
        current = in_force(self.versions(), now)
        transaction = Transaction()
        staff.told_version = current.version
        transaction.update(staff)
        notify_staff(
            transaction,
            tenant=staff.tenant,
            staff=staff.subject,
            message=MESSAGE,
            language=staff.language,
            zone=staff.zone,
            about=current.version,
            now=now,
        )
        transaction.create(
            LedgerEntry.of(staff.tenant, Action.NOTICE_ANNOUNCED, at=now, about=staff.subject, thing=current.version)
        )
        try:
            transaction.commit()
        except TryAgainError:
            return False
        return True

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _is_news(older: Version, newer: Version) -> bool:
    return is_important(changes(older.facts, newer.facts))
