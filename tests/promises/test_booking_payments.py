"""booking, `payments`: an appointment that costs something is kept until it is paid, and lapses if it is not."""

import json
from datetime import timedelta
from typing import Any
from urllib.request import HTTPErrorProcessor, Request, build_opener

import pytest

from infra.local.client import Business, behind_hash
from infra.local.providers.payrexx import API_KEY, SIGNING_KEY
from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, CANCELLED, Stack, kind_of, until

pytestmark = [pytest.mark.deployed, pytest.mark.promise("payments")]

TO_PAY = "bezahlen"
PAID = {"price": 12_050, "currency": "CHF", "payment": "online", "pay_within": 30}
REFUNDS = [{"minutes": 60, "percent": 50}, {"minutes": 1440, "percent": 100}]


class _Stays(HTTPErrorProcessor):
    """Follows nobody: where a payer is sent on to is not what is tested."""

    def http_response(self, request: Request, response: Any) -> Any:
        """The answer as it is."""
        return response


def practice_with_prices(stack: Stack, **terms: Any) -> Business:
    """A business that takes payments."""
    practice = stack.business()
    account = {"instance": "praxis-brunner", "api_key": API_KEY, "signing_key": SIGNING_KEY}
    shown = stack.client.ask("PUT", "/payments/account", wanted=200, json=account, headers=practice.signed_in)
    assert API_KEY not in json.dumps(shown)
    offer(stack, practice, **{**PAID, **terms})
    return practice


def offer(stack: Stack, practice: Business, *, wanted: int = 200, **terms: Any) -> dict[str, Any]:
    """Other terms for the service of a business; what is answered."""
    path, header = f"/services/{practice.service}", practice.signed_in
    held = stack.client.ask("GET", path, wanted=200, headers=header)
    answered: dict[str, Any] = stack.client.ask("PUT", path, wanted=wanted, json={**held, **terms}, headers=header)
    return answered


def page_of(stack: Stack, who: Person) -> str:
    """Where the mail leads: to the page of the provider, the same each time."""
    link = {"Zusage-Link": behind_hash(stack.mail(who, TO_PAY)["text"])}
    page = stack.client.ask("POST", "/appointment/payment", wanted=200, headers=link)["address"]
    assert stack.client.ask("POST", "/appointment/payment", wanted=200, headers=link)["address"] == page
    return str(page)


def pay(page: str, *, report: bool = True, status: str = "confirmed") -> None:
    """What the payer does on that page."""
    address = f"{page}?status={status}" + ("" if report else "&report=none")
    with build_opener(_Stays).open(Request(address, data=b"", method="POST")) as answer:
        assert answer.status == 303


def state_of(stack: Stack, practice: Business, booked: dict[str, Any]) -> dict[str, Any]:
    """How far the payment is, as the business sees it."""
    (held,) = stack.stored("records", sk=f"APPOINTMENT#{booked['id']}")
    customer = held["pk"].rpartition("#")[2]
    path = f"/customers/{customer}/appointments/{booked['id']}/payment"
    shown: dict[str, Any] = stack.client.ask("GET", path, wanted=200, headers=practice.signed_in)
    return shown


def settled(stack: Stack, practice: Business, booked: dict[str, Any]) -> str:
    """How far it is after one more run of what looks after payments."""
    stack.cloud.invoke("Settle")
    return str(state_of(stack, practice, booked)["state"])


def test_paid_it_holds_and_unpaid_it_is_kept_until_then(stack: Stack) -> None:
    """Nobody else gets the time meanwhile; the confirmation comes with the money and not before."""
    anna, practice = Person(), practice_with_prices(stack)
    booked = stack.book(practice, anna)
    assert booked["state"] == "unpaid"
    other = stack.client.try_to_book(practice, starts_at=booked["starts_at"], **Person().customer())
    assert kind_of(other) == (409, "slot-taken")
    page = page_of(stack, anna)
    assert stack.mails(anna, BOOKED) == []

    pay(page, status="declined")
    pay(page)

    stack.mail(anna, BOOKED)
    shown = state_of(stack, practice, booked)
    assert (shown["state"], shown["amount"], shown["currency"]) == ("paid", 12_050, "CHF")
    assert not any("Muster" in str(item) for item in stack.stored("records", kind="Payment"))


