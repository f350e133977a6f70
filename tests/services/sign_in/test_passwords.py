"""One's own password, and the reset of a forgotten one."""

from datetime import timedelta

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    CredentialsRefusedError,
    InvalidInputError,
    LinkExpiredError,
    LinkInvalidError,
    LinkUsedError,
    NotAllowedError,
    NotSignedInError,
    TooManyAttemptsError,
)
from chalicelib.domain.ids import INSTALLATION
from chalicelib.records.credentials import Credentials
from chalicelib.records.session import PendingSignIn, Session
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services.sign_in.admitting import Pending
from chalicelib.services.sign_in.sessions import StaffSession
from tests.builders import NETWORK, VISITOR, link_in, link_to
from tests.services.looking import ledger, messages, stored
from tests.services.meddling import before_commit, killed_at
from tests.services.signers import EMAIL, OTHER, PROOF, UNKNOWN, WRONG, Signer, there, with_password


def change(by: Signer, proof: bytes = OTHER, current: bytes | None = PROOF) -> None:
    """By the owner, from some address."""
    by.on.services.passwords.change(by.of.session, proof, current, visitor=by.somewhere())


def reset_link(by: Signer, email: str = EMAIL) -> str:
    """The token in a fresh mail."""
    by.on.services.passwords.ask_for_reset(email, network=NETWORK)
    by.on.pump()
    return link_in(next(mail.text for mail in reversed(by.on.mails()) if "/reset#" in mail.text))


def alive(by: Signer, token: str) -> bool:
    """Whether a session is good."""
    try:
        by.on.services.sessions.authenticate(token)
    except NotSignedInError:
        return False
    return True


def test_the_first_password_takes_no_other() -> None:
    """Whoever came by link sets it; from then on it opens sessions."""
    with with_password(None) as by:
        change(by, PROOF, None)

        assert by.signed_in()
        assert (by.credentials.generation, by.credentials.changed_at) == (1, by.on.clock.now)
        (entry,) = ledger(Action.PASSWORD_SET)
        assert (entry.actor, entry.about) == (by.of.expert, by.of.expert)


def test_the_next_one_takes_the_last() -> None:
    """And replaces it."""
    with with_password() as by:
        change(by)

        assert by.signed_in(OTHER)
        with pytest.raises(CredentialsRefusedError):
            by.admitted(PROOF)


def test_without_the_last_one_nothing_changes() -> None:
    """Missing: the field is named. Wrong: refused."""
    with with_password() as by:
        with pytest.raises(InvalidInputError) as missing:
            change(by, OTHER, None)
        with pytest.raises(CredentialsRefusedError):
            change(by, OTHER, WRONG)

        assert missing.value.field == "current_proof"
        assert by.signed_in(PROOF)


def test_guessing_the_last_one_is_throttled() -> None:
    """With the attempts to sign in: whoever finds a session open has three in five minutes."""
    with with_password() as by:
        passwords = by.on.services.passwords
        for _ in range(2):
            with pytest.raises(CredentialsRefusedError):
                passwords.change(by.of.session, OTHER, WRONG, visitor=VISITOR)
        by.admitted(visitor=VISITOR)

        with pytest.raises(TooManyAttemptsError):
            passwords.change(by.of.session, OTHER, PROOF, visitor=VISITOR)
        assert by.signed_in(PROOF)


def test_a_change_ends_everything_but_the_session_it_was_made_in() -> None:
    """Sessions by link and by password, and sign-ins that are under way."""
    with with_password() as by:
        others = [by.signed_in().token for _ in range(2)]
        by.change(by.credentials, totp_secret="JBSWY3DPEHPK3PXP")
        by.change(there(by.of.session.session), second_factor_at=by.on.clock.now)  # type: ignore[arg-type]
        assert isinstance(by.admitted(), Pending)

        change(by)

        assert [alive(by, token) for token in (by.of.token, *others)] == [True, False, False]
        assert stored(PendingSignIn) == []


def test_a_sign_in_meanwhile_ends_as_well() -> None:
    """It used the credentials, so the change is made anew, and finds that session."""
    with with_password() as by:
        opened: list[str] = []

        with before_commit(lambda: opened.append(by.signed_in().token), least=5):
            change(by)

        assert [alive(by, token) for token in opened] == [False]
        assert by.signed_in(OTHER)


def test_of_two_changes_at_once_one_counts() -> None:
    """The second one's old password is not the one there is any more."""
    with with_password() as by:
        third = bytes(range(2, 34))

        with before_commit(lambda: change(by, third), least=5), pytest.raises(CredentialsRefusedError):
            change(by)

        assert by.signed_in(third)


