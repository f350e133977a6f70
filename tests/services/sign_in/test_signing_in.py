"""Sign-in links, and the sessions they open."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import LinkExpiredError, LinkInvalidError, LinkUsedError, NotSignedInError
from chalicelib.records.session import PendingSignIn, Session
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from chalicelib.services.sign_in.admitting import Pending
from chalicelib.services.sign_in.sessions import SignedIn, StaffSession
from tests.builders import NETWORK, VISITOR, application, link_in
from tests.services.looking import ledger, messages, stored, the
from tests.services.meddling import before_commit, calls, refused_writes
from tests.services.prepared import open_business
from tests.services.signers import PROOF, there, with_password
from tests.stage import Stage, stage

ADDRESS = "regula@praxis-brunner.example"
UNKNOWN = "nobody@praxis-brunner.example"


def mailed_link(on: Stage) -> str:
    """The token of a fresh sign-in link."""
    on.services.signing_in.ask_for_link(ADDRESS, network=NETWORK)
    on.pump()
    return link_in(next(mail.text for mail in reversed(on.mails()) if "/sign-in#" in mail.text))


def opened(on: Stage, token: str, **how: Any) -> SignedIn:
    """The session that a link opens."""
    found = on.services.signing_in.sign_in(token, visitor=VISITOR, **how)
    assert isinstance(found, SignedIn)
    return found


def alive(on: Stage, token: str) -> bool:
    """Whether the session is good."""
    try:
        used(on, token)
    except NotSignedInError:
        return False
    return True


def used(on: Stage, token: str) -> StaffSession:
    """Authenticates as an endpoint does, and renews the session if that is due."""
    caller = on.services.sessions.authenticate(token)
    if caller.renew is not None:
        caller.renew()
    return caller


def test_a_link_opens_a_session_of_its_owner() -> None:
    """With the roles and the zone that the rest of the program goes by."""
    with open_business() as (on, of):
        signed_in = opened(on, mailed_link(on))

        caller = on.services.sessions.authenticate(signed_in.token)
        assert isinstance(caller, StaffSession)
        assert (caller.tenant, caller.staff, caller.zone) == (of.tenant, of.expert, "Europe/Zurich")
        assert caller.roles == signed_in.roles == {"admin", "expert"}
        assert signed_in.expires_at == on.clock.now + timedelta(hours=8)


def test_the_address_is_compared_without_case() -> None:
    """As people type it."""
    with open_business() as (on, _):
        on.services.signing_in.ask_for_link(ADDRESS.upper(), network=NETWORK)

        assert len(messages("sign-in-link")) == 1


def test_an_unknown_address_is_told_nothing_and_gets_nothing() -> None:
    """No mail, and nothing about anybody; the calls are those of a known one, see test_asking."""
    with open_business() as (on, of):
        on.pump()
        before = len(on.mails())

        on.services.signing_in.ask_for_link(UNKNOWN, network=NETWORK)
        on.pump()

        assert len(on.mails()) == before
        assert [each for each in messages("sign-in-link") if each.tenant == of.tenant] == []


def test_an_unconfirmed_address_gets_its_confirmation() -> None:
    """Confirming signs in as well."""
    with stage() as on:
        on.services.registering.register(application(), network=NETWORK, repeat=None)

        on.services.signing_in.ask_for_link(ADDRESS, network=NETWORK)

        assert [len(messages(name)) for name in ("confirm-registration", "sign-in-link")] == [2, 0]


def test_a_link_does_not_stand_in_for_a_second_factor() -> None:
    """It is used up, and the second factor is asked for."""
    with with_password() as by:
        by.change(by.credentials, totp_secret="JBSWY3DPEHPK3PXP")
        token, before = mailed_link(by.on), len(stored(Session))

        pending = by.on.services.signing_in.sign_in(token, visitor=VISITOR)

        assert isinstance(pending, Pending)
        assert (pending.kinds, the(PendingSignIn).means, len(stored(Session))) == (("totp",), "link", before)
        with pytest.raises(LinkUsedError):
            by.on.services.signing_in.sign_in(token, visitor=VISITOR)


def test_a_second_factor_that_is_set_up_this_very_moment_counts() -> None:
    """There were no credentials when they were read: the link opens nothing."""
    with with_password(None) as by:
        token, before = mailed_link(by.on), len(stored(Session))

        def set_up() -> None:
            by.on.services.passwords.change(by.of.session, PROOF, None, visitor=VISITOR)

        with before_commit(set_up), pytest.raises(LinkUsedError):
            by.on.services.signing_in.sign_in(token, visitor=VISITOR)

        assert len(stored(Session)) == before


@pytest.mark.parametrize(("portal", "roles"), [("", {"admin", "expert"}), ("expert", {"expert"})])
def test_a_link_opens_the_portal_that_is_named(portal: str, roles: set[str]) -> None:
    """With the roles that belong there."""
    with open_business() as (on, _):
        signed_in = opened(on, mailed_link(on), portal=portal)

        assert on.services.sessions.authenticate(signed_in.token).roles == roles


def test_a_link_of_a_business_that_has_ended_opens_nothing() -> None:
    """Although the mail is there."""
    with with_password() as by:
        token = mailed_link(by.on)
        by.change(there(Tenant.ref(by.of.tenant)), cancelled_at=by.on.clock.now - timedelta(days=30))

        with pytest.raises(LinkUsedError):
            by.on.services.signing_in.sign_in(token, visitor=VISITOR)


def test_a_link_makes_its_network_known() -> None:
    """So whoever guesses the password from elsewhere can't slow the owner down there."""
    with with_password() as by:
        by.on.services.signing_in.sign_in(mailed_link(by.on), visitor=VISITOR)

        assert by.on.services.admitting.knows_network(by.credentials, VISITOR)


