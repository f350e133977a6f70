"""Speaks with a running stack as its users do: the public HTTP API, and the links that come by mail. Nothing else."""

import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

from chalicelib.domain.passwords import proof_of, spell
from infra.local.cloud import LocalCloud
from infra.local.errors import LocalCloudError
from infra.local.http_calls import HttpAnswer

_LINK = re.compile(r"https?://\S+#(\S+)")


@dataclass(frozen=True)
class Business:
    """A business that can be booked with."""

    tenant: str
    expert: str
    service: str
    token: str

    @property
    def signed_in(self) -> dict[str, str]:
        """The header of its staff session."""
        return {"Authorization": f"Bearer {self.token}"}


@dataclass
class Client:
    """A visitor, a business and a customer in one."""

    cloud: LocalCloud
    weekdays: tuple[int, ...] = field(default=(1, 2, 3, 4, 5, 6, 7))

    def ask(
        self, method: str, path: str, *, wanted: int, json: Any = None, headers: dict[str, str] | None = None
    ) -> Any:
        """One call; its parsed answer (None when empty). LocalCloudError when the status is not the `wanted` one."""
        answer = self.cloud.call(method, f"/v1{path}", json=json, headers=headers or {})
        if answer.status != wanted:
            raise LocalCloudError(f"{method} {path} answered {answer.status}, not {wanted}: {answer.text}")
        return answer.json() if answer.body else None

    def form(self, name: str, **fixed: str) -> dict[str, str]:
        """The header that goes with a form, handed out anew."""
        handed_out = self.ask("GET", f"/forms/{name}?{urlencode(fixed)}", wanted=200)
        return {"Zusage-Form": handed_out["token"]}

    def booking_form(self, of: Business) -> dict[str, str]:
        """The header of a form for one booking."""
        return self.form("booking", tenant=of.tenant, service=of.service)

    def register(self, *, email: str, **changes: Any) -> dict[str, Any]:
        """Registers a business, opens the link in the mail, and is signed in."""
        versions = self.ask("GET", "/registrations", wanted=200)
        given = {
            "given_name": "Regula",
            "family_name": "Brunner",
            "company": "Praxis Brunner",
            "street": "Seestrasse 12",
            "postal_code": "8002",
            "city": "Zürich",
            "country": "CH",
            "email": email,
            "phone": "+41445550100",
            "language": "de",
            "zone": "Europe/Zurich",
        }
        sent = {**given, **versions, **changes}
        self.ask("POST", "/registrations", wanted=202, json=sent, headers=self.form("registration"))
        mail = self.cloud.inbox.wait_for(1, to=email)[-1]
        opened: dict[str, Any] = self.ask(
            "POST", "/registrations/confirmation", wanted=201, json={"token": behind_hash(mail["text"])}
        )
        return opened

    def business(
        self, *, email: str, service: dict[str, Any] | None = None, plan: str = "standard", **changes: Any
    ) -> Business:
        """Registers, chooses a plan (none: stays on trial), sets the hours of its one expert, publishes one service."""
        opened = self.register(email=email, **changes)
        header = {"Authorization": f"Bearer {opened['token']}"}
        if plan:
            self.ask("POST", "/tenant/plan", wanted=200, json={"plan": plan}, headers=header)
        ranges = [{"start": "08:00", "end": "12:00"}, {"start": "13:00", "end": "18:00"}]
        hours = {"zone": "Europe/Zurich", "weekly": [{"weekday": day, "ranges": ranges} for day in self.weekdays]}
        self.ask("PUT", f"/staff/{opened['staff']}/availability", wanted=200, json=hours, headers=header)
        terms = {
            "name": "Erstgespräch",
            "duration": 60,
            "step": 30,
            "buffer_after": 15,
            "notice": 60,
            "horizon_days": 90,
            "reminder_minutes": 1440,
            "experts": [opened["staff"]],
        }
        made = self.ask("POST", "/services", wanted=201, json={**terms, **(service or {})}, headers=header)
        return Business(tenant=opened["tenant"], expert=opened["staff"], service=made["id"], token=opened["token"])

    def proof(self, email: str, password: str) -> str:
        """What a browser makes of a password, with the parameters of the address."""
        made_with = self.ask("POST", "/sign-in/parameters", wanted=200, json={"email": email})
        salt = urlsafe_b64decode(made_with["salt"] + "==")
        return spell(proof_of(password, salt=salt, iterations=made_with["iterations"]))

    def try_to_sign_in(self, *, email: str, proof: str, headers: dict[str, str] | None = None) -> HttpAnswer:
        """Sends a proof, with a form of its own."""
        sent = {"email": email, "proof": proof, "portal": None, "keep": "token"}
        return self.cloud.call("POST", "/v1/sign-in", json=sent, headers={**self.form("sign-in"), **(headers or {})})

    def slots(self, of: Business, *, frm: datetime, to: datetime) -> list[str]:
        """The starts that can be booked."""
        asked = f"expert={of.expert}&from={_instant(frm)}&to={_instant(to)}"
        found = self.ask("GET", f"/tenants/{of.tenant}/services/{of.service}/slots?{asked}", wanted=200)
        starts: list[str] = found["starts"]
        return starts

    def try_to_book(
        self,
        of: Business,
        *,
        starts_at: str,
        sms_wanted: bool = False,
        duration: int | None = None,
        key: str | None = None,
        **customer: Any,
    ) -> HttpAnswer:
        """Asks for a time, in a form of its own."""
        person = {
            "given_name": "Anna",
            "family_name": "Muster",
            "email": "anna.muster@kundin.example",
            "phone": None,
            "language": "de",
            "zone": "Europe/Zurich",
            **customer,
        }
        wishes = {"sms_wanted": sms_wanted, "duration": duration}
        body = booking(of.service, of.expert, starts_at=starts_at, customer=person, **wishes)
        headers = {**self.booking_form(of), **({"Idempotency-Key": key} if key else {})}
        return self.cloud.call("POST", f"/v1/tenants/{of.tenant}/appointments", json=body, headers=headers)

    def book(self, of: Business, *, starts_at: str, **wishes: Any) -> dict[str, Any]:
        """Books a time."""
        answer = self.try_to_book(of, starts_at=starts_at, **wishes)
        if answer.status != 201:
            raise LocalCloudError(f"booking answered {answer.status}: {answer.text}")
        booked: dict[str, Any] = answer.json()
        return booked


def booking(
    service: str, expert: str | None, *, starts_at: str, customer: dict[str, Any], **wishes: Any
) -> dict[str, Any]:
    """What a booking form sends: all of its fields, whatever was filled in."""
    blank: dict[str, Any] = {"duration": None, "reservation": None, "answers": [], "address": None, "sms_wanted": False}
    named = {"service": service, "expert": expert, "starts_at": starts_at, "customer": customer}
    return {**blank, **named, **wishes}


def behind_hash(text: str) -> str:
    """What stands behind the # of the first link in a text."""
    found = _LINK.search(text)
    if found is None:
        raise LocalCloudError("the message holds no link")
    return found.group(1)


def tokens(text: str) -> dict[str, str]:
    """The tokens in the link of a message about an appointment, by what they allow."""
    return {name: values[0] for name, values in parse_qs(behind_hash(text)).items()}


def _instant(at: datetime) -> str:
    return quote(f"{at:%Y-%m-%dT%H:%M:%SZ}")
