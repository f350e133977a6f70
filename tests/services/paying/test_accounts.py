"""Nothing is offered for payment online that nobody could pay: services need an account, and keep it."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, InvalidInputError, VersionMismatchError
from chalicelib.domain.terms import Payment as Way
from chalicelib.records.payment import PaymentAccount
from chalicelib.records.service import Service
from tests.builders import NETWORK, Business, terms
from tests.services.looking import ledger, stored, the
from tests.services.meddling import before_commit
from tests.services.paying.paying_builders import PRICE, with_account
from tests.services.prepared import open_business
from tests.stage import Stage

COSTS: dict[str, Any] = {"price": PRICE, "payment": Way.ONLINE}


def create(on: Stage, of: Business) -> Service:
    """One more service, paid online."""
    return on.services.offering.create_service(of.session, terms(of.expert, **COSTS), network=NETWORK, repeat=None)


def change(on: Stage, of: Business, **changes: Any) -> Service:
    """Other terms for the one there is."""
    wanted = terms(of.expert, **changes)
    return on.services.offering.change_service(of.session, of.service.id, wanted, version=None, network=NETWORK)


def archive(on: Stage, of: Business) -> None:
    """It is offered no more."""
    on.services.offering.archive_service(of.session, of.service.id, version=None, network=NETWORK)


def restore(on: Stage, of: Business) -> None:
    """It is again."""
    on.services.offering.restore_service(of.session, of.service.id, version=None, network=NETWORK)


def remove(on: Stage, of: Business) -> None:
    """The account goes."""
    on.services.payment_accounts.remove(of.session, network=NETWORK)


def is_paid_online() -> bool:
    """Whether something that can be booked is."""
    return any(each.payment is Way.ONLINE and each.archived_at is None for each in stored(Service))


WAYS: dict[str, Callable[[Stage, Business], object]] = {
    "created": create,
    "changed": lambda on, of: change(on, of, **COSTS),
    "restored": restore,
}


def archived_online(on: Stage, of: Business) -> None:
    """A service that was paid online and put away, and no account any more."""
    with_account(on, of)
    change(on, of, **COSTS)
    archive(on, of)
    remove(on, of)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_without_an_account_nothing_is_paid_online(way: Callable[[Stage, Business], object]) -> None:
    """However it would come to be offered; nothing is stored."""
    with open_business() as (on, of):
        archived_online(on, of)

        with pytest.raises(InvalidInputError, match="account for payments") as refused:
            way(on, of)

        assert refused.value.field == "payment"
        assert not is_paid_online()


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_with_an_account_it_is(way: Callable[[Stage, Business], object]) -> None:
    """The account stays readable, and lets go of nothing."""
    with open_business() as (on, of):
        archived_online(on, of)
        with_account(on, of)

        way(on, of)
        restore(on, of)

        assert is_paid_online()
        assert on.services.payment_accounts.credentials(of.tenant).api_key == "insecure-key"


@pytest.mark.parametrize("way", [Way.NONE, Way.ON_SITE], ids=lambda way: way.value)
def test_whatever_else_needs_none(way: Way) -> None:
    """Most businesses have none."""
    with open_business() as (on, of):
        assert change(on, of, price=PRICE, payment=way).payment is way


def test_the_account_stays_as_long_as_something_is_paid_by_it() -> None:
    """It can be replaced; once nothing is, it goes."""
    with open_business() as (on, of):
        with_account(on, of)
        change(on, of, **COSTS)

        with pytest.raises(ConflictError, match="Archive"):
            remove(on, of)
        with_account(on, of)
        assert ledger(Action.PAYMENT_ACCOUNT_REMOVED) == []
        archive(on, of)
        remove(on, of)

        assert stored(PaymentAccount) == []


def test_another_businesss_services_do_not_keep_it() -> None:
    """What is offered next door is none of ours."""
    with open_business() as (on, of):
        with_account(on, of)
        other = Service.ref("f" * 32, of.service.id)
        record = Service(other.pk, other.sk, zone="Europe/Zurich", created_at=on.clock())
        record.apply(terms(of.expert, **COSTS))
        record.save()

        remove(on, of)

        assert stored(PaymentAccount) == []


def test_an_account_that_goes_this_very_moment_is_not_relied_on() -> None:
    """Whoever creates looks again, whoever changes is told to."""
    with open_business() as (on, of):
        with_account(on, of)
        with before_commit(lambda: remove(on, of)), pytest.raises(InvalidInputError):
            create(on, of)

        with_account(on, of)
        with before_commit(lambda: remove(on, of)), pytest.raises(VersionMismatchError):
            change(on, of, **COSTS)

        assert not is_paid_online()


def test_an_account_does_not_go_when_something_comes_to_need_it_this_very_moment() -> None:
    """Whoever removes it looks again."""
    with open_business() as (on, of):
        with_account(on, of)

        with before_commit(lambda: create(on, of)), pytest.raises(ConflictError):
            remove(on, of)

        assert is_paid_online()
        assert the(PaymentAccount).instance == "praxis"