def test_a_link_works_once() -> None:
    """The second time opens nothing."""
    with open_business() as (on, _):
        token = mailed_link(on)
        on.services.signing_in.sign_in(token, visitor=VISITOR)

        with pytest.raises(LinkUsedError):
            on.services.signing_in.sign_in(token, visitor=VISITOR)

        assert len(stored(Session)) == 2  # that of the confirmation, and one


def test_asking_for_the_next_link_ends_the_one_before() -> None:
    """Each belongs to its request: the last one opens a session, and no other."""
    with open_business() as (on, _):
        first, second = mailed_link(on), mailed_link(on)

        with pytest.raises(LinkUsedError):
            on.services.signing_in.sign_in(first, visitor=VISITOR)
        assert on.services.signing_in.sign_in(second, visitor=VISITOR)
        with pytest.raises(LinkUsedError):
            on.services.signing_in.sign_in(second, visitor=VISITOR)


def test_a_link_that_is_asked_for_this_very_moment_ends_the_one_in_use() -> None:
    """Whichever comes first counts."""
    with open_business() as (on, _):
        first, before = mailed_link(on), len(stored(Session))

        with before_commit(lambda: mailed_link(on), least=4), pytest.raises(LinkUsedError):
            on.services.signing_in.sign_in(first, visitor=VISITOR)

        assert len(stored(Session)) == before


def test_one_request_too_many_ends_nothing() -> None:
    """The fourth in an hour is not sent, so the third stays good; nor does asking for a new password end it."""
    with open_business() as (on, _):
        for _ in range(2):
            mailed_link(on)
        last = mailed_link(on)
        on.services.signing_in.ask_for_link(ADDRESS, network=NETWORK)
        on.services.passwords.ask_for_reset(ADDRESS, network=NETWORK)

        assert on.services.signing_in.sign_in(last, visitor=VISITOR)


@pytest.mark.parametrize(("seconds", "good"), [(-1, True), (0, False), (1, False)])
def test_a_link_is_good_for_ten_minutes(seconds: int, good: bool) -> None:
    """Counted from when the mail was written, not from when it was asked for."""
    with open_business() as (on, _):
        token = mailed_link(on)

        on.clock.now += timedelta(minutes=10, seconds=seconds)

        if good:
            assert on.services.signing_in.sign_in(token, visitor=VISITOR)
        else:
            with pytest.raises(LinkExpiredError):
                on.services.signing_in.sign_in(token, visitor=VISITOR)


def test_two_sign_ins_with_one_link_at_once_open_one_session() -> None:
    """The second finds the member's counter raised when it writes."""
    with open_business() as (on, _):
        token = mailed_link(on)
        before = len(stored(Session))

        with (
            before_commit(lambda: on.services.signing_in.sign_in(token, visitor=VISITOR)),
            pytest.raises(LinkUsedError),
        ):
            on.services.signing_in.sign_in(token, visitor=VISITOR)

        assert len(stored(Session)) == before + 1
        assert the(Staff).sign_ins == 1


