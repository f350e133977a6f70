"""What all message providers share: the guard in front of them and the words for their ways to fail."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar
from urllib.parse import urlsplit

from chalicelib.adapters._http import Http, Reply, Timeouts, check_host
from chalicelib.domain.clock import Clock
from chalicelib.domain.disclosing import Received, disclosed, parts_of
from chalicelib.domain.email_address import ascii_address
from chalicelib.domain.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    RecipientRefusedError,
)
from chalicelib.services.ports import Email, Sms

if TYPE_CHECKING:
    from mypy_boto3_ses import SESClient

Message = TypeVar("Message", Email, Sms)


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What a provider or webhook needs of the world; `ses` is a thunk so that nobody pays for a client not used.

    `hosts` are those of its processor in the register: it reaches no others.
    """

    clock: Clock
    ses: "Callable[[], SESClient]"
    hosts: frozenset[str]
    timeouts: Timeouts = field(default_factory=Timeouts)


class Provider(ABC, Generic[Message]):
    """The base of every provider: nothing goes out that its declaration doesn't list.

    `takes` is the kind of message, `receives` the parts of it that it may be handed, with a dot for what lies deeper;
    `processor` is the company or service in the register of processors.
    `knows_repeats` says that the same reference handed over twice is sent once, so a message in doubt may be repeated.
    """

    name: ClassVar[str]
    processor: ClassVar[str]
    takes: ClassVar[type[Email | Sms]]
    receives: ClassVar[frozenset[str]]
    knows_repeats: ClassVar[bool] = False

    @classmethod
    def discloses(cls) -> frozenset[Received]:
        """The kinds of data that the declared parts can hold; the register has to allow each."""
        return disclosed(cls.takes.__name__, cls.receives)

    def send(self, message: Message) -> str:
        """Hands the message over; returns the provider's message id."""
        self._admit(message)
        return self._send(message)

    def find(self, message: Message, *, since: datetime) -> str | None:
        """The provider's id of this message, if it was handed over after `since` and the provider can tell."""
        self._admit(message)
        return self._find(message, since=since)

    @abstractmethod
    def _send(self, message: Message) -> str:
        """Hands over a message that was admitted."""

    def _find(self, message: Message, *, since: datetime) -> str | None:
        """Looks for a message that was admitted; by default the provider can't tell."""
        return None

    def _admit(self, message: Message) -> None:
        for part in parts_of(message):
            if part not in self.receives:
                raise TypeError(f"{self.name} may not receive {part}")


class Unconfigured:
    """Stands in for a provider that lacks a setting or secret: it refuses, and so the next one is asked."""

    def __init__(self, name: str, code: str) -> None:
        self.name, self._code = name, code

    def send(self, message: Email | Sms) -> str:
        """Refuses, naming what is missing."""
        raise ProviderMisconfiguredError(self.name, self._code)

    def find(self, message: Email | Sms, *, since: datetime) -> str | None:
        """Refuses, naming what is missing."""
        raise ProviderMisconfiguredError(self.name, self._code)


def refusal(provider: str, status: int, kinds: Mapping[int, type[ProviderError]]) -> ProviderError:
    """The error for a status that isn't a success, by the provider's table.

    Every 5xx is read as "not taken": the providers answer so before they queue anything, and a message that may
    come twice in the rarest of cases is better than one in doubt after each of their outages.
    """
    if status in kinds:
        return kinds[status](provider, str(status))
    if status == 429 or status >= 500:
        return ProviderUnavailableError(provider, str(status))
    return ProviderMisconfiguredError(provider, str(status))


def accepted_id(provider: str, reply: Reply, found: object) -> str:
    """The message id in a success; a success without one leaves open whether the message was taken."""
    if not isinstance(found, str) or not found:
        raise OutcomeUnknownError(provider, f"{reply.status}-without-id")
    return found


def deliverable(provider: str, address: str) -> str:
    """The address in the form for mail headers, or the refusal to send to it."""
    try:
        return ascii_address(address)
    except ValueError:
        raise RecipientRefusedError(provider, "address") from None


def required(provider: str, given: Mapping[str, Any], key: str) -> str:
    """A setting or secret that the provider can't do without; the error names the key only."""
    value = given.get(key)
    if not isinstance(value, str) or not value:
        raise ProviderMisconfiguredError(provider, key)
    return value


def origin(provider: str, config: Mapping[str, Any], key: str, outside: Outside) -> str:
    """A setting that says where the provider is reached; it has to be one of the provider's own hosts."""
    url = required(provider, config, key)
    check_host(provider, urlsplit(url).hostname or "", outside.hosts)
    return url


def http_for(provider: str, outside: Outside) -> Http:
    """The HTTP connection to a provider, with the hosts and the time it is given here."""
    return Http(provider, hosts=outside.hosts, timeouts=outside.timeouts)
