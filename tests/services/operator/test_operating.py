"""The operator's door: secrecy first, an entry with every call, and a tenant's data by an open access only."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import NotAllowedError, NotSignedInError, SecrecyRequiredError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.roles import ADMIN
from chalicelib.domain.tenancy import READ_ONLY, Standing
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services.sign_in.sessions import StaffSession
from tests.builders import NETWORK, business
from tests.services.looking import ledger
from tests.services.operators import colleague, founded, operator, ready, signed_in
from tests.stage import Stage, stage

ROUTE = "GET /v1/operator/promises"
LOOK = "GET /v1/appointments"
REASON = "Ticket 4711: the owner asks why a booking failed"


def enter(on: Stage, session: StaffSession, tenant: str, access: str) -> StaffSession:
    """As a call with the access does."""
    return on.services.operating.enter(session, tenant=tenant, access=access, route=LOOK, network=NETWORK)


def opened(on: Stage, session: StaffSession, tenant: str) -> str:
    """A fresh access."""
    return on.services.accessing.open(session, tenant=tenant, reason=REASON, network=NETWORK).id


def test_every_call_leaves_an_entry() -> None:
    """Under the installation: who, when, what, from which network."""
    with stage() as on:
        session = operator(on)

        on.services.operating.admit(session, early=False, route=ROUTE, network=NETWORK)

        (entry,) = ledger(Action.OPERATOR_CALLED)
        assert (entry.tenant, entry.actor, entry.ground) == (INSTALLATION, session.staff, ROUTE)
        assert (entry.at, entry.network) == (on.clock.now, NETWORK)


def test_who_has_not_confirmed_secrecy_is_refused_and_leaves_nothing() -> None:
    """Unless the call is one of those that lead there."""
    with stage() as on:
        founded(on)
        session = on.services.sessions.authenticate(signed_in(on).token)

        with pytest.raises(SecrecyRequiredError, match="/v1/operator/secrecy"):
            on.services.operating.admit(session, early=False, route=ROUTE, network=NETWORK)
        assert ledger(Action.OPERATOR_CALLED) == []

        on.services.operating.admit(session, early=True, route=ROUTE, network=NETWORK)
        assert len(ledger(Action.OPERATOR_CALLED)) == 1


def test_a_new_text_asks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was confirmed before was another text."""
    with stage() as on:
        session = operator(on)
        of = business(on)
        access = opened(on, session, of.tenant)
        monkeypatch.setattr("chalicelib.services.operator.operating.SECRECY_VERSION", "2027-01-01")

        with pytest.raises(SecrecyRequiredError):
            on.services.operating.admit(session, early=False, route=ROUTE, network=NETWORK)
        with pytest.raises(SecrecyRequiredError):
            enter(on, session, of.tenant, access)


def test_with_an_access_they_are_an_admin_of_that_tenant() -> None:
    """In its zone; and the tenant's ledger says who looked by which route, before they see anything."""
    with stage() as on:
        session, of = operator(on), business(on)
        access = opened(on, session, of.tenant)

        entered = enter(on, session, of.tenant, access)

        assert (entered.tenant, entered.staff, entered.roles) == (of.tenant, session.staff, frozenset({ADMIN}))
        assert (entered.zone, entered.access) == ("Europe/Zurich", access)
        assert entered.session is None
        (entry,) = ledger(Action.ACCESS_USED)
        assert (entry.tenant, entry.actor, entry.ground) == (of.tenant, session.staff, LOOK)
        assert (entry.thing, entry.network) == (access, NETWORK)


def test_every_look_is_noted() -> None:
    """Not only the first one."""
    with stage() as on:
        session, of = operator(on), business(on)
        access = opened(on, session, of.tenant)
        for _ in range(3):
            enter(on, session, of.tenant, access)

        assert len(ledger(Action.ACCESS_USED)) == 3


