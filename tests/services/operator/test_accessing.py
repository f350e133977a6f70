"""Accesses of the operator's staff: with a reason, told to the tenant's admins, over after an hour."""

from datetime import timedelta

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.roles import ADMIN, EXPERT
from chalicelib.records._tables import LedgerTable, RecordsTable
from chalicelib.records.installation import OperatorAccess
from chalicelib.records.reading import fetch
from chalicelib.records.staff import Staff
from chalicelib.records.team import Team
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services.operator import accessing
from chalicelib.services.operator.accessing import LASTS
from chalicelib.services.people import new_person
from chalicelib.services.sign_in.sessions import StaffSession
from tests.builders import NETWORK, Business, application, business
from tests.services.looking import ledger, messages, raw, stored, the
from tests.services.operators import colleague, operator
from tests.stage import Stage, stage

REASON = "Ticket 4711: Frau Brunner asks why a booking failed"


def opened(on: Stage, session: StaffSession, of: Business) -> OperatorAccess:
    """A fresh one."""
    return on.services.accessing.open(session, tenant=of.tenant, reason=REASON, network=NETWORK)


def joined(on: Stage, of: Business, *, roles: set[str], name: str) -> str:
    """One more member of a business's staff."""
    transaction = Transaction()
    person = new_person(on.vault, transaction, tenant=of.tenant, now=on.clock.now)
    ref, team = Staff.ref(of.tenant, person), fetch(Team.ref(of.tenant))
    assert team is not None
    team.take_in(person, roles)
    transaction.update(team)
    transaction.create(
        Staff(
            ref.pk,
            ref.sk,
            zone="Europe/London",
            roles=roles,
            language="en",
            joined_at=on.clock.now,
            given_name=name,
            family_name="Frei",
            email=f"{name.lower()}@praxis-brunner.example",
            phone=None,
        )
    )
    transaction.commit()
    return person


def test_it_says_who_why_and_from_when_until_when() -> None:
    """The reason is readable with the tenant's key only."""
    with stage() as on:
        session, of = operator(on), business(on)
        opened(on, session, of)
        held = the(OperatorAccess)

        assert (held.tenant, held.of_staff, held.reason) == (of.tenant, session.staff, REASON)
        assert (held.started_at, held.until) == (on.clock.now, on.clock.now + timedelta(minutes=60))
        assert "4711" not in str(raw(RecordsTable)) + str(raw(LedgerTable))


def test_both_ledgers_have_it_without_the_reason() -> None:
    """The operator's own and the tenant's."""
    with stage() as on:
        session, of = operator(on), business(on)
        access = opened(on, session, of)
        entries = ledger(Action.ACCESS_OPENED)

        assert {each.tenant for each in entries} == {INSTALLATION, of.tenant}
        for entry in entries:
            assert (entry.actor, entry.thing) == (session.staff, access.id)
            assert not entry.ground
            assert (entry.at, entry.network) == (on.clock.now, NETWORK)


def test_every_admin_is_told_and_nobody_else() -> None:
    """By mail, each in their language and zone: who looks, from when until when, and where to read why."""
    with stage() as on:
        session, of = operator(on), business(on)
        other = joined(on, of, roles={ADMIN}, name="Vera")
        joined(on, of, roles={EXPERT}, name="Tom")
        opened(on, session, of)
        before = len(on.mails())
        on.pump()

        told = {mail.to: mail for mail in on.mails()[before:]}
        assert {each.subject for each in messages("operator-access")} == {of.expert, other}
        assert set(told) == {"regula@praxis-brunner.example", "vera@praxis-brunner.example"}
        german, english = told["regula@praxis-brunner.example"], told["vera@praxis-brunner.example"]
        assert german.subject == "Zugriff des Betreibers auf Ihre Daten"
        assert REASON not in german.text + english.text  # the mail says where to read it
        assert "Von: Montag, 2. November 2026, 09:00 Uhr" in german.text
        assert "Bis spätestens: Montag, 2. November 2026, 10:00 Uhr" in german.text
        assert "From: Monday, 2 November 2026, 08:00" in english.text
        assert session.staff not in german.text + english.text


