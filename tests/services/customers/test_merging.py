"""Two entries become one, with all that follows from it, and two again."""

from datetime import timedelta
from unittest import mock

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.asking import Asked, Ground
from chalicelib.domain.errors import ConflictError, InvalidInputError, NotFoundError, RestrictedError
from chalicelib.domain.states import HoldGround, Release, RestrictionGround
from chalicelib.records.appointment import Appointment
from chalicelib.records.customer import Customer, CustomerAddress
from chalicelib.records.customer_join import Merge
from chalicelib.services.customers.finding import Person
from chalicelib.services.rights.holding import Holding, Wanted
from tests.builders import MONDAY_10, NETWORK, Business, booked, business
from tests.services.customers.customer_builders import entered, named, nobody, person
from tests.services.looking import ledger, stored
from tests.stage import Stage, stage

DAY = timedelta(days=1)


def two(on: Stage, of: Business) -> tuple[str, str]:
    """One person who booked by two addresses."""
    first = booked(on, of)
    other = booked(on, of, email="a.muster@firma.example", starts_at=MONDAY_10 + DAY, family_name="Muster-Roth")
    return first.subject, other.subject


def merged(on: Stage, of: Business, one: str, other: str) -> Merge:
    """The merge of two."""
    return on.services.merging.merge(of.session, one, other, network=NETWORK, repeat=None)


def customer(of: str) -> Customer:
    """One of those who are stored."""
    return next(each for each in stored(Customer) if each.subject == of)


def claims() -> set[str]:
    """To whom the addresses lead."""
    return {each.of_customer for each in stored(CustomerAddress)}


def shape() -> list[tuple[str, str | None, frozenset[str], frozenset[str]]]:
    """Who leads where."""
    return [
        (each.subject, each.merged_into, frozenset(each.merged or ()), frozenset(each.more_claims or ()))
        for each in stored(Customer)
    ]


def history(on: Stage, of: Business, who: str) -> list[str]:
    """The entries that the appointments of somebody lie under."""
    found, _ = on.services.history.appointments(of.session, who, after="", network=NETWORK)
    return sorted(each.subject for each in found)


def test_both_lead_to_the_one_that_remains() -> None:
    """By id, name and address; the history shows what lies under both; a booking by either is theirs."""
    with stage() as on:
        of = business(on)
        one, other = two(on, of)
        alone = shape()

        made = merged(on, of, one, other)

        assert claims() == {one}
        assert on.services.history.overview(of.session, other, network=NETWORK).customer.subject == one
        assert history(on, of, other) == sorted([one, other])
        assert named(on, of, "roth") == named(on, of, "must") == ["Anna Muster"]
        later = booked(on, of, email="a.muster@firma.example", starts_at=MONDAY_10 + 2 * DAY)
        assert later.subject == one
        assert {each.last_appointment_at for each in stored(CustomerAddress)} == {later.ends_at}
        assert {each.about for each in ledger(Action.CUSTOMER_READ)} == {one, other}

        on.services.merging.undo(of.session, one, made.id, network=NETWORK)

        assert shape() == alone
        assert claims() == {one, other}
        assert history(on, of, other) == [other]
        again = booked(on, of, email="a.muster@firma.example", starts_at=MONDAY_10 + 3 * DAY)
        assert again.subject == other
        on.services.merging.undo(of.session, one, made.id, network=NETWORK)  # a second time changes nothing more
        assert len(ledger(Action.CUSTOMER_UNMERGED)) == 2


def test_merges_are_undone_in_the_order_in_which_they_were_made() -> None:
    """Nothing leads over several steps, and nobody can be merged with themselves."""
    with stage() as on:
        of = business(on)
        one, other = two(on, of)
        third = entered(on, of, nobody("Anna", "Muster")).subject
        first = merged(on, of, one, other)
        with pytest.raises(InvalidInputError):
            merged(on, of, other, one)

        second = merged(on, of, third, one)

        assert [each.merged_into for each in map(customer, (one, other, third))] == [third, third, None]
        assert claims() == {third}
        with pytest.raises(ConflictError, match="later first"):
            on.services.merging.undo(of.session, one, first.id, network=NETWORK)
        on.services.merging.undo(of.session, third, second.id, network=NETWORK)
        assert [each.merged_into for each in map(customer, (one, other, third))] == [None, one, None]
        assert claims() == {one}
        on.services.merging.undo(of.session, one, first.id, network=NETWORK)
        assert claims() == {one, other}


def test_after_thirty_days_it_stays() -> None:
    """To the second."""
    with stage() as on:
        of = business(on)
        made = merged(on, of, *two(on, of))
        assert made.expires_at is not None

        on.clock.now = made.expires_at
        with pytest.raises(NotFoundError, match="30 days"):
            on.services.merging.undo(of.session, made.subject, made.id, network=NETWORK)
        on.clock.now = made.expires_at - timedelta(seconds=1)
        on.services.merging.undo(of.session, made.subject, made.id, network=NETWORK)
        assert customer(made.other).merged_into is None


