"""Another address: both agree, the proof comes along, and nobody learns who is known."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    CredentialsRefusedError,
    InvalidInputError,
    LinkExpiredError,
    LinkUsedError,
    NotSignedInError,
    SignInAnewError,
    TooManyAttemptsError,
)
from chalicelib.domain.tokens import Token
from chalicelib.records.credentials import Credentials, EmailChange
from chalicelib.records.session import PendingSignIn, Session
from chalicelib.records.staff import Staff, StaffAddress
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services._not_sent import NotToBeSent
from tests.builders import NETWORK, VISITOR, Business, link_in, link_to, registered
from tests.services.looking import ledger, messages, stored, the
from tests.services.meddling import before_commit, calls, killed_at
from tests.services.prepared import open_business
from tests.stage import Stage

OLD, NEW = "regula@praxis-brunner.example", "regula.brunner@neu.example"
PROOF, NEW_PROOF = b"p" * 32, b"n" * 32


class PlainHasher:
    """Keeps proofs as they are."""

    decoy = "decoy"

    def hash(self, proof: bytes) -> str:
        """Plainly."""
        return f"hash of {proof.hex()}"

    def matches(self, kept: str, proof: bytes) -> bool:
        """Plainly."""
        return kept == self.hash(proof)

    def needs_rehash(self, kept: str) -> bool:
        """Never."""
        return not kept


@contextmanager
def with_password() -> Iterator[tuple[Stage, Business]]:
    """A business whose admin has set a password, a while ago."""
    with open_business() as (on, of):
        vars(on.services)["hasher"] = PlainHasher()
        set_password(on, of)
        on.clock.move(minutes=1)
        yield on, of


def set_password(on: Stage, of: Business, proof: bytes = PROOF) -> None:
    """As a change of the password does."""
    held = [each for each in stored(Credentials) if each.subject == of.expert]
    ref = Credentials.ref(of.tenant, of.expert)
    credentials = held[0] if held else Credentials(ref.pk, ref.sk)
    credentials.changed_at, credentials.proof_hash = on.clock.now, PlainHasher().hash(proof)
    transaction = Transaction()
    (transaction.update if held else transaction.create)(credentials)
    transaction.commit()


def ask(on: Stage, of: Business, email: str = NEW, proof: bytes | None = PROOF) -> dict[str, str]:
    """Asks, and gives the tokens in the mails by address."""
    before = len(on.mails())
    on.services.changing_email.ask(of.session, email, proof=proof, new_proof=NEW_PROOF, network=NETWORK)
    on.pump()
    return {mail.to: link_in(mail.text) for mail in on.mails()[before:]}


def agree(on: Stage, token: str) -> None:
    """One address agrees."""
    on.services.changing_email.agree(token, network=NETWORK)


@pytest.mark.parametrize("first", [OLD, NEW])
def test_both_agree_and_it_is_changed(first: str) -> None:
    """In whichever order: address, claim and proof together; all sessions end."""
    with with_password() as (on, of):
        tokens = ask(on, of)
        assert set(tokens) == {OLD, NEW}
        agree(on, tokens.pop(first))
        assert the(Staff).email == OLD
        agree(on, tokens.popitem()[1])

        on.vault.forget(of.tenant)
        assert the(Staff).email == NEW
        assert the(Credentials).proof_hash == PlainHasher().hash(NEW_PROOF)
        assert not stored(EmailChange)
        assert not stored(Session)
        with pytest.raises(NotSignedInError):
            on.services.sessions.authenticate(of.token)
        (claim,) = stored(StaffAddress)
        assert claim.of_staff == of.expert
        assert the(Tenant).contact_mail == OLD
        assert [len(ledger(each)) for each in (Action.EMAIL_CHANGE_AGREED, Action.EMAIL_CHANGED)] == [1, 1]


def test_the_new_address_signs_in_and_the_old_one_can_register() -> None:
    """The claim went over."""
    with with_password() as (on, of):
        for token in ask(on, of).values():
            agree(on, token)
        on.services.signing_in.ask_for_link(NEW, network=NETWORK)
        on.pump()
        assert on.mails()[-1].to == NEW
        assert on.services.signing_in.sign_in(link_to(on, "sign-in"), visitor=VISITOR)

        assert registered(on, email=OLD).tenant != of.tenant


def test_without_a_password_there_is_nothing_to_prove() -> None:
    """Who signs in by links does so with the new address."""
    with open_business() as (on, of):
        for token in ask(on, of, proof=None).values():
            agree(on, token)

        assert the(Staff).email == NEW
        assert the(Credentials).proof_hash is None


@pytest.mark.parametrize("proof", [b"w" * 32, None], ids=["wrong", "missing"])
def test_who_does_not_know_the_password_changes_nothing(proof: bytes | None) -> None:
    """A session alone is not enough; wrong guesses count as failed sign-ins."""
    with with_password() as (on, of):
        with pytest.raises((CredentialsRefusedError, InvalidInputError)):
            ask(on, of, proof=proof)

        assert stored(EmailChange) == []
        assert messages("email-change-new") == []


def test_guesses_are_slowed_down() -> None:
    """Whoever took a session over can't try passwords with it."""
    with with_password() as (on, of):
        refused: set[type[Exception]] = set()
        for _ in range(20):
            with pytest.raises((CredentialsRefusedError, TooManyAttemptsError)) as no:
                ask(on, of, proof=b"w" * 32)
            refused.add(no.type)

        assert refused == {CredentialsRefusedError, TooManyAttemptsError}


