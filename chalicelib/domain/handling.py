"""The declaration that every record kind carries: what it is for, on what basis, who gets it, how long it is kept.

The words are those of the law: categories and purposes feed the record of processing (Art. 30 GDPR, Art. 12 FADP),
the lawful bases are those of Art. 6(1) GDPR and their counterparts in Art. 31 FADP. A declaration that leaves anything
out can't be made.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    PAYMENT = "taking and giving back payments"
    LEGAL_DUTY = "keeping what the law or a legal claim requires"


class Basis(Enum):
    """The lawful basis: the point of Art. 6(1) GDPR, and what justifies it in Switzerland (Art. 31 FADP)."""

    CONSENT = "a", "Art. 31(1) FADP: consent"
    CONTRACT = "b", "Art. 31(2)(a) FADP: contract"
    LEGAL_OBLIGATION = "c", "Art. 31(1) FADP: law"
    VITAL_INTERESTS = "d", "Art. 31(1) FADP: overriding private interest"
    PUBLIC_TASK = "e", "Art. 31(1) FADP: overriding public interest"
    LEGITIMATE_INTEREST = "f", "Art. 31(1) FADP: overriding private interest"

    @property
    def gdpr(self) -> str:
        """The provision of the GDPR; a consent is given and withdrawn by Art. 7."""
        also = ", Art. 7" if self is Basis.CONSENT else ""
        return f"Art. 6(1)({self.value[0]}){also} GDPR"

    @property
    def fadp(self) -> str:
        """The provision of the Swiss Federal Act on Data Protection."""
        return self.value[1]


class Source(Enum):
    """Where it comes from."""

    SUBJECT = "the person"
    TENANT = "the business"
    EITHER = "the person, or the business"
    PROVIDER = "a message provider"
    SYSTEM = "arises in operation"


class Subject(Enum):
    """Whom it is about."""

    CUSTOMER = "customer"
    STAFF = "staff"
    ANYONE = "anyone"
    NOBODY = "nobody"


class Then(Enum):
    """What follows at the end of the period."""

    DELETE = "delete"
    ANONYMISE = "anonymise"
    BLOCK_THEN_DELETE = "block, then delete"


class Counted(Enum):
    """From when a period counts, seen from the instant in its field, in the zone of the record."""

    FROM_THEN = "from that moment"
    FROM_END_OF_DAY = "from the end of that day"
    FROM_END_OF_FINANCIAL_YEAR = "from the end of that financial year"


class Key(Enum):
    """Whose key seals the personal fields: with its destruction nobody can read them any more."""

    OF_THE_PERSON = "the person's"
    OF_THE_YEAR = "the financial year's"


@dataclass(frozen=True)
class Elsewhere:
    """A period that was published for the same data in another place, and where."""

    period: Period
    where: str


@dataclass(frozen=True)
class Keep:
    """One period and the field it is counted from; a field without a value means: not running yet.

    `elsewhere` names published periods that disagree. The shorter one holds, so none of them may be shorter.
    """

    period: Period
    since: str
    counted: Counted = Counted.FROM_THEN
    elsewhere: tuple[Elsewhere, ...] = ()

    def __post_init__(self) -> None:
        if any(other.period.length() < self.period.length() for other in self.elsewhere):
            raise TypeError("of two published periods the shorter one holds")


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the privacy notice calls a kind in one language, and those of its fields and starts that it alone has.

    `interest` says which interest is weighed; needed only where the basis is a legitimate interest.
    """

    name: str
    interest: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    starts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Handling:
    """The whole declaration. Where several periods run, the one that ends first holds.

    `blocked` is the period of a legal duty: when `keep` is over, the record is blocked until this one is, too.
    """

    category: Category
    purposes: tuple[Purpose, ...]
    basis: Basis
    source: Source
    about: Subject
    recipients: tuple[str, ...]
    keep: tuple[Keep, ...]
    then: Then
    blocked: Keep | None = None
    key: Key = Key.OF_THE_PERSON
    because: str = ""

    def __post_init__(self) -> None:
        if not self.purposes or not self.keep:
            raise TypeError("a Handling names at least one purpose and one period")
        if (self.blocked is not None) is not (self.then is Then.BLOCK_THEN_DELETE):
            raise TypeError("what is blocked says for how long, and nothing else does")
        if self.key is Key.OF_THE_YEAR and self.blocked is None:
            raise TypeError("only what a legal duty keeps is sealed for a financial year")
        if self.basis is Basis.LEGITIMATE_INTEREST and self.about is not Subject.NOBODY and not self.because:
            raise TypeError("who weighs interests says how")
