"""The composition root: puts settings, adapters and services together, once a process and only what is used.

Fakes enter through the arguments of `Services`: every adapter can be replaced. Nothing is built, read from the
environment or called when this module is imported.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from chalicelib.domain.clock import Clock, system_clock
from chalicelib.domain.errors import ProviderMisconfiguredError
from chalicelib.observability import logger
from chalicelib.records._tables import bind
from chalicelib.records.keys import KeysInTable
from chalicelib.records.processors import processor
from chalicelib.services.agenda import Agenda
from chalicelib.services.booking import Booking
from chalicelib.services.changing import Changing
from chalicelib.services.linking import Linking
from chalicelib.services.offering import Offering
from chalicelib.services.outbox import Outbox
from chalicelib.services.ports import EmailProvider, Queue, SmsProvider, Webhook
from chalicelib.services.registering import Registering
from chalicelib.services.signing_in import SigningIn
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from botocore.config import Config

    from chalicelib.adapters.sealing import Keyring
    from chalicelib.services.dispatching import Dispatching
    from chalicelib.services.publishing import Publishing
    from chalicelib.services.receiving import Receiving
    from chalicelib.services.sweeping import Sweeping


def aws_client(service: str, config: "Config | None" = None) -> Any:
    """A client of an AWS service; unless told otherwise with limits that fit a function that somebody waits for."""
    # Here and not above: reading and writing records goes through botocore alone, and most calls do nothing else.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    usual = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
    return boto3.client(service, config=config or usual)  # type: ignore[call-overload]


@dataclass(frozen=True)
class Services:
    """All services of one process. `client` makes AWS clients by service name."""

    settings: Settings
    clock: Clock = system_clock
    client: Callable[..., Any] = aws_client

    def __post_init__(self) -> None:
        held = self.settings
        names = {
            "records": held.records_table,
            "keys": held.keys_table,
            "ledger": held.ledger_table,
            "transient": held.transient_table,
        }
        bind(names=names, clock=self.clock, sealer=lambda: self.vault)

    @cached_property
    def vault(self) -> "Keyring":
        """The keys."""
        # Here and not above: functions that never seal or open anything need not load the cryptography.
        from chalicelib.adapters.kms import KmsKeys  # noqa: PLC0415
        from chalicelib.adapters.sealing import Keyring  # noqa: PLC0415

        kms = KmsKeys(self.client("kms"), self.settings.tenant_key_arn)
        return Keyring(KeysInTable(), kms, clock=self.clock)

    @cached_property
    def queue(self) -> Queue:
        """The queue that the dispatcher consumes."""
        from chalicelib.adapters.queue import DispatchQueue  # noqa: PLC0415 (two functions need it)

        return DispatchQueue(self.client("sqs"), self.settings.dispatch_queue_url)

    @cached_property
    def email_providers(self) -> Sequence[EmailProvider]:
        """The e-mail providers in order of preference; only registered processors can be built."""
        from chalicelib.adapters.registry import EMAIL_PROVIDERS  # noqa: PLC0415 (only the dispatcher needs them)

        return [self._sender(EMAIL_PROVIDERS, processor(name).name) for name in self.settings.email_order()]

    @cached_property
    def sms_providers(self) -> Sequence[SmsProvider]:
        """The SMS providers in order of preference."""
        from chalicelib.adapters.registry import SMS_PROVIDERS  # noqa: PLC0415 (only the dispatcher needs them)

        return [self._sender(SMS_PROVIDERS, processor(name).name) for name in self.settings.sms_order()]

    @cached_property
    def webhooks(self) -> Mapping[str, Webhook]:
        """The webhooks of the providers in use, as far as they are set up."""
        from chalicelib.adapters.registry import WEBHOOKS  # noqa: PLC0415 (only webhooks need them)

        names = (*self.settings.email_order(), *self.settings.sms_order())
        built = {name: self._outside(WEBHOOKS, name) for name in names}
        return {name: webhook for name, webhook in built.items() if webhook is not None}

    @cached_property
    def linking(self) -> Linking:
        """Capability links."""
        return Linking(self.vault, self.clock, self.settings.public_base_url)

    @cached_property
    def sessions(self) -> SigningIn:
        """Sign-in links and sessions."""
        return SigningIn(self.vault, self.clock, self.linking)

    @cached_property
    def registering(self) -> Registering:
        """Registration."""
        return Registering(self.vault, self.clock, self.linking, self.sessions)

    @cached_property
    def offering(self) -> Offering:
        """Services, availability, slots."""
        return Offering(self.vault, self.clock)

    @cached_property
    def booking(self) -> Booking:
        """Booking."""
        return Booking(self.vault, self.clock)

    @cached_property
    def changing(self) -> Changing:
        """Cancelling and moving by link."""
        return Changing(self.vault, self.clock, self.linking, self.offering)

    @cached_property
    def agenda(self) -> Agenda:
        """What staff see of their appointments."""
        return Agenda(self.vault, self.clock)

    @cached_property
    def publishing(self) -> "Publishing":
        """The privacy notice."""
        from chalicelib.services.publishing import Party, Publishing  # noqa: PLC0415 (few requests ask for it)

        held = self.settings
        operator = Party(name=held.controller_name, postal=held.controller_postal, mail=held.dpo_mail)
        officer = Party(name="", postal=held.controller_postal, mail=held.dpo_mail)
        return Publishing(self.vault, held.operator_name, operator, officer)

    @cached_property
    def outbox(self) -> Outbox:
        """From the store to the queue."""
        return Outbox(self.queue, self.clock)

    @cached_property
    def dispatching(self) -> "Dispatching":
        """From the queue to the providers."""
        from chalicelib.services.composing import Composing  # noqa: PLC0415 (only the dispatcher writes messages)
        from chalicelib.services.dispatching import Dispatching  # noqa: PLC0415

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
        from chalicelib.services.receiving import Receiving  # noqa: PLC0415 (only webhooks need it)

        return Receiving(self.vault, self.clock, self.webhooks)

    @cached_property
    def sweeping(self) -> "Sweeping":
        """The sweep."""
        from chalicelib.services.sweeping import Sweeping  # noqa: PLC0415 (one function sweeps)

        return Sweeping(self.clock)

    @cached_property
    def _secrets(self) -> Mapping[str, str]:
        from chalicelib.adapters.secrets import ProviderSecrets  # noqa: PLC0415

        arn = self.settings.providers_secret_arn
        return ProviderSecrets(self.client("secretsmanager"), arn, monotonic=time.monotonic).all()

    def _sender(self, builders: Mapping[str, Callable[..., Any]], name: str) -> Any:
        """A provider; one that lacks a setting refuses whatever it is handed, so that the next one is asked."""
        from chalicelib.adapters.registry import Unconfigured  # noqa: PLC0415

        return self._outside(builders, name) or Unconfigured(name, "not-set-up")

    def _outside(self, builders: Mapping[str, Callable[..., Any]], name: str) -> Any | None:
        """What `builders` make of the settings and secrets; None, and a line in the log, when one is missing."""
        from chalicelib.adapters.registry import Outside  # noqa: PLC0415
        from chalicelib.adapters.ses import CLIENT_CONFIG  # noqa: PLC0415

        outside = Outside(clock=self.clock, ses=lambda: self.client("ses", CLIENT_CONFIG))
        try:
            return builders[name](asdict(self.settings), self._secrets, outside)
        except ProviderMisconfiguredError as missing:
            logger.error("provider not set up", extra={"provider": name, "code": missing.code})
            return None


@lru_cache(maxsize=1)
def services() -> Services:
    """The services of this process, built at the first call."""
    return Services(Settings.from_env())
