"""Experts' own calendars: linking, looking, telling, parting."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.domain.errors import ProviderMisconfiguredError
from chalicelib.wiring._appointments import Appointments

if TYPE_CHECKING:
    from chalicelib.services.calendars.feeds import Feeds
    from chalicelib.services.calendars.importing import Importing
    from chalicelib.services.calendars.linking import CalendarLinking
    from chalicelib.services.calendars.ports import Calendar
    from chalicelib.services.calendars.syncing import Syncing
    from chalicelib.services.calendars.unlinking import Unlinking
    from chalicelib.services.ports import WebhookRequest


@dataclass(frozen=True)
class OwnCalendars(Appointments):
    """Imported when they are needed: few requests are about calendars of experts."""

    @cached_property
    def own_calendars(self) -> "Mapping[str, Calendar]":
        """The kinds of calendars that are set up; only those that are listed as chosen by experts can be built.

        TypeError when one would hand over more than the list allows.
        """
        from chalicelib.adapters.calendars.registry import CALENDARS, Around  # noqa: PLC0415 (as said above)
        from chalicelib.records.chosen import chosen  # noqa: PLC0415

        built: dict[str, Calendar] = {}
        for name, build in CALENDARS.items():
            listed = chosen(name)
            around = Around(clock=self.clock, hosts=listed.hosts)
            try:
                calendar = build(asdict(self.settings), self._secrets, around)
            except ProviderMisconfiguredError:  # without an account of ours there: it is not offered
                continue
            listed.check_disclosure(calendar.discloses())
            built[name] = calendar  # type: ignore[assignment]
        return built

    @cached_property
    def calendar_linking(self) -> "CalendarLinking":
        """Linking."""
        from chalicelib.services.calendars.linking import CalendarLinking  # noqa: PLC0415 (as said above)

        return CalendarLinking(self.clock, lambda: self.own_calendars)

    @cached_property
    def unlinking(self) -> "Unlinking":
        """Unlinking."""
        from chalicelib.services.calendars.unlinking import Unlinking  # noqa: PLC0415 (as said above)

        return Unlinking(self.clock)

    @cached_property
    def importing(self) -> "Importing":
        """Busy times of linked calendars."""
        from chalicelib.services.calendars.importing import Importing  # noqa: PLC0415 (as said above)

        return Importing(self.clock)

    @cached_property
    def feeds(self) -> "Feeds":
        """Experts' times to subscribe to."""
        from chalicelib.services.calendars.feeds import Feeds  # noqa: PLC0415 (as said above)

        return Feeds(self.clock)

    @cached_property
    def hearing(self) -> "Callable[[str, WebhookRequest], None]":
        """Takes a provider's reports that calendars have changed."""
        from chalicelib.adapters.calendars.registry import REPORTS  # noqa: PLC0415 (as said above)
        from chalicelib.services.calendars.hearing import Hearing  # noqa: PLC0415

        held = Hearing(self.clock)
        return lambda name, request: held.take(REPORTS[name](request.headers, request.body))

    @cached_property
    def syncing(self) -> "Syncing":
        """What is due about calendars."""
        from chalicelib.services.calendars.looking import Looking  # noqa: PLC0415 (one function does it)
        from chalicelib.services.calendars.news import TellingNews  # noqa: PLC0415
        from chalicelib.services.calendars.parting import Parting  # noqa: PLC0415
        from chalicelib.services.calendars.syncing import Syncing  # noqa: PLC0415

        def calendars() -> "Mapping[str, Calendar]":
            return self.own_calendars

        looking = Looking(self.clock, calendars, self.importing, self.unlinking)
        return Syncing(self.clock, looking, TellingNews(self.clock, calendars), Parting(self.clock, calendars))
