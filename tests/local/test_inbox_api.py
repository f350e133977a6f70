"""The inbox over HTTP: messages, files, reports, and who may ask."""

import http.server
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from infra.local.http_calls import HttpAnswer, call
from infra.local.providers.server import SimulatorServer
from tests.local.simulator_builders import (
    CALENDAR_FILE,
    NOW,
    a_mail,
    a_simulator,
    answer,
    mailgun_request,
    serving,
    smsapi_request,
    twilio_request,
)


def get(server: SimulatorServer, path: str, *, host: str = "", **headers: str) -> HttpAnswer:
    """A GET under the server's own name, or another."""
    return call(server.port, "GET", path, host=host or f"127.0.0.1:{server.port}", headers=headers)


def post(server: SimulatorServer, path: str, content: Any) -> HttpAnswer:
    """A POST of JSON."""
    return call(server.port, "POST", path, host=f"127.0.0.1:{server.port}", json=content)


def wait_for_reports(server: SimulatorServer, count: int) -> list[dict[str, Any]]:
    """The reports of the first message, once there are `count`."""
    deadline = time.monotonic() + 5
    while True:
        reports: list[dict[str, Any]] = get(server, "/inbox/1").json()["reports"]
        if len(reports) >= count or time.monotonic() > deadline:
            return reports


@contextmanager
def an_api(status: int) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Something in the place of the product's API, which keeps what it was sent."""
    got: list[tuple[str, bytes]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.headers["Host"], self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"read")

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True).start()
    try:
        yield f"http://app.localhost:{server.server_address[1]}", got
    finally:
        server.shutdown()
        server.server_close()


def test_lists_messages_oldest_first_by_filter() -> None:
    """By address, kind, number and time."""
    simulator = a_simulator()
    answer(simulator, mailgun_request(simulator, {}))
    answer(simulator, twilio_request(simulator, {}))
    answer(simulator, smsapi_request(simulator, {}))
    soon = (NOW + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

    with serving(simulator) as server:
        numbers = {
            query: [message["id"] for message in get(server, f"/inbox.json{query}").json()["messages"]]
            for query in (
                "",
                "?to=anna@example.ch",
                "?kind=sms",
                "?after=2",
                "?since=2026-03-02T08:00:00",
                f"?since={soon}",
            )
        }

    assert list(numbers.values()) == [[1, 2, 3], [1], [2, 3], [3], [1, 2, 3], []]


@pytest.mark.parametrize("query", ["since=yesterday", "after=x"])
def test_refuses_filters_that_make_no_sense(query: str) -> None:
    """With a sentence."""
    with serving(a_simulator()) as server:
        assert get(server, f"/inbox.json?{query}").status == 400


def test_shows_a_mail_with_its_invitation() -> None:
    """Decoded bodies, the calendar file in words, and the file itself."""
    simulator = a_simulator()
    answer(simulator, mailgun_request(simulator, {}))

    with serving(simulator) as server:
        message = get(server, "/inbox/1").json()
        file = get(server, message["attachments"][0]["url"])

    calendar = message["attachments"][0]["calendar"]
    assert (calendar["method"], calendar["summary"]) == ("REQUEST", "Massage")
    assert (calendar["dtstart"], calendar["location"]) == ("2026-03-10T13:00:00+00:00", "Seestrasse 1")
    assert ["Subject", "Ihr Termin in Zürich"] in message["headers"]
    assert file.body == CALENDAR_FILE
    assert file.headers["content-disposition"] == 'attachment; filename="termin.ics"'


def test_counts_segments_of_a_text_message() -> None:
    """As the carriers do."""
    simulator = a_simulator()
    answer(simulator, twilio_request(simulator, {"Body": "ш" * 71}))

    with serving(simulator) as server:
        assert get(server, "/inbox/1").json()["segments"] == {"encoding": "UCS-2", "units": 71, "segments": 2}


@pytest.mark.parametrize("path", ["/inbox/2", "/inbox/1/files/1", "/inbox/x", "/other"])
def test_what_is_not_there_is_not_found(path: str) -> None:
    """Neither a message, nor a file, nor a page."""
    simulator = a_simulator()
    answer(simulator, mailgun_request(simulator, {}))

    with serving(simulator) as server:
        assert get(server, path).status == 404


def test_the_page_loads_nothing_from_elsewhere() -> None:
    """Its parts are here, it names no other place, and the policy forbids it for mails too."""
    with serving(a_simulator()) as server:
        parts = [get(server, path) for path in ("/", "/page.css", "/page.js")]

    assert [part.status for part in parts] == [200, 200, 200]
    for part in parts:
        assert b"http://" not in part.body
        assert b"https://" not in part.body
        assert "default-src 'none'" in part.headers["content-security-policy"]
        assert "access-control-allow-origin" not in part.headers


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1", 200), ("localhost", 200), ("inbox.localhost", 200), ("evil.example", 403), ("localhost.evil", 403)],
)
def test_answers_to_its_own_names_only(host: str, status: int) -> None:
    """A web site that points its own name here gets nothing, from pages and providers alike."""
    with serving(a_simulator()) as server:
        assert get(server, "/inbox.json", host=f"{host}:{server.port}").status == status