def test_a_report_that_never_came_is_made_up_for(stack: Stack) -> None:
    """The provider is asked when the time to pay is over."""
    anna, practice = Person(), practice_with_prices(stack)
    booked = stack.book(practice, anna)
    pay(page_of(stack, anna), report=False)

    stack.cloud.move_time(seconds=1800)
    stack.cloud.invoke("Settle")

    stack.mail(anna, BOOKED)
    assert state_of(stack, practice, booked)["state"] == "paid"


def test_unpaid_it_lapses(stack: Stack) -> None:
    """From that second on the time is free again; the customer is told, and what comes too late goes back."""
    anna, beat, practice = Person(), Person(), practice_with_prices(stack)
    booked = stack.book(practice, anna)
    page = page_of(stack, anna)

    stack.cloud.move_time(seconds=timedelta(minutes=30, seconds=1).total_seconds())
    stack.book(practice, beat, starts_at=booked["starts_at"])
    stack.cloud.invoke("Upkeep")
    stack.mail(anna, "")
    pay(page)

    until(lambda: state_of(stack, practice, booked)["to_refund"] == 12_050, "all of it is to go back")
    until(lambda: settled(stack, practice, booked) == "refunded", "it went back")
    assert stack.mails(anna, BOOKED) == []


def test_who_cancels_gets_back_what_the_rules_say(stack: Stack) -> None:
    """Three days before: all of it, without anybody having to do anything."""
    anna, practice = Person(), practice_with_prices(stack, refunds=REFUNDS)
    booked = stack.book(practice, anna)
    pay(page_of(stack, anna))

    stack.client.ask("POST", "/appointment/cancellation", wanted=200, headers=stack.links(anna)["cancel"])
    stack.mail(anna, CANCELLED)
    until(lambda: settled(stack, practice, booked) == "refunded", "it went back")
    assert state_of(stack, practice, booked) == {
        **state_of(stack, practice, booked),
        "state": "refunded",
        "to_refund": 12_050,
        "refunded": 12_050,
    }


def test_what_is_paid_after_it_went_over_to_somebody_else_is_theirs(stack: Stack) -> None:
    """The page was asked for before: the report finds the appointment with its new customer, and so does the refund."""
    mother, child, practice = Person(), Person(), practice_with_prices(stack, refunds=REFUNDS)
    booked = stack.book(practice, mother)
    page = page_of(stack, mother)
    (held,) = stack.stored("records", sk=f"APPOINTMENT#{booked['id']}")
    person = {"given_name": child.given_name, "family_name": child.family_name, "email": child.email, "phone": None}
    body = {"appointments": [booked["id"]], "person": {**person, "language": "de"}}
    path = f"/customers/{held['pk'].rpartition('#')[2]}/splits"
    stack.client.ask("POST", path, wanted=201, json=body, headers=practice.signed_in)

    pay(page)
    stack.mail(child, BOOKED)
    stack.client.ask("POST", "/appointment/cancellation", wanted=200, headers=stack.links(child)["cancel"])

    until(lambda: settled(stack, practice, booked) == "refunded", "it went back")


def test_what_nobody_could_pay_is_not_offered(stack: Stack) -> None:
    """Without an account nothing is published that is paid online, and the account stays as long as something is."""
    practice = stack.business()
    refused = offer(stack, practice, wanted=422, **PAID)
    assert "payment" in json.dumps(refused)
    practice = practice_with_prices(stack)

    kept = stack.call("DELETE", "/payments/account", headers=practice.signed_in)
    offer(stack, practice, payment="on-site")
    gone = stack.call("DELETE", "/payments/account", headers=practice.signed_in)

    assert (kind_of(kept), gone.status) == ((409, "conflict"), 204)


def test_a_report_proves_itself(stack: Stack) -> None:
    """Without the key of the account's webhooks nothing is believed, nor looked at."""
    practice = practice_with_prices(stack)
    body = {"transaction": {"id": 1, "status": "confirmed"}}

    for proof in ("", "0" * 64):
        answer = stack.call(
            "POST", f"/webhooks/payrexx/{practice.tenant}", json=body, headers={"X-Webhook-Signature": proof}
        )
        assert kind_of(answer) == (403, "signature-invalid")
