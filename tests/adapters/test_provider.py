"""The guard in front of every provider, and the words for the ways in which they fail."""

from typing import Any

import pytest

from chalicelib.adapters._http import Reply
from chalicelib.adapters._provider import Provider, accepted_id, deliverable, refusal, required
from chalicelib.adapters.mailgun import MailgunEmail
from chalicelib.adapters.ses import SesEmail
from chalicelib.adapters.smsapi import SmsapiSms
from chalicelib.adapters.twilio import TwilioSms
from chalicelib.domain.disclosing import CARRIES
from chalicelib.domain.errors import (
    OutcomeUnknownError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    RecipientRefusedError,
)
from chalicelib.records.processors import processor
from chalicelib.services.ports import Email, Sms
from tests.adapters.provider_builders import NOW, an_email

ALL: tuple[type[Provider[Any]], ...] = (MailgunEmail, SesEmail, TwilioSms, SmsapiSms)


class NamelessEmail(Provider[Email]):
    """A provider that may not know names."""

    name = processor = "nameless"
    takes = Email
    receives = MailgunEmail.receives - {"to_name"}

    def _send(self, message: Email) -> str:
        return "taken"


def test_what_is_not_declared_does_not_go_out() -> None:
    """A field outside the declaration stops the message; the error names the field and not the value."""
    with pytest.raises(TypeError, match="to_name") as refused:
        NamelessEmail().send(an_email())
    with pytest.raises(TypeError, match="to_name"):
        NamelessEmail().find(an_email(), since=NOW)

    assert "Anna" not in str(refused.value)


def test_what_is_declared_goes_out() -> None:
    """An empty field discloses nothing; by default a provider can't tell about a message in doubt."""
    assert NamelessEmail().send(an_email(to_name="")) == "taken"
    assert NamelessEmail().find(an_email(to_name=""), since=NOW) is None


@pytest.mark.parametrize("kind", ALL)
def test_declarations_are_real(kind: type[Provider[Any]]) -> None:
    """Every declared field exists, and every provider stands in the register of processors."""
    assert kind.takes is (Sms if kind in (TwilioSms, SmsapiSms) else Email)
    assert kind.receives <= set(CARRIES[kind.takes.__name__])
    assert processor(kind.processor).name == kind.name


@pytest.mark.parametrize("kind", [TwilioSms, SmsapiSms])
def test_text_message_providers_get_three_fields(kind: type[Provider[Sms]]) -> None:
    """A number, a text, an opaque reference: nothing else."""
    assert kind.receives == {"to", "text", "reference"}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (301, ProviderMisconfiguredError),
        (400, ProviderMisconfiguredError),
        (401, ProviderMisconfiguredError),
        (402, ProviderMisconfiguredError),
        (403, ProviderMisconfiguredError),
        (428, ProviderMisconfiguredError),
        (429, ProviderUnavailableError),
        (430, ProviderMisconfiguredError),
        (499, ProviderMisconfiguredError),
        (500, ProviderUnavailableError),
        (599, ProviderUnavailableError),
    ],
)
def test_the_general_reading_of_a_status(status: int, error: type[Exception]) -> None:
    """429 and 5xx pass by themselves, everything else is ours to mend."""
    assert type(refusal("tested", status, {})) is error


def test_a_table_comes_before_the_general_reading() -> None:
    """A provider's own table decides first."""
    assert type(refusal("tested", 404, {404: RecipientRefusedError})) is RecipientRefusedError


@pytest.mark.parametrize("found", [None, "", 7, ["id"]])
def test_a_success_without_an_id_is_in_doubt(found: object) -> None:
    """A 200 that does not say what was taken proves nothing."""
    with pytest.raises(OutcomeUnknownError):
        accepted_id("tested", Reply(200, b""), found)


def test_an_address_nobody_can_deliver_to() -> None:
    """It is the recipient that is refused, and the address is not in the error."""
    with pytest.raises(RecipientRefusedError) as refused:
        deliverable("tested", "anna@example")

    assert "anna" not in str(refused.value)
    assert not refused.value.suppress


@pytest.mark.parametrize("given", [{}, {"key": ""}, {"key": None}])
def test_a_missing_secret_is_named(given: dict[str, Any]) -> None:
    """The operator learns which key is missing."""
    with pytest.raises(ProviderMisconfiguredError, match="key"):
        required("tested", given, "key")