def test_the_same_address_is_none_to_change_to() -> None:
    """Nor in other letters."""
    with with_password() as (on, of), pytest.raises(InvalidInputError):
        ask(on, of, email=OLD.upper())


def test_a_link_works_once() -> None:
    """And the one of the other address is needed."""
    with with_password() as (on, of):
        tokens = ask(on, of)
        agree(on, tokens[OLD])

        with pytest.raises(LinkUsedError):
            agree(on, tokens[OLD])
        assert the(Staff).email == OLD


def test_asking_again_makes_the_first_links_void() -> None:
    """Also after that was carried out, within the same day: nobody agrees to what they did not read of."""
    with with_password() as (on, of):
        first = ask(on, of, email="typo@neu.example")
        on.clock.move(seconds=1)
        second = ask(on, of)

        for token in first.values():
            with pytest.raises(LinkUsedError):
                agree(on, token)
        for token in second.values():
            agree(on, token)
        assert the(Staff).email == NEW


def test_links_of_a_change_that_is_done_agree_to_no_later_one() -> None:
    """Its record is gone, its links are not over yet."""
    with open_business() as (on, of):
        first = ask(on, of, proof=None)
        for token in first.values():
            agree(on, token)
        on.clock.move(seconds=1)
        on.services.signing_in.ask_for_link(NEW, network=NETWORK)
        on.pump()
        opened = on.services.signing_in.sign_in(link_to(on, "sign-in"), visitor=VISITOR)
        session = on.services.sessions.authenticate(opened.token)
        on.services.changing_email.ask(session, "third@neu.example", proof=None, new_proof=None, network=NETWORK)

        for token in first.values():
            with pytest.raises(LinkUsedError):
                agree(on, token)


@pytest.mark.parametrize(("seconds", "good"), [(-1, True), (0, False), (1, False)])
def test_without_a_password_it_takes_a_sign_in_of_minutes_ago(seconds: int, good: bool) -> None:
    """Ten of them: whoever finds a session open does not take the account along."""
    with open_business() as (on, of):
        on.clock.now = the(Session).started_at + timedelta(minutes=10, seconds=seconds)

        if good:
            assert set(ask(on, of, proof=None)) == {OLD, NEW}
        else:
            with pytest.raises(SignInAnewError):
                ask(on, of, proof=None)


@pytest.mark.parametrize(("seconds", "good"), [(-1, True), (0, False), (1, False)])
def test_a_second_factor_is_asked_for_once_more(seconds: int, good: bool) -> None:
    """Beside the password: proven in this session within ten minutes."""
    with with_password() as (on, of):
        (held,) = stored(Credentials)
        (session,) = stored(Session)
        held.totp_secret, session.second_factor_at = "JBSWY3DPEHPK3PXP", on.clock.now
        transaction = Transaction()
        transaction.update(held)
        transaction.update(session)
        transaction.commit()
        on.clock.move(minutes=10, seconds=seconds)

        if good:
            assert set(ask(on, of)) == {OLD, NEW}
        else:
            with pytest.raises(SignInAnewError):
                ask(on, of)


@pytest.mark.parametrize(("seconds", "good"), [(-1, True), (0, False), (1, False)])
def test_a_change_is_open_for_a_day(seconds: int, good: bool) -> None:
    """For both."""
    with with_password() as (on, of):
        tokens = ask(on, of)
        on.clock.now += timedelta(hours=24, seconds=seconds)

        for token in tokens.values():
            if good:
                agree(on, token)
            else:
                with pytest.raises((LinkExpiredError, LinkUsedError)):
                    agree(on, token)
        assert the(Staff).email == (NEW if good else OLD)


