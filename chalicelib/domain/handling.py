"""The declaration that every record kind carries: what it is for, on what basis, who gets it, how long it is kept.

The words are those of the law: categories and purposes feed the record of processing (Art. 30 GDPR, Art. 12 FADP),
the lawful bases are Art. 6(1) GDPR.
"""

from dataclasses import dataclass
from enum import Enum

from chalicelib.domain.periods import Period


class Category(Enum):
    """What kind of data it is."""

    MASTER = "master"
    CONTACT = "contact"
    CONTRACT = "contract"
    PAYMENT = "payment"
    COMMUNICATION = "communication"
    USAGE = "usage"
    APPLICATION = "application"
    RECORD_OF_WORK = "record of work"
    TECHNICAL = "technical"


class Purpose(Enum):
    """What it is used for; nothing else is allowed."""

    ACCOUNT = "running the account of a business"
    APPOINTMENT = "agreeing on and keeping appointments"
    NOTIFICATION = "telling people about their appointments"
    SUPPRESSION = "not writing to those who do not want it or can't be reached"
    ACCOUNTABILITY = "showing who did what and that promises are kept"
    SECURITY = "protecting accounts and the service"
    OPERATION = "technical operation"


class Basis(Enum):
    """The lawful basis (Art. 6(1) GDPR); Swiss law: Art. 31 FADP."""

    CONSENT = "a"
    CONTRACT = "b"
    LEGAL_OBLIGATION = "c"
    VITAL_INTERESTS = "d"
    PUBLIC_TASK = "e"
    LEGITIMATE_INTEREST = "f"


class Source(Enum):
    """Where it comes from."""

    SUBJECT = "the person"
    TENANT = "the business"
    PROVIDER = "a message provider"
    SYSTEM = "arises in operation"


class Subject(Enum):
    """Whom it is about."""

    CUSTOMER = "customer"
    STAFF = "staff"
    NOBODY = "nobody"


class Then(Enum):
    """What follows at the end of the period."""

    DELETE = "delete"
    ANONYMISE = "anonymise"
    BLOCK_THEN_DELETE = "block, then delete"


@dataclass(frozen=True)
class Keep:
    """One period and the field it is counted from; a field without a value means: not running yet."""

    period: Period
    since: str


@dataclass(frozen=True, kw_only=True)
class Handling:
    """The whole declaration. Where several periods run, the one that ends first holds."""

    category: Category
    purposes: tuple[Purpose, ...]
    basis: Basis
    source: Source
    about: Subject
    recipients: tuple[str, ...] = ()
    keep: tuple[Keep, ...]
    then: Then = Then.DELETE
    because: str = ""

    def __post_init__(self) -> None:
        if not self.purposes or not self.keep:
            raise TypeError("a Handling names at least one purpose and one period")
