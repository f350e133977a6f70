"""The practice, who works there, and what its chapters do again and again."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from infra.local.client import Client, behind_hash
from infra.local.cloud import LocalCloud
from infra.local.demo.steps import StepFailedError
from infra.local.http_calls import HttpAnswer

ZURICH = ZoneInfo("Europe/Zurich")
OWNER = "luca@physio-limmat.example"


@dataclass(frozen=True)
class Expert:
    """One of the twelve, with the header of their session."""

    id: str
    name: str
    header: dict[str, str]


@dataclass
class Practice:
    """The stack, the practice, and what was made for it so far, by name."""

    cloud: LocalCloud
    tenant: str = ""
    admin: dict[str, str] = field(default_factory=dict)
    experts: dict[str, Expert] = field(default_factory=dict)
    sites: dict[str, str] = field(default_factory=dict)
    rooms: dict[str, str] = field(default_factory=dict)
    services: dict[str, str] = field(default_factory=dict)

    @property
    def client(self) -> Client:
        """Who calls the API."""
        return Client(self.cloud)

    def asks(
        self, method: str, path: str, *, wanted: int = 200, json: Any = None, by: dict[str, str] | None = None
    ) -> Any:
        """A call of the admin's, or of an expert's."""
        return self.client.ask(method, path, wanted=wanted, json=json, headers=by or self.admin)

    def visits(self, method: str, path: str, *, wanted: int = 200, json: Any = None, link: str = "") -> Any:
        """A call of somebody who has no account, with a link where one is needed."""
        headers = {"Zusage-Link": link} if link else {}
        return self.client.ask(method, path, wanted=wanted, json=json, headers=headers)

    def terms(self, name: str, **changes: Any) -> dict[str, Any]:
        """A service of half an hour in Zurich, by everybody there, unless said otherwise."""
        usual = {
            "name": name,
            "duration": 30,
            "step": 30,
            "notice": 60,
            "horizon_days": 400,
            "reminder_minutes": 1440,
            "experts": [each.id for each in self.experts.values()],
        }
        return {**usual, **changes}

    def publish(self, name: str, **changes: Any) -> str:
        """A service; its id."""
        made = self.asks("POST", "/services", wanted=201, json=self.terms(name, **changes))
        self.services[name] = str(made["id"])
        return self.services[name]

    def day(self, days: int) -> date:
        """The local date in so many days; a Monday to Friday when the day falls on a weekend."""
        found = self.cloud.now().astimezone(ZURICH).date() + timedelta(days=days)
        return found + timedelta(days=max(0, 7 - found.weekday()) if found.weekday() > 4 else 0)

    def slots(self, service: str, first: date, *, days: int = 1, **asked: str) -> dict[str, Any]:
        """What is offered on local days, in the zone of the practice."""
        frm = datetime.combine(first, time(), ZURICH)
        to = datetime.combine(first + timedelta(days=days), time(), ZURICH)
        query = urlencode({"from": written(frm), "to": written(to), "zone": "Europe/Zurich", **asked})
        path = f"/tenants/{self.tenant}/services/{self.services[service]}/slots?{query}"
        found: dict[str, Any] = self.visits("GET", path)
        return found

    def try_to_book(self, service: str, starts_at: str, who: dict[str, Any], **wish: Any) -> HttpAnswer:
        """Somebody asks for a time; with anybody, unless an expert is named."""
        held = self.services[service]
        body = {"service": held, "expert": None, "starts_at": utc(starts_at), "customer": customer(who), **wish}
        form = self.client.form("booking", tenant=self.tenant, service=held)
        return self.cloud.call("POST", f"/v1/tenants/{self.tenant}/appointments", json=blank(body), headers=form)

    def book(self, service: str, starts_at: str, who: dict[str, Any], **wish: Any) -> dict[str, Any]:
        """The same, and it works."""
        answer = self.try_to_book(service, starts_at, who, **wish)
        if answer.status != 201:
            raise StepFailedError(f"booking {service} answered {answer.status}: {answer.text}")
        booked: dict[str, Any] = answer.json()
        return booked

    def mail(self, to: str, about: str) -> dict[str, Any]:
        """The latest mail to somebody whose subject says this."""
        return self.cloud.inbox.wait_for(1, to=to, wanted=lambda mail: about in (mail["subject"] or ""))[-1]

    def link_to(self, page: str, to: str) -> str:
        """What stands behind the # of the link to a page, in the latest mail to somebody that has one."""
        mail = self.cloud.inbox.wait_for(1, to=to, wanted=lambda mail: f"/{page}#" in mail["text"])[-1]
        return behind_hash(mail["text"])


def customer(who: dict[str, Any]) -> dict[str, Any]:
    """Who books."""
    usual = {"phone": "+41795550142", "language": "de", "zone": "Europe/Zurich"}
    return {**usual, **who}


def blank(wish: dict[str, Any]) -> dict[str, Any]:
    """A form has all of its fields, those that nobody filled in as well."""
    nothing: dict[str, Any] = {
        "sms_wanted": False,
        "duration": None,
        "reservation": None,
        "address": None,
        "answers": [],
    }
    return {**nothing, **wish}


def person(given: str, family: str, **more: Any) -> dict[str, Any]:
    """Somebody who books."""
    return {"given_name": given, "family_name": family, "email": f"{given}.{family}@kundin.example".lower(), **more}


def written(at: datetime) -> str:
    """An instant as the API takes it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def utc(text: str) -> str:
    """An instant of an answer, as the API takes it."""
    return written(datetime.fromisoformat(text))


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A wall time of the practice."""
    return datetime.combine(day, time(hour, minute), ZURICH)


def slug(answer: HttpAnswer) -> str:
    """The kind of a problem."""
    return str(answer.json()["type"].rpartition("/")[2].rpartition(":")[2])