def test_access_restriction_and_holds_follow_both() -> None:
    """Whichever of the two is named."""
    with stage() as on:
        of = business(on)
        one, other = two(on, of)
        wanted = Wanted(ground=HoldGround.LEGAL_CLAIM, reason="Streit", ends_at=on.clock.now + 900 * DAY)
        (early,) = on.services.holding.place(of.session, one, wanted, network=NETWORK, repeat=None)

        merged(on, of, one, other)

        held = {each.subject: each.held_until for each in stored(Appointment)}
        assert held == dict.fromkeys((one, other), wanted.ends_at)
        asked = Asked(ground=Ground.SUBJECT_REQUEST, actor=of.session.staff)
        for each in (one, other):
            told = on.services.viewing.of_customer(of.tenant, each, asked)
            assert [len([t for t in told if t.kind == kind]) for kind in ("Appointment", "CustomerAddress")] == [2, 2]
        on.services.restricting.restrict(of.session, other, RestrictionGround.UNLAWFUL, network=NETWORK)
        assert all(each.restricted_since for each in (*stored(Appointment), *stored(Customer)))
        on.services.restricting.lift(of.session, one, network=NETWORK)
        assert not any(each.restricted_since for each in (*stored(Appointment), *stored(Customer)))
        on.services.holding.lift(of.session, other, early.id, Release.SETTLED, network=NETWORK)
        assert {each.held_until for each in stored(Appointment)} == {None}


def test_of_two_addresses_the_other_one_can_count() -> None:
    """It is theirs, and stays so when yet another takes its place; undone, it goes back to the entry it came with."""
    with stage() as on:
        of = business(on)
        one, other = two(on, of)
        made = merged(on, of, one, other)
        named = {"given_name": "Anna", "family_name": "Muster", "phone": None}

        _changed(on, of, one, person(email="a.muster@firma.example", **named))

        assert [each.of_customer for each in stored(CustomerAddress)] == [one]
        with pytest.raises(ConflictError, match="another address"):
            on.services.merging.undo(of.session, one, made.id, network=NETWORK)
        _changed(on, of, one, person(email="anna.muster@kundin.example", **named))
        assert booked(on, of, email="a.muster@firma.example", starts_at=MONDAY_10 + 2 * DAY).subject == one
        on.services.merging.undo(of.session, one, made.id, network=NETWORK)
        assert claims() == {one, other}
        assert booked(on, of, email="a.muster@firma.example", starts_at=MONDAY_10 + 3 * DAY).subject == other
        assert booked(on, of, starts_at=MONDAY_10 + 4 * DAY).subject == one


def _changed(on: Stage, of: Business, customer: str, who: Person) -> None:
    on.services.keeping.change(of.session, customer, who, version=None, network=NETWORK)


def test_a_hold_is_shared_by_whoever_asks_again() -> None:
    """A call that was killed right after the merge, and comes again without a key, says that they are one already."""
    with stage() as on:
        of = business(on)
        one, other = two(on, of)
        wanted = Wanted(ground=HoldGround.LEGAL_CLAIM, reason="Streit", ends_at=on.clock.now + 900 * DAY)
        on.services.holding.place(of.session, one, wanted, network=NETWORK, repeat=None)
        with mock.patch.object(Holding, "share", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
            merged(on, of, one, other)

        with pytest.raises(InvalidInputError):
            merged(on, of, one, other)

        held = {each.subject: each.held_until for each in stored(Appointment)}
        assert held == dict.fromkeys((one, other), wanted.ends_at)


def test_what_was_merged_ends_when_it_would_have() -> None:
    """The one that remains goes on without it; nothing is left to be undone."""
    with stage() as on:
        of = business(on)
        early, late = two(on, of)
        made = merged(on, of, late, early)
        ends = customer(early).expires_at
        assert ends is not None
        assert made.subject == late

        on.clock.now = ends
        on.services.sweeping.run()

        assert [each.subject for each in stored(Customer)] == [late]
        on.services.restricting.restrict(of.session, late, RestrictionGround.UNLAWFUL, network=NETWORK)
        assert customer(late).restricted_since is not None
        on.services.restricting.lift(of.session, late, network=NETWORK)
        assert history(on, of, late) == [late]
        again = booked(on, of, starts_at=on.clock.now + timedelta(days=6, hours=2))
        assert (again.subject, claims()) == (late, {late})


def test_nobody_is_merged_who_had_it_restricted() -> None:
    """They are not shown, and not changed."""
    with stage() as on:
        of = business(on)
        one, other = two(on, of)
        on.services.restricting.restrict(of.session, other, RestrictionGround.UNLAWFUL, network=NETWORK)

        with pytest.raises((NotFoundError, RestrictedError)):
            merged(on, of, one, other)


def test_who_may_have_been_entered_twice_is_proposed() -> None:
    """The same name, in any order; the same number with a name in common. A family's number alone is no reason."""
    with stage() as on:
        of = business(on)
        anna, turned = entered(on, of, nobody("Anna", "Muster")), entered(on, of, nobody("Muster", "Anna"))
        roth = entered(on, of, nobody("Lena", "Roth", phone="+41795550333"))
        wed = entered(on, of, nobody("Lena", "Weber", phone="+41795550333"))
        entered(on, of, nobody("Jan", "Kunz", phone="+41795550333"))

        found, place = set(), ""
        while True:
            pairs, place = on.services.doubling.pairs(of.session, after=place, network=NETWORK)
            found |= {(frozenset({p.one.subject, p.other.subject}), p.same_name, p.same_phone) for p in pairs}
            if not place:
                break

        assert found == {
            (frozenset({anna.subject, turned.subject}), True, False),
            (frozenset({roth.subject, wed.subject}), False, True),
        }
