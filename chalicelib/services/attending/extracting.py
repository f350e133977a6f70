"""Takes the appointments of a range along, for a file: line by line, with names in place of ids.

Lists are read a page at a time and each line is handed on at once, so that the memory needed does not grow with the
range. One entry in the ledger says who took which range along; everybody who was in it can be told (see `telling`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import NotAllowedError
from chalicelib.domain.terms import Place
from chalicelib.records.appointment import State
from chalicelib.records.premises import Resource
from chalicelib.records.reading import Ref, fetch, fetch_all
from chalicelib.records.service import Service
from chalicelib.records.staff import Staff
from chalicelib.records.team import Team
from chalicelib.records.writing import Transaction
from chalicelib.services.attending.agenda import Agenda, Listed, Wanted, check_wanted, look
from chalicelib.services.ports import Vault
from chalicelib.services.sign_in.sessions import StaffSession

LONGEST = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class Line:
    """An appointment in words. Who comes is empty where nobody asked for names, or the person had it restricted."""

    id: str
    uid: str
    sequence: int
    changed_at: datetime
    state: State
    starts_at: datetime
    ends_at: datetime
    service: str
    experts: tuple[str, ...]
    place: Place
    resources: tuple[str, ...]
    taken: int
    seats: int
    price: int | None
    currency: str
    no_show: bool
    booked_at: datetime
    customer: str
    restricted: bool
    given_name: str
    family_name: str
    email: str
    phone: str
    address: str
    note: str


@dataclass(frozen=True)
class Extracting:
    """Takes appointments along."""

    vault: Vault
    clock: Clock
    agenda: Agenda
    domain: str  # under which calendars know an appointment

    def lines(self, caller: StaffSession, wanted: Wanted, *, names: bool, network: str) -> Iterator[Line]:
        """Every appointment that is wanted, in order; `names` says whether with who comes. Noted before it begins."""
        if caller.access:
            raise NotAllowedError("The operator's staff may look; only the business itself takes its data along.")
        check_wanted(caller, wanted, longest=LONGEST)
        noted = Transaction()
        noted.create(look(caller, Action.APPOINTMENTS_EXPORTED, wanted, at=self.clock(), network=network))
        noted.commit()
        return self._lines(caller.tenant, wanted, names=names)

    def _lines(self, tenant: str, wanted: Wanted, *, names: bool) -> Iterator[Line]:
        services = {each.id: each for each in Service.all_of(tenant)}
        called = {
            **{each.id: each.name for each in services.values()},
            **{each.id: each.name for each in Resource.all_of(tenant)},
            **self._team(tenant),
        }
        after, more = "", True
        while more:
            found, after = self.agenda.read(tenant, wanted, after=after)
            for each in self.agenda.chosen(found, wanted, services):
                yield _line(each, called, names=names, domain=self.domain)
            more = bool(after)

    def _team(self, tenant: str) -> dict[str, str]:
        """What the members of the team are called."""
        team = fetch(Team.ref(tenant))
        refs: Sequence[Ref[Staff]] = [Staff.ref(tenant, each) for each in (team.members if team else ())]
        found = fetch_all(refs)
        self.vault.preload(tenant, [each.pk.rpartition("#")[2] for each in refs])
        held = (found.get(ref) for ref in refs)
        return {each.subject: each.display_name for each in held if each is not None}


def _line(listed: Listed, called: dict[str, str], *, names: bool, domain: str) -> Line:
    held = listed.appointment
    restricted = held.restricted_since is not None
    person = ("given_name", "family_name", "email", "phone", "address", "note")
    told = {name: (getattr(held, name) or "") if names and not restricted else "" for name in person}
    return Line(
        id=held.id,
        uid=f"{held.id}@{domain}",
        sequence=int(held.sequence),
        changed_at=held.changed_at,
        state=listed.state,
        starts_at=held.starts_at,
        ends_at=held.ends_at,
        service=called.get(held.service, held.service),
        experts=tuple(called.get(each, each) for each in (held.expert, *sorted(held.others or ()))),
        place=held.place,
        resources=tuple(called.get(each, each) for each in sorted(held.resources or ())),
        taken=listed.taken,
        seats=listed.seats,
        price=None if held.price is None else int(held.price),
        currency=held.currency or "",
        no_show=held.no_show_at is not None,
        booked_at=held.booked_at,
        customer=held.subject,
        restricted=restricted,
        **told,
    )
