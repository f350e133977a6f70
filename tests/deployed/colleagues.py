"""People who work for a business beside its owner, on the deployed stack."""

from dataclasses import dataclass
from typing import Any

from infra.local.client import Business, behind_hash
from tests.deployed.people import Person
from tests.deployed.stack import Stack


@dataclass(frozen=True)
class Colleague:
    """Somebody who accepted an invitation."""

    person: Person
    staff: str
    token: str

    @property
    def signed_in(self) -> dict[str, str]:
        """The header of their session."""
        return {"Authorization": f"Bearer {self.token}"}


def invite(stack: Stack, of: Business, who: Person, *roles: str) -> str:
    """The token of the link in the mail."""
    wanted = {"email": who.email, "roles": list(roles), "language": who.language}
    stack.client.ask("POST", "/invitations", wanted=201, json=wanted, headers=of.signed_in)
    return behind_hash(stack.mail(who, "Einladung")["text"])


def joining(stack: Stack, who: Person, token: str) -> dict[str, Any]:
    """What somebody gives to join."""
    versions = stack.client.ask("GET", "/registrations", wanted=200)
    given = {name: getattr(who, name) for name in ("given_name", "family_name", "phone", "language")}
    shown = {name: versions[name] for name in ("terms_version", "notice_version")}
    return {"token": token, **given, **shown}


def join(stack: Stack, of: Business, *roles: str, works: bool = False) -> Colleague:
    """A colleague; one who `works` has the owner's hours and does the owner's service."""
    who = Person()
    given = joining(stack, who, invite(stack, of, who, *roles))
    opened = stack.client.ask("POST", "/invitation/acceptance", wanted=201, json=given)
    made = Colleague(who, opened["staff"], opened["token"])
    if works:
        _put_to_work(stack, of, made)
    return made


def _put_to_work(stack: Stack, of: Business, who: Colleague) -> None:
    ask = stack.client.ask
    hours = ask("GET", f"/staff/{of.expert}/availability", wanted=200, headers=of.signed_in)
    ask("PUT", f"/staff/{who.staff}/availability", wanted=200, json=hours, headers=of.signed_in)
    (service,) = ask("GET", "/services", wanted=200, headers=of.signed_in)["services"]
    service["experts"] = [of.expert, who.staff]
    ask("PUT", f"/services/{service['id']}", wanted=200, json=service, headers=of.signed_in)
