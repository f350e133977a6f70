"""Fields about people, as they are sent: names, addresses of mail and phone, time zones. All come out normalised."""

import unicodedata
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from chalicelib.api.http.models import Body, Language, line, refused
from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.email_address import normalise_email
from chalicelib.domain.phone import is_plausible
from chalicelib.domain.postal_codes import is_postal_code
from chalicelib.domain.seen import is_seen


def _nfc(text: str) -> str:
    tidy = unicodedata.normalize("NFC", text).strip()
    if not tidy:
        raise refused("is empty", "Send a text that is more than spaces.")
    if not is_seen(tidy):
        raise refused("holds characters that can't be seen", "Type it anew: letters, digits, signs and spaces only.")
    return tidy


def _email(text: str) -> str:
    try:
        return normalise_email(text)
    except ValueError:
        raise refused("is not an e-mail address", "Send one address, such as name@example.ch.") from None


def _phone(text: str) -> str:
    if not is_plausible(text):
        raise refused("is not a phone number in E.164", "Send + and country code, digits only, such as +41791234567.")
    return text


def _country(text: str) -> str:
    if text not in COUNTRIES:
        raise refused("is not a country", "Send the two letters of ISO 3166-1, such as CH.")
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
Roles = Annotated[list[Literal["admin", "expert"]], Field(min_length=1, max_length=2)]
Zone = Annotated[str, line(60, example="Europe/Zurich"), AfterValidator(_zone)]
Country = Annotated[
    str,
    Field(pattern=r"^[A-Z]{2}$", examples=["CH"], description="ISO 3166-1 alpha-2"),
    AfterValidator(_country),
]
PostalCode = Annotated[str, line(12, example="8001"), AfterValidator(_nfc)]


class CustomerGiven(Body):
    """A customer, as given by themselves."""

    given_name: Name
    family_name: Name
    email: EmailAddress
    phone: Phone | None = None
    language: Language = "de"
    zone: Zone = "Europe/Zurich"


class PostalAddress(Body):
    """Where a business is reached by post."""

    company: Line
    street: Line
    country: Country
    postal_code: PostalCode
    city: Name

    @field_validator("postal_code")
    @classmethod
    def _of_its_country(cls, code: str, info: ValidationInfo) -> str:
        country = info.data.get("country")  # missing where it was refused itself
        if country is not None and not is_postal_code(code, country):
            raise refused("is not a postal code of the country", "Send it as it is written there, such as 8001.")
        return code
