"""notifications, `processor-minimum`: what each provider really got, field by field, is what the task needs."""

from typing import Any

import pytest

from tests.deployed.people import Person, found, text_of
from tests.deployed.stack import BOOKED, CANCELLED, Stack
from tests.deployed.webhook_calls import CHANNELS

pytestmark = [pytest.mark.deployed, pytest.mark.promise("processor-minimum")]

# The fields of each provider's request. Whoever adds one decides here, in the open, that the task needs it.
FIELDS = {
    "mailgun": {
        *("to", "v:ref", "message", "o:tracking", "o:tracking-clicks", "o:tracking-opens"),
        *("o:require-tls", "o:skip-verification"),
    },
    "ses": {"source", "destination", "message"},
    "twilio": {"To", "From", "Body", "StatusCallback"},
    "smsapi": {"to", "message", "from", "encoding", "format", "idx", "check_idx", "notify_url"},
}
HEADERS = {
    *("from", "to", "reply-to", "subject", "date", "message-id", "auto-submitted"),
    *("mime-version", "content-type", "content-transfer-encoding"),
}
PREFERRED = {"ses": "mailgun", "smsapi": "twilio"}


def place_of(owner: Person) -> set[str]:
    """Where a business is: mails say where to go, text messages have no room and no need for it."""
    given = owner.owner()
    return {given["street"], given["city"]}


def everything_in(stack: Stack, taken: dict[str, Any]) -> str:
    """All that a provider got with a message: the request as it came in, and every part of it decoded."""
    known = {name: taken[name] for name in ("to", "from", "subject", "text", "html", "headers", "variables")}
    files = [stack.inbox.file(taken).decode()] if taken["attachments"] else []
    return text_of([known, taken["callback_url"], taken["received"], files])


def booked_by(stack: Stack, provider: str, owner: Person, anna: Person) -> dict[str, Any]:
    """The confirmation of an appointment as this provider took it. The phone number is given, and texts are wanted."""
    practice = stack.business(owner)
    if provider in PREFERRED:
        stack.inbox.fail(PREFERRED[provider], "status", status=503, times=1)
    stack.book(practice, anna, sms=True)
    mail, text = stack.mail(anna, BOOKED), stack.inbox.wait_for(1, to=anna.phone)[0]
    taken: dict[str, Any] = {"email": mail, "sms": text}[CHANNELS[provider]]
    assert taken["provider"] == provider
    return taken


@pytest.mark.parametrize("provider", CHANNELS)
def test_a_request_has_the_fields_that_are_needed(stack: Stack, provider: str) -> None:
    """And no others; a mail has the headers of a mail."""
    taken = booked_by(stack, provider, Person(), Person())

    assert set(taken["received"]) == FIELDS[provider]
    assert {name.lower() for name, _ in taken["headers"]} <= HEADERS


@pytest.mark.parametrize("provider", [name for name, channel in CHANNELS.items() if channel == "email"])
def test_a_mail_has_no_phone_number_and_no_street_of_the_customers(stack: Stack, provider: str) -> None:
    """Of the customer: name and address. Of the business: name, contact, where to go. The appointment, nobody else."""
    owner, anna, bystander = Person(), Person(), Person()
    stack.book(stack.business(), bystander, sms=True)

    taken = booked_by(stack, provider, owner, anna)

    held = everything_in(stack, taken)
    needed = {anna.given_name, anna.family_name, anna.email}
    others = {bystander.given_name, bystander.family_name, bystander.email, bystander.phone}
    assert found(needed, held) == sorted(needed)
    assert found(place_of(owner), held) == sorted(place_of(owner))
    assert found({anna.phone, anna.phone[1:]} | others, held) == []


@pytest.mark.parametrize("provider", [name for name, channel in CHANNELS.items() if channel == "sms"])
def test_a_text_message_has_no_name_and_no_address(stack: Stack, provider: str) -> None:
    """The number, the business, the time, a link: neither who comes nor to whom."""
    owner, anna = Person(), Person()

    taken = booked_by(stack, provider, owner, anna)

    held = everything_in(stack, taken)
    people = {each for one in (owner, anna) for each in (one.given_name, one.family_name, one.email)}
    assert anna.phone[1:] in held
    assert found(people | place_of(owner) | {owner.phone, owner.phone[1:]}, held) == []


def test_mail_to_staff_has_neither_phone_nor_place(stack: Stack) -> None:
    """The confirmation of a registration and the link to sign in."""
    owner = Person()
    stack.business(owner)
    stack.client.ask("POST", "/sign-in-links", wanted=202, json={"email": owner.email})
    mails = stack.inbox.wait_for(2, to=owner.email)

    for taken in mails:
        held = everything_in(stack, taken)
        assert set(taken["received"]) == FIELDS[taken["provider"]]
        assert found({owner.email}, held) == [owner.email]
        assert found({owner.phone, owner.phone[1:], owner.family_name} & {owner.phone, owner.phone[1:]}, held) == []
        assert found(place_of(owner), held) == []


def test_a_cancellation_says_no_more_than_a_confirmation(stack: Stack) -> None:
    """Both ways, after the link was used."""
    owner, anna = Person(), Person()
    stack.book(stack.business(owner), anna, sms=True)
    link = stack.links(anna)["cancel"]
    stack.inbox.wait_for(1, to=anna.phone)  # what is cancelled before it was confirmed is not confirmed any more
    stack.client.ask("POST", "/appointment/cancellation", wanted=200, headers=link)

    mail = stack.mail(anna, CANCELLED)
    text = stack.inbox.wait_for(2, to=anna.phone)[-1]

    assert found({anna.phone, anna.phone[1:]}, everything_in(stack, mail)) == []
    assert found({anna.given_name, anna.family_name, anna.email}, everything_in(stack, text)) == []


@pytest.mark.parametrize("provider", CHANNELS)
def test_what_was_got_is_within_what_is_published(stack: Stack, provider: str) -> None:
    """Kinds of data seen in the request, against the register of processors."""
    owner, anna = Person(), Person()
    held = everything_in(stack, booked_by(stack, provider, owner, anna))
    seen = {
        "e-mail address": found({anna.email}, held),
        "phone number": found({anna.phone[1:]}, held),
        "name": found({anna.given_name, anna.family_name}, held),
    }

    told = stack.cloud.call("GET", "/v1/processing-record").json()["processors"]

    (receives,) = [set(each["receives"]) for each in told if each["name"] == provider]
    assert {kind for kind, values in seen.items() if values} == receives & set(seen)
