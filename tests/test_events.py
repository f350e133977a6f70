"""The functions behind stream, queue and schedule, as they are called: what they take in, do, answer and log."""

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import app
from chalicelib import events
from chalicelib.domain.actions import Action
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.errors import ProviderUnavailableError, RecipientRefusedError
from chalicelib.observability import FailedError
from chalicelib.records.keys import SubjectKey
from chalicelib.records.publications import published
from chalicelib.records.reading import client
from chalicelib.services.outbox import AHEAD, Outbox, letter
from tests.builders import application, booked, business, wish
from tests.contracts.entry_points import function_properties
from tests.fakes import DrivenClock, ListQueue
from tests.records.record_builders import person
from tests.services.looking import ledger, stored
from tests.stage import Stage, stage

SENT_AT = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
PK = f"TENANT#{'1' * 32}#SUBJECT#{'a' * 32}"


def recorded(name: str) -> Any:
    """An event as AWS sends it."""
    return json.loads((Path(__file__).parent / "events" / f"{name}.json").read_text())


@dataclass
class Context:
    """What the platform hands to a function besides the event."""

    milliseconds: int = 840_000

    def get_remaining_time_in_millis(self) -> int:
        """The time that is left."""
        return self.milliseconds


@dataclass
class Dispatcher:
    """Stands for the service: fails for those named, remembers the others."""

    failing: frozenset[str] = frozenset()
    delivered: list[str] = field(default_factory=list)
    state: Delivery | None = Delivery.ACCEPTED

    def deliver(self, pk: str, sk: str) -> Delivery | None:
        """Delivers, or fails with what no log may show."""
        if sk in self.failing:
            raise RuntimeError("anna.muster@kundin.example is full of +41795550123")
        self.delivered.append(sk)
        return self.state


@dataclass
class Ended:
    """Stands for what ends removed records: fails for keys that begin so."""

    failing: str

    def end(self, *, event: str, pk: str, sk: str, kind: str) -> None:
        """Ends, or fails."""
        assert (event, pk, kind) > ("", "", "")
        if sk.startswith(self.failing):
            raise RuntimeError("anna.muster@kundin.example")


