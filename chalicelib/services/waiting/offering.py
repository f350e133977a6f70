"""Freed times are offered to those who wait, one after the other, in order of joining.

Each offer is one transaction: the time in the day sheets, the place of whoever it is kept for, the freed time itself,
the message and the entry. It is made under the versions that were read, so a time is kept for one at a time, and a run
that is killed leaves whole offers behind. When an offer is over, or is declined, the freed time is due again; when
nobody is left whom it fits, it goes, and everybody can book it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.actions import Action
from chalicelib.domain.busy import split_by_day
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import NotFoundError, SlotTakenError, TryAgainError
from chalicelib.domain.waiting import kept_until
from chalicelib.records.customer import Customer
from chalicelib.records.due import OFFER, ended
from chalicelib.records.freed_time import FreedTime
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import Ref, fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.tenant import Tenant
from chalicelib.records.waiting_entry import WaitingListEntry
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.door.choosing import Asked, Choosing
from chalicelib.services.door.door import Door
from chalicelib.services.outbox import notify_person
from chalicelib.services.ports import PublicHolidays
from chalicelib.services.waiting.keeping import claim_of_freed, keep

PLACE_FREE = "place-free"
_MOST = 1000
_MINUTE = timedelta(minutes=1)


@dataclass(kw_only=True)
class Offered:
    """How many times were offered to somebody, how many are everybody's now, and how many wait for the next run."""

    offered: int = 0
    free: int = 0
    waiting: int = 0


@dataclass(frozen=True)
class OfferingFreed:
    """Offers what became free."""

    clock: Clock
    holidays: PublicHolidays

    def run(self, *, may_go_on: Callable[[], bool] = lambda: True) -> Offered:
        """Does what is due, as long as there is time. A failure that is no mere delay is raised at the end."""
        counts, failures = Offered(), list[Exception]()
        for ref in _due(self._now()):
            if not may_go_on():
                counts.waiting += 1
                continue
            try:
                offered = persist(lambda ref=ref: self._offer(ref))  # type: ignore[misc]
            except TryAgainError:
                counts.waiting += 1
            except Exception as error:  # noqa: BLE001 (whatever is wrong with one, the others go on)
                failures.append(error)
            else:
                counts.offered += offered is True
                counts.free += offered is False
        if failures:
            raise failures[0]
        return counts

    def _offer(self, ref: Ref[FreedTime]) -> bool | None:
        """Whether it was offered to somebody, or is everybody's now; None when it is to be looked at later."""
        now, freed = self._now(), fetch(ref, consistent=True)
        if freed is None or freed.next_at > now:
            return None
        asked, until = self._asked(freed, now)
        if asked is None or until is None:
            return _let_go(freed, now)
        door = Door(freed.tenant, now=now)
        claim = claim_of_freed(freed)
        if claim is not None:
            door.release(claim)  # it is kept for the list until here
        try:
            chosen = Choosing(door, self.holidays, now).choose(asked)
        except (SlotTakenError, NotFoundError):
            return _put_off(freed, door, asked, now)
        transaction = Transaction()
        entry = _next(transaction, freed, now)
        if entry is None:
            return _let_go(freed, now)
        entry.offer(freed, until)
        keep(transaction, door, freed, chosen, until)
        door.write(transaction)
        transaction.update(entry)
        for channel in ("email", "sms") if entry.sms_wanted else ("email",):
            notify_person(
                transaction,
                entry,
                PLACE_FREE,
                about=entry.service,
                channel=channel,
                language=entry.language,
                version=int(entry.serial),
                useless_at=until,
                now=now,
            )
        noted = LedgerEntry.of(freed.tenant, Action.PLACE_OFFERED, at=now, about=entry.subject, thing=freed.id)
        transaction.create(noted)
        transaction.commit()
        return True

    def _asked(self, freed: FreedTime, now: datetime) -> tuple[Asked | None, datetime | None]:
        """What it takes to book it, and until when it can be kept; None where it can't be offered."""
        tenant_ref, service_ref = Tenant.ref(freed.tenant), Service.ref(freed.tenant, freed.service)
        found = fetch_all([tenant_ref, service_ref], consistent=True)
        tenant, service = found.get(tenant_ref), found.get(service_ref)
        if tenant is None or service is None or service.offer_minutes is None or not tenant.tenancy.is_open(now):
            return None, None
        duration = (freed.ends_at - freed.starts_at) // _MINUTE
        if service.archived_at is not None or not service.lasts(duration):
            return None, None
        asked = Asked(service=service, expert=freed.expert, starts_at=freed.starts_at, duration=duration)
        minutes, notice = int(service.offer_minutes), int(service.notice)
        return asked, kept_until(freed.starts_at, minutes=minutes, notice=notice, now=now)

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _due(now: datetime) -> Iterator[Ref[FreedTime]]:
    """The longest overdue first; proposals, which end by themselves, stand in the same place of the index."""
    due = (each for each in ended(OFFER, until=now, limit=_MOST) if each.sk.startswith("FREED#"))
    return (Ref(FreedTime, each.pk, each.sk) for each in due)


def _next(transaction: Transaction, freed: FreedTime, now: datetime) -> WaitingListEntry | None:
    """The first one whom it fits and who may be written to; the list is read again, since an index lags behind."""
    for listed in WaitingListEntry.queue(freed.tenant, freed.service):
        if not _suits(listed, freed, now):
            continue
        ref, person_ref = Ref(WaitingListEntry, listed.pk, listed.sk), Customer.ref(listed.tenant, listed.subject)
        found = fetch_all([ref, person_ref], consistent=True)
        entry, person = found.get(ref), found.get(person_ref)
        if entry is None or person is None or person.restricted_since is not None or not _suits(entry, freed, now):
            continue
        transaction.require(person)  # who has their data restricted, or erased, this very moment gets no offer
        return entry
    return None


def _suits(entry: WaitingListEntry, freed: FreedTime, now: datetime) -> bool:
    return not entry.has_offer(now) and entry.may_want(freed)


def _put_off(freed: FreedTime, door: Door, asked: Asked, now: datetime) -> bool | None:
    """What only waits or is reserved in its place may lapse without a word; anything else has taken it for good."""
    days = {day: (start, end) for day, start, end in split_by_day(asked.interval)}
    sheets = [sheet for sheet in door.sheets.of(freed.expert) if sheet.day in days]
    over = [
        entry
        for sheet in sheets
        for entry in sheet.content.entries
        if entry.start < days[sheet.day][1] and days[sheet.day][0] < entry.end
    ]
    if not over or not all(each.until for each in over):
        return _let_go(freed, now)
    freed.next_at = datetime.fromtimestamp(max(each.until for each in over), freed.next_at.tzinfo)
    transaction = Transaction()
    transaction.update(freed)
    transaction.commit()
    return None


def _let_go(freed: FreedTime, now: datetime) -> bool:
    """From here on it is everybody's."""
    transaction, claim = Transaction(), claim_of_freed(freed)
    if claim is not None:
        door = Door(freed.tenant, now=now)
        door.release(claim)
        door.write(transaction)
    transaction.delete(freed)
    transaction.commit()
    return False
