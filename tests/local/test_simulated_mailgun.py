"""The simulated Mailgun answers as documented."""

import hashlib
import hmac
import json

import pytest

from infra.local.providers.exchange import Request, UnknownEventError
from tests.local.simulator_builders import NOW, REFERENCE, a_simulator, answer, basic, mailgun_request


def test_takes_a_mail_as_raw_mime() -> None:
    """The mail is queued, decoded, and keeps the variable that comes back with events."""
    simulator = a_simulator()

    taken = answer(simulator, mailgun_request(simulator, {}))

    body = json.loads(taken.body)
    captured = simulator.inbox.all()[0].captured
    assert (taken.status, body["message"]) == (200, "Queued. Thank you.")
    assert body["id"] == captured.provider_id
    assert (captured.to, captured.subject, captured.at) == ("anna@example.ch", "Ihr Termin in Zürich", NOW)
    assert captured.text.strip() == "Grüezi Anna"
    assert captured.html.strip() == "<p>Grüezi Anna</p>"
    assert captured.variables == {"ref": REFERENCE}
    assert [file.name for file in captured.files] == ["termin.ics"]


def test_takes_a_mail_in_fields() -> None:
    """The other endpoint composes the mail itself, with the headers given."""
    simulator = a_simulator()
    fields = {"message": b"", "from": b"a@mail.example.ch", "subject": b"Hallo", "text": b"Text", "h:X-One": b"1"}

    taken = answer(simulator, mailgun_request(simulator, fields, path="/mailgun/v3/mail.example.ch/messages"))

    captured = simulator.inbox.all()[0].captured
    assert taken.status == 200
    assert (captured.subject, captured.text, captured.html) == ("Hallo", "Text", "")
    assert ("X-One", "1") in captured.headers


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"to": b""}, "to parameter is missing"),
        ({"message": b""}, "message parameter is missing"),
        ({"to": b"nobody"}, "'to' parameter is not a valid address. please check documentation"),
        ({"o:tag": b"x" * (16 * 1024 + 1)}, "o:, h:, v: and t: parameters are too large"),
    ],
)
def test_refuses_what_is_no_mail(fields: dict[str, bytes], message: str) -> None:
    """The answer names the parameter, and nothing is taken."""
    simulator = a_simulator()

    refused = answer(simulator, mailgun_request(simulator, fields))

    assert (refused.status, json.loads(refused.body)) == (400, {"message": message})
    assert simulator.inbox.all() == []


def test_refuses_a_wrong_key() -> None:
    """Basic authentication with the user `api` and the key."""
    simulator = a_simulator()

    for headers in ({}, basic("api", "wrong"), basic("someone", simulator.setup.secrets["mailgun_api_key"])):
        assert answer(simulator, mailgun_request(simulator, {}, headers=headers)).status == 401


def test_knows_its_own_domain_only() -> None:
    """Another domain is not found."""
    simulator = a_simulator()

    refused = answer(simulator, mailgun_request(simulator, {}, path="/mailgun/v3/other.example.ch/messages.mime"))

    assert refused.status == 404


def test_lists_accepted_mails_page_by_page() -> None:
    """Each page names the next, and the page after the last is empty."""
    simulator = a_simulator(own_url="http://127.0.0.1:9")
    for number in range(3):
        answer(simulator, mailgun_request(simulator, {"v:ref": str(number).encode()}))
    headers = basic("api", simulator.setup.secrets["mailgun_api_key"])
    seen, query = [], {"event": "accepted", "ascending": "yes", "limit": "2"}

    for _ in range(3):
        path = "/mailgun/v3/mail.example.ch/events"
        page = json.loads(answer(simulator, Request(method="GET", path=path, query=query, headers=headers)).body)
        seen.append([item["user-variables"]["ref"] for item in page["items"]])
        assert page["paging"]["next"].startswith(f"http://127.0.0.1:9{path}?")
        query = dict(pair.split("=") for pair in page["paging"]["next"].partition("?")[2].split("&"))

    assert seen == [["0", "1"], ["2"], []]


@pytest.mark.parametrize(("begin", "count"), [(-1, 1), (0, 1), (1, 0)])
def test_lists_from_the_instant_asked_for(begin: int, count: int) -> None:
    """A mail accepted at that very second is in."""
    simulator = a_simulator()
    answer(simulator, mailgun_request(simulator, {}))
    query = {"begin": str(int(NOW.timestamp()) + begin)}
    headers = basic("api", simulator.setup.secrets["mailgun_api_key"])

    page = answer(
        simulator,
        Request(method="GET", path="/mailgun/v3/mail.example.ch/events", query=query, headers=headers),
    )

    assert len(json.loads(page.body)["items"]) == count


def test_signs_time_and_token_of_a_report() -> None:
    """Signature by the documented formula; the message id without its brackets."""
    simulator = a_simulator()
    answer(simulator, mailgun_request(simulator, {}))
    message = simulator.inbox.all()[0]

    call = simulator.providers["mailgun"].report(message, "delivered")

    content = json.loads(call.body)
    signed = content["signature"]
    key = simulator.setup.secrets["mailgun_signing_key"].encode()
    expected = hmac.new(key, (signed["timestamp"] + signed["token"]).encode(), hashlib.sha256).hexdigest()
    assert call.url == "http://app.localhost:1/v1/webhooks/mailgun"
    assert (signed["signature"], len(signed["token"])) == (expected, 50)
    assert content["event-data"]["user-variables"] == {"ref": REFERENCE}
    assert content["event-data"]["message"]["headers"]["message-id"] == message.captured.provider_id.strip("<>")


def test_reports_no_text_message_events() -> None:
    """Nobody answers STOP to a mail."""
    simulator = a_simulator()
    answer(simulator, mailgun_request(simulator, {}))

    with pytest.raises(UnknownEventError):
        simulator.providers["mailgun"].report(simulator.inbox.all()[0], "stop")


@pytest.mark.parametrize("status", [402, 429, 500])
def test_fails_in_json(status: int) -> None:
    """Failures have the documented form."""
    failed = a_simulator().providers["mailgun"].error(status, 0)

    assert failed.status == status
    assert json.loads(failed.body)["message"]
