"""One's own second factors: set up, listed, removed, and required of everybody."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    CredentialsRefusedError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    SignInAnewError,
    TooManyAttemptsError,
    VersionMismatchError,
)
from chalicelib.records.credentials import Credentials
from chalicelib.records.session import Challenge, PendingSignIn, Session
from chalicelib.records.tenant import Tenant
from chalicelib.services.second_factors import kinds
from tests.builders import NETWORK, VISITOR, link_to
from tests.passkey_device import Device
from tests.services.factors import PROOF, WRONG, Member, member
from tests.services.looking import ledger, messages, raw, stored, the
from tests.services.meddling import before_commit

ADDED = (Action.SECOND_FACTOR_ADDED, Action.RECOVERY_CODES_MADE)


def another_session(of: Member) -> str:
    """Signs in by a link, somewhere else."""
    of.on.services.signing_in.ask_for_link("regula@praxis-brunner.example", network=NETWORK)
    of.on.pump()
    opened = of.on.services.signing_in.sign_in(link_to(of.on, "sign-in"), visitor=VISITOR)
    return opened.token


def test_an_app_counts_once_a_code_came_back() -> None:
    """Not when the secret was only shown."""
    with member() as of:
        begun = of.on.services.second_factors.begin_totp(of.caller, PROOF, network=NETWORK)
        assert kinds(of.credentials) == ()

        codes = of.on.services.second_factors.confirm_totp(
            of.caller, pyotp.TOTP(begun.secret).at(of.on.clock.now), network=NETWORK
        )

        assert kinds(of.credentials) == ("totp", "recovery-code")
        assert len(codes) == 10
        assert stored(Challenge) == []
        assert begun.uri.startswith("otpauth://totp/Zusage:regula%40praxis-brunner.example?")


def test_a_passkey_counts_once_it_was_made() -> None:
    """With the name that its owner gave it."""
    with member() as of:
        of.add_passkey("Gelber Schlüssel")

        shown = of.on.services.second_factors.shown(of.caller)
        assert [(each.label, each.count) for each in shown.passkeys] == [("Gelber Schlüssel", 0)]
        assert (shown.password, shown.totp, shown.recovery_codes, shown.required) == (True, False, 10, False)
        assert kinds(of.credentials) == ("passkey", "recovery-code")


def test_only_the_first_factor_brings_recovery_codes() -> None:
    """The paper that somebody has stays good."""
    with member() as of:
        of.add_app()
        before, of.codes = of.credentials.recovery_hashes, []
        of.add_passkey()

        assert of.codes == []
        assert of.credentials.recovery_hashes == before


def test_nothing_secret_is_stored_in_the_clear() -> None:
    """Neither the secret of an app, set up or about to be, nor a recovery code, nor what is kept of one."""
    with member() as of:
        app = of.add_app()
        begun = of.on.services.second_factors.begin_totp(of.caller, PROOF, network=NETWORK)
        hashes = of.credentials.recovery_hashes or []

        everything = repr([raw(Credentials), raw(Challenge)])

        for secret in (app.secret, begun.secret, *of.codes, *hashes, PROOF.hex()):
            assert secret not in everything


CHANGES: dict[str, Callable[[Member, bytes | None], object]] = {
    "app": lambda of, proof: of.on.services.second_factors.begin_totp(of.caller, proof, network=NETWORK),
    "passkey": lambda of, proof: of.on.services.second_factors.begin_passkey(of.caller, proof, network=NETWORK),
    "codes": lambda of, proof: of.on.services.second_factors.make_recovery_codes(of.caller, proof, network=NETWORK),
    "no app": lambda of, proof: of.on.services.second_factors.remove_totp(of.caller, proof, network=NETWORK),
    "no passkey": lambda of, proof: of.on.services.second_factors.remove_passkey(
        of.caller, of.on.services.second_factors.shown(of.caller).passkeys[0].id, proof, network=NETWORK
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_needs_the_password_once_more(change: Callable[[Member, bytes | None], object]) -> None:
    """Whoever finds a session open changes nothing."""
    with member() as of:
        of.add_app()
        of.add_passkey()
        before = of.credentials.version

        with pytest.raises(InvalidInputError, match="once more"):
            change(of, None)
        with pytest.raises(CredentialsRefusedError):
            change(of, WRONG)
        assert of.credentials.version == before

        change(of, PROOF)


def test_guessing_the_password_in_an_open_session_is_slowed_down() -> None:
    """After five wrong ones even the right one has to wait; a minute later it works, and all is forgotten."""
    with member() as of:
        for _ in range(5):
            with pytest.raises(CredentialsRefusedError):
                CHANGES["app"](of, WRONG)

        with pytest.raises(TooManyAttemptsError):
            CHANGES["app"](of, PROOF)
        of.on.clock.move(seconds=60)
        CHANGES["app"](of, PROOF)
        with pytest.raises(CredentialsRefusedError):
            CHANGES["app"](of, WRONG)


@pytest.mark.parametrize(("seconds", "good"), [(-1, True), (0, False), (1, False)])
def test_without_a_password_a_session_of_just_now_will_do(seconds: int, good: bool) -> None:
    """Ten minutes."""
    with member(password=False) as of:
        of.on.clock.now = the(Session).started_at + timedelta(minutes=10, seconds=seconds)

        if good:
            of.add_app(None)
            assert kinds(of.credentials)[0] == "totp"
        else:
            with pytest.raises(SignInAnewError, match="by a link"):
                of.add_app(None)


@pytest.mark.parametrize(("seconds", "good"), [(-1, True), (0, False), (1, False)])
def test_what_was_begun_has_to_be_finished_within_ten_minutes(seconds: int, good: bool) -> None:
    """Afterwards the secret is worth nothing."""
    with member() as of:
        begun = of.on.services.second_factors.begin_totp(of.caller, PROOF, network=NETWORK)
        of.on.clock.move(minutes=10, seconds=seconds)
        code = pyotp.TOTP(begun.secret).at(of.on.clock.now)

        if good:
            assert of.on.services.second_factors.confirm_totp(of.caller, code, network=NETWORK)
        else:
            with pytest.raises(ConflictError, match="Begin anew"):
                of.on.services.second_factors.confirm_totp(of.caller, code, network=NETWORK)


def test_what_was_begun_in_one_session_is_not_finished_in_another() -> None:
    """Who proved the password is who may go on."""
    with member() as of:
        other = of.on.services.sessions.authenticate(another_session(of))
        begun = of.on.services.second_factors.begin_totp(of.caller, PROOF, network=NETWORK)
        options = of.on.services.second_factors.begin_passkey(of.caller, PROOF, network=NETWORK)

        code = pyotp.TOTP(begun.secret).at(of.on.clock.now)

        with pytest.raises(ConflictError):
            of.on.services.second_factors.confirm_totp(other, code, network=NETWORK)
        with pytest.raises(ConflictError):
            of.on.services.second_factors.add_passkey(other, "x", Device().create(options), network=NETWORK)


def test_beginning_anew_makes_the_earlier_secret_void() -> None:
    """The latest one counts."""
    with member() as of:
        first, second = (of.on.services.second_factors.begin_totp(of.caller, PROOF, network=NETWORK) for _ in range(2))

        void, good = (pyotp.TOTP(each.secret).at(of.on.clock.now) for each in (first, second))
        with pytest.raises(InvalidInputError):
            of.on.services.second_factors.confirm_totp(of.caller, void, network=NETWORK)
        assert of.on.services.second_factors.confirm_totp(of.caller, good, network=NETWORK)


def test_the_code_that_set_an_app_up_signs_nobody_in() -> None:
    """Each code works once."""
    with member() as of:
        begun = of.on.services.second_factors.begin_totp(of.caller, PROOF, network=NETWORK)
        code = pyotp.TOTP(begun.secret).at(of.on.clock.now)
        of.on.services.second_factors.confirm_totp(of.caller, code, network=NETWORK)

        with pytest.raises(CredentialsRefusedError):
            of.second_step(of.first_step(), totp=code)


def test_a_challenge_makes_one_passkey() -> None:
    """Also when its first answer was wrong: then it is used up, too."""
    with member() as of:
        options = of.on.services.second_factors.begin_passkey(of.caller, PROOF, network=NETWORK)
        wrong = Device(origin="https://elsewhere.example").create(options)
        with pytest.raises(InvalidInputError):
            of.on.services.second_factors.add_passkey(of.caller, "x", wrong, network=NETWORK)

        with pytest.raises(ConflictError):
            of.on.services.second_factors.add_passkey(of.caller, "x", Device().create(options), network=NETWORK)

        assert kinds(of.credentials) == ()


def test_one_passkey_is_taken_on_once_and_ten_are_enough() -> None:
    """The same device can't be there twice."""
    with member() as of:
        device = of.add_passkey()
        options = of.on.services.second_factors.begin_passkey(of.caller, PROOF, network=NETWORK)
        assert [each["id"] for each in options["excludeCredentials"]] == [device.id]
        with pytest.raises(InvalidInputError):
            of.on.services.second_factors.add_passkey(of.caller, "x", device.create(options), network=NETWORK)

        for _ in range(9):
            of.add_passkey()
        with pytest.raises(ConflictError, match="Remove one"):
            of.add_passkey()


