"""Tells the product's story on the deployed stack, a year of time included: `python -m infra.local.demo`.

Every step says what it did and what was checked; the first one that does not hold ends the story with exit code 1.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from icalendar import Calendar

from infra.local.client import Business, Client, tokens
from infra.local.cloud import LocalCloud
from infra.local.errors import LocalCloudError
from infra.local.paths import PACKAGE, ROOT
from infra.tools.package import package

ANNA = {
    "given_name": "Anna",
    "family_name": "Muster",
    "email": "anna.muster@kundin.example",
    "phone": "+41795550123",
    "language": "de",
    "zone": "Europe/Zurich",
}
BEAT = "beat@kunde.example"
PERSONAL = (BEAT, "anna.muster@kundin.example", "+41795550123", "Muster", "regula@praxis-brunner.example", "Seestrasse")
TABLES = ("records", "keys", "ledger", "transient")


class StepFailedError(Exception):
    """Raised when something is not as the story says."""


def expect(wanted: object, seen: object, what: str) -> None:
    """Holds the story to its word."""
    if wanted != seen:
        raise StepFailedError(f"{what}: expected {wanted!r}, saw {seen!r}")
    print(f"     ✓ {what}: {seen if not isinstance(seen, bool) else 'yes' if seen else 'no'}")


def eventually(check: Callable[[], bool], what: str, *, seconds: float = 30) -> None:
    """Waits, with a bound, until something holds."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            raise StepFailedError(f"{what}: did not happen within {seconds:.0f} seconds")
        time.sleep(0.1)
    print(f"     ✓ {what}")


@contextmanager
def step(title: str) -> Iterator[None]:
    """One step of the story."""
    step.number = getattr(step, "number", 0) + 1  # type: ignore[attr-defined]
    print(f"\n{step.number:>2}. {title}", flush=True)  # type: ignore[attr-defined]
    yield


def main() -> int:
    """Runs the story."""
    try:
        print("Packaging the program and starting the local cloud ...", flush=True)
        package(root=ROOT, stage="local", out=PACKAGE)
        with LocalCloud() as cloud:
            Story(cloud).tell()
    except (StepFailedError, LocalCloudError) as problem:
        print(f"\nThe story does not hold. {problem}", file=sys.stderr)
        return 1
    print("\nThe story holds.")
    return 0


