"""What the services reach out by: keys, queues, buckets, providers, each made when it is first needed."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.domain.clock import Clock, system_clock
from chalicelib.domain.errors import ProviderMisconfiguredError
from chalicelib.observability import logger
from chalicelib.records._tables import bind
from chalicelib.records.keys import KeysInTable
from chalicelib.settings import Settings

if TYPE_CHECKING:
    from botocore.config import Config

    from chalicelib.adapters.sealing import Keyring
    from chalicelib.records.processors import Processor
    from chalicelib.services.ports import (
        AccessLog,
        EmailProvider,
        Files,
        PublicHolidays,
        Queue,
        RootStore,
        SmsProvider,
        Webhook,
    )


def aws_client(service: str, config: "Config | None" = None) -> Any:
    """A client of an AWS service; unless told otherwise with limits that fit a function that somebody waits for."""
    # Here and not above: reading and writing records goes through botocore alone, and most calls do nothing else.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    usual = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
    return boto3.client(service, config=config or usual)  # type: ignore[call-overload]


@dataclass(frozen=True)
class Adapters:
    """Everything that lies outside of the program. `client` makes AWS clients by service name."""

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
    def queue(self) -> "Queue":
        """The queue that the dispatcher consumes."""
        from chalicelib.adapters.queue import DispatchQueue  # noqa: PLC0415 (two functions need it)

        return DispatchQueue(self.client("sqs"), self.settings.dispatch_queue_url)

    @cached_property
    def email_providers(self) -> "Sequence[EmailProvider]":
        """The e-mail providers in order of preference; only registered processors can be built."""
        from chalicelib.adapters.registry import EMAIL_PROVIDERS  # noqa: PLC0415 (only the dispatcher needs them)
        from chalicelib.records.processors import processor  # noqa: PLC0415

        return [self._sender(EMAIL_PROVIDERS, processor(name)) for name in self.settings.email_order()]

    @cached_property
    def sms_providers(self) -> "Sequence[SmsProvider]":
        """The SMS providers in order of preference."""
        from chalicelib.adapters.registry import SMS_PROVIDERS  # noqa: PLC0415 (only the dispatcher needs them)
        from chalicelib.records.processors import processor  # noqa: PLC0415

        return [self._sender(SMS_PROVIDERS, processor(name)) for name in self.settings.sms_order()]

    @cached_property
    def webhooks(self) -> "Mapping[str, Webhook]":
        """The webhooks of the providers in use, as far as they are set up."""
        from chalicelib.adapters.registry import WEBHOOKS  # noqa: PLC0415 (only webhooks need them)
        from chalicelib.records.processors import processor  # noqa: PLC0415

        names = (*self.settings.email_order(), *self.settings.sms_order())
        built = {name: self._outside(WEBHOOKS, processor(name)) for name in names}
        return {name: webhook for name, webhook in built.items() if webhook is not None}

    @cached_property
    def access_log(self) -> "AccessLog":
        """Where visits of pages are noted."""
        from chalicelib.adapters.access_log import QUICK, VisitLog  # noqa: PLC0415 (pages only)

        return VisitLog(lambda: self.client("logs", QUICK), self.settings.access_log_group, clock=self.clock)

    @cached_property
    def public_holidays(self) -> "PublicHolidays":
        """Which days are public holidays where."""
        from chalicelib.adapters.public_holidays import ComputedHolidays  # noqa: PLC0415 (only who offers times asks)

        return ComputedHolidays()

    @cached_property
    def files(self) -> "Files":
        """The bucket of files."""
        from chalicelib.adapters.files import Bucket  # noqa: PLC0415 (only what ends records needs it)

        return Bucket(self.client("s3"), self.settings.files_bucket)

    @cached_property
    def roots(self) -> "RootStore":
        """The proofs of closed days."""
        from chalicelib.adapters.roots import LockedRoots  # noqa: PLC0415 (closing and verifying need it)

        return LockedRoots(self.client("s3"), self.settings.roots_bucket)

    @cached_property
    def _secrets(self) -> Mapping[str, str]:
        from chalicelib.adapters.secrets import ProviderSecrets  # noqa: PLC0415

        arn = self.settings.providers_secret_arn
        return ProviderSecrets(self.client("secretsmanager"), arn, monotonic=time.monotonic).all()

    def _sender(self, builders: Mapping[str, Callable[..., Any]], held: "Processor") -> Any:
        """A provider; one that lacks a setting refuses whatever it is handed, so that the next one is asked.

        TypeError when it declares more than the register of processors allows.
        """
        from chalicelib.adapters.registry import Unconfigured  # noqa: PLC0415

        sender = self._outside(builders, held)
        if sender is None:
            return Unconfigured(held.name, "not-set-up")
        held.check_disclosure(sender.discloses())
        return sender

    def _outside(self, builders: Mapping[str, Callable[..., Any]], held: "Processor") -> Any | None:
        """What `builders` make of the settings and secrets; None, and a line in the log, when one is missing."""
        from chalicelib.adapters.registry import Outside  # noqa: PLC0415
        from chalicelib.adapters.ses import CLIENT_CONFIG  # noqa: PLC0415

        outside = Outside(clock=self.clock, ses=lambda: self.client("ses", CLIENT_CONFIG), hosts=held.hosts)
        try:
            return builders[held.name](asdict(self.settings), self._secrets, outside)
        except ProviderMisconfiguredError as missing:
            logger.error("provider not set up", extra={"provider": held.name, "code": missing.code})
            return None
