"""Lists that would grow without end: each ends with a page, or with a refusal."""

import pytest

from chalicelib.domain.errors import ConflictError
from chalicelib.records.premises import Resource
from chalicelib.records.proposal import Proposal
from chalicelib.records.service import Service
from chalicelib.records.team import Team
from chalicelib.services.booking import proposing
from chalicelib.services.offering import catalogue, premises
from chalicelib.services.operator import accessing
from chalicelib.services.staff import inviting
from chalicelib.services.waiting import listing
from tests.builders import MONDAY_10, NETWORK, VISITOR, Business, business
from tests.services.colleagues import invited, joining
from tests.services.looking import stored, the
from tests.services.meddling import before_commit
from tests.services.offer_builders import DAY, join, person, propose, with_list
from tests.services.operators import operator
from tests.stage import Stage, stage

REASON = "Ticket 4711: the owner asks why a booking failed"


def team_of(of: Business) -> list[str]:
    """Who works there."""
    return [*the(Team).members] if the(Team).tenant == of.tenant else []


def add_service(on: Stage, of: Business) -> None:
    """One more, with the terms of the first."""
    on.services.offering.create_service(of.session, of.service.terms(), network=NETWORK, repeat=None)


def test_so_many_services_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are archived count; of two at the same time only one can be the last that is allowed."""
    monkeypatch.setattr(catalogue, "MOST_SERVICES", 3)
    with stage() as on:
        of = business(on)
        add_service(on, of)
        on.services.offering.archive_service(of.session, of.service.id, version=None, network=NETWORK)

        with before_commit(lambda: add_service(on, of)), pytest.raises(ConflictError):
            add_service(on, of)

        assert len(stored(Service)) == 3


def test_so_many_rooms_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as a list holds."""
    monkeypatch.setattr(premises, "MOST_RESOURCES", 1)
    with stage() as on:
        of = business(on)
        make = on.services.offering.create_resource
        first = make(of.session, "Raum 1", None, network=NETWORK, repeat=None)
        on.services.offering.archive_resource(of.session, first.id, version=None, network=NETWORK)

        with pytest.raises(ConflictError):
            make(of.session, "Raum 2", None, network=NETWORK, repeat=None)

        assert len(stored(Resource)) == 1
        assert on.services.offering.resources(of.session, network=NETWORK) == []
        archived = on.services.offering.resources(of.session, network=NETWORK, archived=True)
        assert [each.name for each in archived] == ["Raum 1"]


def test_so_many_people_can_work_for_a_business(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is invited any more, and who was invited before can't join."""
    with stage() as on:
        of = business(on)
        token = invited(on, of.session)
        monkeypatch.setattr(inviting, "MOST", 1)

        with pytest.raises(ConflictError):
            invited(on, of.session, "carla@praxis-brunner.example")
        with pytest.raises(ConflictError):
            on.services.inviting.accept(token, joining(), visitor=VISITOR)
        monkeypatch.setattr(inviting, "MOST", 2)
        assert on.services.inviting.accept(token, joining(), visitor=VISITOR).staff in team_of(of)


def test_a_waiting_list_comes_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """In order of joining; nobody twice, nobody left out."""
    monkeypatch.setattr(listing, "PAGE", 2)
    with with_list() as (on, of):
        for name in ("a", "b", "c"):
            on.clock.move(seconds=1)
            join(on, of, who=person(email=f"{name}@kundin.example"))

        first, rest = on.services.waiting_lists.of_service(of.session, of.service.id, network=NETWORK)
        second, end = on.services.waiting_lists.of_service(of.session, of.service.id, after=rest, network=NETWORK)

        assert [[each.email[0] for each in page] for page in (first, second)] == [["a", "b"], ["c"]]
        assert end == ""


def test_proposals_come_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest first, to the last one."""
    monkeypatch.setattr(proposing, "PAGE", 1)
    with stage() as on:
        of = business(on)
        made = []
        for number in range(2):
            on.clock.move(seconds=1)
            made.append(
                propose(on, of, starts=[MONDAY_10 + number * DAY], person=person(email=f"{number}@kundin.example")).id
            )

        first, rest = on.services.proposing.of_expert(of.session, of.expert, network=NETWORK)
        second, end = on.services.proposing.of_expert(of.session, of.expert, before=rest, network=NETWORK)

        assert [each.id for each in (*first, *second)] == made[::-1]
        assert (len(stored(Proposal)), end) == (2, "")


def test_accesses_come_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest first, to the last one."""
    monkeypatch.setattr(accessing, "PAGE", 1)
    with stage() as on:
        session, of = operator(on), business(on)
        made = []
        for _ in range(2):
            access = on.services.accessing.open(session, tenant=of.tenant, reason=REASON, network=NETWORK)
            made.append(access.id)
            on.clock.move(seconds=1)

        first, rest = on.services.accessing.listed(of.session, network=NETWORK)
        second, end = on.services.accessing.listed(of.session, before=rest, network=NETWORK)

        assert [each.id for each in (*first, *second)] == made[::-1]
        assert end == ""
