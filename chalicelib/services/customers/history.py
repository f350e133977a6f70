"""What staff read about one customer, whichever of their entries it lies under: who they are, and the rest in pages.

Pages go from what was entered last to what was entered first. Ids sort by time, so a page is one Query of each entry,
and costs no more the longer the history is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.records._base import Standing
from chalicelib.records.appointment import Appointment
from chalicelib.records.customer import Customer
from chalicelib.records.customer_join import Merge, Split
from chalicelib.records.customer_note import CustomerNote
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.customers.entries import looked
from chalicelib.services.customers.files import live
from chalicelib.services.customers.reach import check_reach, meets
from chalicelib.services.ports import Vault
from chalicelib.services.side_by_side import all_at_once
from chalicelib.services.sign_in.sessions import StaffSession

PAGE = 50
NOTES_PAGE = 25
_Paged = TypeVar("_Paged", Appointment, CustomerNote)


@dataclass(frozen=True)
class Overview:
    """One person, and what can still be undone of how their entries came together."""

    customer: Customer
    merges: Sequence[Merge]
    splits: Sequence[Split]


@dataclass(frozen=True)
class History:
    """Reads about a customer. Each look is noted, for each entry of theirs, before anything is shown."""

    vault: Vault
    clock: Clock

    def overview(self, caller: StaffSession, customer: str, *, network: str) -> Overview:
        """Who they are. NotFoundError when the caller may see nothing of them, or they had it restricted."""
        person = self._reached(caller, customer)
        tenant, ids = caller.tenant, entries_of(person)
        merges = all_at_once([partial(Merge.all_of, tenant, each) for each in ids])
        splits = all_at_once([partial(Split.all_of, tenant, each) for each in ids])
        self.vault.preload(tenant, [person.subject])
        self._noted(caller, person, network).commit()
        return Overview(
            person,
            [each for one in merges for each in one if each.undone_at is None],
            [each for one in splits for each in one if each.undone_at is None],
        )

    def appointments(
        self, caller: StaffSession, customer: str, *, after: str, network: str
    ) -> tuple[Sequence[Appointment], str]:
        """A page of them, of which experts see their own, and the place of the next one; empty: that was all."""
        person = self._reached(caller, customer)
        found, rest = _page(Appointment, person, after=after, most=PAGE)
        self._noted(caller, person, network).commit()
        return meets(caller, found), rest

    def notes(
        self, caller: StaffSession, customer: str, *, after: str, network: str
    ) -> tuple[Sequence[CustomerNote], str]:
        """A page of them and the place of the next one. Those that are read live on as long as the customer."""
        return persist(lambda: self._notes(caller, customer, after, network))

    def _notes(
        self, caller: StaffSession, customer: str, after: str, network: str
    ) -> tuple[Sequence[CustomerNote], str]:
        person = self._reached(caller, customer)
        found, rest = _page(CustomerNote, person, after=after, most=NOTES_PAGE)
        self.vault.preload(caller.tenant, entries_of(person))
        noted, ends = self._noted(caller, person, network), person.last_appointment_at
        for note in found:
            if note.subject == person.subject and note.last_appointment_at < ends:
                note.last_appointment_at = ends
                noted.update(note)
        noted.commit()
        return found, rest

    def _reached(self, caller: StaffSession, customer: str) -> Customer:
        person = live(caller.tenant, customer)
        check_reach(caller, person, _newest_first(person))
        return person

    def _noted(self, caller: StaffSession, person: Customer, network: str) -> Transaction:
        return looked(caller, Action.CUSTOMER_READ, entries_of(person), at=self._now(), network=network)

    def _now(self) -> datetime:
        return self.clock().astimezone(UTC).replace(microsecond=0)


def entries_of(person: Customer) -> tuple[str, ...]:
    """All ids under which something about the person lies, the one that remains first."""
    return (person.subject, *sorted(person.merged or ()))


def _page(kind: type[_Paged], person: Customer, *, after: str, most: int) -> tuple[list[_Paged], str]:
    """What may be used of the next `most` records, and the id of the last one when there are more."""
    reads = [partial(kind.latest, person.tenant, each, before=after, most=most + 1) for each in entries_of(person)]
    lists = all_at_once(reads)
    found: list[_Paged] = sorted((each for one in lists for each in one), key=_id, reverse=True)
    shown = [each for each in found[:most] if each.standing() is Standing.LIVE]
    return shown, found[most - 1].id if len(found) > most else ""


def _newest_first(person: Customer) -> Iterator[Appointment]:
    """Their appointments, read no further than somebody asks for the next one."""
    rest = ""
    while True:
        found, rest = _page(Appointment, person, after=rest, most=PAGE)
        yield from found
        if not rest:
            return


def _id(held: Appointment | CustomerNote) -> str:
    return held.id
