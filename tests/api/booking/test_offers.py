"""The routes about what is offered: what comes in, what visitors see, answers that did not change."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from icalendar import Calendar

from tests.api.staff.test_staff import ask, kind
from tests.api.test_ledgered import Desk, desk
from tests.builders import booked
from tests.services.colleagues import working
from tests.services.paying.paying_builders import with_account

DAY = "from=2026-11-09T00:00:00Z&to=2026-11-10T00:00:00Z"
FULL: dict[str, Any] = {
    "name": "Massage",
    "description": "Für den Rücken.\nMit Öl.",
    "duration": 45,
    "durations": [30, 45],
    "step": 15,
    "buffer_before": 5,
    "buffer_after": 10,
    "notice": 60,
    "horizon_days": 30,
    "bookable_until": "2027-06-30",
    "reminder_minutes": 120,
    "together": False,
    "seats": 1,
    "resources": [],
    "site": None,
    "place": "video",
    "meeting_link": "https://video.example/raum",
    "price": 9000,
    "currency": "CHF",
    "payment": "online",
    "pay_within": 20,
    "refunds": [{"minutes": 60, "percent": 50}, {"minutes": 1440, "percent": 100}],
    "caps": [{"each": "day", "count": 3, "minutes": None}],
    "questions": [
        {
            "id": "pain",
            "label": "Haben Sie Schmerzen?",
            "answer": "yes-no",
            "purpose": "Vorbereitung",
            "keep_days": 30,
            "required": True,
            "options": [],
            "when": None,
        },
        {
            "id": "where",
            "label": "Wo?",
            "answer": "choice",
            "purpose": "Vorbereitung",
            "keep_days": 0,
            "required": False,
            "options": ["Rücken", "Knie"],
            "when": {"question": "pain", "answer": "yes"},
        },
    ],
    "confirm_within": 600,
    "cancel_until": 1440,
    "move_until": 720,
    "occurrences": 4,
    "offer_minutes": 30,
}
UNSEEN = {"buffer_before", "buffer_after", "reminder_minutes", "meeting_link", "caps", "resources", "weights"}


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A business at the real app."""
    with desk(monkeypatch) as made:
        with_account(made.on, made.of)
        yield made


