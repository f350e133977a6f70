"""What the services need from outside, as protocols and the plain data that passes through them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from chalicelib.domain.delivery import Delivery
from chalicelib.domain.stack_state import ApiState, BucketState, LogGroupState, TableState


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that goes with an e-mail, such as a calendar file."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Email:
    """One e-mail to one person. `reference` is opaque; it comes back with receipts."""

    to: str
    to_name: str
    sender: str
    sender_name: str
    reply_to: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()
    headers: Mapping[str, str]
    reference: str


@dataclass(frozen=True, kw_only=True)
class Sms:
    """One text message to one phone (E.164). `reference` is opaque; it comes back with receipts."""

    to: str
    text: str
    reference: str


class PublicHolidays(Protocol):
    """Knows the public holidays of countries and their parts, as CH-ZH, DE-BY or AT."""

    def of(self, region: str, year: int) -> Mapping[date, str]:
        """The holidays of a year with their names; none for a region that it does not know."""
        ...


class EmailProvider(Protocol):
    """Sends e-mail. Raises the ProviderError family of domain.errors, nothing else."""

    @property
    def name(self) -> str:
        """The provider's name in configuration and in the register of processors."""
        ...

    def send(self, email: Email) -> str:
        """Hands the mail over; returns the provider's message id."""
        ...

    def find(self, email: Email, *, since: datetime) -> str | None:
        """The provider's id of a mail with this reference handed over after `since`, if it can tell."""
        ...


class SmsProvider(Protocol):
    """Sends text messages. Raises the ProviderError family of domain.errors, nothing else."""

    @property
    def name(self) -> str:
        """The provider's name in configuration and in the register of processors."""
        ...

    def send(self, sms: Sms) -> str:
        """Hands the message over; returns the provider's message id."""
        ...

    def find(self, sms: Sms, *, since: datetime) -> str | None:
        """The provider's id of a message to this number with this text handed over after `since`, if it can tell."""
        ...


@dataclass(frozen=True, kw_only=True)
class WebhookRequest:
    """A webhook call as it came in: nothing decoded but the transfer encoding of the body."""

    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    content_type: str


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a provider says of one message. `event_id` is the same when the provider repeats itself."""

    provider: str
    reference: str
    provider_id: str
    event_id: str
    delivery: Delivery
    at: datetime
    code: str = ""
    suppress: bool = False


@dataclass(frozen=True, kw_only=True)
class OptOut:
    """A person's STOP (or START) sent to one of our numbers, in E.164."""

    provider: str
    event_id: str
    phone: str
    stop: bool


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the provider wants to hear when all went well."""

    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


class Webhook(Protocol):
    """One provider's webhook: proves the sender on the raw bytes, then parses. Unknown events give no receipt."""

    answer: Answer

    def read(self, request: WebhookRequest) -> Sequence[Receipt | OptOut]:
        """The receipts in the call; SignatureInvalidError when it can't prove itself or is too old."""
        ...


class Queue(Protocol):
    """The queue that the dispatcher consumes."""

    def put(self, bodies: Sequence[str], *, delay_seconds: Sequence[int] | None = None) -> None:
        """Adds messages, each to be seen after its delay (0-900 s)."""
        ...


class Stack(Protocol):
    """The installation's resources as AWS describes them. Looking changes nothing; what can't be looked at raises."""

    def table(self, name: str) -> TableState:
        """A table."""
        ...

    def bucket(self, name: str) -> BucketState:
        """A bucket."""
        ...

    def log_group(self, name: str) -> LogGroupState:
        """A log group."""
        ...

    def backups(self, vault: str, *, table: str, region: str) -> Sequence[datetime]:
        """When the backups of a table that lie complete in a vault were completed."""
        ...

    def api(self) -> ApiState:
        """The API."""
        ...


class AccessLog(Protocol):
    """Where visits of pages are written down, without anything that says who came."""

    def ready(self) -> None:
        """Prepares for the first line. Never raises."""
        ...

    def write(self, visit: Mapping[str, str | int]) -> None:
        """One line. Never raises: a page is shown whether or not its visit could be noted."""
        ...


class ProofHasher(Protocol):
    """Keeps proofs of passwords: slow on purpose, so that whoever steals what is kept can't try many."""

    @property
    def decoy(self) -> str:
        """A hash that no proof fits, to check against where there is none: that takes just as long."""
        ...

    def hash(self, proof: bytes) -> str:
        """What is kept of a proof, with a fresh salt."""
        ...

    def matches(self, kept: str, proof: bytes) -> bool:
        """Whether `kept` was made of this proof; compared in constant time."""
        ...

    def needs_rehash(self, kept: str) -> bool:
        """Whether it was made with other parameters than those of today."""
        ...


class RootStore(Protocol):
    """Where the proofs of closed days lie, each written once and not to be changed by anybody."""

    def put(self, tenant: str, day: date, content: bytes) -> bool:
        """Stores the proof of a day; False, and nothing changes, when there is one already."""
        ...

    def get(self, tenant: str, day: date) -> bytes | None:
        """The proof of a day."""
        ...

    def days(self, tenant: str) -> Mapping[date, int]:
        """The days that have a proof, each with how many times it was written (once, if nobody meddled)."""
        ...


class Files(Protocol):
    """The files that belong to records: everything of a record lies under the prefix of its key."""

    def delete_all(self, *, prefix: str) -> None:
        """Deletes every version of every object under the prefix; may be repeated. TryAgainError: some may be left."""
        ...

    def put(self, name: str, content: bytes, *, content_type: str) -> None:
        """Stores a file. TryAgainError when it was not stored."""
        ...

    def get(self, name: str) -> bytes | None:
        """The content of a file, if there is one."""
        ...


class Vault(Protocol):
    """The keys as services use them; reading never makes one. KeyDestroyedError when a tenant or person has none."""

    def tenant_ready(self, tenant: str) -> None:
        """Sees to it that the tenant has a key."""
        ...

    def new_tenant_key(self, tenant: str) -> bytes:
        """The first key of a new tenant, wrapped: to be stored in the transaction that writes its first record."""
        ...

    def new_subject_key(self, tenant: str) -> bytes:
        """A fresh subject key, wrapped: to be stored in the transaction that writes the subject's first record."""
        ...

    def adopt(self, tenant: str, subject: str, wrapped: bytes) -> None:
        """Uses `wrapped` for this subject before it is stored."""
        ...

    def preload(self, tenant: str, subjects: Iterable[str]) -> None:
        """Fetches in one go the keys that are not at hand."""
        ...

    def forget(self, tenant: str, subject: str | None = None) -> None:
        """Drops a key from this process."""
        ...

    def index(self, tenant: str, purpose: str, value: str) -> str:
        """The blind index of a normalised value for one purpose."""
        ...

    def link_key(self, tenant: str) -> bytes:
        """The key that signs the tenant's capability links."""
        ...
