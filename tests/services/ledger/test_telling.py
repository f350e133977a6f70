"""What people see of the ledger: admins a day, everybody what is about themselves, the operator numbers."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from unittest import mock

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError, LinkInvalidError, NotFoundError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.records.appointment import Appointment
from chalicelib.records.writing import Transaction
from chalicelib.services.ledger.tallying import Tallying, Written
from chalicelib.services.ledger.telling import FEWEST_TENANTS, SETTLED, Group, Telling
from tests.builders import MONDAY_10, NETWORK, Business, booked, business
from tests.services.agenda_builders import agenda as list_of
from tests.services.attending_builders import enter, move
from tests.services.ledgers import DAY, NEXT, PERSON, T1, T2, at, raw, write
from tests.stage import Stage, stage

BOOKED = Action.APPOINTMENT_BOOKED
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def on() -> Iterator[Stage]:
    """Empty tables."""
    with stage() as built:
        yield built


@pytest.fixture
def telling(on: Stage) -> Telling:
    """What tells."""
    return on.services.telling


@pytest.fixture
def of(on: Stage) -> Business:
    """A business."""
    return business(on)


# A day, for admins


def test_a_day_in_order_and_noted(on: Stage, of: Business, telling: Telling) -> None:
    """Whoever reads the ledger stands in it."""
    booked(on, of)
    on.clock.move(seconds=1)

    page = telling.entries(of.session, DAY, after="", network=NETWORK)

    assert [each.sk for each in page.entries] == sorted(each.sk for each in page.entries)
    assert BOOKED in {each.action for each in page.entries}
    (noted,) = [item for item in raw() if item["action"]["S"] == Action.LEDGER_READ.value]
    assert (noted["actor"]["S"], noted["network"]["S"]) == (of.expert, NETWORK)


def test_a_long_day_comes_in_pages(on: Stage, of: Business, telling: Telling) -> None:
    """Every entry once, and the last page says that it is the last."""
    write(of.tenant, NEXT, count=7)
    with mock.patch("chalicelib.services.ledger.telling.PAGE", 3):
        pages, after = [], ""
        while not pages or after:
            pages.append(telling.entries(of.session, NEXT, after=after, network=NETWORK))
            after = pages[-1].rest

    assert [len(page.entries) for page in pages] == [3, 3, 1]
    assert len({each.sk for page in pages for each in page.entries}) == 7


def test_a_day_that_fills_its_page_exactly_has_no_rest(of: Business, telling: Telling) -> None:
    """No cursor to nothing."""
    write(of.tenant, NEXT, count=3)
    with mock.patch("chalicelib.services.ledger.telling.PAGE", 3):
        assert telling.entries(of.session, NEXT, after="", network=NETWORK).rest == ""


def test_other_businesses_entries_are_theirs(of: Business, telling: Telling) -> None:
    """And nobody else's."""
    write(T2, NEXT)

    assert telling.entries(of.session, NEXT, after="", network=NETWORK).entries == []


# Oneself, for staff


def test_staff_see_what_is_about_themselves(on: Stage, of: Business, telling: Telling) -> None:
    """The newest first; what they did to others' data is about those."""
    on.clock.move(seconds=1)
    held = booked(on, of)
    list_of(on, of, frm=MONDAY_10, to=MONDAY_10 + HOUR)

    found = telling.about_staff(of.session, before="").entries

    assert found[0].action is Action.APPOINTMENTS_READ
    assert {each.action for each in found} >= {Action.REGISTERED, Action.SIGNED_IN, Action.SERVICE_CREATED}
    assert held.subject not in {each.actor for each in found}
    assert BOOKED not in {each.action for each in found}