def test_a_session_by_link_that_is_opened_meanwhile_ends() -> None:
    """Before the first password there are no credentials that it would change."""
    with with_password() as by:
        opened: list[Session] = []

        def open_one() -> None:
            transaction = Transaction()
            by.on.services.sessions.open(
                transaction, by.staff, portal="admin", means="link", visitor=VISITOR, now=by.on.clock.now
            )
            transaction.commit()
            opened.extend(stored(Session))

        with before_commit(open_one, least=5):
            change(by)

        assert len(opened) == 2
        assert len(stored(Session)) == 1


def test_a_change_that_is_killed_after_writing_has_ended_the_sessions() -> None:
    """They end in the same write."""
    with with_password() as by:
        other = by.signed_in().token

        with killed_at(1, after=True):
            change(by)

        assert not alive(by, other)
        assert by.signed_in(OTHER)


def test_hundreds_of_sessions_end() -> None:
    """More than one write can hold."""
    with with_password() as by:
        for _ in range(170):
            transaction = Transaction()
            by.on.services.sessions.open(
                transaction, by.staff, portal="admin", means="link", visitor=VISITOR, now=by.on.clock.now
            )
            transaction.commit()

        change(by)

        assert [session.sk for session in stored(Session)] == [
            by.of.session.session.sk if by.of.session.session else ""
        ]


def test_a_change_is_told_to_the_owner() -> None:
    """By mail: when it was, and what to do if it was somebody else."""
    with with_password() as by:
        change(by)
        by.on.pump()

        texts = [mail.text for mail in by.on.mails() if "Passwort" in mail.subject]
        assert len(texts) == 2
        assert all("2. November 2026" in text for text in texts)


def test_a_server_has_no_password() -> None:
    """Nor has somebody of the operator at a tenant."""
    with with_password() as by:
        server = StaffSession(tenant=by.of.tenant, staff="", roles=frozenset(), zone="UTC", scopes=frozenset())

        with pytest.raises(NotAllowedError):
            by.on.services.passwords.change(server, OTHER, PROOF, visitor=VISITOR)


def test_one_s_own_salt_is_that_of_signing_in() -> None:
    """Or the next sign-in would fail."""
    with with_password() as by:
        own = by.on.services.passwords.own_salt(by.of.session)

        assert own == by.on.services.password_sign_in.salt(EMAIL)


def test_a_reset_sets_a_new_password_once() -> None:
    """Without the old one; all sessions end; it is told and noted."""
    with with_password() as by:
        token, other = reset_link(by), by.signed_in().token
        assert by.on.services.passwords.reset_salt(token) == by.on.services.password_sign_in.salt(EMAIL)

        by.on.services.passwords.reset(token, OTHER, visitor=VISITOR)

        assert by.signed_in(OTHER)
        assert [alive(by, each) for each in (by.of.token, other)] == [False, False]
        (entry,) = ledger(Action.PASSWORD_RESET)
        assert (entry.about, entry.actor, entry.network) == (by.of.expert, None, NETWORK)
        assert len(messages("password-changed")) == 2
        with pytest.raises(LinkUsedError):
            by.on.services.passwords.reset(token, PROOF, visitor=VISITOR)
        with pytest.raises(LinkUsedError):
            by.on.services.passwords.reset_salt(token)


def test_a_reset_gives_whoever_never_had_one_a_password() -> None:
    """And the link works once all the same."""
    with with_password(None) as by:
        token, second = reset_link(by), reset_link(by)

        by.on.services.passwords.reset(token, OTHER, visitor=VISITOR)

        assert by.signed_in(OTHER)
        with pytest.raises(LinkUsedError):
            by.on.services.passwords.reset(second, PROOF, visitor=VISITOR)


def test_a_link_is_void_once_the_password_was_changed() -> None:
    """Whoever still has the mail can do nothing with it."""
    with with_password() as by:
        token = reset_link(by)
        change(by)

        with pytest.raises(LinkUsedError):
            by.on.services.passwords.reset(token, PROOF, visitor=VISITOR)


def test_of_two_resets_at_once_one_counts() -> None:
    """Both with the right link."""
    with with_password() as by:
        token, passwords = reset_link(by), by.on.services.passwords

        with (
            before_commit(lambda: passwords.reset(token, OTHER, visitor=VISITOR)),
            pytest.raises(LinkUsedError),
        ):
            passwords.reset(token, bytes(range(2, 34)), visitor=VISITOR)

        assert by.signed_in(OTHER)
        assert by.credentials.generation == 2


