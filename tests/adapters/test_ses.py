"""Amazon SES: what goes out, and what each failure of boto3 means."""

import email
import email.policy
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
    SSLError,
)
from botocore.parsers import ResponseParserError
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from chalicelib.adapters.ses import CLIENT_CONFIG, SesEmail
from chalicelib.domain.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    RecipientRefusedError,
)
from tests.adapters.provider_builders import ADDRESS, NOW, REFERENCE, an_email, now
from tests.adapters.provider_server import ProviderServer, answers, provider, resets, stays_silent

URL = "https://email.eu-central-2.amazonaws.com"


def client(config: Config = CLIENT_CONFIG, endpoint: str | None = None) -> Any:
    """An SES client that never asks this machine for credentials."""
    keys: dict[str, Any] = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client("ses", region_name="eu-central-2", config=config, endpoint_url=endpoint, **keys)


class Recording:
    """The client's place: notes the request and answers or fails as told."""

    def __init__(self, outcome: dict[str, Any] | Exception) -> None:
        self.meta = client().meta
        self.outcome = outcome
        self.requests: list[dict[str, Any]] = []

    def send_raw_email(self, **request: Any) -> dict[str, Any]:
        """As SES has it."""
        self.requests.append(request)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def ses(client: Any, configuration_set: str = "receipts") -> SesEmail:
    """The provider with this client."""
    return SesEmail(client=client, configuration_set=configuration_set, clock=now)


def error_of(server: ProviderServer, config: Config = CLIENT_CONFIG) -> ProviderError:
    """How sending fails against a server that misbehaves."""
    with pytest.raises(ProviderError) as raised:
        ses(client(config, server.url)).send(an_email())
    return raised.value


def test_a_mail_goes_out_raw_with_its_tag() -> None:
    """One recipient, our MIME, the reference as a tag and the configuration set that reports events."""
    recording = Recording({"MessageId": "0100-1"})

    sent = ses(recording).send(an_email())

    request = recording.requests[0]
    mime = email.message_from_bytes(request.pop("RawMessage")["Data"], policy=email.policy.default)
    assert sent == "0100-1"
    assert request == {
        "Source": "termine@mail.example.ch",
        "Destinations": [ADDRESS],
        "Tags": [{"Name": "ref", "Value": REFERENCE}],
        "ConfigurationSetName": "receipts",
    }
    assert mime["Date"].datetime == NOW
    assert not [name for name in mime if name.lower().startswith("x-ses-")]


def test_without_a_configuration_set() -> None:
    """An installation without one sends none."""
    recording = Recording({"MessageId": "0100-1"})

    ses(recording, "").send(an_email())

    assert "ConfigurationSetName" not in recording.requests[0]


def test_the_real_client_takes_the_request() -> None:
    """boto3 accepts our parameters and the mail arrives at (a simulated) SES."""
    with mock_aws():
        real = client()
        real.verify_email_identity(EmailAddress="termine@mail.example.ch")
        sent = ses(real, "").send(an_email())
        taken = ses_backends[DEFAULT_ACCOUNT_ID]["eu-central-2"].sent_messages[0]

    assert sent == taken.id
    assert ADDRESS in taken.destinations


def test_a_client_that_repeats_requests_is_refused() -> None:
    """SES can't recognise a repeated mail, so boto3's own retries would send it twice."""
    with pytest.raises(TypeError, match="CLIENT_CONFIG"):
        ses(client(Config(retries={"mode": "standard", "total_max_attempts": 2})))
    with pytest.raises(TypeError, match="CLIENT_CONFIG"):
        ses(client(Config()))


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "Throttling", ProviderUnavailableError),
        (400, "LimitExceededException", ProviderUnavailableError),
        (429, "Whatever", ProviderUnavailableError),
        (500, "InternalFailure", ProviderUnavailableError),
        (503, "Whatever", ProviderUnavailableError),
        (400, "MessageRejected", ProviderMisconfiguredError),
        (400, "MailFromDomainNotVerified", ProviderMisconfiguredError),
        (400, "AccountSendingPaused", ProviderMisconfiguredError),
        (403, "AccessDenied", ProviderMisconfiguredError),
        (400, "SomethingNew", ProviderMisconfiguredError),
    ],
)
def test_what_an_error_code_means(status: int, code: str, error: type[ProviderError]) -> None:
    """Some pass, the others are ours; SES's text, which holds the address, is dropped."""
    body = (
        f"<ErrorResponse><Error><Code>{code}</Code><Message>{ADDRESS} is not verified</Message></Error></ErrorResponse>"
    )
    with provider(answers(status, body, Content_Type="text/xml")) as server:
        raised = error_of(server)

    assert (type(raised), raised.code) == (error, code)
    assert ADDRESS not in str(raised)
    assert len(server.seen) == 1, "no retries"


def test_silence_and_resets_leave_it_in_doubt() -> None:
    """The request was out; SES may have the mail."""
    impatient = CLIENT_CONFIG.merge(Config(connect_timeout=2, read_timeout=0.25))
    with provider(stays_silent) as server:
        assert type(error_of(server, impatient)) is OutcomeUnknownError
        assert len(server.seen) == 1
    with provider(resets) as server:
        assert type(error_of(server, impatient)) is OutcomeUnknownError


@pytest.mark.parametrize("body", ["not xml", "<SendRawEmailResponse/>", ""])
def test_nonsense_leaves_it_in_doubt(body: str) -> None:
    """A success without an id proves nothing."""
    with provider(answers(200, body, Content_Type="text/xml")) as server:
        assert type(error_of(server)) is OutcomeUnknownError


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (EndpointConnectionError(endpoint_url=URL), ProviderUnavailableError),
        (ConnectTimeoutError(endpoint_url=URL), ProviderUnavailableError),
        (ReadTimeoutError(endpoint_url=URL), OutcomeUnknownError),
        (ConnectionClosedError(endpoint_url=URL), OutcomeUnknownError),
        (SSLError(endpoint_url=URL, error=OSError("eof")), OutcomeUnknownError),
        (ResponseParserError("nonsense"), OutcomeUnknownError),
        (NoCredentialsError(), ProviderMisconfiguredError),
    ],
)
def test_what_a_failure_of_boto3_means(failure: Exception, error: type[ProviderError]) -> None:
    """Before the request is out nothing was taken; afterwards it is in doubt; what never starts is ours to mend."""
    with pytest.raises(ProviderError) as raised:
        ses(Recording(failure)).send(an_email())

    assert type(raised.value) is error


def test_an_address_that_can_not_be_delivered_to_is_not_handed_over() -> None:
    """It is refused here, before anything goes out."""
    recording = Recording({"MessageId": "0100-1"})

    with pytest.raises(RecipientRefusedError):
        ses(recording).send(an_email(to="anna@example"))

    assert recording.requests == []


def test_ses_can_not_tell() -> None:
    """There is no search, so nothing is found."""
    assert ses(Recording({})).find(an_email(), since=NOW) is None