@pytest.mark.parametrize(("seconds", "is_open"), [(-1, True), (0, False), (1, False)])
def test_it_ends_by_itself_after_an_hour(seconds: int, is_open: bool) -> None:
    """To the second."""
    with stage() as on:
        session, of = operator(on), business(on)
        access = opened(on, session, of.tenant)
        on.clock.now += timedelta(minutes=60, seconds=seconds)

        if is_open:
            assert enter(on, session, of.tenant, access).tenant == of.tenant
        else:
            with pytest.raises(NotAllowedError):
                enter(on, session, of.tenant, access)
            assert ledger(Action.ACCESS_USED) == []


def test_whatever_does_not_fit_is_refused_with_the_same_words() -> None:
    """Somebody else's access, another tenant, an unknown one, one that was ended: nothing tells them apart."""
    with stage() as on:
        session, of = operator(on), business(on)
        other = business(on, email="anderer@praxis-anders.example")
        access, ended = opened(on, session, of.tenant), opened(on, session, of.tenant)
        on.services.accessing.close(session, tenant=of.tenant, access=ended, network=NETWORK)
        mate = colleague(on)

        said = set()
        for who, tenant, which in (
            (mate, of.tenant, access),
            (session, other.tenant, access),
            (session, INSTALLATION, access),
            (session, "f" * 32, access),
            (session, of.tenant, "f" * 32),
            (session, of.tenant, ended),
        ):
            with pytest.raises(NotAllowedError) as refused:
                enter(on, who, tenant, which)
            said.add(refused.value.remedy)

        assert len(said) == 1
        assert ledger(Action.ACCESS_USED) == []


def test_who_left_the_operator_comes_in_no_more() -> None:
    """Their session is nobody's; so no access of theirs can be used."""
    with stage() as on:
        founded(on)
        opened_session = signed_in(on)
        session = ready(on, opened_session)
        opened(on, session, business(on).tenant)
        staff = fetch(Staff.ref(INSTALLATION, session.staff))
        assert staff is not None
        leaving = Transaction()
        leaving.delete(staff)
        leaving.commit()

        with pytest.raises(NotSignedInError):
            on.services.sessions.authenticate(opened_session.token)


@pytest.mark.parametrize(("seconds", "standing"), [(-1, Standing.READ_ONLY), (0, None), (1, None)])
def test_a_tenant_that_ended_is_seen_by_nobody(seconds: int, standing: Standing | None) -> None:
    """Before that, what it may do is what they may do."""
    with stage() as on:
        session, of = operator(on), business(on)
        _cancelled(of.tenant, at=on.clock.now + timedelta(minutes=30) - READ_ONLY)
        access = opened(on, session, of.tenant)
        on.clock.now += timedelta(minutes=30, seconds=seconds)

        if standing:
            assert enter(on, session, of.tenant, access).standing is standing
        else:
            with pytest.raises(NotAllowedError):
                enter(on, session, of.tenant, access)


def test_the_session_of_the_operator_is_renewed_by_such_a_call() -> None:
    """As by any other."""
    with stage() as on:
        session, of = operator(on), business(on)
        access = opened(on, session, of.tenant)

        def renew() -> None:
            """Notes the use."""

        assert enter(on, replace(session, renew=renew), of.tenant, access).renew is renew


def _cancelled(tenant: str, *, at: datetime) -> None:
    held = fetch(Tenant.ref(tenant))
    assert held is not None
    held.cancelled_at = at
    transaction = Transaction()
    transaction.update(held)
    transaction.commit()


def test_the_entry_is_one_of_the_installation() -> None:
    """What the operator calls for the whole installation is no business's."""
    with stage() as on:
        session = operator(on)
        on.services.operating.admit(session, early=False, route=ROUTE, network=NETWORK)

        assert LedgerEntry.partition(INSTALLATION, on.clock.now.date()) == ledger(Action.OPERATOR_CALLED)[0].pk
