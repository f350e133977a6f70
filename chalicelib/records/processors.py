"""The register of processors: who else gets personal data, for what, where. What is not here can't be called."""

from dataclasses import dataclass

from chalicelib.domain.handling import Purpose


@dataclass(frozen=True, kw_only=True)
class Processor:
    """One processor (Art. 28 GDPR, Art. 9 FADP) as the notice names it."""

    name: str
    company: str
    place: str
    purpose: Purpose
    receives: frozenset[str]


PROCESSORS: tuple[Processor, ...] = (
    Processor(
        name="mailgun",
        company="Mailgun Technologies (Sinch), EU region",
        place="Frankfurt, Germany",
        purpose=Purpose.NOTIFICATION,
        receives=frozenset({"e-mail address", "name", "appointment"}),
    ),
    Processor(
        name="ses",
        company="Amazon Web Services EMEA SARL, Simple Email Service",
        place="Zurich, Switzerland",
        purpose=Purpose.NOTIFICATION,
        receives=frozenset({"e-mail address", "name", "appointment"}),
    ),
    Processor(
        name="twilio",
        company="Twilio Ireland Limited, region IE1",
        place="Dublin, Ireland",
        purpose=Purpose.NOTIFICATION,
        receives=frozenset({"phone number", "appointment"}),
    ),
    Processor(
        name="smsapi",
        company="LINK Mobility Poland (SMSAPI)",
        place="European Union",
        purpose=Purpose.NOTIFICATION,
        receives=frozenset({"phone number", "appointment"}),
    ),
)


def processor(name: str) -> Processor:
    """The registered processor of this name; LookupError when there is none."""
    for each in PROCESSORS:
        if each.name == name:
            return each
    raise LookupError(f"{name} is not in the register of processors")
