"""A consultation that is paid in advance."""

from typing import Any
from urllib.request import HTTPErrorProcessor, Request, build_opener

from infra.local.client import tokens
from infra.local.demo.practice.scene import Practice, person
from infra.local.demo.steps import eventually, expect, step


class _Stays(HTTPErrorProcessor):
    """Follows nobody."""

    def http_response(self, request: Request, response: Any) -> Any:
        """The answer as it is."""
        return response


def a_consultation_is_paid(practice: Practice) -> None:
    """Kept until it is paid; cancelled early enough, the money comes back."""
    with step("A report costs CHF 120.00 in advance: it is kept while Xenia pays, and holds then"):
        xenia = person("Xenia", "Zahlt")
        start = practice.slots("Report", practice.day(20))["starts"][0]
        booked = practice.book("Report", start, xenia)
        expect("unpaid", booked["state"], "it")
        link = practice.link_to("pay", xenia["email"])
        page = practice.visits("POST", "/appointment/payment", link=link)["address"]
        with build_opener(_Stays).open(Request(page, data=b"", method="POST")):
            practice.mail(xenia["email"], "bestätigt")
    with step("Xenia cancels two weeks before: all of the money goes back, and nothing of her card was ever here"):
        cancel = tokens(practice.mail(xenia["email"], "bestätigt")["text"])["cancel"]
        practice.visits("POST", "/appointment/cancellation", link=cancel)
        eventually(lambda: _settled(practice), "it is refunded")
        (payment,) = _payments(practice)
        expect({"S": "refunded"}, payment["state"], "the payment")
        expect(False, "Zahlt" in str(payment) or "4242" in str(payment), "it names somebody")


def _settled(practice: Practice) -> bool:
    practice.cloud.invoke("Settle")
    return bool(_payments(practice)[0]["state"] == {"S": "refunded"})


def _payments(practice: Practice) -> list[dict[str, Any]]:
    return [item for item in practice.cloud.scan_raw("records") if item["kind"]["S"] == "Payment"]
