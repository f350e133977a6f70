"""Amazon SES: raw MIME through its first API, the one that takes tags and attachments everywhere.

The client has to be made with `CLIENT_CONFIG`: boto3 repeats requests after a timeout by itself, and SES has no way
to recognise a repeated mail.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    SSLError,
)
from botocore.parsers import ResponseParserError

from chalicelib.adapters import _mime
from chalicelib.adapters._http import check_host
from chalicelib.adapters._provider import Outside, Provider, deliverable
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
)
from chalicelib.services.ports import Email, Sms

if TYPE_CHECKING:
    from mypy_boto3_ses import SESClient

NAME = "ses"

CLIENT_CONFIG = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 1, "mode": "standard"})

PASSING = frozenset(
    {
        *("Throttling", "ThrottlingException", "TooManyRequestsException", "LimitExceededException"),
        *("InternalFailure", "InternalError", "ServiceUnavailable", "RequestTimeout", "SlowDown"),
    }
)
"""Error codes that pass by themselves. Every other one (MessageRejected, MailFromDomainNotVerified,
AccountSendingPaused, AccessDenied...) is about us: a recipient is refused by an event later, never here."""

_NOT_TAKEN = (EndpointConnectionError, ConnectTimeoutError)
_IN_DOUBT = (HTTPClientError, SSLError, ResponseParserError, KeyError)


class SesEmail(Provider[Email]):
    """Sends e-mail by SendRawEmail. SES offers no search, so it can't tell about a mail in doubt."""

    name: ClassVar[str] = NAME
    processor: ClassVar[str] = NAME
    takes: ClassVar[type[Email | Sms]] = Email
    receives: ClassVar[frozenset[str]] = frozenset(
        {
            *("to", "to_name", "sender", "sender_name", "reply_to", "subject", "text", "html", "reference"),
            *("attachments.filename", "attachments.content_type", "attachments.content"),
        }
    )

    def __init__(self, *, client: "SESClient", configuration_set: str, clock: Clock) -> None:
        if (getattr(client.meta.config, "retries", None) or {}).get("total_max_attempts") != 1:
            raise TypeError("make the SES client with ses.CLIENT_CONFIG: a repeated request sends the mail twice")
        self._client = client
        self._configuration_set = configuration_set
        self._clock = clock

    def _send(self, email: Email) -> str:
        request: dict[str, Any] = {
            "Source": deliverable(self.name, email.sender),
            "Destinations": [deliverable(self.name, email.to)],
            "RawMessage": {"Data": _mime.build(email, date=self._clock(), message_id=_mime.message_id_for(email))},
            "Tags": [{"Name": "ref", "Value": email.reference}],
        }
        if self._configuration_set:
            request["ConfigurationSetName"] = self._configuration_set
        try:
            return self._client.send_raw_email(**request)["MessageId"]
        except (ClientError, BotoCoreError, ResponseParserError, KeyError) as error:
            raise _as_ours(error) from None  # SES puts the address into its texts


def _as_ours(error: Exception) -> ProviderError:
    if isinstance(error, ClientError):
        code = error.response["Error"]["Code"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        passes = code in PASSING or status == 429 or status >= 500
        return (ProviderUnavailableError if passes else ProviderMisconfiguredError)(NAME, code)
    if isinstance(error, _NOT_TAKEN):
        return ProviderUnavailableError(NAME, "connect")
    if isinstance(error, _IN_DOUBT):
        return OutcomeUnknownError(NAME, "no-answer")
    return ProviderMisconfiguredError(NAME, type(error).__name__)  # credentials, parameters: nothing went out


def build(config: Mapping[str, str], secrets: Mapping[str, str], outside: Outside) -> SesEmail:
    """The provider out of settings; the function's role is its credential."""
    client = outside.ses()
    check_host(NAME, urlsplit(client.meta.endpoint_url).hostname or "", outside.hosts)
    return SesEmail(client=client, configuration_set=config.get("ses_configuration_set", ""), clock=outside.clock)