def test_asking_does_not_tell_whether_an_address_is_known() -> None:
    """The same calls and the same mails."""
    made = {}
    for company in (NEW, "x@andere.example"):
        with open_business() as (on, of):
            registered(on, email=company, company="Andere")
            with calls() as made[company]:
                on.services.changing_email.ask(of.session, NEW, proof=None, new_proof=None, network=NETWORK)
            on.pump()

            assert {mail.to for mail in on.mails()[-2:]} == {OLD, NEW}
    assert made[NEW] == made["x@andere.example"]


def test_an_address_of_somebody_else_comes_to_nothing_in_silence() -> None:
    """Both agree, no error, no change."""
    with with_password() as (on, of):
        tokens = ask(on, of)
        other = registered(on, email=NEW, company="Andere")
        for token in tokens.values():
            agree(on, token)

        assert {each.subject: each.email for each in stored(Staff)} == {of.expert: OLD, other.staff: NEW}
        assert not stored(EmailChange)
        assert not ledger(Action.EMAIL_CHANGED)
        assert on.services.sessions.authenticate(of.token)


def test_a_password_that_changed_meanwhile_makes_the_change_void() -> None:
    """Otherwise the old password would be good again."""
    with with_password() as (on, of):
        tokens = ask(on, of)
        agree(on, tokens[OLD])
        on.clock.move(minutes=1)
        set_password(on, of, b"s" * 32)

        with pytest.raises(LinkUsedError):
            agree(on, tokens[NEW])
        assert the(Credentials).proof_hash == PlainHasher().hash(b"s" * 32)
        assert the(Staff).email == OLD


def test_a_sign_in_at_the_same_moment_does_not_outlive_the_change() -> None:
    """Whoever was faster: no session opened with the old address is left."""
    with with_password() as (on, of):
        on.services.signing_in.ask_for_link(OLD, network=NETWORK)
        on.pump()
        sign_in = link_to(on, "sign-in")
        tokens = ask(on, of)
        agree(on, tokens[OLD])

        with before_commit(lambda: on.services.signing_in.sign_in(sign_in, visitor=VISITOR), least=5):
            agree(on, tokens[NEW])

        assert stored(Session) == []
        assert the(Staff).email == NEW


def test_a_mail_of_an_older_change_is_not_sent_any_more() -> None:
    """Nor one whose change is done."""
    with open_business() as (on, of):
        on.services.changing_email.ask(of.session, "typo@neu.example", proof=None, new_proof=None, network=NETWORK)
        on.clock.move(seconds=1)
        on.services.changing_email.ask(of.session, NEW, proof=None, new_proof=None, network=NETWORK)

        for name in ("email-change-old", "email-change-new"):
            with pytest.raises(NotToBeSent, match="superseded"):
                on.composing.compose(messages(name)[0])


def test_more_sessions_than_fit_into_a_transaction_end_as_well() -> None:
    """The last ones right afterwards."""
    with open_business() as (on, of):
        tokens = ask(on, of, proof=None)
        staff = the(Staff)
        for _ in range(90):
            transaction = Transaction()
            on.services.sessions.open(
                transaction, staff, portal="admin", means="link", visitor=VISITOR, now=on.clock.now
            )
            transaction.commit()
        for token in tokens.values():
            agree(on, token)

        assert stored(Session) == []


def test_a_link_to_set_a_password_that_went_to_the_old_address_opens_nothing() -> None:
    """Also where there was no password: whoever reads the old mailbox has no part in the account any more."""
    with open_business() as (on, of):
        on.services.passwords.ask_for_reset(OLD, network=NETWORK)
        on.pump()
        reset = next(link_in(mail.text) for mail in on.mails() if "/reset#" in mail.text)
        for token in ask(on, of, proof=None).values():
            agree(on, token)
        assert the(Staff).email == NEW

        with pytest.raises(LinkUsedError):
            on.services.passwords.reset(reset, PROOF, visitor=VISITOR)


def test_a_sign_in_that_waits_for_its_second_factor_ends_with_the_change() -> None:
    """In the transaction that makes it: also if whoever makes it is killed right after."""
    with open_business() as (on, of):
        tokens = list(ask(on, of, proof=None).values())
        token = Token.new(of.tenant, of.expert)
        ref, transaction = PendingSignIn.ref(token), Transaction()
        transaction.create(PendingSignIn(ref.pk, ref.sk, portal="admin", means="link", started_at=on.clock.now))
        transaction.commit()
        agree(on, tokens[0])

        with killed_at(1, after=True):
            agree(on, tokens[1])

        assert the(Staff).email == NEW
        assert stored(PendingSignIn) == []
