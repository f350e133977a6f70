"""The deployed stack in the hands of tests: everybody's requests go over HTTP; only looking inside goes past it."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from boto3.dynamodb.types import Binary, TypeDeserializer
from icalendar import Calendar

from infra.local.client import Business, Client, tokens
from infra.local.cloud import LocalCloud
from infra.local.http_calls import HttpAnswer
from infra.local.simulation import PATIENCE
from tests.deployed.people import ADDRESS_V4, Person

TABLES = ("records", "keys", "ledger", "transient")
BOOKED, MOVED, CANCELLED, REMINDED = "bestätigt", "verschoben", "abgesagt", "Erinnerung"
_PLAIN = TypeDeserializer()


class _FromAddress:
    """The cloud as seen from one network address."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.inbox = cloud.inbox
        self._cloud = cloud

    def call(self, method: str, path: str, **how: Any) -> HttpAnswer:
        """One request."""
        headers = {"X-Forwarded-For": ADDRESS_V4, **(how.pop("headers", None) or {})}
        return self._cloud.call(method, path, headers=headers, **how)


class Stack:
    """What tests do again and again."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.inbox = cloud.inbox
        self.client = Client(_FromAddress(cloud))  # type: ignore[arg-type]
        self._customers: dict[str, str] = {}

    def call(self, method: str, path: str, **how: Any) -> HttpAnswer:
        """One request below /v1."""
        return self.client.cloud.call(method, f"/v1{path}", **how)

    @property
    def operator(self) -> dict[str, str]:
        """The header of somebody who works for the operator."""
        return self.cloud.as_operator

    def business(self, owner: Person | None = None, *, hours: Any = None, **service: Any) -> Business:
        """A confirmed business with one service; `hours` replace those of every day."""
        owner = owner or Person()
        given = owner.owner()
        opened = self.client.business(email=given.pop("email"), service=service, **given)
        if hours is not None:
            self.client.ask(
                "PUT", f"/staff/{opened.expert}/availability", wanted=200, json=hours, headers=opened.signed_in
            )
        return opened

    def free(self, of: Business, *, days: int = 3, count: int = 1) -> list[str]:
        """The starts that are offered from midnight in `days` days on."""
        frm = (self.cloud.now() + timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
        return self.client.slots(of, frm=frm, to=frm + timedelta(days=count))

    def book(self, of: Business, who: Person, *, starts_at: str = "", sms: bool = False, days: int = 3) -> Any:
        """An appointment: the first time that is offered, unless one is named."""
        starts_at = starts_at or self.free(of, days=days)[0]
        return self.client.book(of, starts_at=starts_at, sms_wanted=sms, **who.customer())

    def mail(self, who: Person, about: str, *, count: int = 1) -> dict[str, Any]:
        """The latest e-mail to somebody whose subject says `about`, once there are `count`."""
        return self.inbox.wait_for(count, to=who.email, wanted=lambda mail: about in mail["subject"])[-1]

    def texts(self, who: Person) -> list[dict[str, Any]]:
        """The text messages that went to somebody's phone."""
        return self.inbox.messages(to=who.phone, kind="sms")

    def mails(self, who: Person, about: str = "") -> list[dict[str, Any]]:
        """The e-mails that somebody got."""
        return [mail for mail in self.inbox.messages(to=who.email, kind="email") if about in mail["subject"]]

    def links(self, who: Person, about: str = BOOKED, *, count: int = 1) -> dict[str, dict[str, str]]:
        """The headers that show the links of the latest such mail, by what they allow."""
        found = tokens(self.mail(who, about, count=count)["text"])
        return {name: {"Zusage-Link": token} for name, token in found.items()}

    def calendar(self, mail: Mapping[str, Any]) -> Calendar:
        """The calendar file of a mail, parsed."""
        parsed: Calendar = Calendar.from_ical(self.inbox.file(dict(mail)).decode())
        return parsed

    def stored(self, table: str, **wanted: str) -> list[dict[str, Any]]:
        """The items of a table as they lie there, with plain values; only those whose attributes are as wanted."""
        found = self.cloud.scan_raw(table, **wanted)
        return [{name: _plain(value) for name, value in item.items()} for item in found]

    def notifications(self, about: str, **wanted: str) -> list[dict[str, Any]]:
        """The notifications of an appointment as they lie there."""
        pages = (
            self.cloud.client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName="zusage-local-records",
                KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
                ExpressionAttributeValues={":pk": {"S": self._customer_of(about)}, ":sk": {"S": "NOTIFICATION#"}},
            )
        )
        found = [{name: _plain(value) for name, value in item.items()} for page in pages for item in page["Items"]]
        wanted["about"] = about
        return [item for item in found if all(item.get(name) == value for name, value in wanted.items())]

    def _customer_of(self, appointment: str) -> str:
        """The partition of the customer, looked for once: tests ask again and again how far a message has come."""
        if appointment not in self._customers:
            (found,) = self.stored("records", sk=f"APPOINTMENT#{appointment}")
            self._customers[appointment] = str(found["pk"])
        return self._customers[appointment]

    def everything_stored(self) -> list[dict[str, Any]]:
        """All items of all tables."""
        return [item for table in TABLES for item in self.stored(table)]

    def wake(self) -> None:
        """What happens every minute."""
        self.cloud.invoke("Wake")

    def lapse(self) -> None:
        """What happens every quarter of an hour, until nothing is left for the next time.

        It may have come by itself at the same moment: what the one has in hand, the other leaves for later.
        """
        until(lambda: not self.cloud.invoke("Lapse")["waiting"], "nothing waits for its end")

    def settled(self, about: str, state: str, **wanted: str) -> None:
        """Waits until the notifications of an appointment are in this state."""
        until(lambda: {n["state"] for n in self.notifications(about, **wanted)} == {state}, f"{wanted} is {state}")


def _plain(value: Any) -> Any:
    plain = _PLAIN.deserialize(value)
    return getattr(plain, "value", plain) if isinstance(plain, Binary) else plain


def until(holds: Callable[[], bool], what: str, *, seconds: float = PATIENCE) -> None:
    """Waits, with a bound, until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"did not come true within {seconds:.0f} seconds: {what}"
        time.sleep(0.05)


def instant(text: str) -> datetime:
    """An instant of an answer."""
    return datetime.fromisoformat(text).astimezone(UTC)


def written(at: datetime) -> str:
    """An instant as the API writes it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def a_week_after(at: datetime) -> datetime:
    """Seven days later on the wall clock of Zurich."""
    return (at.astimezone(ZoneInfo("Europe/Zurich")) + timedelta(days=7)).astimezone(UTC)


def kind_of(answer: HttpAnswer) -> tuple[int, str]:
    """Status and kind of a refusal, which has to be a proper one."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert problem["status"] == answer.status
    return answer.status, problem["type"].rpartition(":")[2]
