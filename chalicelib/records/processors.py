"""The register of processors: who else gets personal data, for what, where, on what terms.

What is not here can't be called: adapters reach the `hosts` of their processor and no others, and take the parts of a
message that its `receives` covers. The notices and the record of processing are made from it.
"""

from dataclasses import dataclass
from enum import Enum

from chalicelib.domain.disclosing import Received
from chalicelib.domain.handling import Handling, Purpose
from chalicelib.settings import PROMISED_REGIONS


class Role(Enum):
    """What a processor does for us."""

    HOST = "runs the machines that everything is stored and processed on"
    MESSAGES = "delivers messages"
    PAYMENTS = "takes payments"


class Country(Enum):
    """Where data may be processed: Switzerland and the European Union. There is no member for anywhere else."""

    CH = "Switzerland"
    DE = "Germany"
    IE = "Ireland"
    PL = "Poland"


class Transfer(Enum):
    """On what basis data may go to the place of processing."""

    SWITZERLAND = "processed in Switzerland; from the European Union: adequacy decision 2000/518/EC"
    EUROPEAN_UNION = (
        "processed in the European Union; from Switzerland: adequate by Annex 1 of the Data Protection Ordinance"
        " (SR 235.11)"
    )


class Safeguard(Enum):
    """What protects data should a company outside Switzerland and the European Economic Area get to it."""

    CLAUSES = "standard contractual clauses (EU) 2021/914 with the changes for Switzerland"
    FRAMEWORK = "Data Privacy Framework (EU-US and Swiss-US)"
    CORPORATE_RULES = "binding corporate rules"


@dataclass(frozen=True, kw_only=True)
class Contract:
    """The agreement on processing (Art. 28 GDPR, Art. 9 FADP): its name, and where it is found."""

    title: str
    where: str


@dataclass(frozen=True, kw_only=True)
class Parent:
    """A company in a third country that stands behind a processor, and what protects data from its reach."""

    company: str
    country: str
    safeguards: tuple[Safeguard, ...]


@dataclass(frozen=True, kw_only=True)
class Processor:
    """One processor. `region` is the provider's own name of where it processes; `hosts` the names it answers to."""

    name: str
    company: str
    role: Role
    purpose: Purpose
    receives: frozenset[Received]
    place: str
    country: Country
    region: str
    hosts: frozenset[str]
    contract: Contract
    transfer: Transfer
    parent: Parent | None = None
    because: str = ""

    def __post_init__(self) -> None:
        if not self.receives or not self.hosts:
            raise TypeError(f"{self.name} says what it receives and which hosts it answers to")
        if (self.transfer is Transfer.SWITZERLAND) is not (self.country is Country.CH):
            raise TypeError(f"the basis of {self.name} does not fit the country")

    def check_disclosure(self, handed: frozenset[Received]) -> None:
        """TypeError for what is handed over beyond what is registered."""
        if beyond := handed - self.receives:
            raise TypeError(f"{self.name} may not receive: {', '.join(sorted(beyond))}")


_MAIL = frozenset(
    {
        *(Received.EMAIL_ADDRESS, Received.NAME, Received.APPOINTMENT),
        *(Received.BUSINESS, Received.LINK, Received.REFERENCE),
    }
)
_TEXT = frozenset({Received.PHONE_NUMBER, Received.APPOINTMENT, Received.BUSINESS, Received.LINK, Received.REFERENCE})
_AMAZON = Parent(
    company="Amazon Web Services, Inc.",
    country="United States",
    safeguards=(Safeguard.CLAUSES, Safeguard.FRAMEWORK),
)
_AMAZON_CONTRACT = Contract(
    title="AWS Data Processing Addendum, part of the AWS Service Terms, with the Swiss addendum",
    where="https://aws.amazon.com/service-terms/",
)
_HOSTING = (
    *("apigateway", "backup", "dynamodb", "kms", "lambda", "logs"),
    *("s3", "secretsmanager", "sns", "sqs", "sts"),
)


def _amazon(*services: str) -> frozenset[str]:
    """The host names of AWS's services in the promised regions."""
    return frozenset(f"{service}.{region}.amazonaws.com" for service in services for region in PROMISED_REGIONS)


