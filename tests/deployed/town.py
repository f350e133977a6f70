"""A business with a customer, and everybody around it with what they prove themselves by."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from infra.local.client import Business, tokens
from infra.tools.authorisation import read_authorisation
from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, Stack, written

UNKNOWN_ID = "0198b6a2f4c17d3e9a5b1c2d3e4f5a6b"
PARTS = {"name": "page.js", "version": "2026-11-02", "form": "registration", "secret": "x", "reference": "y"}
SCOPES = sorted({rule.key for rule in read_authorisation().values() if rule.key})


@dataclass
class Town:
    """One business."""

    stack: Stack
    owner: Person
    of: Business
    plan: str = "standard"
    customer: Person = field(default_factory=Person)

    @classmethod
    def new(cls, stack: Stack, *, plan: str = "standard", days: int = 3) -> "Town":
        """A fresh one, with an appointment in so many days."""
        owner = Person()
        given = owner.owner()
        of = stack.client.business(email=given.pop("email"), plan=plan, **given)
        made = cls(stack, owner, of, plan)
        for _ in range(2):
            stack.book(of, made.customer, days=days)
        made.callers  # noqa: B018 (made while it can still change something)
        return made

    @cached_property
    def callers(self) -> dict[str, dict[str, str]]:
        """The headers by caller."""
        links = self.stack.links(self.customer, count=2)["reschedule"]
        signed_in = self.of.signed_in
        return {
            "anybody": {},
            "link": links,
            "admin": signed_in,
            "expert": self.sign_in("expert"),
            "operator": self.stack.operator,
            "server": self._key(signed_in, SCOPES),
            "another server": self._key(signed_in, SCOPES[:1]),
        }

    @cached_property
    def farewell(self) -> dict[str, str]:
        """The link that cancels the customer's other appointment."""
        first = self.stack.mails(self.customer, BOOKED)[0]
        return {"Zusage-Link": tokens(first["text"])["cancel"]}

    @cached_property
    def subject(self) -> str:
        """The customer's id."""
        (held,) = [one for one in self.stack.stored("records", kind="Customer") if self.of.tenant in one["pk"]]
        return str(held["pk"]).rpartition("#")[2]

    @cached_property
    def appointment(self) -> str:
        """The id of one of the customer's appointments."""
        lies = f"TENANT#{self.of.tenant}#SUBJECT#{self.subject}"
        return str(self.stack.stored("records", kind="Appointment", pk=lies)[0]["sk"]).rpartition("#")[2]

    def sign_in(self, portal: str) -> dict[str, str]:
        """The header of a fresh session of the owner in a portal."""
        before = len(self.stack.mails(self.owner, "Anmeldung"))
        self.stack.client.ask("POST", "/sign-in-links", wanted=202, json={"email": self.owner.email})
        mail = self.stack.mail(self.owner, "Anmeldung", count=before + 1)
        token = str(mail["text"].partition("/sign-in#")[2].split()[0])
        given = {"token": token, "portal": portal, "keep": "token"}
        opened = self.stack.client.ask("POST", "/sessions", wanted=201, json=given)
        return {"Authorization": f"Bearer {opened['token']}"}

    def sign_in_again(self) -> None:
        """After eight hours, everybody has to."""
        self.callers.update({portal: self.sign_in(portal) for portal in ("admin", "expert")})
        self.callers["operator"] = self.stack.operator

    def _key(self, admin: dict[str, str], scopes: list[str]) -> dict[str, str]:
        until = written(self.stack.cloud.now() + timedelta(days=300))
        wanted = {"label": "Server", "scopes": scopes, "valid_until": until}
        made = self.stack.client.ask("POST", "/api-keys", wanted=201, json=wanted, headers=admin)
        return {"Authorization": f"Bearer {made['key']}"}

    def filled(self, path: str) -> str:
        """A path with this business's ids."""
        of = self.of
        ids = {"tenant": of.tenant, "service": of.service, "staff": of.expert, "customer": self.subject, **PARTS}
        ids["appointment"] = self.appointment
        return re.sub(r"\{([a-z_]+)\}", lambda found: ids.get(found.group(1), UNKNOWN_ID), path)
