"""The register of processors: complete, in Switzerland and the European Union, and asked before anything is built."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.disclosing import Received
from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import days
from chalicelib.records.processors import PROCESSORS, Country, Processor, Role, Transfer, processor, recipients_of

ONE = processor("mailgun")


@pytest.mark.parametrize("held", PROCESSORS, ids=lambda held: held.name)
def test_each_says_everything(held: Processor) -> None:
    """Company, place, region, contract and where it is found; nobody without a basis for the transfer."""
    said = (held.company, held.place, held.region, held.contract.title, held.contract.where)
    assert all(text.strip() for text in said)
    assert held.contract.where.startswith("https://")
    assert held.country.value in held.place
    assert all(host == host.lower() and "/" not in host for host in held.hosts)


@pytest.mark.parametrize("held", PROCESSORS, ids=lambda held: held.name)
def test_a_company_in_a_third_country_is_held_by_safeguards(held: Processor) -> None:
    """Where one stands behind a processor."""
    assert held.parent is None or (held.parent.safeguards and held.parent.country == "United States")


def test_names_and_hosts_are_told_apart() -> None:
    """Each has one entry. Only AWS's notification service answers two: what is stored, and mail."""
    names = [held.name for held in PROCESSORS]
    others = [held for held in PROCESSORS if held.name not in {"aws", "ses"}]

    assert len(names) == len({*names})
    assert sum(len(held.hosts) for held in others) == len(frozenset().union(*(held.hosts for held in others)))


def test_who_is_not_registered_is_not_found() -> None:
    """By name."""
    with pytest.raises(LookupError, match="sendgrid is not in the register"):
        processor("sendgrid")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"receives": frozenset()}, "what it receives"),
        ({"hosts": frozenset()}, "which hosts"),
        ({"transfer": Transfer.SWITZERLAND}, "does not fit the country"),
        ({"country": Country.CH}, "does not fit the country"),
    ],
)
def test_an_entry_that_does_not_add_up_is_refused(change: Any, why: str) -> None:
    """It can't be made."""
    with pytest.raises(TypeError, match=why):
        replace(ONE, **change)


def test_no_more_than_registered_may_be_handed_over() -> None:
    """The kind of data is named, and nothing of it."""
    ONE.check_disclosure(ONE.receives)
    ONE.check_disclosure(frozenset())

    with pytest.raises(TypeError, match=r"^mailgun may not receive: phone number, stored$"):
        ONE.check_disclosure(ONE.receives | {Received.PHONE_NUMBER, Received.STORED})


@pytest.mark.parametrize("named", [(), ("mailgun", "twilio")])
def test_the_host_gets_every_kind_of_data(named: tuple[str, ...]) -> None:
    """Beside those that the declaration names."""
    handling = Handling(
        category=Category.TECHNICAL,
        purposes=(Purpose.OPERATION,),
        basis=Basis.CONTRACT,
        source=Source.SYSTEM,
        about=Subject.NOBODY,
        recipients=named,
        keep=(Keep(days(1), "at"),),
        then=Then.DELETE,
    )

    found = recipients_of(handling)

    assert [each.name for each in found] == [*named, "aws"]
    assert found[-1].role is Role.HOST