def test_a_team_of_many_admins_is_told_in_several_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of them holds only so many writes."""
    monkeypatch.setattr(accessing, "_AT_ONCE", 2)
    with stage() as on:
        session, of = operator(on), business(on)
        others = {joined(on, of, roles={ADMIN}, name=name) for name in ("Vera", "Tom", "Ida", "Ulf")}
        opened(on, session, of)

        assert {each.subject for each in messages("operator-access")} == {of.expert, *others}
        assert len(messages("operator-access")) == 5


def test_there_is_nothing_to_look_at_where_there_is_no_tenant() -> None:
    """Unknown, ended, or the operator's own."""
    with stage() as on:
        session, of = operator(on), business(on)
        tenant = fetch(Tenant.ref(of.tenant))
        assert tenant is not None
        tenant.cancelled_at = on.clock.now - timedelta(days=30)
        transaction = Transaction()
        transaction.update(tenant)
        transaction.commit()

        for wrong in ("f" * 32, of.tenant, INSTALLATION):
            with pytest.raises(NotFoundError):
                on.services.accessing.open(session, tenant=wrong, reason=REASON, network=NETWORK)
        assert ledger(Action.ACCESS_OPENED) == []
        assert messages("operator-access") == []


def test_it_can_be_ended_before_its_time() -> None:
    """By whoever works for the operator; the tenant is shown when it really ended."""
    with stage() as on:
        session, of = operator(on), business(on)
        access = opened(on, session, of)
        mate = colleague(on)
        on.clock.move(minutes=5)

        on.services.accessing.close(mate, tenant=of.tenant, access=access.id, network=NETWORK)

        assert the(OperatorAccess).until == on.clock.now
        entries = ledger(Action.ACCESS_CLOSED)
        assert {(each.tenant, each.actor, each.thing) for each in entries} == {
            (INSTALLATION, mate.staff, access.id),
            (of.tenant, mate.staff, access.id),
        }


@pytest.mark.parametrize(("seconds", "is_open"), [(-1, True), (0, False), (1, False)])
def test_what_is_over_can_not_be_ended(seconds: int, is_open: bool) -> None:
    """Else it would seem to have lasted longer."""
    with stage() as on:
        session, of = operator(on), business(on)
        access = opened(on, session, of)
        on.clock.now += LASTS + timedelta(seconds=seconds)

        if is_open:
            on.services.accessing.close(session, tenant=of.tenant, access=access.id, network=NETWORK)
        else:
            with pytest.raises(NotFoundError):
                on.services.accessing.close(session, tenant=of.tenant, access=access.id, network=NETWORK)
        assert len(ledger(Action.ACCESS_CLOSED)) == (2 if is_open else 0)


def test_the_tenant_sees_all_of_them() -> None:
    """With their reasons, the newest first, those that are over included; and none of another tenant."""
    with stage() as on:
        session, of = operator(on), business(on)
        other = business(on, email="anderer@praxis-anders.example")
        first = opened(on, session, of)
        opened(on, session, other)
        on.clock.move(hours=3)
        second = opened(on, session, of)

        listed, _ = on.services.accessing.listed(of.session, network=NETWORK)

        assert [(each.id, each.reason) for each in listed] == [(second.id, REASON), (first.id, REASON)]
        (entry,) = ledger(Action.TENANT_READ)
        assert (entry.tenant, entry.actor, entry.network) == (of.tenant, of.expert, NETWORK)


@pytest.mark.parametrize(("seconds", "shown"), [(-1, 1), (0, 0), (1, 0)])
def test_they_are_kept_for_a_year(seconds: int, shown: int) -> None:
    """After their end."""
    with stage() as on:
        session, of = operator(on), business(on)
        access = opened(on, session, of)
        on.clock.now = access.until.replace(year=2027) + timedelta(seconds=seconds)

        assert len(on.services.accessing.listed(of.session, network=NETWORK)[0]) == shown


def test_nobody_looks_where_nobody_can_be_told() -> None:
    """A registration that is not confirmed has no admin yet who could hear of it."""
    with stage() as on:
        session = operator(on)
        on.services.registering.register(application(), network=NETWORK, repeat=None)
        (tenant,) = {each.tenant for each in stored(Staff)} - {INSTALLATION}

        with pytest.raises(NotFoundError):
            on.services.accessing.open(session, tenant=tenant, reason=REASON, network=NETWORK)

        assert stored(OperatorAccess) == []