def test_ones_own_entries_come_in_pages(of: Business, telling: Telling) -> None:
    """Several of one second are told apart."""
    write(of.tenant, NEXT, count=5, actor=of.expert)
    whole = [each.people_sk for each in telling.about_staff(of.session, before="").entries]
    with mock.patch("chalicelib.services.ledger.telling.PAGE", 2):
        found, before = [], ""
        while True:
            page = telling.about_staff(of.session, before=before)
            found += [each.people_sk for each in page.entries]
            before = page.rest
            if not before:
                break

    assert found == whole
    assert whole == sorted(whole, reverse=True)


# Oneself, for customers


def link(on: Stage, held: Appointment) -> str:
    """The customer's link."""
    return on.services.linking.self_service(held)["cancel"]


def looks(on: Stage, held: Appointment) -> list[tuple[datetime, str]]:
    """The looks at lists that a customer is told of: when, and by whom."""
    told = on.services.telling.about_customer(link(on, held), before="", network=NETWORK).entries
    return [(each.at, each.by) for each in told if each.action is Action.APPOINTMENTS_READ]


def look(on: Stage, of: Business, frm: datetime, to: datetime) -> datetime:
    """A look at the expert's list, a second later than what was before; when."""
    on.clock.move(seconds=1)
    list_of(on, of, frm=frm, to=to)
    return on.clock.now


def test_a_customer_sees_what_happened_with_their_data(on: Stage, of: Business) -> None:
    """Booking, messages with the processor that got them, and nobody's name."""
    held = booked(on, of)
    on.pump()

    told = on.services.telling.about_customer(link(on, held), before="", network=NETWORK).entries

    assert {(each.action, each.by, each.processor) for each in told} == {
        (BOOKED, "customer", None),
        (Action.NOTIFICATION_HANDED_OVER, "system", "mailgun"),
    }


@pytest.mark.parametrize(
    ("frm", "to", "seen"),
    [
        (MONDAY_10 - HOUR, MONDAY_10 + HOUR, True),
        (MONDAY_10, MONDAY_10 + SECOND, True),
        (MONDAY_10 - HOUR, MONDAY_10, False),
        (MONDAY_10 - HOUR, MONDAY_10 + SECOND, True),
        (MONDAY_10 + SECOND, MONDAY_10 + HOUR, False),
    ],
)
def test_a_list_that_contained_the_appointment_is_told(
    on: Stage, of: Business, frm: datetime, to: datetime, *, seen: bool
) -> None:
    """To the second, as the list itself was cut; and the list really held it."""
    held = booked(on, of)
    when = look(on, of, frm, to)

    assert looks(on, held) == ([(when, "expert")] if seen else [])
    shown = list_of(on, of, frm=frm, to=to)
    assert (held.id in {each.id for each in shown}) is seen


def test_what_was_looked_at_before_the_booking_is_not_told(on: Stage, of: Business) -> None:
    """There was nothing of theirs to be seen."""
    look(on, of, MONDAY_10, MONDAY_10 + HOUR)
    on.clock.move(seconds=1)
    held = booked(on, of)

    assert looks(on, held) == []


def test_a_moved_appointment_stood_in_the_lists_of_its_time(on: Stage, of: Business) -> None:
    """Before the move in that of the old time, after it in that of the new one."""
    held, later = booked(on, of), MONDAY_10 + 3 * HOUR
    old_before = look(on, of, MONDAY_10, MONDAY_10 + HOUR)
    look(on, of, later, later + HOUR)
    on.clock.move(seconds=1)
    token = on.services.linking.self_service(held)["reschedule"]
    moved = on.services.changing.move(token, later, network=NETWORK)
    look(on, of, MONDAY_10, MONDAY_10 + HOUR)
    new_after = look(on, of, later, later + HOUR)

    assert looks(on, moved) == [(new_after, "expert"), (old_before, "expert")]


def test_in_the_second_of_the_move_both_times_count(on: Stage, of: Business) -> None:
    """Which came first nobody knows: rather one look too many than one too few."""
    held, later = booked(on, of), MONDAY_10 + 3 * HOUR
    on.clock.move(seconds=1)
    moved = on.services.changing.move(on.services.linking.self_service(held)["reschedule"], later, network=NETWORK)
    for start in (MONDAY_10, later):
        list_of(on, of, frm=start, to=start + HOUR)

    assert len(looks(on, moved)) == 2


