"""retention, `policy-is-program`: the periods that everybody can read are the ones that stand on what is stored.

What the published notice says is read here as a person would, in words, and worked out anew for every item in the
tables, without the program's own arithmetic. A year passes, so this runs on a local cloud of its own.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.handling import Counted, Elsewhere, Keep
from chalicelib.domain.periods import Period, days, months
from chalicelib.records.catalogue import RECORDS
from infra.local.client import Business
from infra.local.cloud import LocalCloud
from tests.deployed.clouds import driven_cloud
from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, Stack, until

pytestmark = [pytest.mark.deployed, pytest.mark.promise("policy-is-program")]

Item = Mapping[str, Any]
DAY = timedelta(days=1)
# The notice's words for the beginning of a period, and the field of an item that holds it.
STARTS = {
    "the end of the contract": "ended_at",
    "registration, if the address is not confirmed": "unconfirmed_since",
    "the end of the work there": "left_at",
    "the end of the appointment or day": "ends_at",
    "the last appointment, or being entered by the business": "last_appointment_at",
    "the upload": "uploaded_at",
    "the splitting": "split_at",
    "the merging": "merged_at",
    "the end of the period that stands beside the question": "kept_until",
    "the end of the appointment": "appointment_ends_at",
    "the beginning of that time": "starts_at",
    "the booking": "opened_at",
    "sending": "send_at",
    "sending, for sign-in links": "brief_since",
    "the last event": "last_at",
    "the last use": "seen_at",
    "the start": "started_at",
    "the entry": "at",
    "the end of the legal hold": "hold_ends_at",
    "the last day of the financial year": "last_day",
    "the request": "asked_at",
    "the invitation": "invited_at",
    "the end of validity": "valid_until",
    "its end": "until",
    "the end of the 30 days after the trial or the cancellation": "closes_at",
    "the cancellation, if the expert left": "expert_left_at",
}
BLOCKED = "then blocked, and kept for a legal duty only: "
COUNTED = {
    Counted.FROM_THEN: None,
    Counted.FROM_END_OF_DAY: "day",
    Counted.FROM_END_OF_FINANCIAL_YEAR: "financial year",
}
_SAID = re.compile(
    r"(?:(?P<length>\d+) (?P<unit>\w+?)s? from|until) (?P<start>.+?)"
    r"(?:, counted from the end of that (?P<counted>day|financial year))?"
)


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """A cloud whose time these checks may move by a year."""
    with driven_cloud() as running:
        yield running


@pytest.fixture(scope="module")
def lived(cloud: LocalCloud) -> Business:
    """A story that leaves records of many kinds: a business, two customers, messages, reports, a stop, sessions."""
    stack = Stack(cloud)
    owner, anna, beat = Person(), Person(), Person()
    practice = stack.business(owner)
    stack.client.ask("POST", "/sign-in-links", wanted=202, json={"email": owner.email})
    stack.mail(owner, "Anmeldung")
    booked = stack.book(practice, anna, sms=True)
    stack.book(practice, beat, days=4)
    for message in (stack.mail(anna, BOOKED), stack.inbox.wait_for(1, to=anna.phone)[0]):
        stack.inbox.report(message["id"], "delivered")
    stack.inbox.report(stack.texts(anna)[0]["id"], "stop")
    stack.client.ask("POST", "/appointment/cancellation", wanted=200, headers=stack.links(anna)["cancel"])
    stack.settled(booked["id"], "delivered", message="appointment-confirmed")
    until(lambda: bool(stack.stored("records", kind="Suppression")), "the stop is noted")
    return practice


def notices(stack: Stack, tenant: str) -> dict[str, list[str]]:
    """What the published notices say of each kind: how long, and from when."""
    told: dict[str, list[str]] = {}
    for path in ("/notice?language=en", f"/tenants/{tenant}/notice?language=en"):
        for each in stack.client.ask("GET", path, wanted=200)["kinds"]:
            told[each["kind"]] = list(each["kept"])
    return told


def ends(item: Item, said: str) -> datetime | None:
    """When an item ends by one sentence of the notice; None while its period is not running."""
    found = _SAID.fullmatch(said)
    assert found is not None, said
    start = began(item, STARTS[found["start"]])
    if start is None:
        return None
    local = start.astimezone(ZoneInfo(item["zone"]))
    if found["counted"] == "day":
        local = datetime.combine(local.date() + DAY, time(), local.tzinfo)
    if found["counted"] == "financial year":
        local = datetime(local.year + 1, 1, 1, tzinfo=local.tzinfo)
    return later(local, int(found["length"] or 0), found["unit"] or "day")


def began(item: Item, field: str) -> datetime | None:
    """When a period began."""
    if field == "ends_at" and field not in item:  # the sheet of a day says its day in its key
        day = datetime.fromisoformat(item["sk"].rpartition("#")[2])
        return datetime.combine(day.date(), time(), UTC) + DAY
    if field == "closes_at":  # thirty days after the trial of who chose no plan, or after the cancellation
        turned = [item.get("cancelled_at"), None if item.get("plan") else item.get("trial_ends_at")]
        first = min((int(at) for at in turned if at is not None), default=None)
        return None if first is None else datetime.fromtimestamp(first, UTC) + 30 * DAY
    return datetime.fromtimestamp(int(item[field]), UTC) if item.get(field) is not None else None


def later(start: datetime, length: int, unit: str) -> datetime:
    """So much later on the wall clock; hours are hours."""
    if unit in {"hour", "minute"}:
        return start.astimezone(UTC) + timedelta(**{f"{unit}s": length})
    if unit == "day":
        return (start + timedelta(days=length)).astimezone(UTC)
    year, month0 = divmod(start.year * 12 + start.month - 1 + length * {"month": 1, "year": 12}[unit], 12)
    day = min(start.day, monthrange(year, month0 + 1)[1])
    return start.replace(year=year, month=month0 + 1, day=day).astimezone(UTC)


def stamp(item: Item, name: str) -> datetime | None:
    """An instant that stands on an item."""
    return datetime.fromtimestamp(int(item[name]), UTC) if item.get(name) is not None else None


def test_what_stands_on_every_item_is_what_the_notice_says(stack: Stack, lived: Business) -> None:
    """The first of its periods that run; from then on it is invisible, and a day later DynamoDB itself removes it."""
    told, wrong, kinds = notices(stack, lived.tenant), [], set[str]()
    for item in stack.everything_stored():
        kinds.add(item["kind"])
        running = [end for end in (ends(item, said) for said in told[item["kind"]]) if end is not None]
        expected = min(running, default=None)
        stamps = (stamp(item, "expires_at"), stamp(item, "ttl"))
        if stamps != (expected, expected and expected + DAY):
            wrong.append((item["kind"], stamps, expected))

    assert wrong == []
    assert kinds >= {"Tenant", "Staff", "StaffAddress", "Acceptance", "Service", "Availability", "DaySheet", "Session"}
    assert kinds >= {"Customer", "CustomerAddress", "Appointment", "Notification", "Suppression", "LedgerEntry"}


def test_a_stored_end_that_is_not_the_published_one_would_be_found(stack: Stack, lived: Business) -> None:
    """The same arithmetic, on an item whose end is a second off."""
    told = notices(stack, lived.tenant)
    item = stack.stored("records", kind="Customer")[0]

    (said,) = told["Customer"]
    assert stamp(item, "expires_at") == ends(item, said)
    assert ends({**item, "last_appointment_at": item["last_appointment_at"] + 1}, said) != stamp(item, "expires_at")
    assert ends(item, said.replace("12", "11")) != stamp(item, "expires_at")


def test_notice_and_record_of_processing_say_what_the_program_declares(stack: Stack, lived: Business) -> None:
    """The same kinds, the same periods, from the same moments: published, recorded, and in the deployed program."""
    told = notices(stack, lived.tenant)
    recorded = stack.client.ask("GET", "/processing-record?language=en", wanted=200)["activities"]

    assert told.keys() == {each["kind"] for each in recorded} == {kind.kind_name() for kind in RECORDS}
    for kind in RECORDS:
        (each,) = [one for one in recorded if one["kind"] == kind.kind_name()]
        kept = [said for said in each["kept"] if not said.startswith(BLOCKED)]
        assert periods(told[each["kind"]]) == periods(kept) == [*map(stated, kind.handling.keep)], each["kind"]
        blocked = [kind.handling.blocked] if kind.handling.blocked else []
        assert periods([said for said in each["kept"] if said.startswith(BLOCKED)]) == [*map(stated, blocked)]


def periods(sentences: list[str]) -> list[tuple[timedelta, str, str | None]]:
    """What sentences say, with a month counted as thirty days: enough to tell them apart."""
    told = []
    for said in sentences:
        found = _SAID.fullmatch(said.removeprefix(BLOCKED))
        assert found is not None, said
        unit = {"month": 30, "year": 360, "day": 1, "hour": 1 / 24, "minute": 1 / 1440}[found["unit"] or "day"]
        told.append((timedelta(days=int(found["length"] or 0) * unit), STARTS[found["start"]], found["counted"]))
    return told


def stated(keep: Keep) -> tuple[timedelta, str, str | None]:
    """A declared period in the same way."""
    return length(keep.period), keep.since, COUNTED[keep.counted]


def length(declared: Period) -> timedelta:
    """A declared period by the same count."""
    return timedelta(days=30 * declared.months + declared.days, seconds=declared.seconds)


def test_of_two_published_periods_the_shorter_one_holds(stack: Stack, lived: Business) -> None:
    """The longer one can't even be declared; where they disagree, the notice says so."""
    with pytest.raises(TypeError, match="shorter"):
        Keep(months(12), "at", elsewhere=(Elsewhere(days(364), "an older form"),))
    assert Keep(days(364), "at", elsewhere=(Elsewhere(months(12), "an older form"),)).period == days(364)

    said = []
    for path in ("/notice?language=en", f"/tenants/{lived.tenant}/notice?language=en"):
        said += stack.client.ask("GET", path, wanted=200)["disagreements"]
    disagreeing = [keep for kind in RECORDS for keep in kind.handling.keep if keep.elsewhere]
    assert len(set(said)) == len(disagreeing)
    for keep in disagreeing:
        assert all(keep.period.length() <= other.period.length() for other in keep.elsewhere)


def test_the_sweep_ends_what_the_notice_says_is_over(stack: Stack, lived: Business) -> None:
    """A week, a month and a year on: after a sweep nothing is left whose published time is up; nothing else went."""
    told = notices(stack, lived.tenant)
    for forward in (timedelta(days=8), timedelta(days=30), timedelta(days=340)):
        stack.cloud.move_time(to=stack.cloud.now() + forward)
        now, before = stack.cloud.now(), stack.stored("records")
        over = {key(item) for item in before if is_over(item, told[item["kind"]], now)}

        stack.cloud.invoke("Sweep")
        after = stack.stored("records")

        assert over
        assert not [item["kind"] for item in after if key(item) in over]
        gone = {key(item) for item in before} - {key(item) for item in after}
        late = {key(item) for item in before if is_over(item, told[item["kind"]], stack.cloud.now())}
        assert over <= gone <= late


def key(item: Item) -> tuple[str, str]:
    """Where an item lies."""
    return item["pk"], item["sk"]


def is_over(item: Item, sentences: list[str], now: datetime) -> bool:
    """Whether an item's time is up by what the notice says."""
    return any(end <= now for end in (ends(item, said) for said in sentences) if end is not None)
