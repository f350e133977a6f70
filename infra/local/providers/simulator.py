"""The simulated providers together: who answers what, who fails on purpose, and what is reported back."""

import threading
from dataclasses import dataclass
from typing import Any, Protocol

from infra.local.providers.caldav import Caldav
from infra.local.providers.exchange import Call, Request, Response, UnknownEventError
from infra.local.providers.faults import Fault, Faults
from infra.local.providers.google import Google
from infra.local.providers.graph import Graph
from infra.local.providers.inbox import Message, Report
from infra.local.providers.mailgun import Mailgun
from infra.local.providers.payrexx import Payrexx
from infra.local.providers.reporting import deliver
from infra.local.providers.ses import Ses
from infra.local.providers.setup import Setup
from infra.local.providers.smsapi import Smsapi
from infra.local.providers.twilio import Twilio


class Provider(Protocol):
    """What the simulator asks of each provider."""

    @property
    def name(self) -> str:
        """Its name in the inbox and for the failure switches."""
        ...

    @property
    def prefix(self) -> str:
        """What its addresses begin with."""
        ...

    @property
    def events(self) -> tuple[str, ...]:
        """What it can report of a message."""
        ...

    def answer(self, request: Request) -> Response:
        """The documented answer."""
        ...

    def error(self, status: int, code: int) -> Response:
        """The documented form of a failure."""
        ...

    def report(self, message: Message, event: str) -> Call:
        """The call that tells of an event; UnknownEventError when there is none."""
        ...


@dataclass(frozen=True)
class Outcome:
    """What happens to a request after `seconds`: an answer, or none, by a close or a reset of the connection."""

    response: Response | None
    seconds: float = 0
    reset: bool = False


_NONSENSE = Response(200, b"<<< this is not what you asked for >>>", "application/json")


class Simulator:
    """All simulated providers with their inbox and their failure switches."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.inbox = setup.inbox
        self.faults = Faults()
        self.ses = Ses(setup)
        providers: tuple[Provider, ...] = (Mailgun(setup), Twilio(setup), Smsapi(setup), self.ses, Payrexx(setup))
        self.calendars = {each.name: each for each in (Graph(setup), Google(setup), Caldav(setup))}
        self.providers = {provider.name: provider for provider in (*providers, *self.calendars.values())}

    def handle(self, request: Request) -> Outcome | None:
        """What the provider whose address was called does; None when it is no provider's address."""
        for provider in self.providers.values():
            if request.path.startswith(provider.prefix):
                fault = self.faults.next(provider.name)
                return self._fail(provider, request, fault) if fault else Outcome(provider.answer(request))
        return None

    def _fail(self, provider: Provider, request: Request, fault: Fault) -> Outcome:
        if fault.takes_message:
            provider.answer(request)
        match fault.mode:
            case "status":
                return Outcome(provider.error(fault.status, fault.code))
            case "slow":
                return Outcome(provider.answer(request), seconds=fault.seconds)
            case "nonsense":
                return Outcome(_NONSENSE)
            case "hang" | "take_then_hang":
                return Outcome(None, seconds=fault.seconds)
            case _:
                return Outcome(None, reset=True)

    def report(self, message: Message, event: str, *, times: int, late_seconds: float) -> list[Report]:
        """Has the provider report `event`, each time with the same bytes; what comes late is added to the message."""
        if event not in self.events_for(message):
            raise UnknownEventError(event)
        if not late_seconds:
            return self._report(message, event, times)
        timer = threading.Timer(late_seconds, self._report, (message, event, times))
        timer.daemon = True
        timer.start()
        return []

    def _report(self, message: Message, event: str, times: int) -> list[Report]:
        call = self.providers[message.captured.provider].report(message, event)
        reports = [deliver(call, event=event, clock=self.setup.clock) for _ in range(times)]
        message.reports.extend(reports)
        return reports

    def events_for(self, message: Message) -> tuple[str, ...]:
        """What can be reported of this message."""
        return self.providers[message.captured.provider].events

    def control(self, orders: dict[str, Any]) -> None:
        """Obeys orders of tests: `configure`, `faults` by provider, `calendars` by kind, `clear`.

        ValueError when one can't be obeyed.
        """
        for name, value in orders.get("configure", {}).items():
            if name not in {"api_base", "topic_arn"}:
                raise ValueError(f"{name} can't be configured")
            setattr(self.setup, name, value)
        for provider, settings in orders.get("faults", {}).items():
            if provider not in self.providers:
                raise ValueError(f"there is no provider {provider}")
            self.faults.switch(provider, settings)
        for calendar, told in orders.get("calendars", {}).items():
            if calendar not in self.calendars:
                raise ValueError(f"there is no calendar {calendar}")
            self.calendars[calendar].obey(told)
        if orders.get("clear"):
            self.faults.clear()
            self.inbox.clear()
