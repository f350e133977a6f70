"""Sessions: whose they are, where they are open, and their end."""

from datetime import timedelta

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import NotAllowedError, NotSignedInError
from chalicelib.domain.tenancy import Standing
from chalicelib.domain.visits import Visitor
from chalicelib.records.session import PendingSignIn, Session
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services.sign_in.sessions import StaffSession, portal_of
from tests.builders import NETWORK, VISITOR
from tests.services.looking import ledger, stored
from tests.services.meddling import calls
from tests.services.signers import Signer, there, with_password

SERVER = StaffSession(tenant="0" * 32, staff="", roles=frozenset(), zone="UTC", scopes=frozenset({"x"}))


def alive(by: Signer, token: str) -> bool:
    """Whether a session is good."""
    try:
        by.on.services.sessions.authenticate(token)
    except NotSignedInError:
        return False
    return True


def test_a_call_is_recognised_in_one_round_trip() -> None:
    """Session, member and business together: nothing that is told of them can be out of date."""
    with with_password() as by, calls() as made:
        by.on.services.sessions.authenticate(by.of.token)

        assert made == ["BatchGetItem"]


def test_a_role_that_is_taken_away_is_gone_at_once() -> None:
    """From a session that is open, too; without the portal's own role, the portal is closed."""
    with with_password() as by:
        by.change(by.staff, roles={"admin"})
        assert by.on.services.sessions.authenticate(by.of.token).roles == {"admin"}

        by.change(by.staff, roles={"expert"})
        with pytest.raises(NotAllowedError):
            by.on.services.sessions.authenticate(by.of.token)


def test_whoever_left_is_signed_out() -> None:
    """Their session may still lie there."""
    with with_password() as by:
        by.change(by.staff, left_at=by.on.clock.now)

        assert not alive(by, by.of.token)


@pytest.mark.parametrize(
    ("days", "standing"), [(-1, Standing.TRIAL), (0, Standing.READ_ONLY), (29, Standing.READ_ONLY), (30, None)]
)
def test_a_session_knows_where_its_business_stands(days: int, standing: Standing | None) -> None:
    """Once it has ended, nobody is signed in."""
    with with_password() as by:
        ends = by.on.clock.now - timedelta(days=days)
        by.change(there(Tenant.ref(by.of.tenant)), plan=None, trial_ends_at=ends)

        if standing is None:
            assert not alive(by, by.of.token)
        else:
            assert by.on.services.sessions.authenticate(by.of.token).standing is standing


@pytest.mark.parametrize(
    ("required", "means", "missing"),
    [(True, "password", True), (True, "password+totp", False), (False, "password", False), (True, "link", True)],
)
def test_a_session_knows_whether_a_second_factor_is_missing(required: bool, means: str, missing: bool) -> None:
    """If the business requires one."""
    with with_password() as by:
        by.change(there(Tenant.ref(by.of.tenant)), second_factor_required=required)
        by.change(there(by.of.session.session), means=means)  # type: ignore[arg-type]

        assert by.on.services.sessions.authenticate(by.of.token).needs_second_factor is missing


def test_one_s_sessions_are_listed() -> None:
    """Where and by what, the latest first; looking is noted."""
    with with_password() as by:
        by.on.clock.move(minutes=1)
        by.signed_in(portal="expert", visitor=Visitor.of("198.51.100.7", "Edg/130 Windows"))

        listed = by.on.services.sessions.listed(by.of.session, network=NETWORK)

        assert [(each.portal, each.means, each.browser, each.system, each.network) for each in listed] == [
            ("expert", "password", "Edge", "Windows", "198.51.100.0/24"),
            ("admin", "link", "Firefox", "Linux", "203.0.113.0/24"),
        ]
        assert all(len(each.id) == 32 for each in listed)
        (entry,) = ledger(Action.SESSIONS_READ)
        assert (entry.actor, entry.counts) == (by.of.expert, {"Session": 2})


def test_an_id_tells_nothing_about_the_token() -> None:
    """It is half of a hash."""
    with with_password() as by:
        (listed,) = by.on.services.sessions.listed(by.of.session, network=NETWORK)

        assert listed.id not in by.of.token
        assert not alive(by, f"zs_{listed.id}")


def test_everything_of_somebody_is_ended() -> None:
    """Sign-ins under way, too; in as many writes as it takes."""
    with with_password() as by:
        for _ in range(95):
            transaction = Transaction()
            by.on.services.sessions.open(
                transaction, by.staff, portal="admin", means="link", visitor=VISITOR, now=by.on.clock.now
            )
            transaction.commit()
        by.change(by.credentials, totp_secret="JBSWY3DPEHPK3PXP")
        by.admitted()

        assert by.on.services.sessions.end_all_of(by.of.tenant, by.of.expert) == 97

        assert (stored(Session), stored(PendingSignIn)) == ([], [])


def test_a_server_has_no_session() -> None:
    """Its key is revoked instead."""
    with with_password() as by, pytest.raises(NotAllowedError):
        by.on.services.sessions.sign_out(SERVER, network=NETWORK)


@pytest.mark.parametrize(
    ("roles", "portal"),
    [({"admin", "expert"}, "admin"), ({"expert"}, "expert"), ({"operator", "admin"}, "operator")],
)
def test_whoever_names_no_portal_goes_where_they_may_do_most(roles: set[str], portal: str) -> None:
    """The operator's staff to theirs."""
    assert portal_of(roles) == portal


def test_a_token_is_made_by_us_each_time() -> None:
    """Nobody can have somebody else sign in to a session that they know."""
    with with_password() as by:
        tokens = {by.signed_in().token for _ in range(3)}

        assert len(tokens | {by.of.token}) == 4
