"""Reports of changes by Google: a channel to the main calendar, proven by a secret of each channel.

The right to see when somebody is free or busy suffices for it, and a message has no content: it says that something
has changed. A channel can't be renewed, only replaced.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import uuid4

from chalicelib.adapters._http import Http, Reply
from chalicelib.adapters.calendars._calendar import checked
from chalicelib.adapters.calendars._oauth import call
from chalicelib.domain.errors import OutcomeUnknownError, ProviderMisconfiguredError, ThingGoneError
from chalicelib.domain.own_calendars import GOOGLE, Access, Report, Subscription

_BUSY = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"})
_LONGEST = 256
_PREFIX = "x-goog-"


class GoogleReports:
    """Has changes of a calendar reported, and reads the reports. A subscription's number is channel and resource."""

    def __init__(self, url: str, *, http: Http, reports_to: str) -> None:
        self._url = url
        self._http = http
        self._reports_to = reports_to

    def subscribe(self, access: Access, secret: str, until: datetime) -> Subscription:
        """Has changes reported until then, or for less if Google says so; each report comes with the secret.

        ProviderMisconfiguredError where Google does not report to us: the domain is not verified, or the expert has
        agreed to less than that.
        """
        content = {
            "id": str(uuid4()),
            "type": "web_hook",
            "address": self._reports_to,
            "token": secret,
            "expiration": str(int(until.timestamp()) * 1000),
        }
        reply = call(self._http, "POST", f"{self._url}/calendars/primary/events/watch", access, content=content)
        if _is_refused(reply):
            raise ProviderMisconfiguredError(GOOGLE, f"watch-{reply.status}")
        said = checked(GOOGLE, reply, throttled=is_throttled).json()
        resource, ends = said.get("resourceId"), str(said.get("expiration") or "")
        if not isinstance(resource, str) or not resource:
            raise OutcomeUnknownError(GOOGLE, "no-id")
        granted = datetime.fromtimestamp(int(ends) // 1000, UTC) if _is_number(ends) else until
        return Subscription(f"{content['id']} {resource}", min(granted, until))

    def renew(self, access: Access, subscription: str, until: datetime) -> None:
        """ThingGoneError: it takes another channel."""
        raise ThingGoneError(GOOGLE, "replaced")

    def unsubscribe(self, access: Access, subscription: str) -> None:
        """Stops the channel; nothing happens when it has ended."""
        channel, _, resource = subscription.partition(" ")
        content = {"id": channel, "resourceId": resource}
        reply = call(self._http, "POST", f"{self._url}/channels/stop", access, content=content)
        checked(GOOGLE, reply, good=frozenset({200, 204, 404, 410}), throttled=is_throttled)


def reports_in(headers: Mapping[str, str], body: bytes) -> tuple[Report, ...]:
    """The report that a call carries, by its headers; the first of a channel only says that it is there."""
    secret, channel, number = (headers.get(f"{_PREFIX}{each}", "") for each in _NAMES)
    if not secret or len(secret) > _LONGEST:
        return ()
    numbered = bool(channel) and len(channel) <= _LONGEST and _is_number(number)
    return (
        Report(
            secret=secret,
            channel=channel if numbered else "",
            number=int(number) if numbered else 0,
            changed=headers.get(f"{_PREFIX}resource-state") != "sync",
        ),
    )


_NAMES = ("channel-token", "channel-id", "message-number")


def is_throttled(reply: Reply) -> bool:
    """A 403 may mean that there were too many requests; the body says so."""
    return reply.status == 403 and bool(_reasons(reply) & _BUSY)


def _is_refused(reply: Reply) -> bool:
    """Whether we are not reported to, though the expert lets us in: a 401 with a word about the push is such, too."""
    if reply.status == 401:
        return any(each.startswith("push.") for each in _reasons(reply))
    return reply.status in {400, 403} and not is_throttled(reply)


def _reasons(reply: Reply) -> set[str]:
    error = reply.json().get("error")
    listed = error.get("errors") if isinstance(error, dict) else None
    return {str(each.get("reason")) for each in listed if isinstance(each, dict)} if isinstance(listed, list) else set()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16
