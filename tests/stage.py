"""A stage for services: the real records on moto, the real keyring over a plain KMS, remembered sends."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any
from unittest import mock

from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from chalicelib.adapters.sealing import Keyring
from chalicelib.records._tables import TABLES
from chalicelib.records.keys import KeysInTable
from chalicelib.services.notifying.composing import Composing
from chalicelib.services.notifying.dispatching import Dispatching
from chalicelib.services.operator.opening import Opening
from chalicelib.settings import Settings
from chalicelib.wiring import Services
from tests import quick_moto
from tests.fakes import DrivenClock, ListLog, ListQueue, MemoryFiles, MemoryProvider, PlainKms

quick_moto.install()

AWS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-central-2",
    "POWERTOOLS_METRICS_DISABLED": "true",
}


def settings(**changes: str) -> Settings:
    """Settings of a test installation."""
    values = {
        "stage": "test",
        "aws_region": "eu-central-2",
        "records_table": "zusage-test-records",
        "keys_table": "zusage-test-keys",
        "ledger_table": "zusage-test-ledger",
        "transient_table": "zusage-test-transient",
        "roots_bucket": "zusage-test-roots",
        "files_bucket": "zusage-test-files",
        "tenant_key_arn": "arn:aws:kms:eu-central-2:123456789012:key/00000000-0000-0000-0000-000000000000",
        "dispatch_queue_url": "https://sqs.eu-central-2.amazonaws.com/123456789012/dispatch",
        "providers_secret_arn": "arn:aws:secretsmanager:eu-central-2:123456789012:secret:providers",
        "data_key_arn": "arn:aws:kms:eu-central-2:123456789012:key/11111111-0000-0000-0000-000000000000",
        "access_log_group": "/access/zusage-test-pages",
        "public_base_url": "https://api.example.ch",
        "email_providers": "mailgun,ses",
        "sms_providers": "twilio,smsapi",
        "mail_sender": "termine@mail.example.ch",
        "organizer_mail": "termine@mail.example.ch",
        "controller_name": "Muster AG",
        "controller_postal": "Muster AG, Seestrasse 1, 8000 Zürich",
        "controller_mail": "kontakt@example.ch",
        "controller_country": "CH",
        "dpo_name": "Datenschutzstelle",
        "dpo_postal": "Muster AG, Datenschutzstelle, Seestrasse 1, 8000 Zürich",
        "dpo_mail": "datenschutz@example.ch",
        "operator_name": "Zusage",
    }
    return Settings(**{**values, **changes})


class Stage:
    """Services with everything outside replaced, and handles on the replacements."""

    def __init__(self, clock: DrivenClock, *, opened: bool = True) -> None:
        self.clock = clock
        self.kms = PlainKms()
        self.queue = ListQueue()
        self.mailgun, self.ses = MemoryProvider("mailgun"), MemoryProvider("ses")
        self.twilio, self.smsapi = MemoryProvider("twilio"), MemoryProvider("smsapi")
        self.services = Services(settings(), clock=clock)
        # cached_property keeps its value in the instance's __dict__: putting one there replaces the real thing.
        held: dict[str, Any] = vars(self.services)
        held["vault"] = Keyring(KeysInTable(), self.kms, clock=clock)
        held["queue"] = self.queue
        held["access_log"] = ListLog()
        held["files"] = self.files = MemoryFiles()
        if opened:
            held["opening"] = Opening(is_open=True)
        held["email_providers"], held["sms_providers"] = [self.mailgun, self.ses], [self.twilio, self.smsapi]

    @property
    def vault(self) -> Keyring:
        """The keyring."""
        return self.services.vault

    @property
    def composing(self) -> Composing:
        """What writes messages."""
        return self.dispatching.composing

    @property
    def dispatching(self) -> Dispatching:
        """The dispatcher."""
        return self.services.dispatching

    def pump(self) -> int:
        """Queues what is due and delivers it, as the wake-up and the dispatcher do; the number of deliveries."""
        self.services.outbox.wake()
        return self.drain()

    def drain(self) -> int:
        """Delivers what is in the queue."""
        bodies, self.queue.bodies, self.queue.delays = self.queue.bodies, [], []
        for body in bodies:
            key = json.loads(body)
            self.dispatching.deliver(key["pk"], key["sk"])
        return len(bodies)

    def mails(self) -> list[Any]:
        """All e-mails handed over so far."""
        return [*self.mailgun.sent, *self.ses.sent]

    def texts(self) -> list[Any]:
        """All text messages handed over so far."""
        return [*self.twilio.sent, *self.smsapi.sent]


@contextmanager
def stage(clock: DrivenClock | None = None, *, opened: bool = True) -> Iterator[Stage]:
    """A fresh stage with empty tables, in a process that knows the installation to be open unless told otherwise."""
    with mock.patch.dict("os.environ", AWS), mock_aws():
        built = Stage(clock or DrivenClock(), opened=opened)
        # The tables are new each time; connections may stay, and making them would take most of a test's time.
        tables = dynamodb_backends[DEFAULT_ACCOUNT_ID][AWS["AWS_DEFAULT_REGION"]]
        if not _EMPTY:
            for table in TABLES:
                table.create_table()
            _EMPTY.update(deepcopy(tables.tables))
        tables.tables = deepcopy(_EMPTY)
        yield built


_EMPTY: dict[str, Any] = {}
"""The tables as they are created, which takes long: once a process."""