class Story:
    """A practice, a customer, and a year."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.client = Client(cloud)
        self.inbox = cloud.inbox

    def tell(self) -> None:
        """All of it."""
        practice = self._a_practice_opens()
        start, booked = self._anna_books(practice)
        self._nobody_else_gets_it(practice, start)
        self._she_is_told(booked)
        self._providers_report(booked)
        self._a_provider_is_down(practice)
        moved = self._she_moves(practice)
        self._she_is_reminded(moved)
        self._she_cancels(practice, moved)
        self._nothing_is_in_the_clear()
        self._a_year_later(practice)

    def _a_practice_opens(self) -> Business:
        with step("A practice registers, confirms its address and publishes a service"):
            practice = self.client.business(email="regula@praxis-brunner.example")
            seen = self.client.ask("GET", f"/tenants/{practice.tenant}", wanted=200)
            expect("Praxis Brunner", seen["name"], "visitors see the practice")
            expect(["Erstgespräch"], [each["name"] for each in seen["services"]], "and its service")
            refused = self.cloud.call("GET", "/v1/session", headers={"Authorization": "Bearer " + "x" * 43})
            expect(401, refused.status, "a made-up session is refused")
        return practice

    def _anna_books(self, practice: Business) -> tuple[str, dict[str, Any]]:
        with step("Anna looks for a time three days ahead and books it, with text messages, without an account"):
            day = (self.cloud.now() + timedelta(days=3)).replace(hour=0, minute=0, second=0)
            free = self.client.slots(practice, frm=day, to=day + timedelta(days=1))
            start = next(each for each in free if each[11:] >= "09:00")
            expect(True, len(free) > 10, "times are offered")
            booked = self.client.book(practice, starts_at=start, sms_wanted=True, key="anna-books-once", **ANNA)
            again = self.client.book(practice, starts_at=start, sms_wanted=True, key="anna-books-once", **ANNA)
            expect(booked["id"], again["id"], "the same request again gives the same appointment")
        return start, booked

    def _nobody_else_gets_it(self, practice: Business, start: str) -> None:
        with step("Somebody else wants the same time"):
            answer = self.client.try_to_book(practice, starts_at=start, email=BEAT)
            expect(409, answer.status, "and is told that it is taken")
            expect("application/problem+json", answer.headers["content-type"], "in a form that programs can read")

    def _she_is_told(self, booked: dict[str, Any]) -> None:
        with step("Anna gets an e-mail with a calendar file, and a text message"):
            mail = self._latest(to=ANNA["email"], about="bestätigt")
            text = self.inbox.wait_for(1, to=ANNA["phone"])[-1]
            expect("mailgun", mail["provider"], "the preferred mail provider took it")
            expect("REQUEST", str(self._calendar(mail)["METHOD"]), "the calendar file invites")
            expect(True, text["segments"]["segments"] <= 2, "the text message is short")
            expect(True, booked["links"].keys() == tokens(mail["text"]).keys(), "the mail holds both links")

    def _providers_report(self, booked: dict[str, Any]) -> None:
        with step("The providers report delivery by signed webhooks, twice and late"):
            for to in (ANNA["email"], ANNA["phone"]):
                message = self.inbox.wait_for(1, to=to)[-1]
                answers = self.inbox.report(message["id"], "delivered", times=2)
                expect([200, 200], [each["status"] for each in answers], f"{message['provider']} is heard, twice")
            eventually(
                lambda: self._states().count("delivered") == 2, "both messages are noted as delivered, once each"
            )
            forged = self.cloud.call("POST", "/v1/webhooks/mailgun", json={"signature": {}, "event-data": {}})
            expect(403, forged.status, "a report that can't prove itself is refused")

    def _a_provider_is_down(self, practice: Business) -> None:
        with step("The preferred mail provider fails; Beat books, gets his mail by the next one, and it bounces"):
            self.inbox.fail("mailgun", "status", status=500)
            day = (self.cloud.now() + timedelta(days=5)).replace(hour=0, minute=0, second=0)
            start = self.client.slots(practice, frm=day, to=day + timedelta(days=1))[0]
            beat = {"given_name": "Beat", "family_name": "Keller", "email": BEAT, "language": "en"}
            self.client.book(practice, starts_at=start, **beat)
            mail = self._latest(to=BEAT, about="confirmed")
            expect("ses", mail["provider"], "the next provider took it")
            self.inbox.work("mailgun")
            bounced = self.inbox.report(mail["id"], "bounced")
            expect([200], [each["status"] for each in bounced], "the bounce is heard")
            eventually(lambda: len(self._suppressed()) == 1, "his address is not written to any more")

    def _suppressed(self) -> list[str]:
        return [item["sk"]["S"] for item in self.cloud.scan_raw("records") if item["kind"]["S"] == "Suppression"]

    def _she_moves(self, practice: Business) -> dict[str, Any]:
        with step("Anna moves the appointment by the link in the mail"):
            held = tokens(self._latest(to=ANNA["email"], about="bestätigt")["text"])
            link = {"Zusage-Link": held["reschedule"]}
            day = (self.cloud.now() + timedelta(days=4)).replace(hour=0, minute=0, second=0)
            asked = f"from={day:%Y-%m-%dT%H:%M:%SZ}&to={day + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
            free = self.client.ask("GET", f"/appointment/slots?{asked}", wanted=200, headers=link)["starts"]
            new = next(each for each in free if each[11:] >= "09:00")
            moved = self.client.ask(
                "POST", "/appointment/rescheduling", wanted=200, json={"starts_at": new}, headers=link
            )
            expect(new, moved["starts_at"], "it is moved")
            used = self.cloud.call("POST", "/v1/appointment/rescheduling", json={"starts_at": free[-1]}, headers=link)
            expect(410, used.status, "the old link has ended")
            mail = self._latest(to=ANNA["email"], about="verschoben")
            sequence = str(self._calendar(mail).walk("VEVENT")[0]["SEQUENCE"])
            expect("1", sequence, "the sequence of the new calendar file, which replaces the old one")
        return dict(moved)

    def _she_is_reminded(self, moved: dict[str, Any]) -> None:
        with step("A day before, at the minute, Anna is reminded"):
            starts = _instant(moved["starts_at"])
            before = len(self.inbox.messages(to=ANNA["email"]))
            self.cloud.move_time(to=starts - timedelta(days=1, seconds=90))
            self.cloud.invoke("Wake")
            expect(before, len(self.inbox.messages(to=ANNA["email"])), "90 seconds early: no reminder yet")
            self.cloud.move_time(to=starts - timedelta(days=1))
            self.cloud.invoke("Wake")
            self._latest(to=ANNA["email"], about="Erinnerung")
            self.cloud.invoke("Wake")
            reminders = [m for m in self.inbox.messages(to=ANNA["email"]) if "Erinnerung" in m["subject"]]
            expect(1, len(reminders), "exactly one reminder")

    def _she_cancels(self, practice: Business, moved: dict[str, Any]) -> None:
        with step("Anna cancels by link; the time is free again"):
            link = {"Zusage-Link": moved["links"]["cancel"]}
            cancelled = self.client.ask("POST", "/appointment/cancellation", wanted=200, headers=link)
            expect("cancelled", cancelled["state"], "it is cancelled")
            again = self.cloud.call("POST", "/v1/appointment/cancellation", headers=link)
            expect(410, again.status, "a second time is refused with the reason")
            mail = self._latest(to=ANNA["email"], about="abgesagt")
            expect("CANCEL", str(self._calendar(mail)["METHOD"]), "the calendar file removes it")
            start = _instant(moved["starts_at"])
            free = self.client.slots(practice, frm=start, to=start + timedelta(minutes=1))
            expect([moved["starts_at"]], free, "the time is offered again")

    def _nothing_is_in_the_clear(self) -> None:
        with step("Whoever reads the raw tables finds no personal value"):
            for table in TABLES:
                raw = repr(list(self.cloud.scan_raw(table)))
                expect([], [value for value in PERSONAL if value in raw], f"personal values in {table}")
            logs = self.cloud.logs()
            expect([], [value for value in PERSONAL if value in logs], "personal values in the logs")

    def _a_year_later(self, practice: Business) -> None:
        with step("Thirteen months later nothing of Anna is left, and there is proof of it"):
            self._days_pass()
            left = self.client.cloud.call("GET", "/v1/tenants/" + practice.tenant)
            expect(200, left.status, "the practice is still there")
            of_anna = [item for item in self.cloud.scan_raw("records") if _of_customer(item)]
            expect([], [item["sk"]["S"] for item in of_anna], "records of customers in the raw table")
            keys = [item["sk"]["S"] for item in self.cloud.scan_raw("keys") if item["sk"]["S"].startswith("SUBJECT#")]
            known = {f"SUBJECT#{practice.tenant}", f"SUBJECT#{practice.expert}"}
            expect([], sorted(set(keys) - known), "keys of customers")
            proofs = [
                i for i in self.cloud.scan_raw("ledger") if i.get("action", {}).get("S") == "system:records:swept"
            ]
            expect(True, any("CUSTOMER" in item["counts"]["S"] for item in proofs), "the ledger holds the proof")

    def _days_pass(self) -> None:
        """Four hundred days; around the anniversary one by one, since the sweep would not sleep through them either."""
        self.cloud.move_time(days=360)
        for _ in range(15):
            self.cloud.move_time(days=1)
            self.cloud.invoke("Sweep")
        self.cloud.move_time(days=25)
        self.cloud.invoke("Sweep")

    def _latest(self, *, to: str, about: str) -> dict[str, Any]:
        return self.inbox.wait_for(1, to=to, wanted=lambda message: about in (message["subject"] or ""))[-1]

    def _calendar(self, mail: dict[str, Any]) -> Calendar:
        found: Calendar = Calendar.from_ical(self.inbox.file(mail).decode())
        return found

    def _states(self) -> list[str]:
        items = self.cloud.scan_raw("records")
        return [item["state"]["S"] for item in items if item["kind"]["S"] == "Notification" and "about" in item]


def _of_customer(item: dict[str, Any]) -> bool:
    return item["kind"]["S"] in {"Customer", "CustomerAddress", "Appointment"} or (
        item["kind"]["S"] == "Notification" and "about" in item
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


if __name__ == "__main__":
    sys.exit(main())
