"""Reports of changes by Microsoft Graph: asked for without what changed, proven by a secret of each subscription."""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from chalicelib.adapters._http import Http, Reply
from chalicelib.adapters.calendars._calendar import checked
from chalicelib.adapters.calendars._oauth import call
from chalicelib.domain.errors import OutcomeUnknownError
from chalicelib.domain.own_calendars import MICROSOFT, Access, Report, Subscription

_MOST = 100
_LONGEST = 1000
_ENDS = frozenset({"reauthorizationRequired", "subscriptionRemoved"})


class GraphReports:
    """Has changes of a calendar reported, and reads the reports."""

    def __init__(self, url: str, *, http: Http, reports_to: str) -> None:
        self._url = f"{url}/subscriptions"
        self._http = http
        self._reports_to = reports_to

    def subscribe(self, access: Access, secret: str, until: datetime) -> Subscription:
        """Has changes reported until then; each report comes with the secret."""
        content = {
            "changeType": "created,updated,deleted",
            "notificationUrl": self._reports_to,
            "lifecycleNotificationUrl": self._reports_to,
            "resource": "me/events",
            "expirationDateTime": _text(until),
            "clientState": secret,
        }
        reply = checked(MICROSOFT, call(self._http, "POST", self._url, access, content=content))
        return Subscription(id_in(reply), until)

    def renew(self, access: Access, subscription: str, until: datetime) -> None:
        """Has them reported until then. ThingGoneError when that has ended."""
        checked(
            MICROSOFT,
            call(self._http, "PATCH", self._one(subscription), access, content={"expirationDateTime": _text(until)}),
        )

    def unsubscribe(self, access: Access, subscription: str) -> None:
        """Has them reported no longer."""
        reply = call(self._http, "DELETE", self._one(subscription), access)
        checked(MICROSOFT, reply, good=frozenset({200, 204, 404, 410}))

    def _one(self, subscription: str) -> str:
        return f"{self._url}/{quote(subscription, safe='')}"


def reports_in(headers: Mapping[str, str], body: bytes) -> tuple[Report, ...]:
    """The reports that a call carries, one for each secret in it, whatever it reports."""
    listed = Reply(200, body).json().get("value")
    found = [each for each in listed[:_MOST] if isinstance(each, dict)] if isinstance(listed, list) else []
    ends: dict[str, bool] = {}
    for each in found:
        secret = each.get("clientState")
        if isinstance(secret, str) and len(secret) <= _LONGEST:
            ends[secret] = ends.get(secret, False) or each.get("lifecycleEvent") in _ENDS
    return tuple(Report(secret=each, ends=over) for each, over in ends.items())


def id_in(reply: Reply) -> str:
    """The number of what was made."""
    found = reply.json().get("id")
    if not isinstance(found, str) or not found:
        raise OutcomeUnknownError(MICROSOFT, "no-id")
    return found


def _text(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