def slots(at: Desk, query: str, *, path: str = "slots", **headers: str) -> Any:
    """Free times, asked for by anybody."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"/v1/tenants/{at.of.tenant}/services/{at.of.service.id}/{path}?{query}"
    return at.client.http.request("GET", url, headers=named)


def read(answer: Any) -> Any:
    """What a good answer says."""
    assert answer.status_code == 200, answer.body
    return json.loads(answer.body)


def test_a_service_comes_back_as_it_was_sent(at: Desk) -> None:
    """Every term of it, from creation, reading, changing and the list."""
    sent = {**FULL, "experts": [at.of.expert], "weights": [{"expert": at.of.expert, "weight": 3}]}

    made = at.call("POST", "/services", sent)

    assert {name: made[name] for name in sent} == sent
    assert at.call("GET", f"/services/{made['id']}") == made
    assert at.call("PUT", f"/services/{made['id']}", sent) == made
    assert at.call("GET", "/services?name=mass")["services"] == [made]


def test_visitors_see_what_they_need_and_no_more(at: Desk) -> None:
    """Neither the meeting's link nor what the business keeps to itself; questions say what for and how long."""
    shared = {**FULL, "experts": [at.of.expert], "weights": []}
    made = at.call("POST", "/services", shared)
    site = {"name": "Seefeld", "street": "Seestrasse 1", "postal_code": "8008", "city": "Zürich", "holidays": "CH-ZH"}
    at.call("PUT", "/premises", {"sites": [site], "closures": []})

    seen = read(at.client.http.get(f"/v1/tenants/{at.of.tenant}"))

    service = next(each for each in seen["services"] if each["id"] == made["id"])
    assert service == {
        **{name: made[name] for name in service if name != "waiting_list"},
        "waiting_list": True,
    }
    assert not service.keys() & UNSEEN
    assert service["questions"] == FULL["questions"]
    assert [each["name"] for each in seen["sites"]] == ["Seefeld"]
    assert "holidays" not in seen["sites"][0]
    at.call("POST", f"/services/{made['id']}/archive")
    assert made["id"] not in {
        each["id"] for each in read(at.client.http.get(f"/v1/tenants/{at.of.tenant}"))["services"]
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"duration": 0}, "duration"),
        ({"duration": 1441}, "duration"),
        ({"seats": 501}, "seats"),
        ({"price": -1}, "price"),
        ({"currency": "USD"}, "currency"),
        ({"place": "moon"}, "place"),
        ({"caps": [{"each": "year", "count": 1}]}, "caps.0.each"),
        ({"caps": [{"each": "day"}]}, "caps.0"),
        ({"refunds": [{"minutes": 0, "percent": 101}]}, "refunds.0.percent"),
        ({"meeting_link": "https://video.example/a b"}, "meeting_link"),
        ({"meeting_link": "http://video.example/a"}, "meeting_link"),
        ({"questions": [{**FULL["questions"][0], "id": "Pain"}]}, "questions.0.id"),
        ({"experts": []}, "experts"),
        ({"notices": 1}, "notices"),
    ],
)
def test_a_service_that_makes_no_sense_is_refused_by_field(at: Desk, changes: dict[str, Any], field: str) -> None:
    """Whether the form or the sense is wrong."""
    sent = {**FULL, "experts": [at.of.expert], "weights": [], **changes}

    answer = ask(at, "POST", "/services", sent)

    problem = json.loads(answer.body)
    assert answer.status_code == 422
    assert field in json.dumps(problem), problem


def test_free_times_come_with_who_is_free(at: Desk) -> None:
    """Merged over all experts, or of one; in UTC or in the zone that is asked for."""
    colleague = working(at.on, at.of).staff
    booked(at.on, at.of)

    everybody = read(slots(at, DAY))
    one = read(slots(at, f"{DAY}&expert={at.of.expert}&zone=America/New_York"))

    assert everybody["experts"] == sorted([at.of.expert, colleague])
    free = dict(zip(everybody["starts"], everybody["free"], strict=True))
    assert free["2026-11-09T08:00:00Z"] == [0, 1]
    assert free["2026-11-09T09:00:00Z"] == [everybody["experts"].index(colleague)]
    assert everybody["seats"] is None
    assert everybody["duration"] == 60
    assert one["starts"][0] == "2026-11-09T02:00:00-05:00"
    assert "2026-11-09T04:00:00-05:00" not in one["starts"]
    assert one["free"] == [[0]] * len(one["starts"])


def test_an_answer_that_did_not_change_is_not_sent_again(at: Desk) -> None:
    """A page may ask as often as it likes; once something is booked it gets the new list."""
    first = slots(at, DAY)
    again = slots(at, DAY, If_None_Match=first.headers["ETag"])
    booked(at.on, at.of)
    after = slots(at, DAY, If_None_Match=first.headers["ETag"])

    assert first.headers["Cache-Control"] == "no-cache"
    assert (again.status_code, again.body) == (304, b"")
    assert after.status_code == 200
    assert after.headers["ETag"] != first.headers["ETag"]


def test_the_first_free_time(at: Desk) -> None:
    """From now on, or from a later time; in a zone."""
    now = read(slots(at, "", path="slots/first"))
    later = read(slots(at, "from=2026-11-07T00:00:00Z&zone=Europe/Zurich", path="slots/first"))

    assert now["starts"] == ["2026-11-02T09:00:00Z"]
    assert later["starts"] == ["2026-11-09T08:00:00+01:00"]


@pytest.mark.parametrize(
    "query",
    ["", "from=2026-11-09T00:00:00Z", f"{DAY}&duration=0", f"{DAY}&duration=30", f"{DAY}&zone=Mars", f"{DAY}&x=1"],
)
def test_what_can_not_be_asked(at: Desk, query: str) -> None:
    """Named by field."""
    assert slots(at, query).status_code == 422