@contextmanager
def called(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A stage whose services are those of app.py."""
    with stage() as on:
        monkeypatch.setattr(app, "services", lambda: on.services)
        yield on


def bodies(*numbers: int) -> list[str]:
    """The letters of the notifications with these numbers."""
    return [letter(PK, f"NOTIFICATION#019a42f6d8007000800000000000000{number}") for number in numbers]


def streamed() -> Any:
    """What the stream says of everything that is now in `records`: inserted, images as stored."""
    items = client().scan(TableName="zusage-test-records")["Items"]
    event = recorded("stream_notifications")
    like = event["Records"][0]
    event["Records"] = []
    for item in items:
        images = {"Keys": {"pk": item["pk"], "sk": item["sk"]}, "NewImage": item}
        event["Records"].append({**like, "dynamodb": {**like["dynamodb"], **images}})
    return event


def queued(*letters: str) -> Any:
    """A batch of the queue with these bodies."""
    event = recorded("sqs_batch")
    like = event["Records"][0]
    event["Records"] = [{**like, "messageId": f"message-{n}", "body": body} for n, body in enumerate(letters)]
    return event


# The stream


@pytest.mark.parametrize(
    ("seconds", "numbers"),
    [
        (-AHEAD.total_seconds() - 1, []),
        (-AHEAD.total_seconds(), [1]),
        (0, [1]),
        (86_400 - AHEAD.total_seconds() - 1, [1]),
        (86_400 - AHEAD.total_seconds(), [1, 2]),
    ],
)
def test_relay_queues_what_is_due_within_the_minute(
    seconds: float, numbers: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The confirmation now, the reminder of tomorrow not yet: that one waits for the wake-up."""
    with called(monkeypatch) as on:
        on.clock.now = SENT_AT + timedelta(seconds=seconds)

        answer = app.relay(recorded("stream_notifications"), Context())

    assert on.queue.bodies == bodies(*numbers)
    assert answer == {"batchItemFailures": []}


def test_relay_passes_over_everything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes, deletions by hand and by another service, other kinds, and items that are none of ours."""
    event = recorded("stream_others")
    shapes = [(each["eventName"], "userIdentity" in each) for each in event["Records"]]
    with called(monkeypatch) as on:
        answer = app.relay(event, Context())
        assert ledger(Action.EXPIRED) == []

    assert {("MODIFY", False), ("REMOVE", False), ("REMOVE", True), ("INSERT", False)} == {*shapes}
    assert (on.queue.bodies, answer) == ([], {"batchItemFailures": []})


def test_relay_ends_what_expired_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that DynamoDB removed: proofs, and the key of the person; the one that somebody deleted is passed over."""
    with called(monkeypatch) as on:
        person(on)
        on.clock.now = SENT_AT + timedelta(days=2)

        answers = [app.relay(recorded("stream_expired"), Context()) for _ in range(2)]

        assert answers == [{"batchItemFailures": []}] * 2
        assert [each.sk for each in stored(SubjectKey)] == []
        assert sorted(str(each.counts) for each in ledger(Action.EXPIRED)) == ["{'CUSTOMER': 1}", "{'NOTIFICATION': 1}"]


@pytest.mark.parametrize(("failing", "named"), [("CUSTOMER", "102"), ("NOTIFICATION#", "103"), ("APPOINTMENT#", None)])
def test_relay_goes_on_with_the_removal_that_failed(failing: str, named: str | None) -> None:
    """The stream repeats from there, and at last keeps it among the dead letters; what is new was queued before."""
    event = recorded("stream_notifications")
    event["Records"] += recorded("stream_expired")["Records"]
    queue = ListQueue()
    outbox = Outbox(queue, DrivenClock(SENT_AT))

    answer = events.relay(event, outbox, lambda: Ended(failing))  # type: ignore[arg-type,return-value]

    assert queue.bodies == bodies(1)
    assert [each["itemIdentifier"][-3:] for each in answer["batchItemFailures"]] == ([named] if named else [])


def test_relay_asks_nobody_while_nothing_expires_by_itself() -> None:
    """What ends records is not even built."""

    def refuse() -> Any:
        raise AssertionError

    for name in ("stream_notifications", "stream_others"):
        events.relay(recorded(name), Outbox(ListQueue(), DrivenClock(SENT_AT)), refuse)


def test_the_stream_is_filtered_as_the_relay_reads_it() -> None:
    """Of the recorded events exactly those pass the template's filters that the relay does something with."""
    patterns = [json.loads(each["Pattern"]) for each in _filters()]
    passed = {
        name: [each["eventName"] for each in recorded(name)["Records"] if any(_fits(p, each) for p in patterns)]
        for name in ("stream_notifications", "stream_others", "stream_expired")
    }

    inserts = len(recorded("stream_notifications")["Records"])
    assert passed == {
        "stream_notifications": ["INSERT"] * inserts,
        "stream_others": [],
        "stream_expired": ["REMOVE"] * 2,
    }


def _filters() -> list[dict[str, str]]:
    properties = function_properties("relay")["Events"]["RelayDynamodbEventSource"]["Properties"]
    filters: list[dict[str, str]] = properties["FilterCriteria"]["Filters"]
    return filters


def _fits(pattern: Any, event: Any) -> bool:
    """Whether an event passes a filter of Lambda's: every leaf of the pattern lists the values that are let through."""
    if isinstance(pattern, list):
        return event in pattern
    return isinstance(event, dict) and all(name in event and _fits(part, event[name]) for name, part in pattern.items())


def test_relay_finds_the_new_among_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch holds what happened, in order."""
    event = recorded("stream_others")
    event["Records"][3:3] = recorded("stream_notifications")["Records"]
    with called(monkeypatch) as on:
        app.relay(event, Context())

        assert on.queue.bodies == bodies(1)


def test_relay_does_not_relay_twice_what_was_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The dispatcher's own notes come by as changes: each of them must not start another dispatch."""
    event = recorded("stream_notifications")
    for each in event["Records"]:
        each["eventName"] = "MODIFY"
        each["dynamodb"]["OldImage"] = copy.deepcopy(each["dynamodb"]["NewImage"])
    with called(monkeypatch) as on:
        app.relay(event, Context())

        assert on.queue.bodies == []


def test_relay_fails_as_a_whole_when_the_queue_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stream repeats the batch; what the platform logs is a class name, not a text."""

    def refuse(*_: Any, **__: Any) -> None:
        raise RuntimeError(f"no room for {bodies(1)[0]}")

    with called(monkeypatch) as on:
        monkeypatch.setattr(on.queue, "put", refuse)

        with pytest.raises(FailedError, match=r"^RuntimeError$") as caught:
            app.relay(recorded("stream_notifications"), Context())
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "no room" not in capsys.readouterr().out


def test_relay_reads_what_the_records_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """The event is not only of the recorded shape: real items, written by a real booking, are understood."""
    with called(monkeypatch) as on:
        made = booked(on, business(on))
        on.queue.bodies.clear()

        app.relay(streamed(), Context())

        waiting = {json.loads(body)["pk"] for body in on.queue.bodies}
        assert f"TENANT#{made.tenant}#SUBJECT#{made.subject}" in waiting


# The queue


@pytest.mark.parametrize("failing", [[], [1], [2, 4], [1, 2, 3, 4]])
def test_dispatch_names_exactly_what_failed(failing: list[int]) -> None:
    """Those go back into the queue, and only those: the others were sent."""
    event = recorded("sqs_batch")
    sks = [json.loads(body)["sk"] for body in bodies(1, 2, 3, 4)]
    dispatcher = Dispatcher(frozenset(sks[number - 1] for number in failing))

    answer = events.dispatch(event, dispatcher)  # type: ignore[arg-type]

    named = [each["itemIdentifier"] for each in answer["batchItemFailures"]]
    assert named == [event["Records"][number - 1]["messageId"] for number in failing]
    assert dispatcher.delivered == [sk for sk in sks if sk not in dispatcher.failing]


@pytest.mark.parametrize("body", ["", "no json", "[]", "{}", '{"pk": "x"}', "null"])
def test_dispatch_refuses_a_letter_it_cannot_read(body: str) -> None:
    """It ends among the dead letters; the others of its batch are sent."""
    dispatcher = Dispatcher()

    answer = events.dispatch(queued(body, bodies(1)[0]), dispatcher)  # type: ignore[arg-type]

    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}
    assert len(dispatcher.delivered) == 1


def test_dispatch_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the letter to the provider; a letter that comes twice sends nothing twice, and one about nothing is done."""
    with called(monkeypatch) as on:
        booked(on, business(on))
        mails = len(on.mails())
        on.services.outbox.wake()
        letters, on.queue.bodies = on.queue.bodies, []

        answer = app.dispatch(queued(*letters, *letters, bodies(1)[0]), Context())

    assert letters
    assert answer == {"batchItemFailures": []}
    assert len(on.mails()) == mails + 1


@pytest.mark.parametrize(
    ("state", "word"), [(Delivery.ACCEPTED, "accepted"), (Delivery.SKIPPED, "skipped"), (None, "gone")]
)
def test_dispatch_notes_what_came_of_it(state: Delivery | None, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As a word of ours, one line a letter."""
    events.dispatch(queued(*bodies(1)), Dispatcher(state=state))  # type: ignore[arg-type]

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["delivery"] for line in lines if line.get("message") == "dispatched"] == [word]


# The schedules


def test_wake_tells_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """None, or the reminder when its minute has come."""
    with called(monkeypatch) as on:
        made = booked(on, business(on))
        on.pump()
        assert app.wake(recorded("scheduled"), Context()) == {"queued": 0}
        on.clock.now = made.starts_at - timedelta(days=1, seconds=30)

        assert app.wake(recorded("scheduled"), Context()) == {"queued": 1}
        assert on.queue.delays == [30]


def test_sweep_tells_what_it_did(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing first; a year after the appointment everything about the customer, and then nothing again."""
    outcomes = ("due", "removed", "anonymised", "blocked", "unsent", "held", "revived", "postponed")
    nothing = dict.fromkeys(outcomes, 0)
    with called(monkeypatch) as on:
        made = booked(on, business(on))
        on.pump()
        assert app.sweep(recorded("scheduled"), Context()) == nothing
        on.clock.now = made.ends_at.replace(year=made.ends_at.year + 1)
        counts = app.sweep(recorded("scheduled"), Context())

        assert counts["due"] == counts["removed"] > 3
        assert (counts["revived"], counts["postponed"]) == (0, 0)
        assert app.sweep(recorded("scheduled"), Context()) == nothing


def test_a_dry_run_says_what_a_sweep_would_do_and_does_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By business and kind, and the number of steps; asked for by the event's detail. Then the sweep does just that."""
    event = recorded("scheduled") | {"detail": {"dry_run": True}}
    with called(monkeypatch) as on:
        made = booked(on, business(on))
        on.pump()
        on.clock.now = made.ends_at.replace(year=made.ends_at.year + 1)
        before = sorted(map(str, client().scan(TableName="zusage-test-records")["Items"]))
        capsys.readouterr()
        told = app.sweep(event, Context())
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        after = sorted(map(str, client().scan(TableName="zusage-test-records")["Items"]))

        counts = app.sweep(recorded("scheduled"), Context())

    assert before == after
    assert told["tenants"] == {made.tenant: told["tenants"][made.tenant]}
    assert told["tenants"][made.tenant]["CUSTOMER"] == 1
    assert (told["dry_run"], told["due"], told["beyond"]) == (True, counts["due"], 0)
    assert told["due"] == sum(told["tenants"][made.tenant].values())
    (of_tenant, in_all) = [line for line in lines if line["message"] == "sweep planned"]
    assert (of_tenant["tenant"], of_tenant["counts"]) == (made.tenant, told["tenants"][made.tenant])
    assert in_all["counts"] == {"steps": told["steps"], "due": told["due"], "beyond": 0}


def test_announce_tells_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Staff who know an older version of the notice, once the newest is in force; then nobody."""
    first, newest = published()[0], published()[-1]
    with called(monkeypatch) as on:
        business(on, notice_version=first.version)
        on.clock.now = max(on.clock.now, newest.effective_at)

        assert app.announce(recorded("scheduled"), Context()) == {"told": 1, "waiting": 0, "complete": True}
        assert app.announce(recorded("scheduled"), Context()) == {"told": 0, "waiting": 0, "complete": True}


def test_restamp_looks_once_and_then_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first run looks at what is stored; as long as no period changes, the next ones read one item."""
    with called(monkeypatch) as on:
        booked(on, business(on))
        first = app.restamp(recorded("scheduled"), Context())

        assert (first["written"], first["done"]) == (0, True)
        assert first["looked_at"] > 10
        assert app.restamp(recorded("scheduled"), Context()) == {"looked_at": 0, "written": 0, "done": True}


@pytest.mark.parametrize(("milliseconds", "goes_on"), [(29_999, False), (30_000, False), (30_001, True)])
def test_restamp_stops_while_there_is_time(
    milliseconds: int, *, goes_on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the sweep does; the next run goes on."""
    with called(monkeypatch) as on:
        booked(on, business(on))

        assert app.restamp(recorded("scheduled"), Context(milliseconds))["done"] is goes_on


@pytest.mark.parametrize(("milliseconds", "goes_on"), [(29_999, False), (30_000, False), (30_001, True)])
def test_sweep_stops_while_there_is_time(milliseconds: int, *, goes_on: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty seconds before the platform would stop it in the middle of something; the next run goes on."""
    with called(monkeypatch) as on:
        made = booked(on, business(on))
        on.clock.now = made.ends_at.replace(year=made.ends_at.year + 1)

        counts = app.sweep(recorded("scheduled"), Context(milliseconds))

    assert (counts["removed"] > 0) is goes_on


# What is logged


def personal() -> set[str]:
    """Every personal value that the builders use."""
    of_customer, of_business = wish_values(), asdict(application())
    impersonal = {"country", "language", "zone", "terms_version", "notice_version"}
    values = {**{f"business {k}": v for k, v in of_business.items() if k not in impersonal}, **of_customer}
    return {value for value in values.values() if not value.isdigit()}  # digits may stand in any id


def wish_values() -> dict[str, Any]:
    """What a customer says about themselves."""

    class Nobody:
        tenant = expert = ""
        service = type("Nothing", (), {"id": ""})

    wished = asdict(wish(Nobody()))  # type: ignore[arg-type]
    return {name: wished[name] for name in ("given_name", "family_name", "email", "phone")}


def test_nothing_personal_is_logged(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """A life from registration to the sweep, with refusals and failures on the way: ids and counts, no person."""
    with called(monkeypatch) as on:
        monkeypatch.delenv("POWERTOOLS_METRICS_DISABLED")
        on.mailgun.failures = [ProviderUnavailableError("mailgun", "503")]
        firm = business(on)
        made = booked(on, firm, sms_wanted=True)
        on.twilio.failures = [RecipientRefusedError("twilio", "21610", suppress=True)]
        app.relay(streamed(), Context())
        monkeypatch.setattr(on.mailgun, "send", failing_with_everything)
        letters, on.queue.bodies = on.queue.bodies, []
        answer = app.dispatch(queued(*letters, "no json"), Context())
        app.wake(recorded("scheduled"), Context())
        on.clock.now = made.ends_at.replace(year=made.ends_at.year + 1)
        app.sweep(recorded("scheduled"), Context())
        captured = capfd.readouterr()

    written = captured.out + captured.err
    assert len(answer["batchItemFailures"]) > 1
    assert {"relayed", "woken", "swept", "dispatch failed"} <= {
        json.loads(line).get("message") for line in written.splitlines()
    }
    assert not [value for value in personal() if value in written]
    assert "SUBJECT#" not in written


def failing_with_everything(message: Any) -> str:
    """A provider's client that puts all it knows into its error."""
    raise RuntimeError(f"could not deliver {message}")
