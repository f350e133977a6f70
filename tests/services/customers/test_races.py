"""Two at once: whoever is second reads again, and decides by what is there now."""

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, InvalidInputError
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.customer import Customer, CustomerAddress
from chalicelib.records.customer_join import Merge
from tests.builders import MONDAY_10, NETWORK, booked, business
from tests.services.customers.customer_builders import entered, person
from tests.services.customers.test_merging import customer, merged, two
from tests.services.customers.test_splitting import split
from tests.services.customers.test_taking_over import many, uploaded
from tests.services.looking import ledger, stored
from tests.services.meddling import before_commit
from tests.stage import stage

OTHER = "a.muster@firma.example"


def test_who_books_while_two_are_merged_books_for_the_one_that_remains() -> None:
    """Not under an entry that leads elsewhere by then."""
    with stage() as on:
        of = business(on)
        one, other = two(on, of)

        with before_commit(lambda: merged(on, of, one, other)) as done:
            held = booked(on, of, email=OTHER, starts_at=MONDAY_10.replace(hour=13))

        assert (held.subject, len(done)) == (one, 1)
        assert {each.of_customer for each in stored(CustomerAddress)} == {one}


def test_of_two_merges_the_other_way_round_one_holds() -> None:
    """Or both would lead to nobody."""
    with stage() as on:
        of = business(on)
        one, other = two(on, of)

        with before_commit(lambda: merged(on, of, other, one)), pytest.raises(InvalidInputError):
            merged(on, of, one, other)

        assert [customer(each).merged_into for each in (one, other)] == [other, None]
        assert len(stored(Merge)) == 1


def test_an_address_goes_to_one_of_two() -> None:
    """Who enters or changes somebody at the same moment is told so."""
    with stage() as on:
        of = business(on)
        with before_commit(lambda: entered(on, of)), pytest.raises(ConflictError):
            entered(on, of, given_name="Anna")
        beat = entered(on, of, email="beat@kunde.example")
        new, keeping = person(email="neu@kundin.example"), on.services.keeping
        with before_commit(lambda: entered(on, of, new)), pytest.raises(ConflictError):
            keeping.change(of.session, beat.subject, new, version=None, network=NETWORK)

        assert len(stored(Customer)) == len(stored(CustomerAddress)) == 3


def test_two_who_take_an_import_at_once_take_it_once() -> None:
    """Each batch belongs to one of them."""
    with stage() as on:
        of = business(on)
        upload = uploaded(on, of, many(30)).held.id
        take = on.services.taking_over.take

        with before_commit(lambda: take(of.session, upload, network=NETWORK), least=20) as done:
            held = take(of.session, upload, network=NETWORK)

        assert (int(held.added), len(stored(Customer)), len(done)) == (30, 30, 1)
        assert len(ledger(Action.CUSTOMER_IMPORTED)) == 30


def test_what_is_cancelled_while_it_goes_over_stays_cancelled() -> None:
    """It is read again, and goes over as it is by then."""
    with stage() as on:
        of = business(on)
        held = booked(on, of)
        token = on.services.linking.self_service(held)["cancel"]
        meddled: list[int] = []

        def cancel() -> None:
            if len(stored(Customer)) == 2 and not meddled:
                meddled.append(1)
                on.services.changing.cancel(token, network=NETWORK)

        with before_commit(cancel, times=5):
            made = split(on, of, [held])

        (there,) = stored(Appointment)
        assert (there.subject, there.state, meddled) == (made.other, State.CANCELLED, [1])