@pytest.mark.parametrize(("seconds", "good"), [(-1, True), (0, False), (1, False)])
def test_a_reset_link_is_good_for_half_an_hour(seconds: int, good: bool) -> None:
    """From when the mail was written."""
    with with_password() as by:
        token = reset_link(by)
        by.on.clock.now += timedelta(minutes=30, seconds=seconds)

        if good:
            by.on.services.passwords.reset(token, OTHER, visitor=VISITOR)
        else:
            with pytest.raises(LinkExpiredError):
                by.on.services.passwords.reset(token, OTHER, visitor=VISITOR)


def test_a_link_to_sign_in_resets_nothing() -> None:
    """Nor the other way round."""
    with with_password() as by:
        reset = reset_link(by)
        by.on.services.signing_in.ask_for_link(EMAIL, network=NETWORK)
        by.on.pump()
        sign_in = link_to(by.on, "sign-in")

        with pytest.raises(LinkInvalidError):
            by.on.services.passwords.reset(sign_in, OTHER, visitor=VISITOR)
        with pytest.raises(LinkInvalidError):
            by.on.services.signing_in.sign_in(reset, visitor=VISITOR)


def test_a_second_factor_outlives_a_reset() -> None:
    """Whoever reads the mailbox has one factor, not two."""
    with with_password() as by:
        by.change(by.credentials, totp_secret="JBSWY3DPEHPK3PXP")

        by.on.services.passwords.reset(reset_link(by), OTHER, visitor=VISITOR)

        assert isinstance(by.admitted(OTHER), Pending)


def test_a_reset_clears_what_somebody_else_guessed() -> None:
    """The owner gets in at once."""
    with with_password() as by:
        for _ in range(5):
            with pytest.raises(CredentialsRefusedError):
                by.admitted(WRONG)

        by.on.services.passwords.reset(reset_link(by), OTHER, visitor=VISITOR)

        assert by.signed_in(OTHER)


@pytest.mark.parametrize("why", ["unknown", "unconfirmed", "restricted", "ended"])
def test_who_has_no_account_to_use_gets_no_link(why: str) -> None:
    """And hears the same."""
    with with_password() as by:
        now = by.on.clock.now
        if why == "unconfirmed":
            by.change(by.staff, unconfirmed_since=now)
        elif why == "restricted":
            by.change(by.staff, restricted_since=now)
        elif why == "ended":
            by.change(there(Tenant.ref(by.of.tenant)), cancelled_at=now - timedelta(days=30))

        by.on.services.passwords.ask_for_reset(UNKNOWN if why == "unknown" else EMAIL, network=NETWORK)

        by.on.pump()
        assert [each.tenant for each in messages("password-reset")] == [INSTALLATION]
        assert [each.about for each in ledger(Action.PASSWORD_RESET_ASKED)] == [None]
        assert not any("/reset#" in mail.text for mail in by.on.mails())


@pytest.mark.parametrize("why", ["restricted", "ended", "left"])
def test_a_link_dies_with_the_account(why: str) -> None:
    """Even if the mail is there already."""
    with with_password() as by:
        token, now = reset_link(by), by.on.clock.now
        if why == "restricted":
            by.change(by.staff, restricted_since=now)
        elif why == "ended":
            by.change(there(Tenant.ref(by.of.tenant)), cancelled_at=now - timedelta(days=30))
        else:
            by.change(by.staff, left_at=now)

        with pytest.raises(LinkUsedError):
            by.on.services.passwords.reset(token, OTHER, visitor=VISITOR)


def test_nobody_is_flooded_with_links() -> None:
    """Three in an hour, of whatever kind, until one is used."""
    with with_password() as by:
        ask = (by.on.services.passwords.ask_for_reset, by.on.services.signing_in.ask_for_link)
        for number in range(8):
            ask[number % 2](EMAIL, network=NETWORK)

        assert [len(messages(name)) for name in ("password-reset", "sign-in-link")] == [2, 1]
        by.on.pump()
        (link,) = [link_in(mail.text) for mail in by.on.mails() if "/sign-in#" in mail.text]
        by.on.services.signing_in.sign_in(link, visitor=VISITOR)
        ask[0](EMAIL, network=NETWORK)
        assert len(messages("password-reset")) == 3


def test_two_who_ask_at_once_cause_one_mail() -> None:
    """The second finds the count changed, and is answered all the same."""
    with with_password() as by:
        ask = by.on.services.passwords.ask_for_reset

        with before_commit(lambda: ask(EMAIL, network=NETWORK)):
            ask(EMAIL, network=NETWORK)

        assert len(messages("password-reset")) == 1


def test_whoever_asks_for_an_unknown_address_writes_about_nobody() -> None:
    """There is nobody it would be about."""
    with with_password() as by:
        by.on.services.passwords.ask_for_reset(UNKNOWN, network=NETWORK)

        assert [each.tenant for each in stored(Credentials)] == [by.of.tenant]
        assert INSTALLATION not in {each.tenant for each in stored(Session)}
