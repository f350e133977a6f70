"""Sessions that end before their time: one's own with a proof, a colleague's by an admin."""

from dataclasses import replace

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    CredentialsRefusedError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    SignInAnewError,
    TooManyAttemptsError,
)
from chalicelib.records.session import PendingSignIn, Session
from chalicelib.services.sign_in.sessions import StaffSession
from tests.builders import NETWORK, VISITOR, link_to
from tests.services.factors import member
from tests.services.looking import ledger, stored
from tests.services.signers import EMAIL, PROOF, WRONG, Signer, with_password


def alive(by: Signer, token: str) -> bool:
    """Whether a session is good."""
    try:
        by.on.services.sessions.authenticate(token)
    except NotSignedInError:
        return False
    return True


def listed(by: Signer) -> tuple[str, str]:
    """The ids of the session of the calls and of the one beside it."""
    mine = by.of.session.session
    assert mine is not None
    (other,) = [each.id for each in stored(Session) if each.sk != mine.sk]
    return next(each.id for each in stored(Session) if each.sk == mine.sk), other


def colleague(by: Signer) -> StaffSession:
    """An admin of the same business, as far as the services can tell."""
    return replace(by.of.session, staff="f" * 32)


def test_one_session_is_ended_by_its_id() -> None:
    """That one and no other."""
    with with_password() as by:
        other, ending = by.signed_in().token, by.on.services.ending
        mine, theirs = listed(by)

        ending.one(by.of.session, theirs, None, network=NETWORK)

        assert (alive(by, by.of.token), alive(by, other)) == (True, False)
        with pytest.raises(NotFoundError):
            ending.one(by.of.session, theirs, None, network=NETWORK)
        ending.one(by.of.session, mine, None, network=NETWORK)
        assert not alive(by, by.of.token)
        assert [entry.counts for entry in ledger(Action.SESSIONS_ENDED)] == [{"Session": 1}] * 2


@pytest.mark.parametrize("wrong", ["", "0" * 32, "SESSION#"])
def test_another_id_ends_nothing(wrong: str) -> None:
    """Somebody else's is as unknown as one that there is not."""
    with with_password() as by, pytest.raises(NotFoundError):
        by.on.services.ending.one(by.of.session, wrong, None, network=NETWORK)


def test_all_others_are_ended_together() -> None:
    """The one of the call stays; with no others nothing is written."""
    with with_password() as by:
        others = [by.signed_in().token for _ in range(3)]

        assert by.on.services.ending.others(by.of.session, None, network=NETWORK) == 3
        assert by.on.services.ending.others(by.of.session, None, network=NETWORK) == 0

        assert alive(by, by.of.token)
        assert not any(alive(by, other) for other in others)
        assert [entry.counts for entry in ledger(Action.SESSIONS_ENDED)] == [{"Session": 3}]


@pytest.mark.parametrize(("seconds", "good"), [(-1, True), (0, False), (1, False)])
def test_a_sign_in_of_ten_minutes_ago_needs_the_password_once_more(seconds: int, good: bool) -> None:
    """Whoever finds a session open ends no other, neither one by one nor all; their own they may."""
    with with_password() as by:
        by.signed_in()
        mine, other = listed(by)
        by.on.clock.move(minutes=10, seconds=seconds)
        ending = by.on.services.ending

        if not good:
            with pytest.raises(InvalidInputError, match="once more"):
                ending.one(by.of.session, other, None, network=NETWORK)
            with pytest.raises(CredentialsRefusedError):
                ending.one(by.of.session, other, WRONG, network=NETWORK)
            with pytest.raises(InvalidInputError):
                ending.others(by.of.session, None, network=NETWORK)
            assert len(stored(Session)) == 2
        ending.one(by.of.session, other, None if good else PROOF, network=NETWORK)
        ending.one(by.of.session, mine, None, network=NETWORK)

        assert stored(Session) == []


def test_without_a_password_one_signs_in_anew() -> None:
    """By a link; then the others end."""
    with with_password(None) as by:
        by.on.clock.move(minutes=10)
        with pytest.raises(SignInAnewError, match="by a link"):
            by.on.services.ending.others(by.of.session, PROOF, network=NETWORK)

        by.on.services.signing_in.ask_for_link(EMAIL, network=NETWORK)
        by.on.pump()
        opened = by.on.services.signing_in.sign_in(link_to(by.on, "sign-in"), visitor=VISITOR)
        fresh = by.on.services.sessions.authenticate(opened.token)

        assert by.on.services.ending.others(fresh, None, network=NETWORK) == 1


def test_guessing_is_slowed_down() -> None:
    """As with every other proof in an open session; the right one in time has all forgotten."""
    with with_password() as by:
        by.on.clock.move(minutes=10)
        for proof in (*[WRONG] * 4, PROOF, *[WRONG] * 5):
            try:
                by.on.services.ending.others(by.of.session, proof, network=NETWORK)
            except CredentialsRefusedError:
                assert proof == WRONG

        with pytest.raises(TooManyAttemptsError):
            by.on.services.ending.others(by.of.session, PROOF, network=NETWORK)


def test_an_admin_signs_a_colleague_out() -> None:
    """Everywhere, from what was only begun, too; the colleague's own entries say who did it."""
    with member() as of:
        of.add_app()
        of.first_step()
        admin = replace(of.caller, staff="f" * 32)

        assert of.on.services.ending.all_of(admin, of.caller.staff, network=NETWORK) == 2

        assert (stored(Session), stored(PendingSignIn)) == ([], [])
        (entry,) = ledger(Action.SESSIONS_ENDED)
        assert (entry.actor, entry.about, entry.counts) == (admin.staff, of.caller.staff, {"Session": 2})
        assert of.on.services.ending.all_of(admin, of.caller.staff, network=NETWORK) == 0
        assert len(ledger(Action.SESSIONS_ENDED)) == 1


@pytest.mark.parametrize(("tenant", "staff"), [("", "0" * 32), ("0" * 32, "")], ids=["nobody", "elsewhere"])
def test_nobody_ends_sessions_of_another_business(tenant: str, staff: str) -> None:
    """Who is not of the caller's own is not there."""
    with with_password() as by:
        caller = replace(colleague(by), tenant=tenant or by.of.tenant)
        with pytest.raises(NotFoundError):
            by.on.services.ending.all_of(caller, staff or by.of.expert, network=NETWORK)


def test_one_s_own_are_not_ended_as_a_colleague_s() -> None:
    """That would go around the proof."""
    with with_password() as by, pytest.raises(ConflictError):
        by.on.services.ending.all_of(by.of.session, by.of.expert, network=NETWORK)


def test_a_server_has_no_sessions_to_end() -> None:
    """It has a key."""
    with with_password() as by, pytest.raises(NotAllowedError):
        by.on.services.ending.others(replace(by.of.session, session=None), None, network=NETWORK)