def test_a_cancelled_appointment_still_stands_in_lists(on: Stage, of: Business) -> None:
    """So the looks at it are told."""
    held = booked(on, of)
    on.clock.move(seconds=1)
    cancelled = on.services.changing.cancel(link(on, held), network=NETWORK)
    when = look(on, of, MONDAY_10, MONDAY_10 + HOUR)

    assert looks(on, cancelled) == [(when, "expert")]


@pytest.mark.parametrize("expert", [None, "own"])
def test_a_look_at_everybodys_lists_is_told_too(on: Stage, of: Business, expert: str | None) -> None:
    """Once, whether it was one expert's list or all."""
    held = booked(on, of)
    on.clock.move(seconds=1)
    list_of(on, of, expert=of.expert if expert else None, frm=MONDAY_10, to=MONDAY_10 + HOUR)
    list_of(on, of, expert=of.expert if expert else None, frm=MONDAY_10 + HOUR, to=MONDAY_10 + 2 * HOUR)

    assert looks(on, held) == [(on.clock.now, "expert" if expert else "admin")]


def test_whoever_takes_part_has_it_in_their_list(on: Stage, of: Business) -> None:
    """So looks at that list are told, too."""
    held = booked(on, of)
    held.others = {PERSON}
    transaction = Transaction()
    transaction.update(held)
    transaction.commit()
    on.clock.move(seconds=1)
    frm, to = int(MONDAY_10.timestamp()), int((MONDAY_10 + HOUR).timestamp())
    write(of.tenant, DAY, action=Action.APPOINTMENTS_READ, actor=PERSON, about=PERSON, counts={"from": frm, "to": to})

    assert looks(on, held) == [(at(DAY), "expert")]


def test_what_staff_entered_and_moved_counts_from_then(on: Stage, of: Business) -> None:
    """As what customers did themselves."""
    held = enter(on, of).appointment
    on.clock.move(seconds=1)
    moved = move(on, of, held, starts_at=MONDAY_10 + 3 * HOUR).appointment
    look(on, of, MONDAY_10, MONDAY_10 + HOUR)
    when = look(on, of, MONDAY_10 + 3 * HOUR, MONDAY_10 + 4 * HOUR)

    assert looks(on, moved) == [(when, "expert")]


def test_an_admin_who_looks_at_anothers_list_is_called_so(on: Stage, of: Business) -> None:
    """The role, never the person."""
    held = booked(on, of)
    on.clock.move(seconds=1)
    frm, to = int(MONDAY_10.timestamp()), int((MONDAY_10 + HOUR).timestamp())
    write(
        of.tenant, DAY, action=Action.APPOINTMENTS_READ, actor=PERSON, about=of.expert, counts={"from": frm, "to": to}
    )

    assert looks(on, held) == [(at(DAY), "admin")]


def test_looks_at_other_experts_lists_are_not_told(on: Stage, of: Business) -> None:
    """Nor those in other businesses."""
    held = booked(on, of)
    on.clock.move(seconds=1)
    frm, to = int(MONDAY_10.timestamp()), int((MONDAY_10 + HOUR).timestamp())
    for tenant, expert in ((of.tenant, PERSON), (T2, of.expert)):
        write(tenant, DAY, action=Action.APPOINTMENTS_READ, about=expert, counts={"from": frm, "to": to})

    assert looks(on, held) == []


