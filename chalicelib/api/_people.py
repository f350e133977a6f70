"""Fields about people, as they are sent: names, addresses of mail and phone, time zones. All come out normalised."""

import unicodedata
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from chalicelib.api._models import line, refused
from chalicelib.domain.email_address import normalise_email
from chalicelib.domain.phone import is_e164


def _nfc(text: str) -> str:
    tidy = unicodedata.normalize("NFC", text).strip()
    if not tidy:
        raise refused("is empty", "Send a text that is more than spaces.")
    return tidy


def _email(text: str) -> str:
    try:
        return normalise_email(text)
    except ValueError:
        raise refused("is not an e-mail address", "Send one address, such as name@example.ch.") from None


def _phone(text: str) -> str:
    if not is_e164(text):
        raise refused("is not a phone number in E.164", "Send + and country code, digits only, such as +41791234567.")
    return text


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise refused("is not a time zone", "Send a name of the IANA time zone database, such as Europe/Zurich.")
    return text


Name = Annotated[str, line(100, example="Anna"), AfterValidator(_nfc)]
Line = Annotated[str, line(200), AfterValidator(_nfc)]
EmailAddress = Annotated[str, line(254, example="anna.muster@example.ch"), AfterValidator(_email)]
Phone = Annotated[
    str, Field(max_length=16, pattern=r"^\+[1-9][0-9]{6,14}$", examples=["+41791234567"]), AfterValidator(_phone)
]
Zone = Annotated[str, line(60, example="Europe/Zurich"), AfterValidator(_zone)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", examples=["CH"], description="ISO 3166-1 alpha-2")]