PROCESSORS: tuple[Processor, ...] = (
    Processor(
        name="aws",
        company="Amazon Web Services EMEA SARL",
        role=Role.HOST,
        purpose=Purpose.OPERATION,
        receives=frozenset({Received.STORED}),
        place="Zurich, Switzerland; copies of backups in Frankfurt, Germany",
        country=Country.CH,
        region="eu-central-2, copies in eu-central-1",
        hosts=_amazon(*_HOSTING),
        contract=_AMAZON_CONTRACT,
        transfer=Transfer.SWITZERLAND,
        parent=_AMAZON,
        because="tables, keys, queues, files and backups; personal fields are sealed before they are stored, and"
        " Switzerland has one region, so that a second copy is always abroad (Annex 1 of the DPO)",
    ),
    Processor(
        name="mailgun",
        company="Mailgun Technologies (Sinch), EU region",
        role=Role.MESSAGES,
        purpose=Purpose.NOTIFICATION,
        receives=_MAIL,
        place="Frankfurt, Germany",
        country=Country.DE,
        region="EU",
        hosts=frozenset({"api.eu.mailgun.net"}),
        contract=Contract(title="Sinch Email Data Processing Addendum", where="https://www.mailgun.com/legal/dpa/"),
        transfer=Transfer.EUROPEAN_UNION,
        parent=Parent(
            company="Mailgun Technologies, Inc.",
            country="United States",
            safeguards=(Safeguard.CLAUSES, Safeguard.FRAMEWORK),
        ),
        because="messages stay in the region; the account, its keys and the names of domains are kept worldwide",
    ),
    Processor(
        name="ses",
        company="Amazon Web Services EMEA SARL, Simple Email Service",
        role=Role.MESSAGES,
        purpose=Purpose.NOTIFICATION,
        receives=_MAIL,
        place="Zurich, Switzerland",
        country=Country.CH,
        region="eu-central-2",
        hosts=_amazon("email", "sns"),
        contract=_AMAZON_CONTRACT,
        transfer=Transfer.SWITZERLAND,
        parent=_AMAZON,
    ),
    Processor(
        name="twilio",
        company="Twilio Ireland Limited, region IE1",
        role=Role.MESSAGES,
        purpose=Purpose.NOTIFICATION,
        receives=_TEXT,
        place="Dublin, Ireland",
        country=Country.IE,
        region="IE1",
        hosts=frozenset({"api.dublin.ie1.twilio.com"}),
        contract=Contract(
            title="Twilio Data Protection Addendum",
            where="https://www.twilio.com/en-us/legal/data-protection-addendum",
        ),
        transfer=Transfer.EUROPEAN_UNION,
        parent=Parent(
            company="Twilio Inc.",
            country="United States",
            safeguards=(Safeguard.CORPORATE_RULES, Safeguard.CLAUSES, Safeguard.FRAMEWORK),
        ),
        because="the one region of theirs in which text messages stay in the European Union",
    ),
    Processor(
        name="smsapi",
        company="LINK Mobility Poland (SMSAPI)",
        role=Role.MESSAGES,
        purpose=Purpose.NOTIFICATION,
        receives=_TEXT,
        place="Gliwice, Poland",
        country=Country.PL,
        region="EU",
        hosts=frozenset({"api.smsapi.com"}),
        contract=Contract(
            title="Agreement on entrusting the processing of personal data, with the terms of service",
            where="https://www.smsapi.com/",
        ),
        transfer=Transfer.EUROPEAN_UNION,
        because="part of LINK Mobility Group Holding ASA in Norway, in the European Economic Area",
    ),
    Processor(
        name="payrexx",
        company="Payrexx AG",
        role=Role.PAYMENTS,
        purpose=Purpose.PAYMENT,
        receives=frozenset({Received.PRICE, Received.APPOINTMENT, Received.REFERENCE}),
        place="Thun, Switzerland",
        country=Country.CH,
        region="CH",
        hosts=frozenset({"api.payrexx.com"}),
        contract=Contract(
            title="Payrexx General Terms and Conditions with the agreement on processing",
            where="https://payrexx.com/en/legal/",
        ),
        transfer=Transfer.SWITZERLAND,
        because="only where a business takes payments in advance, on an account of its own; who pays gives their data"
        " to Payrexx themselves",
    ),
)


def processor(name: str) -> Processor:
    """The registered processor of this name; LookupError when there is none."""
    for each in PROCESSORS:
        if each.name == name:
            return each
    raise LookupError(f"{name} is not in the register of processors")


def recipients_of(handling: Handling) -> tuple[Processor, ...]:
    """Who gets records of this kind: those that its declaration names, and the host, who gets everything."""
    hosts = tuple(each for each in PROCESSORS if each.role is Role.HOST)
    return (*(processor(name) for name in handling.recipients), *hosts)