def test_adding_ends_everything_else_that_is_open_or_waits() -> None:
    """And leaves the session in which it was done."""
    with member() as of:
        another_session(of)
        of.add_app()
        assert [each.sk for each in stored(Session)] == [of.caller.session.sk]  # type: ignore[union-attr]

        of.first_step()
        of.add_passkey()

        assert stored(PendingSignIn) == []


@pytest.mark.parametrize("password", [True, False], ids=["password", "no password"])
def test_a_session_that_is_opened_while_a_factor_is_added_does_not_stay(password: bool) -> None:
    """It would have been opened with one factor."""
    with member(password=password) as of:
        begun = of.on.services.second_factors.begin_totp(of.caller, PROOF, network=NETWORK)
        code = pyotp.TOTP(begun.secret).at(of.on.clock.now)

        with before_commit(lambda: another_session(of), least=5) as met:
            of.on.services.second_factors.confirm_totp(of.caller, code, network=NETWORK)

        assert met
        assert len(stored(Session)) == 1


def test_two_additions_at_once_are_both_there() -> None:
    """The second one reads anew what the first one wrote."""
    with member() as of:
        options = of.on.services.second_factors.begin_passkey(of.caller, PROOF, network=NETWORK)
        answer = Device().create(options)

        with before_commit(of.add_app, least=4) as met:
            of.on.services.second_factors.add_passkey(of.caller, "x", answer, network=NETWORK)

        assert met
        assert kinds(of.credentials) == ("totp", "passkey", "recovery-code")
        assert len(of.credentials.recovery_hashes or ()) == 10


