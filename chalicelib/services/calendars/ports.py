"""What linking needs of a provider of calendars. All of it raises the ProviderError family, and nothing else."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from chalicelib.domain.own_calendars import Access, OwnEvent, Span, Subscription

Zones = Callable[[date], ZoneInfo]
"""The zone that an expert lives in on a date: their own, or that of a travel."""


class Consent(Protocol):
    """How an expert lets us in at the provider's own page."""

    def address(self, *, state: str, verifier: str) -> str:
        """The page to go to."""
        ...

    def exchange(self, code: str, verifier: str) -> Access:
        """What the code stands for that the expert came back with."""
        ...

    def refreshed(self, access: Access) -> Access:
        """The same access with a new token."""
        ...


class Reports(Protocol):
    """How a provider reports that a calendar has changed."""

    def subscribe(self, access: Access, secret: str, until: datetime) -> Subscription:
        """Has changes reported until then, or for less if the provider says so; each report comes with the secret.

        ProviderMisconfiguredError where the provider does not report to us.
        """
        ...

    def renew(self, access: Access, subscription: str, until: datetime) -> None:
        """Has them reported until then. ThingGoneError when that has ended, or when it takes another subscription."""
        ...

    def unsubscribe(self, access: Access, subscription: str) -> None:
        """Has them reported no longer."""
        ...


class Calendar(Protocol):
    """One kind of calendar. Without `oauth` there is a password, without `reports` it has to be asked."""

    @property
    def name(self) -> str:
        """Its name in the register."""
        ...

    @property
    def oauth(self) -> Consent | None:
        """How an expert lets us in."""
        ...

    @property
    def reports(self) -> Reports | None:
        """How it reports changes."""
        ...

    def busy(self, access: Access, *, frm: datetime, to: datetime, zones: Zones) -> list[Span]:
        """What is taken between two instants; a day without a zone is a day where the expert is then."""
        ...

    def create_own(self, access: Access, link: str) -> str:
        """Makes a calendar of ours, unless there is one already and it can be found; its number."""
        ...

    def find_own(self, access: Access, link: str) -> str | None:
        """The number of what was made for a link and perhaps never noted; None where there is none, or it is unseen."""
        ...

    def delete_own(self, access: Access, own: str) -> None:
        """Deletes it with what stands in it; nothing happens when it is gone."""
        ...

    def write(self, access: Access, own: str, event: OwnEvent) -> None:
        """Writes an appointment into it, or changes it. ThingGoneError when our calendar is gone."""
        ...

    def remove(self, access: Access, own: str, key: str) -> None:
        """Takes an appointment out, if it is there."""
        ...

    def revoke(self, access: Access) -> None:
        """Gives back what the expert agreed to, where that is possible."""
        ...


class Finding(Protocol):
    """A calendar that is found by an address and opened by a password."""

    def find(self, *, address: str, user: str, password: str) -> Access:
        """What opens it. AccessEndedError for a wrong password, ProviderMisconfiguredError for a wrong address."""
        ...


Calendars = Callable[[], Mapping[str, Calendar]]
"""All that are set up, by name; made when they are first needed."""
