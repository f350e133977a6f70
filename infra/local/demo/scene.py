"""Who is in the story, and what its chapters do again and again."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from icalendar import Calendar

from infra.local.client import Business, Client, behind_hash
from infra.local.cloud import LocalCloud
from infra.local.simulation import Simulation

OWNER = "regula@praxis-brunner.example"
ANNA = {
    "given_name": "Anna",
    "family_name": "Muster",
    "email": "anna.muster@kundin.example",
    "phone": "+41795550123",
    "language": "de",
    "zone": "Europe/Zurich",
}
BEAT = {"given_name": "Beat", "family_name": "Kellerhals", "email": "beat@kunde.example", "language": "en"}
CLARA = {"given_name": "Clara", "family_name": "Vonarburg", "email": "clara@kundin.example", "language": "de"}
DISPUTE = "Kellerhals disputes his bill"
PERSONAL = (
    *(person[name] for person in (ANNA, BEAT, CLARA) for name in ("family_name", "email")),
    *("+41795550123", OWNER, "Seestrasse", "disputes"),
)
TABLES = ("records", "keys", "ledger", "transient")


@dataclass
class Scene:
    """The stack, the practice with its session, and what everybody can look at."""

    cloud: LocalCloud
    practice: Business

    @cached_property
    def client(self) -> Client:
        """Who calls the API."""
        return Client(self.cloud)

    @property
    def inbox(self) -> Simulation:
        """The simulated providers."""
        return self.cloud.inbox

    def asks(self, method: str, path: str, *, wanted: int = 200, json: Any = None) -> Any:
        """A call of the practice's, signed in."""
        return self.client.ask(method, path, wanted=wanted, json=json, headers=self.practice.signed_in)

    def sign_in(self) -> None:
        """Opens a new link to sign in: the session before has ended."""
        header = self.sign_in_as(OWNER)
        self.practice = replace(self.practice, token=header["Authorization"].removeprefix("Bearer "))

    def sign_in_as(self, address: str) -> dict[str, str]:
        """The header of a session that is opened with a link by mail."""
        before = len(self._sign_in_links(address))
        self.client.ask("POST", "/sign-in-links", wanted=202, json={"email": address})
        self.cloud.invoke("Wake")
        mail = self.inbox.wait_for(before + 1, to=address, wanted=_is_sign_in)[-1]
        given = {"token": behind_hash(mail["text"]), "portal": None, "keep": "token"}
        opened = self.client.ask("POST", "/sessions", wanted=201, json=given)
        return {"Authorization": f"Bearer {opened['token']}"}

    def _sign_in_links(self, address: str) -> list[dict[str, Any]]:
        return [mail for mail in self.inbox.messages(to=address) if _is_sign_in(mail)]

    def agenda(self, frm: datetime, *, days: int = 7) -> dict[str, dict[str, Any]]:
        """The practice's list from an instant on, by the given name of who comes; "-" where that is not shown."""
        asked = f"from={written(frm)}&to={written(frm + timedelta(days=days))}"
        listed = self.asks("GET", f"/appointments?{asked}")["appointments"]
        return {each["given_name"] or "-": each for each in listed}

    def noted(self, kind: str) -> list[dict[str, Any]]:
        """Today's entries of this kind, as the practice reads them in its ledger."""
        entries = self.asks("GET", f"/ledger/entries?day={self.today()}")["entries"]
        return [entry for entry in entries if entry["kind"] == kind]

    def today(self) -> str:
        """The day of the ledger, which is that of UTC."""
        return f"{self.cloud.now().astimezone(UTC):%Y-%m-%d}"

    def free(self, *, days: int) -> list[str]:
        """The times that are offered on the day after so many."""
        day = (self.cloud.now() + timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
        return self.client.slots(self.practice, frm=day, to=day + timedelta(days=1))

    def latest(self, *, to: str, about: str) -> dict[str, Any]:
        """The latest mail to somebody whose subject says this."""
        return self.inbox.wait_for(1, to=to, wanted=lambda message: about in (message["subject"] or ""))[-1]

    def calendar(self, mail: dict[str, Any]) -> Calendar:
        """The calendar file of a mail."""
        found: Calendar = Calendar.from_ical(self.inbox.file(mail).decode())
        return found

    def raw(self, kind: str) -> list[dict[str, Any]]:
        """The records of a kind as they lie in the table."""
        return [item for item in self.cloud.scan_raw("records") if item["kind"]["S"] == kind]

    def lying_with(self, person: str) -> list[str]:
        """The kinds of the records that physically lie with a person."""
        partition = f"TENANT#{self.practice.tenant}#SUBJECT#{person}"
        found = {item["kind"]["S"] for item in self.cloud.scan_raw("records") if item["pk"]["S"] == partition}
        return sorted(found)

    def keys_of_people(self) -> list[str]:
        """Whose keys there are, those of the practice itself and of its expert left out."""
        known = {f"SUBJECT#{self.practice.tenant}", f"SUBJECT#{self.practice.expert}"}
        mine = [item for item in self.cloud.scan_raw("keys") if item["pk"]["S"] == f"TENANT#{self.practice.tenant}"]
        keys = {item["sk"]["S"] for item in mine if item["sk"]["S"].startswith("SUBJECT#")}
        return sorted(key.removeprefix("SUBJECT#") for key in keys - known)


def instant(text: str) -> datetime:
    """An instant of an answer."""
    return datetime.fromisoformat(text).astimezone(UTC)


def written(at: datetime) -> str:
    """An instant as the API takes it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _is_sign_in(mail: dict[str, Any]) -> bool:
    return "/sign-in#" in mail["text"]