def test_the_owner_gets_a_mail_about_every_change_that_counts() -> None:
    """Not about what was only begun."""
    with member() as of:
        of.on.services.second_factors.begin_totp(of.caller, PROOF, network=NETWORK)
        assert messages("second-factor-changed") == []

        of.add_app()
        of.on.services.second_factors.make_recovery_codes(of.caller, PROOF, network=NETWORK)
        of.on.services.second_factors.remove_totp(of.caller, PROOF, network=NETWORK)

        assert len(messages("second-factor-changed")) == 3
        of.on.pump()
        assert "Am Montag, 2. November 2026, 09:00 Uhr wurde" in of.on.mails()[-3].text
        assert "https://api.example.ch/account" in of.on.mails()[-1].text


def test_the_ledger_says_what_was_done() -> None:
    """And by whom, from where."""
    with member() as of:
        of.add_app()
        of.on.services.second_factors.remove_totp(of.caller, PROOF, network=NETWORK)

        entries = ledger(Action.SECOND_FACTOR_BEGUN, *ADDED, Action.SECOND_FACTOR_REMOVED)
        assert sorted(each.action.name for each in entries) == [
            "RECOVERY_CODES_MADE",
            "SECOND_FACTOR_ADDED",
            "SECOND_FACTOR_BEGUN",
            "SECOND_FACTOR_REMOVED",
        ]
        assert {(each.actor, each.network) for each in entries} == {(of.caller.staff, NETWORK)}