def test_many_looks_come_in_pages(on: Stage, of: Business) -> None:
    """Each once, the person's own entries on the first page only."""
    held = booked(on, of)
    on.clock.move(seconds=1)
    frm, to = int(MONDAY_10.timestamp()), int((MONDAY_10 + HOUR).timestamp())
    counts = {"from": frm, "to": to}
    write(of.tenant, DAY, count=5, action=Action.APPOINTMENTS_READ, actor=of.expert, about=of.expert, counts=counts)
    with mock.patch("chalicelib.services.ledger.telling.LOOKED_THROUGH", 2):
        pages, before = [], ""
        while not pages or before:
            pages.append(on.services.telling.about_customer(link(on, held), before=before, network=NETWORK))
            before = pages[-1].rest

    own = [each for page in pages for each in page.entries if each.action is not Action.APPOINTMENTS_READ]
    assert [each.action for each in own] == [BOOKED]
    assert own[0] in pages[0].entries
    times = [each.at for page in pages for each in page.entries if each not in own]
    assert times == [at(DAY, 10, minute) for minute in (4, 3, 2, 1, 0)]
    assert len(pages) > 2


def test_another_kind_of_link_tells_nothing(on: Stage, of: Business, telling: Telling) -> None:
    """Nor one whose appointment is gone."""
    with pytest.raises(LinkInvalidError):
        telling.about_customer("x" * 40, before="", network=NETWORK)
    held = booked(on, of)
    token = link(on, held)
    with (
        mock.patch("chalicelib.services.ledger.telling.fetch_excepted", return_value=None),
        pytest.raises(NotFoundError),
    ):
        telling.about_customer(token, before="", network=NETWORK)


# Numbers, for the operator


def counted(tenant: str, action: Action = BOOKED, *, times: int = 1) -> None:
    """Somebody's day."""
    first = _numbers[tenant] = _numbers.get(tenant, 0) + 1000
    numbers = range(first, first + times)
    Tallying().take([Written(tenant=tenant, day=DAY, action=action.value, processor=None, number=n) for n in numbers])


_numbers: dict[str, int] = {}


def tenants(count: int) -> list[str]:
    """So many businesses."""
    return [f"{number:032x}" for number in range(1, count + 1)]


def settled(on: Stage) -> Telling:
    """When the day is over for long."""
    on.clock.now = at(NEXT, 0) + SETTLED
    return on.services.telling


def test_what_five_businesses_did_is_told(on: Stage) -> None:
    """How many they were and how often it happened."""
    for number, tenant in enumerate(tenants(FEWEST_TENANTS), 1):
        counted(tenant, times=number)

    told = settled(on).telemetry(DAY)

    assert (told.tenants, told.actions) == (5, {BOOKED.value: Group(5, 15)})


def test_what_four_businesses_did_is_not_told(on: Stage) -> None:
    """Not even that they were there."""
    for tenant in tenants(FEWEST_TENANTS - 1):
        counted(tenant)

    told = settled(on).telemetry(DAY)

    assert (told.tenants, told.actions) == (None, {})


def test_each_kind_is_judged_by_itself(on: Stage) -> None:
    """What few did is left out though many did something."""
    for number, tenant in enumerate(tenants(6)):
        counted(tenant)
        counted(tenant, Action.SIGNED_IN if number < 4 else Action.SIGNED_OUT)

    told = settled(on).telemetry(DAY)

    assert (told.tenants, list(told.actions)) == (6, [BOOKED.value])


def test_the_installation_is_no_business(on: Stage) -> None:
    """It does not make four five."""
    for tenant in (*tenants(4), INSTALLATION):
        counted(tenant)

    assert settled(on).telemetry(DAY).actions == {}


@pytest.mark.parametrize(("off", "told"), [(-SECOND, False), (timedelta(0), True), (SECOND, True)])
def test_a_day_is_told_of_when_it_is_settled(on: Stage, off: timedelta, *, told: bool) -> None:
    """Earlier, two answers would tell by their difference what one business did in between."""
    counted(T1)
    on.clock.now = at(NEXT, 0) + SETTLED + off

    if told:
        assert on.services.telling.telemetry(DAY).day == DAY
    else:
        with pytest.raises(InvalidInputError):
            on.services.telling.telemetry(DAY)
