"""Staff find customers by address, number and the beginning of a name, and nobody who may not be shown."""

import re
from datetime import timedelta

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError, NotFoundError
from chalicelib.domain.states import RestrictionGround
from chalicelib.records._tables import RecordsTable
from chalicelib.records.customer import CustomerName
from tests.builders import NETWORK, booked, business
from tests.services.colleagues import colleague
from tests.services.customers.customer_builders import entered, named, nobody, person
from tests.services.looking import ledger, raw, stored
from tests.stage import stage


def test_customers_are_found_and_each_who_is_shown_is_told() -> None:
    """By any spelling; a whole address, a whole number; a number may be that of several."""
    with stage() as on:
        of = business(on)
        zoe = entered(on, of)
        mueller, muster = entered(on, of, nobody("Rolf", "Mueller")), entered(on, of, nobody("Anna-Maria", "Muster"))
        child = entered(on, of, nobody("Lena", "Weiß", phone="+41795550777"))

        assert named(on, of, "mül") == ["Rolf Mueller", "Zoë Müller"]
        assert {each.about for each in ledger(Action.CUSTOMER_LISTED)} == {zoe.subject, mueller.subject}
        assert named(on, of, "mu") == ["Rolf Mueller", "Zoë Müller", "Anna-Maria Muster"]
        assert named(on, of, "MARIA m") == ["Anna-Maria Muster"]
        assert named(on, of, "weiss") == ["Lena Weiß"]
        assert named(on, of, "zz") == []
        with pytest.raises(InvalidInputError, match="two letters"):
            named(on, of, "Ae m")
        search = on.services.customers
        by_email = search.by_email(of.session, "ZOE@kundin.example", network=NETWORK)
        by_phone = search.by_phone(of.session, "+41795550777", network=NETWORK)
        assert [each.subject for each in by_email.customers] == [zoe.subject]
        assert {each.subject for each in by_phone.customers} == {zoe.subject, child.subject}
        assert muster.subject in {each.about for each in ledger(Action.CUSTOMER_LISTED)}


def test_what_is_stored_for_the_search_tells_no_name() -> None:
    """One of 64 buckets, shared by names that begin otherwise, and the name under the person's key."""
    with stage() as on:
        of = business(on)
        entered(on, of)

        items = [item for item in raw(RecordsTable) if item["kind"]["S"] == "CustomerName"]

        wanted = {on.services.booking.finding.bucket(of.tenant, begun) for begun in ("zo", "mu")}  # by chance the same
        assert sorted(item["bucket"]["S"] for item in items) == sorted(wanted)
        assert {len(bucket) for bucket in wanted} == {2}
        assert all(re.search("m[uü]ller|zoë|5550777", str(item), re.IGNORECASE) is None for item in items)


def test_nobody_is_shown_who_had_it_restricted_or_is_past_their_period() -> None:
    """Not by name, number or address, nor in the list, nor by their id."""
    with stage() as on:
        of = business(on)
        zoe, anna = entered(on, of), entered(on, of, nobody("Anna", "Muster"))
        on.services.restricting.restrict(of.session, zoe.subject, RestrictionGround.UNLAWFUL, network=NETWORK)

        search = on.services.customers
        assert named(on, of, "mul") == []
        assert search.by_phone(of.session, "+41795550777", network=NETWORK).customers == []
        assert search.by_email(of.session, "zoe@kundin.example", network=NETWORK).customers == []
        listed, rest = search.page(of.session, after="", network=NETWORK)
        assert ([each.subject for each in listed], rest) == ([anna.subject], "")
        with pytest.raises(NotFoundError):
            on.services.history.overview(of.session, zoe.subject, network=NETWORK)

        ends = anna.expires_at
        assert ends is not None
        assert (ends - anna.created_at) == timedelta(days=365)
        on.clock.now = ends - timedelta(seconds=1)
        assert named(on, of, "mus") == ["Anna Muster"]
        on.clock.now = ends
        assert named(on, of, "mus") == []
        assert {each.expires_at for each in stored(CustomerName)} == {ends}


def test_an_expert_finds_those_whom_they_meet_or_entered() -> None:
    """Admins find everybody; an expert's colleague's customers stay out, as if they were not there."""
    with stage() as on:
        of = business(on)
        beat = colleague(on, of)
        held = booked(on, of, given_name="Mona", family_name="Muster", email="mona@kundin.example")
        own = entered(on, beat, nobody("Max", "Muster"))

        assert named(on, of, "mus") == ["Max Muster", "Mona Muster"]
        assert named(on, beat, "mus") == ["Max Muster"]
        assert on.services.history.overview(beat, own.subject, network=NETWORK).customer.given_name == "Max"
        with pytest.raises(NotFoundError):
            on.services.history.overview(beat, held.subject, network=NETWORK)
        with pytest.raises(NotFoundError):
            on.services.keeping.change(beat, held.subject, person(), version=None, network=NETWORK)


def test_at_most_a_page_is_shown_and_told() -> None:
    """In order of names; that there are more is said."""
    with stage() as on:
        of = business(on)
        for number in reversed(range(27)):
            entered(on, of, nobody("Anna", f"Muster{number:02d}"))

        hits = on.services.customers.by_name(of.session, "must", network=NETWORK)

        assert [each.family_name for each in hits.customers] == [f"Muster{number:02d}" for number in range(25)]
        assert (hits.more, len(ledger(Action.CUSTOMER_LISTED))) == (True, 25)


def test_pages_follow_each_other_without_a_gap() -> None:
    """In the order of entry; those of another business are none of them."""
    with stage() as on:
        of, other = business(on), business(on, email="chefin@andere.example")
        entered(on, other, nobody("Fremd", "Person"))
        ids = [entered(on, of, nobody("Anna", f"Muster{number:02d}")).subject for number in range(27)]

        first, rest = on.services.customers.page(of.session, after="", network=NETWORK)
        second, end = on.services.customers.page(of.session, after=rest, network=NETWORK)

        assert sorted(each.subject for each in (*first, *second)) == sorted(ids)
        assert (len(first), end) == (25, "")
        assert named(on, other, "mus") == []
