"""How the routes about staff are driven where what they leave in the ledger is compared with what they declare."""

from collections.abc import Callable
from typing import Any

from tests.adapters.pictures import picture
from tests.builders import MONDAY_10, booked, link_in
from tests.fakes import MemoryFiles
from tests.services.colleagues import invited, joined, joining, working
from tests.services.offer_builders import HOUR, propose
from tests.services.operators import colleague as another_operator
from tests.services.operators import operators_token

BEAT = {"email": "beat@praxis-brunner.example", "roles": ["expert"], "language": "de"}
NEW = {"email": "neu@praxis-brunner.example"}
Drive = Callable[[Any], object]


def photo(at: Any) -> Drive:
    """A photo is a body of its own type."""
    vars(at.on.services)["files"] = MemoryFiles()
    headers = {"Content-Type": "image/jpeg", "Authorization": f"Bearer {at.of.token}"}

    def drive(_: Any) -> None:
        answer = at.client.http.request("PUT", "/v1/staff/me/photo", headers=headers, body=picture())
        assert answer.status_code == 204, answer.body

    return drive


def remove_photo(at: Any) -> Drive:
    """One that is shown."""
    photo(at)(at)
    return lambda _: at.call("DELETE", "/staff/me/photo")


def profile(at: Any) -> Drive:
    """The shortest there is."""
    given = {"given_name": "Regula", "family_name": "Meier", "language": "de"}
    return lambda _: at.call("PUT", "/staff/me", given)


def give_roles(at: Any) -> Drive:
    """To a colleague."""
    staff = joined(at.on, at.of.session).staff
    return lambda _: at.call("PUT", f"/staff/{staff}/roles", {"roles": ["admin", "expert"]})


def end_sessions(at: Any) -> Drive:
    """A colleague's."""
    staff = joined(at.on, at.of.session).staff
    return lambda _: at.call("DELETE", f"/staff/{staff}/sessions")


def end_sessions_of_operator(at: Any) -> Drive:
    """Another one's."""
    token, staff = operators_token(at.on), another_operator(at.on).staff
    return lambda _: at.call("DELETE", f"/operator/staff/{staff}/sessions", token=token)


def revoke(at: Any) -> Drive:
    """An invitation."""
    invitation = at.call("POST", "/invitations", BEAT)["id"]
    return lambda _: at.call("DELETE", f"/invitations/{invitation}")


def accept(at: Any) -> Drive:
    """By the link in the mail."""
    given = {"token": invited(at.on, at.of.session), **vars(joining())}
    return lambda _: at.call("POST", "/invitation/acceptance", given)


def agree(at: Any) -> Drive:
    """By the link in the mail to the old address."""
    at.call("POST", "/staff/me/email-change", NEW)
    at.on.pump()
    token = link_in(at.on.mails()[-2].text)
    return lambda _: at.call("POST", "/email-changes/agreement", {"token": token})


def delete(at: Any) -> Drive:
    """A colleague with something ahead, and something proposed."""
    vars(at.on.services)["files"] = MemoryFiles()
    staff = working(at.on, at.of).staff
    booked(at.on, at.of, expert=staff)
    propose(at.on, at.of, expert=staff, starts=[MONDAY_10 + 2 * HOUR, MONDAY_10 + 4 * HOUR])
    return lambda _: at.call("POST", f"/staff/{staff}/deletion", {"future_appointments": "cancel"})


STAFF: dict[str, Callable[[Any], Drive]] = {
    "GET /v1/staff": lambda _: lambda at: at.call("GET", "/staff"),
    "PUT /v1/staff/{staff}/roles": give_roles,
    "DELETE /v1/staff/{staff}/sessions": end_sessions,
    "DELETE /v1/operator/staff/{staff}/sessions": end_sessions_of_operator,
    "POST /v1/invitations": lambda _: lambda at: at.call("POST", "/invitations", BEAT),
    "GET /v1/invitations": lambda _: lambda at: at.call("GET", "/invitations"),
    "DELETE /v1/invitations/{invitation}": revoke,
    "POST /v1/invitation/acceptance": accept,
    "PUT /v1/staff/me": profile,
    "PUT /v1/staff/me/photo": photo,
    "DELETE /v1/staff/me/photo": remove_photo,
    "POST /v1/staff/me/email-change": lambda _: lambda at: at.call("POST", "/staff/me/email-change", NEW),
    "POST /v1/email-changes/agreement": agree,
    "POST /v1/staff/{staff}/deletion": delete,
}
