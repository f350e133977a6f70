"""Whether an address has an account shows neither in the calls to AWS that a request makes nor in their order."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.ids import INSTALLATION
from chalicelib.records.notification import Notification
from chalicelib.records.tenant import Tenant
from chalicelib.services.sign_in.signing_in import LINK_MINUTES
from tests.builders import NETWORK, application
from tests.services.aws_calls import aws_calls
from tests.services.looking import ledger, stored
from tests.services.signers import EMAIL, UNKNOWN, Signer, there, with_password
from tests.stage import Stage

Ask = Callable[[Stage, str], None]


def _link(on: Stage, email: str) -> None:
    on.services.signing_in.ask_for_link(email, network=NETWORK)


def _reset(on: Stage, email: str) -> None:
    on.services.passwords.ask_for_reset(email, network=NETWORK)


def _register(on: Stage, email: str) -> None:
    on.services.registering.register(application(email=email), network=NETWORK, repeat=None)


def _parameters(on: Stage, email: str) -> None:
    on.services.password_sign_in.salt(email)


ASKING: dict[str, Ask] = {"link": _link, "reset": _reset, "registration": _register, "parameters": _parameters}
WITHOUT_REGISTERING = [name for name in ASKING if name != "registration"]  # by which an address becomes known


def asked(by: Signer, how: str, email: str, *, cold: bool = False) -> list[str]:
    """What one request calls; `cold`: as the first one of a process."""
    if cold:
        by.on.vault.forget(INSTALLATION)
        by.on.vault.forget(by.of.tenant)
    with aws_calls(by.on) as made:
        ASKING[how](by.on, email)
    return made


def _confirmed(_: Signer) -> None:
    """As it is."""


def _unconfirmed(by: Signer) -> None:
    by.change(by.staff, unconfirmed_since=by.on.clock.now)


def _restricted(by: Signer) -> None:
    by.change(by.staff, restricted_since=by.on.clock.now)


def _ended(by: Signer) -> None:
    by.change(there(Tenant.ref(by.of.tenant)), cancelled_at=by.on.clock.now - timedelta(days=30))


def _left(by: Signer) -> None:
    by.change(by.staff, left_at=by.on.clock.now)


@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
@pytest.mark.parametrize("how", ASKING)
def test_an_address_with_an_account_makes_the_same_calls(how: str, *, cold: bool) -> None:
    """Service, operation, order, and how many parts a transaction has."""
    with with_password() as by:
        known = asked(by, how, EMAIL, cold=cold)

        assert asked(by, how, UNKNOWN, cold=cold) == known


@pytest.mark.parametrize("state", [_unconfirmed, _restricted, _ended, _left], ids=lambda each: each.__name__[1:])
@pytest.mark.parametrize("how", ["link", "reset", "registration"])
def test_so_does_one_whose_account_can_not_be_used(how: str, state: Callable[[Signer], None]) -> None:
    """Whatever stands in its way."""
    with with_password() as by:
        state(by)
        known = asked(by, how, EMAIL)

        assert asked(by, how, UNKNOWN) == known


@pytest.mark.parametrize("how", WITHOUT_REGISTERING)
def test_asking_again_and_again_tells_no_more(how: str) -> None:
    """Not before the limit, not at it, not when it is over."""
    waits = [timedelta(0)] * 4 + [timedelta(minutes=10), timedelta(hours=1)]
    with with_password() as by:
        known, unknown = [], []
        for wait in waits:
            by.on.clock.now += wait
            known.append(asked(by, how, EMAIL, cold=True))  # as keys are after a wait
            unknown.append(asked(by, how, UNKNOWN, cold=True))

        assert unknown == known


def test_a_registration_once_more_looks_like_the_first() -> None:
    """Also when nobody is sent anything any more."""
    with with_password() as by:
        calls = [asked(by, "registration", EMAIL) for _ in range(5)]

        assert calls == [asked(by, "registration", UNKNOWN)] * 5


@pytest.mark.parametrize("how", ["link", "reset"])
def test_what_is_written_for_nobody_names_nobody_and_goes_nowhere(how: str) -> None:
    """An entry, and a message that is settled."""
    with with_password() as by:
        by.on.pump()
        before = {each.sk for each in stored(Notification)}, len(by.on.mails())

        ASKING[how](by.on, UNKNOWN)
        by.on.pump()

        (written,) = [each for each in stored(Notification) if each.sk not in before[0]]
        assert (written.tenant, written.state, written.reason) == (INSTALLATION, Delivery.SKIPPED, "nobody")
        assert len(by.on.mails()) == before[1]
        action = Action.SIGN_IN_LINK_ASKED if how == "link" else Action.PASSWORD_RESET_ASKED
        (entry,) = ledger(action)
        assert (entry.tenant, entry.about, entry.actor) == (INSTALLATION, None, None)


def test_asking_for_a_reset_that_nobody_gets_costs_no_link() -> None:
    """Or whoever asked for one would keep the link to confirm from who just registered."""
    with with_password() as by:
        _unconfirmed(by)
        for _ in range(3):
            _reset(by.on, EMAIL)

        _link(by.on, EMAIL)

        assert [each.tenant for each in ledger(Action.SIGN_IN_LINK_ASKED)] == [by.of.tenant]


def test_whoever_asks_in_somebodys_name_never_locks_them_out() -> None:
    """At any minute there is a link that opens, or one more is sent."""
    with with_password() as by:
        locked_out = []
        for minute in range(25):
            _link(by.on, EMAIL)  # somebody who means no good, first
            by.on.clock.now += timedelta(seconds=59)
            _link(by.on, EMAIL)
            sent = max(ledger(Action.SIGN_IN_LINK_ASKED), key=lambda each: each.at).at
            if by.on.clock.now - sent >= timedelta(minutes=LINK_MINUTES):
                locked_out.append(minute)
            by.on.clock.now += timedelta(seconds=1)

        assert locked_out == []
        assert len(ledger(Action.SIGN_IN_LINK_ASKED)) == 5  # three, and one each time the last one is over