@pytest.mark.parametrize("token", ["", "x", "AQIB", "é", "A" * 140])
def test_what_is_no_link_is_refused(token: str) -> None:
    """Whatever it looks like."""
    with open_business() as (on, _), pytest.raises(LinkInvalidError):
        on.services.signing_in.sign_in(token, visitor=VISITOR)


def test_a_link_with_one_changed_letter_is_refused() -> None:
    """It is signed."""
    with open_business() as (on, _):
        token = mailed_link(on)
        forged = token[:40] + ("A" if token[40] != "A" else "B") + token[41:]

        with pytest.raises(LinkInvalidError):
            on.services.signing_in.sign_in(forged, visitor=VISITOR)


def test_the_token_of_a_session_is_not_stored() -> None:
    """Who reads the table can't use what is there."""
    with open_business() as (on, of):
        held = the(Session)
        assert of.token not in repr(held.serialize())
        assert not alive(on, held.pk.removeprefix("SESSION#"))


@pytest.mark.parametrize(("seconds", "good"), [(-1, True), (0, False), (1, False)])
def test_a_session_ends_after_eight_hours_without_use(seconds: int, good: bool) -> None:
    """To the second."""
    with open_business() as (on, of):
        token = of.token

        on.clock.now += timedelta(hours=8, seconds=seconds)

        assert alive(on, token) is good


def test_use_keeps_a_session_alive_for_a_week_and_no_longer() -> None:
    """Every four hours somebody calls; after seven days it ends all the same."""
    with open_business() as (on, of):
        token = of.token
        opened = on.clock.now

        while on.clock.now < opened + timedelta(days=7) - timedelta(seconds=1):
            assert alive(on, token)
            on.clock.now = min(on.clock.now + timedelta(hours=4), opened + timedelta(days=7) - timedelta(seconds=1))
        assert alive(on, token)
        on.clock.move(seconds=1)

        assert not alive(on, token)


@pytest.mark.parametrize(("seconds", "writes"), [(299, 0), (300, 1), (301, 1)])
def test_use_is_noted_every_five_minutes_at_most(seconds: int, writes: int) -> None:
    """Reading must not cost a write each time."""
    with open_business() as (on, of):
        token = of.token
        on.clock.move(seconds=seconds)

        with calls() as made:
            alive(on, token)
            alive(on, token)

        assert made.count("TransactWriteItems") == writes
        assert the(Session).seen_at == on.clock.now - timedelta(seconds=0 if writes else seconds)


def test_signing_out_ends_a_session_at_once() -> None:
    """That one and no other."""
    with open_business() as (on, of):
        first = of.token
        other = opened(on, mailed_link(on)).token

        on.services.sessions.sign_out(on.services.sessions.authenticate(first), network=NETWORK)

        assert (alive(on, first), alive(on, other)) == (False, True)
        assert len(ledger(Action.SIGNED_OUT)) == 1


def test_a_session_that_is_ended_while_in_use_does_not_come_back() -> None:
    """Noting the use of a session never writes one that was just deleted."""
    with open_business() as (on, of):
        token = of.token
        caller = on.services.sessions.authenticate(token)
        on.clock.move(minutes=6)

        with before_commit(lambda: on.services.sessions.sign_out(caller, network=NETWORK), least=1):
            used(on, token)

        assert stored(Session) == []


def test_two_requests_of_one_session_at_once_are_both_answered() -> None:
    """One of them notes the use, and the other need not, whichever way DynamoDB refuses it."""
    with open_business() as (on, of):
        token = of.token
        on.clock.move(minutes=6)

        with before_commit(lambda: used(on, token), least=1) as met:
            assert used(on, token)
        on.clock.move(minutes=6)
        with refused_writes("TransactionConflict") as refused:
            assert used(on, token)

        assert (len(met), len(refused)) == (1, 1)


@pytest.mark.parametrize("token", ["", "unknown", "é"])
def test_an_unknown_token_is_nobody(token: str) -> None:
    """And says so without a hint."""
    with open_business() as (on, _):
        assert not alive(on, token)
