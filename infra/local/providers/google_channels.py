"""The pushes of the simulated Google Calendar: channels that somebody opens, that end, and that are told of changes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from chalicelib.domain.clock import Clock
from infra.local.providers.calendar_accounts import Account, new_id
from infra.local.providers.exchange import Call
from infra.local.providers.reporting import deliver

_WEEK, _LONGEST = timedelta(days=7), timedelta(days=30)
_TOKEN = 256


@dataclass
class Channels:
    """All channels lie with the accounts; `refusal` is the status and the reason by which none is opened."""

    clock: Clock
    refusal: tuple[Any, ...] | None = None

    def watch(self, account: Account, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Opens a channel, and says so at its address; whether anybody listens there does not matter."""
        if self.refusal:
            return int(self.refusal[0]), {"reason": str(self.refusal[1])}
        wrong = self._wrong(account, asked)
        if wrong:
            return 400, {"reason": wrong}
        now = self.clock()
        wanted = int(asked.get("expiration") or (now + _WEEK).timestamp() * 1000)
        ends = min(datetime.fromtimestamp(wanted / 1000, UTC), now + _LONGEST)
        channel = {**asked, "resourceId": new_id(), "ends": ends.isoformat(), "number": 0}
        account.subscriptions[asked["id"]] = channel
        self._tell(channel, "sync")
        ends_at = str(int(ends.timestamp()) * 1000)
        return 200, {
            "kind": "api#channel",
            "id": asked["id"],
            "resourceId": channel["resourceId"],
            "expiration": ends_at,
        }

    def stop(self, account: Account, asked: dict[str, Any]) -> bool:
        """Ends a channel of which both numbers are known."""
        held = account.subscriptions.get(asked.get("id", ""))
        if held is None or held["resourceId"] != asked.get("resourceId"):
            return False
        del account.subscriptions[asked["id"]]
        return True

    def push(self, account: Account, *, times: int = 1) -> list[int]:
        """Tells every channel that has not ended that something has changed, each message so often; what was answered.

        Numbers grow, but not by one.
        """
        living = [
            each for each in account.subscriptions.values() if datetime.fromisoformat(each["ends"]) > self.clock()
        ]
        return [answer for each in living for answer in self._tell(each, "exists", times=times)]

    def _tell(self, channel: dict[str, Any], state: str, *, times: int = 1) -> list[int]:
        channel["number"] = 1 if state == "sync" else channel["number"] + 7
        call = push_of(channel, state)
        return [deliver(call, event="", clock=self.clock).status for _ in range(times)]

    def _wrong(self, account: Account, asked: dict[str, Any]) -> str:
        url = urlsplit(str(asked.get("address")))
        here = (url.hostname or "").endswith("localhost") or url.hostname == "127.0.0.1"
        if (
            asked.get("type") not in {"web_hook", "webhook"}
            or not asked.get("id")
            or len(asked.get("token", "")) > _TOKEN
        ):
            return "invalid"
        if url.scheme != "https" and not here:
            return "push.webhookUrlNotHttps"
        return "channelIdNotUnique" if asked["id"] in account.subscriptions else ""


def push_of(channel: dict[str, Any], state: str) -> Call:
    """A message: headers, and no content."""
    ends = datetime.fromisoformat(channel["ends"])
    headers = {
        "Content-Type": "application/json; utf-8",
        "Content-Length": "0",
        "X-Goog-Channel-ID": channel["id"],
        "X-Goog-Channel-Token": channel.get("token", ""),
        "X-Goog-Channel-Expiration": f"{ends:%a, %d %b %Y %H:%M:%S} GMT",
        "X-Goog-Resource-ID": channel["resourceId"],
        "X-Goog-Resource-URI": "https://www.googleapis.com/calendar/v3/calendars/primary/events?alt=json",
        "X-Goog-Resource-State": state,
        "X-Goog-Message-Number": str(channel["number"]),
    }
    return Call("POST", channel["address"], headers)