def test_times_of_a_visit(at: Desk) -> None:
    """When each service starts if the visit does."""
    other = at.call("POST", "/services", {"name": "Nachher", "duration": 20, "step": 60, "experts": [at.of.expert]})[
        "id"
    ]
    path = f"/v1/tenants/{at.of.tenant}/visits/slots?services={at.of.service.id},{other}&{DAY}"

    found = read(at.client.http.get(path))

    assert found["legs"] == [
        {"service": at.of.service.id, "offset": 0, "duration": 60},
        {"service": other, "offset": 60, "duration": 20},
    ]
    assert found["starts"][0] == "2026-11-09T07:00:00Z"
    assert found["starts"][-1] == "2026-11-09T14:30:00Z"


def test_busy_times_are_a_calendar_for_ones_own_business(at: Desk) -> None:
    """Times, and not a word about what with; visitors and other businesses get none."""
    held = booked(at.on, at.of)
    path = f"/tenants/{at.of.tenant}/experts/{at.of.expert}/free-busy?{DAY}"

    answer = ask(at, "GET", path)

    calendar = Calendar.from_ical(answer.body)
    (entry,) = calendar.walk("VFREEBUSY")
    times: Any = entry["FREEBUSY"]
    told = {each.params["FBTYPE"]: each.dt for each in times}
    assert told["BUSY"][0] == datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
    assert answer.headers["Content-Type"].startswith("text/calendar")
    text = answer.body.decode()
    assert not [word for word in (held.id, held.subject, "Anna", "Erstgespr") if word in text]
    assert at.client.http.get(f"/v1{path}").status_code == 401
    assert ask(at, "GET", path.replace(at.of.tenant, "f" * 32)).status_code == 404


def test_hours_come_back_with_all_that_was_set(at: Desk) -> None:
    """Sites, travels, absences, region; and the answer names what is booked in an absence."""
    held = booked(at.on, at.of)
    site = {"name": "Seefeld", "street": "Seestrasse 1", "postal_code": "8008", "city": "Zürich"}
    there = at.call("PUT", "/premises", {"sites": [site], "closures": []})["sites"][0]["id"]
    sent: dict[str, Any] = {
        "zone": "Europe/Zurich",
        "holidays": "CH-ZH",
        "weekly": [{"weekday": 1, "ranges": [{"start": "08:00", "end": "24:00", "site": there}]}],
        "exceptions": [{"date": "2026-12-24", "ranges": []}],
        "travels": [{"first": "2026-12-01", "last": "2026-12-02", "zone": "Asia/Tokyo"}],
        "absences": [{"from": "2026-11-09T09:59:00Z", "until": "2026-11-10T00:00:00Z", "stand_in": None}],
    }

    answer = at.call("PUT", f"/staff/{at.of.expert}/availability", sent)

    affected = answer.pop("affected")
    assert [(each["id"], each["customer"], each["state"]) for each in affected] == [
        (held.id, held.subject, "confirmed")
    ]
    assert at.call("GET", f"/staff/{at.of.expert}/availability") == answer
    assert {**answer, "absences": [{**answer["absences"][0], "id": None}]} == {
        **sent,
        "absences": [{"id": None, **sent["absences"][0]}],
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"travels": [{"first": "2026-12-02", "last": "2026-12-01", "zone": "Asia/Tokyo"}]},
        {"travels": [{"first": "2026-12-01", "last": "2026-12-02", "zone": "Mars"}]},
        {"travels": [{"first": "2026-12-01", "last": "2026-12-01", "zone": "Asia/Tokyo"}] * 2},
        {"absences": [{"from": "2026-11-10T00:00:00Z", "until": "2026-11-10T00:00:00Z"}]},
        {"absences": [{"from": "2026-11-10T00:00:00Z", "until": "2029-11-10T00:00:00Z"}]},
        {"absences": [{"from": "2100-12-31T00:00:00Z", "until": "2101-01-01T00:00:00Z"}]},
        {"holidays": "zh"},
        {"weekly": [{"weekday": 1, "ranges": [{"start": "08:00", "end": "09:00", "site": "f" * 32}]}]},
    ],
)
def test_hours_that_make_no_sense_are_refused(at: Desk, changes: dict[str, Any]) -> None:
    """Backwards, over each other, nowhere."""
    sent = {"zone": "Europe/Zurich", "weekly": [], **changes}

    assert ask(at, "PUT", f"/staff/{at.of.expert}/availability", sent).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/services/{0}"),
        ("POST", "/services/{0}/archive"),
        ("DELETE", "/services/{0}/archive"),
        ("PUT", "/resources/{0}"),
        ("POST", "/resources/{0}/archive"),
        ("DELETE", "/resources/{0}/archive"),
    ],
)
def test_what_is_not_there_is_not_found(at: Desk, method: str, path: str) -> None:
    """Nor what belongs to somebody else."""
    body = {"name": "Eins"} if method == "PUT" else b""

    assert kind(ask(at, method, path.format("f" * 32), body)) == (404, "not-found")