def test_without_the_last_factor_there_are_no_recovery_codes() -> None:
    """They stand in for something, and can't be made for nothing."""
    with member() as of:
        of.add_app()
        of.add_passkey()
        (passkey,) = of.on.services.second_factors.shown(of.caller).passkeys
        of.on.services.second_factors.remove_totp(of.caller, PROOF, network=NETWORK)
        assert kinds(of.credentials) == ("passkey", "recovery-code")

        of.on.services.second_factors.remove_passkey(of.caller, passkey.id, PROOF, network=NETWORK)

        assert kinds(of.credentials) == ()
        assert not of.credentials.recovery_hashes
        with pytest.raises(ConflictError):
            of.on.services.second_factors.make_recovery_codes(of.caller, PROOF, network=NETWORK)


def test_what_is_not_there_is_not_removed() -> None:
    """Neither an app nor a passkey, nor somebody else's."""
    with member() as of:
        of.add_passkey()

        with pytest.raises(NotFoundError):
            of.on.services.second_factors.remove_totp(of.caller, PROOF, network=NETWORK)
        with pytest.raises(NotFoundError):
            of.on.services.second_factors.remove_passkey(of.caller, "0" * 32, PROOF, network=NETWORK)


def test_new_recovery_codes_replace_the_old_ones() -> None:
    """Of which none works any more."""
    with member() as of:
        of.add_app()
        (old, *_), before = of.codes, set(of.credentials.recovery_hashes or ())

        codes = of.on.services.second_factors.make_recovery_codes(of.caller, PROOF, network=NETWORK)

        assert len(codes) == 10
        assert not before & set(of.credentials.recovery_hashes or ())
        with pytest.raises(CredentialsRefusedError):
            of.second_step(of.first_step(), recovery_code=old)


def test_who_requires_one_has_one() -> None:
    """Otherwise they would lock themselves out."""
    with member() as of:
        with pytest.raises(ConflictError):
            of.on.services.second_factors.require(of.caller, required=True, version=None, network=NETWORK)
        of.add_app()

        of.on.services.second_factors.require(of.caller, required=True, version=None, network=NETWORK)

        assert the(Tenant).second_factor_required is True
        assert of.on.services.sessions.authenticate(of.token).needs_second_factor
        signed_in = of.second_step(of.first_step(), recovery_code=of.codes[0])
        assert not of.on.services.sessions.authenticate(signed_in.token).needs_second_factor
        assert len(ledger(Action.TENANT_CHANGED)) == 1


def test_a_factor_that_is_removed_while_it_is_required_of_all_can_not_be() -> None:
    """Neither before nor in between."""
    with member() as of:
        of.add_app()

        with before_commit(lambda: CHANGES["no app"](of, PROOF), least=3) as met, pytest.raises(ConflictError):
            of.on.services.second_factors.require(of.caller, required=True, version=None, network=NETWORK)
        assert met

        of.add_app()
        of.on.services.second_factors.require(of.caller, required=True, version=None, network=NETWORK)
        with pytest.raises(ConflictError, match="requires"):
            CHANGES["no app"](of, PROOF)
        of.on.services.second_factors.require(of.caller, required=False, version=None, network=NETWORK)
        CHANGES["no app"](of, PROOF)


@pytest.mark.parametrize(("off", "good"), [(-1, False), (0, True), (1, False)])
def test_it_is_required_on_the_version_that_was_read(off: int, good: bool) -> None:
    """Somebody else may have changed the business."""
    with member() as of:
        of.add_app()
        version = int(the(Tenant).version or 0) + off

        if good:
            of.on.services.second_factors.require(of.caller, required=True, version=version, network=NETWORK)
        else:
            with pytest.raises(VersionMismatchError):
                of.on.services.second_factors.require(of.caller, required=True, version=version, network=NETWORK)


def test_a_server_has_no_second_factors() -> None:
    """It has no session."""
    with member() as of, pytest.raises(NotAllowedError):
        of.on.services.second_factors.shown(replace(of.caller, session=None))
