"""The composition root: puts settings, adapters and services together, once a process and only what is used.

Fakes enter through the arguments of `Services`: every adapter can be replaced. Nothing is built, read from the
environment or called when this module is imported.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from chalicelib.settings import Settings
from chalicelib.wiring._adapters import aws_client
from chalicelib.wiring._calendars import OwnCalendars
from chalicelib.wiring._payments import Payers

if TYPE_CHECKING:
    from chalicelib.domain.versions import Version
    from chalicelib.services.notifying.dispatching import Dispatching
    from chalicelib.services.notifying.receiving import Receiving
    from chalicelib.services.outbox import Outbox
    from chalicelib.services.tenancy.registering import Registering

__all__ = ["Services", "aws_client", "services"]


@dataclass(frozen=True)
class Services(Payers, OwnCalendars):
    """All services of one process, each imported when it is first needed: no function, and no call, needs them all."""

    @cached_property
    def registering(self) -> "Registering":
        """Registration."""
        from chalicelib.services.tenancy.registering import Registering  # noqa: PLC0415 (as said above)

        return Registering(self.vault, self.clock, self.linking, self.asking, self.signing_in, self.sessions, _versions)

    @cached_property
    def upkeep(self) -> Mapping[str, Callable[..., Any]]:
        """What time brings to appointments, to be done every minute."""
        return {
            "lapsed": self.settling.lapse_due,
            "offered": self.offering_freed.run,
            "proposals": self.proposals_ending.run,
        }

    @cached_property
    def outbox(self) -> "Outbox":
        """From the store to the queue."""
        from chalicelib.services.outbox import Outbox  # noqa: PLC0415 (as said above)

        return Outbox(self.queue, self.clock)

    @cached_property
    def dispatching(self) -> "Dispatching":
        """From the queue to the providers."""
        from chalicelib.services.notifying.composing import Composing  # noqa: PLC0415 (only the dispatcher writes messages)
        from chalicelib.services.notifying.dispatching import Dispatching  # noqa: PLC0415

        composing = Composing(
            self.vault,
            self.clock,
            self.linking,
            mail_sender=self.settings.mail_sender,
            organizer_mail=self.settings.organizer_mail,
            product=self.settings.operator_name,
        )
        return Dispatching(composing, self.clock, {"email": self.email_providers, "sms": self.sms_providers})

    @cached_property
    def receiving(self) -> "Receiving":
        """Webhooks."""
        from chalicelib.services.notifying.receiving import Receiving  # noqa: PLC0415 (only webhooks need it)

        return Receiving(self.vault, self.clock, self.webhooks)


def _versions() -> "Sequence[Version]":
    from chalicelib.records.publications import published  # noqa: PLC0415 (read when somebody registers)

    return published()


@lru_cache(maxsize=1)
def services() -> Services:
    """The services of this process, built at the first call."""
    return Services(Settings.from_env())
