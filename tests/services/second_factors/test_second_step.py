"""The second step of a sign-in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import CredentialsRefusedError, TooManyAttemptsError
from chalicelib.domain.tokens import Token
from chalicelib.records.session import PendingSignIn, Session
from chalicelib.services.sign_in.admitting import PENDING_PREFIX
from tests.builders import NETWORK, VISITOR, registered
from tests.services.factors import FAR, PROOF, Member, member
from tests.services.looking import ledger, stored, the
from tests.services.meddling import before_commit

NO_CODE = "no-such-code-here"


def refused(of: Member, pending: str, **given: Any) -> None:
    """Tries, and is refused."""
    with pytest.raises(CredentialsRefusedError):
        of.second_step(pending, **given)


def test_a_code_of_the_app_opens_the_session() -> None:
    """With both steps in its means, in the portal that was asked for; the waiting sign-in is over."""
    with member() as of:
        app = of.add_app()

        signed_in = of.second_step(of.first_step(), totp=app.at(of.on.clock.now))

        session = next(each for each in stored(Session) if each.means != "link")
        assert (session.means, session.portal, session.network) == ("password+totp", "admin", VISITOR.network)
        assert (signed_in.staff, signed_in.portal) == (of.caller.staff, "admin")
        assert of.on.services.sessions.authenticate(signed_in.token).staff == of.caller.staff
        assert stored(PendingSignIn) == []


def test_a_passkey_opens_the_session() -> None:
    """And its count is noted."""
    with member() as of:
        device, other = of.add_passkey(), of.add_passkey()
        pending = of.first_step()

        of.second_step(pending, passkey=of.sign(device, pending))

        assert [each["count"] for each in of.credentials.passkeys or ()] == [1, 0]
        assert other.id == (of.credentials.passkeys or [])[1]["credential"]
        assert "password+passkey" in {each.means for each in stored(Session)}


def test_a_recovery_code_opens_the_session_once() -> None:
    """Nine are left."""
    with member() as of:
        of.add_app()

        of.second_step(of.first_step("link"), recovery_code=of.codes[3].upper())

        assert "link+recovery-code" in {each.means for each in stored(Session)}
        assert len(of.credentials.recovery_hashes or ()) == 9
        refused(of, of.first_step(), recovery_code=of.codes[3])
        of.second_step(of.first_step(), recovery_code=of.codes[4])


@pytest.mark.parametrize(("seconds", "good"), [(-31, False), (-30, True), (-1, True), (29, True), (30, False)])
def test_a_code_is_good_for_its_time_and_half_a_minute_more(seconds: int, good: bool) -> None:
    """The code is that of the next step; the times are counted from the end of it."""
    with member() as of:
        app = of.add_app()
        of.on.clock.move(minutes=2)
        pending, code = of.first_step(), app.at(of.on.clock.now + timedelta(seconds=30))
        of.on.clock.move(seconds=seconds + 60)

        if good:
            of.second_step(pending, totp=code)
        else:
            refused(of, pending, totp=code)


def test_a_code_works_once() -> None:
    """Also in another sign-in, and also the one before it, once a later one was used."""
    with member() as of:
        app = of.add_app()
        code, earlier = app.at(of.on.clock.now), app.at(of.on.clock.now - timedelta(seconds=30))
        of.second_step(of.first_step(), totp=code)

        refused(of, of.first_step(), totp=code)
        refused(of, of.first_step(), totp=earlier)


def test_a_signature_works_once() -> None:
    """Its challenge is gone with the sign-in; in another one there is another."""
    with member() as of:
        device = of.add_passkey()
        pending, later = of.first_step(), of.first_step()
        signed = of.sign(device, pending)
        of.on.services.second_step.ask(later, network=NETWORK)

        of.second_step(pending, passkey=signed)

        refused(of, pending, passkey=signed)
        refused(of, later, passkey=signed)


def test_a_challenge_takes_one_answer() -> None:
    """After a wrong one even the right one comes too late; a new challenge has to be asked for."""
    with member() as of:
        device = of.add_passkey()
        pending = of.first_step()
        signed = of.sign(device, pending)
        refused(of, pending, passkey=signed | {"id": "AQID"})

        refused(of, pending, passkey=signed)
        of.second_step(pending, passkey=of.sign(device, pending))


def test_without_a_challenge_nothing_is_signed() -> None:
    """Not even by the right passkey."""
    with member() as of:
        device = of.add_passkey()

        refused(of, of.first_step(), passkey=device.sign({"rpId": "api.example.ch", "challenge": "AQID"}))


def test_a_count_that_goes_back_is_refused() -> None:
    """Somebody has a copy of the device."""
    with member() as of:
        device = of.add_passkey()
        device.count = 6
        pending = of.first_step()
        of.second_step(pending, passkey=of.sign(device, pending))
        device.count = 5

        pending = of.first_step()
        refused(of, pending, passkey=of.sign(device, pending))


def test_what_somebody_does_not_have_is_refused() -> None:
    """Whatever they send."""
    with member() as of:
        of.add_passkey()
        pending = of.first_step()
        refused(of, pending, totp="123456")
        refused(of, pending)

    with member() as of:
        of.add_app()
        with pytest.raises(CredentialsRefusedError, match="Choose one"):
            of.on.services.second_step.ask(of.first_step(), network=NETWORK)


@pytest.mark.parametrize(("wrong", "good"), [(4, True), (5, False), (6, False)])
def test_five_wrong_tries_end_the_sign_in(wrong: int, good: bool) -> None:
    """Then it begins anew, with the first step; each try is in the ledger."""
    with member() as of:
        app = of.add_app()
        pending = of.first_step()
        for _ in range(wrong):
            with pytest.raises((CredentialsRefusedError, TooManyAttemptsError)):
                of.second_step(pending, recovery_code=NO_CODE)
            of.on.clock.move(seconds=2)

        if good:
            of.second_step(pending, totp=app.at(of.on.clock.now))
        else:
            refused(of, pending, totp=app.at(of.on.clock.now))
        entries = ledger(Action.SIGN_IN_REFUSED)
        assert len(entries) == min(wrong, 5)
        assert {(each.about, each.actor, each.network) for each in entries} == {(of.caller.staff, None, NETWORK)}


def test_of_tries_that_race_none_goes_uncounted() -> None:
    """Four are made while the fifth is on its way: it is the last, and the sixth finds nothing."""
    with member() as of:
        of.add_app()
        pending = of.first_step()

        def four_more() -> None:
            for _ in range(4):
                refused(of, pending, recovery_code=NO_CODE)

        with before_commit(four_more, least=2) as met:
            refused(of, pending, recovery_code=NO_CODE)

        assert met
        assert stored(PendingSignIn) == []
        assert len(ledger(Action.SIGN_IN_REFUSED)) == 5


def test_twenty_tries_at_once_are_five() -> None:
    """Whatever the others are told, nothing was compared for them that was not counted."""
    with member() as of:
        of.add_app()
        pending = of.first_step()

        def one(_: int) -> str:
            try:
                of.second_step(pending, recovery_code=NO_CODE, visitor=VISITOR)
            except Exception as error:  # noqa: BLE001 (whichever it is)
                return type(error).__name__
            return "signed in"

        with ThreadPoolExecutor(max_workers=8) as many:
            told = list(many.map(one, range(20)))

        assert "signed in" not in told
        assert len(ledger(Action.SIGN_IN_REFUSED)) <= 5


def test_one_code_at_two_sign_ins_at_once_opens_one_session() -> None:
    """The other finds the step used when it writes."""
    with member() as of:
        app = of.add_app()
        first, second, code = of.first_step(), of.first_step(), app.at(of.on.clock.now)
        before = len(stored(Session))

        with before_commit(lambda: of.second_step(first, totp=code), least=4) as met:
            refused(of, second, totp=code)

        assert met
        assert len(stored(Session)) == before + 1


def test_one_sign_in_opens_one_session() -> None:
    """Of two right answers at once, with different codes, one comes too late."""
    with member() as of:
        of.add_app()
        pending, before = of.first_step(), len(stored(Session))

        with before_commit(lambda: of.second_step(pending, recovery_code=of.codes[0]), least=4) as met:
            refused(of, pending, recovery_code=of.codes[1])

        assert met
        assert len(stored(Session)) == before + 1
        assert len(of.credentials.recovery_hashes or ()) == 9


@pytest.mark.parametrize(("seconds", "good"), [(-1, True), (0, False), (1, False)])
def test_a_sign_in_waits_for_five_minutes(seconds: int, good: bool) -> None:
    """To the second."""
    with member() as of:
        of.add_app()
        pending = of.first_step()
        of.on.clock.move(minutes=5, seconds=seconds)

        if good:
            of.second_step(pending, recovery_code=of.codes[0])
        else:
            refused(of, pending, recovery_code=of.codes[0])


def test_a_token_of_another_person_is_refused() -> None:
    """The secret counts, and only at the account it was made for."""
    with member() as of:
        of.add_app()
        other = registered(of.on, email="b@praxis-b.example", company="Praxis B")
        mine = Token.read(of.first_step(), prefix=PENDING_PREFIX)
        assert mine is not None
        theirs = Token(other.tenant, other.staff, mine.secret).spell(prefix=PENDING_PREFIX)
        guessed = Token.new(mine.tenant, mine.owner).spell(prefix=PENDING_PREFIX)

        for token in (theirs, guessed, mine.spell(prefix="zs_"), mine.spell(), "", "zp_", "é"):
            refused(of, token, recovery_code=of.codes[0])
            with pytest.raises(CredentialsRefusedError):
                of.on.services.second_step.ask(token, network=NETWORK)
        assert ledger(Action.SIGN_IN_REFUSED) == []
        assert the(PendingSignIn).tries == 0


def test_guessing_is_slowed_down_though_the_password_is_known() -> None:
    """Proving the password again does not clear what was counted; a network that was signed in from is let through."""
    with member() as of:
        app = of.add_app()
        of.second_step(of.first_step(), totp=app.at(of.on.clock.now))
        of.on.clock.move(minutes=2)
        pending = of.first_step()
        for _ in range(5):
            refused(of, pending, visitor=FAR, recovery_code=NO_CODE)
        pending = of.first_step()

        with pytest.raises(TooManyAttemptsError) as waiting:
            of.second_step(pending, visitor=FAR, recovery_code=of.codes[0])
        assert waiting.value.retry_after == 1
        of.second_step(pending, recovery_code=of.codes[0])
        of.second_step(of.first_step(), visitor=FAR, recovery_code=of.codes[1])


def test_asking_for_a_challenge_is_noted() -> None:
    """It is about whose sign-in it is, and done by nobody who is known yet."""
    with member() as of:
        of.add_passkey()

        options = of.on.services.second_step.ask(of.first_step(), network=NETWORK)

        (entry,) = ledger(Action.SECOND_FACTOR_ASKED)
        assert (entry.about, entry.actor, entry.network) == (of.caller.staff, None, NETWORK)
        assert options["challenge"] == the(PendingSignIn).challenge


def test_a_factor_that_is_removed_while_somebody_waits_is_of_no_use() -> None:
    """It counts as it is at the moment of the answer."""
    with member() as of:
        app = of.add_app()
        of.add_passkey()
        pending, code = of.first_step(), app.at(of.on.clock.now)
        of.on.services.second_factors.remove_totp(of.caller, PROOF, network=NETWORK)

        refused(of, pending, totp=code)