def test_answers_on_its_own_port_only() -> None:
    """The port is part of the name."""
    with serving(a_simulator()) as server:
        assert get(server, "/inbox.json", host="127.0.0.1").status == 403


@pytest.mark.parametrize("path", ["/_control", "/inbox/1/report"])
def test_takes_orders_in_json_only(path: str) -> None:
    """A form that another site sends through the browser is refused."""
    simulator = a_simulator()
    answer(simulator, mailgun_request(simulator, {}))

    with serving(simulator) as server:
        own = f"127.0.0.1:{server.port}"
        answered = call(
            server.port, "POST", path, host=own, body=b'{"clear": true}', headers={"Content-Type": "text/plain"}
        )

    assert answered.status == 415
    assert len(simulator.inbox.all()) == 1


@pytest.mark.parametrize("status", [200, 403])
def test_reports_back_and_shows_the_answer(status: int) -> None:
    """Twice means the same bytes twice, under the public host name."""
    with an_api(status) as (address, got):
        simulator = a_simulator(api_base=address)
        answer(simulator, mailgun_request(simulator, {}))
        with serving(simulator) as server:
            reported = post(server, "/inbox/1/report", {"event": "delivered", "times": 2})
            shown = get(server, "/inbox/1").json()["reports"]

    assert reported.json() == {"reports": [{"status": status, "answer": "read"}] * 2}
    assert [report["status"] for report in shown] == [status, status]
    assert len({body for _, body in got}) == 1
    assert {host for host, _ in got} == {address.removeprefix("http://")}


def test_reports_late() -> None:
    """Accepted at once, sent afterwards."""
    with an_api(200) as (address, got):
        simulator = a_simulator(api_base=address)
        answer(simulator, mailgun_request(simulator, {}))
        with serving(simulator) as server:
            accepted = post(server, "/inbox/1/report", {"event": "bounced", "late_seconds": 0.2})
            before = len(got)
            reports = wait_for_reports(server, 1)

    assert (accepted.status, accepted.json(), before) == (202, {"reports": []}, 0)
    assert [(report["event"], report["status"]) for report in reports] == [("bounced", 200)]


@pytest.mark.parametrize(
    "order",
    [
        {"event": "read"},
        {},
        {"event": "delivered", "times": 0},
        {"event": "delivered", "times": 11},
        {"event": "delivered", "late_seconds": -1},
        {"event": "delivered", "times": "x"},
        {"event": "read", "late_seconds": 1},
        [],
    ],
)
def test_refuses_reports_that_make_no_sense(order: Any) -> None:
    """With a sentence that says what is possible."""
    simulator = a_simulator()
    answer(simulator, mailgun_request(simulator, {}))

    with serving(simulator) as server:
        refused = post(server, "/inbox/1/report", order)

    assert refused.status == 400
    assert refused.json()["problem"]


@pytest.mark.parametrize("url", ["https://example.org/x", "http://example.org/x", "http://127.0.0.1.example.org/x", ""])
def test_calls_nobody_outside(url: str) -> None:
    """A callback address that is not on this machine is never called."""
    simulator = a_simulator()
    answer(simulator, smsapi_request(simulator, {"notify_url": url}))

    reports = simulator.report(simulator.inbox.all()[0], "delivered", times=1, late_seconds=0)

    assert (reports[0].status, reports[0].answer.partition(":")[0]) == (0, "not called")


def test_an_api_that_is_gone_is_no_error() -> None:
    """The report shows that nothing was answered."""
    simulator = a_simulator(api_base="http://app.localhost:1")
    answer(simulator, mailgun_request(simulator, {}))

    reports = simulator.report(simulator.inbox.all()[0], "delivered", times=1, late_seconds=0)

    assert (reports[0].status, reports[0].answer) == (0, "no answer: ConnectionRefusedError")


def test_serves_the_certificate_that_its_notifications_name() -> None:
    """Below the origin that the product is configured with."""
    simulator = a_simulator()

    with serving(simulator) as server:
        path = simulator.ses.certificate_url.removeprefix(server.url)
        served = get(server, path)

    assert path.startswith("/SimpleNotificationService-")
    assert path.endswith(".pem")
    assert b"BEGIN CERTIFICATE" in served.body


def test_a_mail_by_ses_is_kept_for_each_recipient_without_its_tags() -> None:
    """As the recipients would see it."""
    simulator = a_simulator()
    mail = a_mail()
    mail["X-SES-MESSAGE-TAGS"] = "ref=abc, other=1"

    simulator.ses.take("termine@mail.example.ch", ["a@example.ch", "b@example.ch"], mail.as_bytes())

    captured = [message.captured for message in simulator.inbox.all()]
    assert [one.to for one in captured] == ["a@example.ch", "b@example.ch"]
    assert captured[0].variables == {"ref": "abc", "other": "1"}
    assert not any(name.startswith("X-SES") for name, _ in captured[0].headers)
