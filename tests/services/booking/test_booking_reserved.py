"""A reserved time is booked for what it was reserved for; anything else at that time follows its own rules."""

from contextlib import nullcontext

import pytest

from chalicelib.domain.errors import SlotTakenError
from chalicelib.records.reading import fetch
from chalicelib.records.service import Service
from tests.builders import terms
from tests.services.booking_builders import book, experts, service, write
from tests.services.prepared import open_business
from tests.services.waiting_builders import reserved
from tests.stage import Stage

A_MONTH = 30 * 24 * 60  # in minutes, as the notice of a service


def stricter(on: Stage, held: Service) -> None:
    """From now on it has to be booked a month ahead."""
    now = fetch(Service.ref(held.tenant, held.id))
    assert now is not None
    now.apply(terms(min(now.experts), experts=frozenset(now.experts), notice=A_MONTH, horizon_days=60))
    write(now)


def test_what_was_reserved_is_booked_whatever_the_rules_say_by_now() -> None:
    """It was looked at when it was reserved."""
    with open_business() as (on, of):
        asked = service(on, of, [of.expert])
        held = reserved(on, of, service=asked.id)
        stricter(on, asked)

        made = book(on, of, asked, reservation=held.id)

        assert made.starts_at == held.starts_at


def test_the_time_of_one_service_is_not_kept_for_another() -> None:
    """Whose notice is a month is not booked for next week."""
    with open_business() as (on, of):
        strict = service(on, of, [of.expert], notice=A_MONTH, horizon_days=60)
        held = reserved(on, of)

        with pytest.raises(SlotTakenError):
            book(on, of, strict, reservation=held.id)


@pytest.mark.parametrize("same", [True, False], ids=["the-one-reserved", "another"])
def test_the_time_of_one_expert_is_not_kept_with_another(same: bool) -> None:
    """With whom it was not looked at."""
    with open_business() as (on, of):
        (other,) = experts(on, of, 1)
        asked = service(on, of, [of.expert, other])
        held = reserved(on, of, service=asked.id, expert=of.expert)
        stricter(on, asked)

        with nullcontext() if same else pytest.raises(SlotTakenError):
            book(on, of, asked, expert=of.expert if same else other, reservation=held.id)
