"""What the simulated calendars keep: people's accounts with what stands in them, and what was made there since."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Something in somebody's own calendar, with all that a calendar knows of it."""

    start: datetime
    end: datetime
    title: str = "Zahnarzt mit Beat"
    body: str = "Bitte nüchtern kommen"
    place: str = "Bahnhofstrasse 1"
    guests: tuple[str, ...] = ("beat.geheim@privat.example",)
    shows: str = "busy"
    all_day: bool = False
    cancelled: bool = False


@dataclass
class Made:
    """A calendar that we made there, with what was written into it by its id, and how it was marked."""

    name: str
    mark: str = ""
    events: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class Account:
    """One person's account."""

    entries: list[Entry] = field(default_factory=list)
    made: dict[str, Made] = field(default_factory=dict)
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    error: str = ""  # what is wrong with the main calendar, by the provider's own word

    def taken(self, frm: datetime, to: datetime) -> list[Entry]:
        """What touches a range."""
        return [each for each in self.entries if each.start < to and frm < each.end]


class Accounts:
    """All accounts at one provider, each there as soon as somebody speaks of it."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}
        self.page = 1000

    def of(self, name: str) -> Account:
        """Somebody's account."""
        return self._accounts.setdefault(name, Account())

    def obey(self, orders: dict[str, Any]) -> Account:
        """Does what a test wants: `account`, `entries` (all there are from now on), `error`, `page`, `lose`."""
        account = self.of(str(orders.get("account", "expert")))
        if "entries" in orders:
            account.entries = [_entry(each) for each in orders["entries"]]
        account.error = str(orders.get("error", account.error))
        self.page = int(orders.get("page", self.page))
        if orders.get("lose"):
            account.made.clear()
        return account

    def clear(self) -> None:
        """Forgets everybody."""
        self._accounts.clear()
        self.page = 1000

    def told(self) -> dict[str, Any]:
        """What was made in each account."""
        return {
            name: {
                "calendars": [{"name": m.name, "events": list(m.events.values())} for m in account.made.values()],
                "subscriptions": len(account.subscriptions),
            }
            for name, account in self._accounts.items()
        }


def new_id() -> str:
    """An id as a provider makes them."""
    return uuid.uuid4().hex


def _entry(given: dict[str, Any]) -> Entry:
    times = {name: datetime.fromisoformat(given[name]) for name in ("start", "end")}
    guests = {"guests": tuple(given["guests"])} if "guests" in given else {}
    return Entry(**{**given, **times, **guests})
