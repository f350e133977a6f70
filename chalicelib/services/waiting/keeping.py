"""A freed time while it is kept for somebody: it stands in the day sheets under its own id until the offer is over."""

from datetime import datetime

from chalicelib.domain.wall_time import MINUTE, instant_of
from chalicelib.records.freed_time import FreedTime
from chalicelib.records.reading import fetch
from chalicelib.records.waiting_entry import WaitingListEntry
from chalicelib.records.writing import Transaction
from chalicelib.services.door.choosing import Chosen
from chalicelib.services.door.door import Door
from chalicelib.services.door.sheets import Claim, Kept, interval


def keep(transaction: Transaction, door: Door, freed: FreedTime, chosen: Chosen, until: datetime) -> None:
    """Keeps the time, and has it looked at again when that is over."""
    claim = chosen.claim(freed.id, until=until, counts=True)
    door.hold(claim)
    freed.calendars, freed.group, freed.next_at = set(claim.calendars), claim.group, until
    freed.blocked_from, freed.blocked_until = map(instant_of, (claim.interval.start, claim.interval.end))
    transaction.update(freed)


def claim_of_freed(freed: FreedTime) -> Claim | None:
    """Where it stands in the day sheets; None for one that was not kept for anybody yet."""
    if freed.blocked_from is None or freed.blocked_until is None:
        return None
    return Claim(
        owner=freed.id,
        calendars=tuple(sorted(freed.calendars or ())),
        interval=interval(freed.blocked_from, freed.blocked_until),
        group=int(freed.group),
        kept=Kept(
            service=freed.service,
            starts_at=freed.starts_at,
            minutes=(freed.ends_at - freed.starts_at) // MINUTE,
        ),
    )


def give_up(transaction: Transaction, entry: WaitingListEntry, *, now: datetime) -> None:
    """Gives back what is kept for somebody, who is asked no more: the next one's turn comes at once."""
    if entry.offered is None or not entry.has_offer(now):
        return
    freed = fetch(FreedTime.ref(entry.tenant, entry.offered), consistent=True)
    claim = claim_of_freed(freed) if freed else None
    if freed is None or claim is None:
        return
    door = Door(entry.tenant, now=now)
    door.release(claim)
    door.write(transaction)
    freed.next_at = now
    transaction.update(freed)
