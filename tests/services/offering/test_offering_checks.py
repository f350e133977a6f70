"""What a business may lay down about a service."""

from datetime import date
from typing import Any

import pytest

from chalicelib.domain.errors import InvalidInputError
from chalicelib.domain.terms import Answer, Cap, Each, Payment, Place, Question, Refund
from chalicelib.services.offering.checks import check_terms
from tests.builders import NETWORK, terms
from tests.services.offering_builders import Practice, practice
from tests.services.paying.paying_builders import with_account

NOBODY = "f" * 32
ONLINE = {"price": 9000, "payment": Payment.ONLINE}
EARLY, LATE = Refund(minutes=1440, percent=100), Refund(minutes=60, percent=50)
COUNT, MINUTES = Cap(each=Each.DAY, count=3), Cap(each=Each.DAY, minutes=60)
QUESTION = Question(id="allergies", label="Allergien?", answer=Answer.TEXT, purpose="Behandlung", keep_days=30)

GOOD: dict[str, dict[str, Any]] = {
    "durations": {"durations": (30, 60, 90)},
    "a-last-date": {"bookable_until": date(2027, 1, 31)},
    "payment-online": {**ONLINE, "refunds": (LATE, EARLY)},
    "free-on-site": {"price": 0, "payment": Payment.ON_SITE},
    "a-cap-that-just-fits": {"caps": (MINUTES, Cap(each=Each.WEEK, count=9))},
    "a-link": {"place": Place.VIDEO, "meeting_link": "https://video.example/raum"},
    "a-question": {"questions": (QUESTION,)},
    "seats": {"seats": 8},
}
BAD: dict[str, tuple[str, dict[str, Any]]] = {
    "without-the-usual-duration": ("durations", {"durations": (30, 90)}),
    "durations-twice": ("durations", {"durations": (60, 60)}),
    "durations-out-of-order": ("durations", {"durations": (90, 60)}),
    "two-caps-a-day": ("caps", {"caps": (COUNT, MINUTES)}),
    "a-cap-below-one": ("caps", {"caps": (Cap(each=Each.DAY, minutes=59),)}),
    "a-cap-below-the-longest": ("caps", {"caps": (MINUTES,), "durations": (60, 61)}),
    "one-together": ("together", {"together": True}),
    "a-negative-price": ("price", {"price": -1}),
    "another-currency": ("currency", {"currency": "USD"}),
    "online-for-nothing": ("price", {"price": 0, "payment": Payment.ONLINE}),
    "online-without-a-price": ("price", {"payment": Payment.ONLINE}),
    "refunds-without-payment": ("refunds", {"refunds": (EARLY,)}),
    "refunds-out-of-order": ("refunds", {**ONLINE, "refunds": (EARLY, LATE)}),
    "refunds-twice": ("refunds", {**ONLINE, "refunds": (EARLY, EARLY)}),
    "less-for-who-cancels-earlier": ("refunds", {**ONLINE, "refunds": (Refund(minutes=1, percent=60), LATE)}),
    "more-than-all": ("refunds", {**ONLINE, "refunds": (Refund(minutes=1, percent=101),)}),
    "an-open-link": ("meeting_link", {"place": Place.VIDEO, "meeting_link": "http://video.example/raum"}),
    "a-script": ("meeting_link", {"place": Place.VIDEO, "meeting_link": "javascript:alert(1)"}),
    "a-link-on-site": ("meeting_link", {"meeting_link": "https://video.example/raum"}),
    "a-question-twice": ("questions.1", {"questions": (QUESTION, QUESTION)}),
    "an-empty-set-of-rooms": ("resources", {"resources": ((),)}),
    "an-unknown-room": ("resources", {"resources": ((NOBODY,),)}),
    "an-unknown-site": ("site", {"site": NOBODY}),
    "an-unknown-expert": ("experts", {"experts": frozenset({NOBODY})}),
    "a-weight-of-another": ("weights", {"weights": ((NOBODY, 2),)}),
}


def checked(at: Practice, **changes: Any) -> None:
    """Terms of a service of one expert."""
    check_terms(at.of.tenant, terms(at.of.expert, **changes))


@pytest.mark.parametrize("name", GOOD)
def test_what_makes_sense_is_taken(name: str) -> None:
    """At the edges, too."""
    with practice() as at:
        with_account(at.on, at.of)
        checked(at, **GOOD[name])


@pytest.mark.parametrize("name", BAD)
def test_what_makes_none_is_refused(name: str) -> None:
    """With the field that has to be mended."""
    field, changes = BAD[name]
    with practice() as at:
        with pytest.raises(InvalidInputError) as refused:
            checked(at, **changes)

        assert refused.value.field == field


def test_several_experts_together_or_weighed() -> None:
    """Together they share no seats and no turns."""
    with practice() as at:
        both = {"experts": frozenset({at.of.expert, at.beat.staff})}
        checked(at, **both, together=True)
        checked(at, **both, weights=((at.of.expert, 2), (at.beat.staff, 0)))
        for changes in ({"seats": 2}, {"weights": ((at.of.expert, 2),)}):
            with pytest.raises(InvalidInputError):
                checked(at, **both, together=True, **changes)
        for weights in (((at.of.expert, 2), (at.of.expert, 3)), ((at.of.expert, 0), (at.beat.staff, 0))):
            with pytest.raises(InvalidInputError):
                checked(at, **both, weights=weights)


def test_rooms_are_those_of_the_site_and_each_in_one_set() -> None:
    """A room that two sets name could be promised twice."""
    with practice() as at:
        (one, two), offering = at.rooms, at.on.services.offering
        checked(at, site=at.site, resources=((one,), (two,)))
        for wrong in ({"resources": ((one, two),)}, {"site": at.site, "resources": ((one, two), (two,))}):
            with pytest.raises(InvalidInputError) as refused:
                checked(at, **wrong)
            assert refused.value.field == "resources"
        spare = offering.create_resource(at.of.session, "Drei", None, network=NETWORK, repeat=None)
        checked(at, resources=((spare.id,),))
        offering.archive_resource(at.of.session, spare.id, version=None, network=NETWORK)
        with pytest.raises(InvalidInputError):
            checked(at, resources=((spare.id,),))


def test_a_site_is_for_what_takes_place_there() -> None:
    """Not for a call."""
    with practice() as at, pytest.raises(InvalidInputError) as refused:
        checked(at, site=at.site, place=Place.PHONE)

    assert refused.value.field == "site"