@pytest.mark.parametrize("starts_at", ["2026-11-09T09:00:00Z", "2026-11-09T09:10:00Z", "2026-11-07T09:00:00Z"])
def test_why_a_time_is_offered_or_not(at: Desk, starts_at: str) -> None:
    """On the grid, off it, on a Saturday."""
    path = f"/services/{at.of.service.id}/explanation?expert={at.of.expert}&starts_at={starts_at}"

    told = at.call("GET", path)

    wrong = {each["rule"] for each in told["verdicts"] if each["holds"] is not True}
    expected = {"2026-11-09T09:10:00Z": {"grid"}, "2026-11-07T09:00:00Z": {"grid", "working-hours"}}
    assert wrong == expected.get(starts_at, set())
    assert told["offered"] is (not wrong)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/services/{s}/explanation?expert={e}&starts_at=9999-12-31T23:59:59Z", 422),
        ("/services/{s}/explanation?expert={e}&starts_at=0001-01-01T00:00:00Z", 422),
        ("/tenants/{t}/experts/{e}/free-busy?from=9999-12-31T00:00:00Z&to=9999-12-31T23:59:59Z", 422),
        ("/tenants/{t}/experts/{e}/free-busy?from=0001-01-01T00:00:00Z&to=0001-01-02T00:00:00Z", 422),
        ("/tenants/{t}/services/{s}/slots?from=9999-12-31T00:00:00Z&to=9999-12-31T23:59:59Z&zone=Asia/Tokyo", 200),
        ("/tenants/{t}/services/{s}/slots?from=0001-01-01T00:00:00Z&to=0001-01-02T00:00:00Z&zone=America/Lima", 200),
        ("/tenants/{t}/services/{s}/slots/first?from=9999-12-31T23:59:59Z", 200),
        ("/tenants/{t}/services/{s}/slots/first?from=0001-01-01T00:00:00Z&zone=America/Lima", 200),
        ("/tenants/{t}/visits/slots?services={s},{o}&from=9999-12-31T00:00:00Z&to=9999-12-31T23:59:59Z", 200),
        ("/tenants/{t}/visits/slots?services={s},{o}&from=0001-01-01T00:00:00Z&to=0001-01-02T00:00:00Z", 200),
    ],
)
def test_the_ends_of_the_calendar_break_nothing(at: Desk, path: str, status: int) -> None:
    """Where nobody can book."""
    other = at.call("POST", "/services", {"name": "B", "duration": 20, "step": 60, "experts": [at.of.expert]})["id"]

    answer = ask(at, "GET", path.format(s=at.of.service.id, e=at.of.expert, t=at.of.tenant, o=other))

    assert answer.status_code == status
