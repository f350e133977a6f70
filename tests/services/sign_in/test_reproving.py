"""Changes of what one signs in with: the password, and beside it what no password stands in for."""

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest

from chalicelib.domain.errors import SignInAnewError
from chalicelib.records.session import Session
from chalicelib.records.writing import Transaction
from tests.builders import NETWORK, VISITOR
from tests.services.factors import PROOF, Member, member
from tests.services.looking import stored, the
from tests.services.signers import with_password

OTHER = bytes(range(1, 33))
CHANGES: dict[str, Callable[[Member], object]] = {
    "password": lambda of: of.on.services.passwords.change(of.caller, OTHER, PROOF, visitor=VISITOR),
    "address": lambda of: of.on.services.changing_email.ask(
        of.caller, "neu@praxis-neu.example", proof=PROOF, new_proof=OTHER, network=NETWORK
    ),
    "app": lambda of: of.on.services.second_factors.begin_totp(of.caller, PROOF, network=NETWORK),
    "no app": lambda of: of.on.services.second_factors.remove_totp(of.caller, PROOF, network=NETWORK),
    "passkey": lambda of: of.on.services.second_factors.begin_passkey(of.caller, PROOF, network=NETWORK),
    "codes": lambda of: of.on.services.second_factors.make_recovery_codes(of.caller, PROOF, network=NETWORK),
}


@pytest.mark.parametrize(("seconds", "good"), [(-1, True), (0, False), (1, False)])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_needs_the_second_factor_once_more(
    change: Callable[[Member], object], seconds: int, good: bool
) -> None:
    """In this session, within ten minutes, although the password comes along each time."""
    with member() as of:
        of.add_app()
        proven = the(Session).second_factor_at
        assert proven is not None
        of.on.clock.now = proven + timedelta(minutes=10, seconds=seconds)
        before = of.credentials.version

        if good:
            change(of)
        else:
            with pytest.raises(SignInAnewError, match="second factor"):
                change(of)
            assert of.credentials.version == before


def test_a_sign_in_with_it_lets_one_go_on() -> None:
    """The sign-in's own proof of it counts, whatever the session before it was."""
    with member() as of:
        app = of.add_app()
        of.on.clock.move(minutes=20)

        opened = of.second_step(of.first_step(), totp=app.at(of.on.clock.now))

        of.caller = of.on.services.sessions.authenticate(opened.token)
        CHANGES["codes"](of)


def test_a_session_without_it_changes_nothing() -> None:
    """However fresh: it was opened before there was a factor, or goes around it."""
    with member() as of:
        of.add_app()
        session = the(Session)
        session.second_factor_at = None
        transaction = Transaction()
        transaction.update(session)
        transaction.commit()

        with pytest.raises(SignInAnewError):
            CHANGES["no app"](of)


def test_a_second_app_in_a_row_needs_no_new_sign_in() -> None:
    """Setting one up proves it."""
    with member() as of:
        of.add_app()
        of.on.clock.move(minutes=8)

        begun = of.on.services.second_factors.begin_totp(of.caller, PROOF, network=NETWORK)
        code = pyotp.TOTP(begun.secret).at(of.on.clock.now)
        of.on.services.second_factors.confirm_totp(of.caller, code, network=NETWORK)

        assert the(Session).second_factor_at == of.on.clock.now


@pytest.mark.parametrize(("seconds", "good"), [(-1, True), (0, False), (1, False)])
def test_a_first_password_takes_a_sign_in_of_minutes_ago(seconds: int, good: bool) -> None:
    """Whoever finds a session open does not make the account theirs."""
    with with_password(None) as by:
        (session,) = stored(Session)
        by.on.clock.now = session.started_at + timedelta(minutes=10, seconds=seconds)

        if good:
            by.on.services.passwords.change(by.of.session, PROOF, None, visitor=VISITOR)
            assert by.credentials.proof_hash
        else:
            with pytest.raises(SignInAnewError, match="by a link"):
                by.on.services.passwords.change(by.of.session, PROOF, None, visitor=VISITOR)
