"""Verifying: what is made to look as if it had never been there is found, too."""

from collections.abc import Iterator
from datetime import date, timedelta

import boto3
import pytest

from chalicelib.records.ledger import LedgerEntry
from chalicelib.services.ledger.verifying import Problem, Verdict
from infra.tools.verify_ledger import tenants
from tests.services.ledgers import DAY, NEXT, T1, T2, THIRD, Book, at, meddle, raw, remove, write
from tests.stage import Stage, stage

ROOTS = f"TENANT#{T1}#ROOTS"
SOMEBODY = f"TENANT#{T1}#SUBJECT#{'b' * 32}"


@pytest.fixture
def on() -> Iterator[Stage]:
    """Empty tables."""
    with stage() as built:
        yield built


@pytest.fixture
def book(on: Stage) -> Book:
    """Three closed days of three entries each."""
    return Book(on).closed(DAY, NEXT, THIRD)


def found(*verdicts: Verdict) -> list[tuple[Problem, str, str]]:
    """What is wrong: problem, day, and the sort key of the entry."""
    return [(each.problem, each.day.isoformat(), each.sk) for verdict in verdicts for each in verdict.findings]


def an_entry() -> tuple[str, str]:
    """The key of one of a day."""
    return keys(NEXT)[0]


def keys(day: date) -> list[tuple[str, str]]:
    """The keys of a day's entries."""
    pk = LedgerEntry.partition(T1, day)
    return [(item["pk"]["S"], item["sk"]["S"]) for item in raw() if item["pk"]["S"] == pk]


@pytest.mark.parametrize(
    "change",
    [
        {"expires_at": {"N": "1"}},
        {"blocked_since": {"N": "1"}},
        {"people_pk": {"S": SOMEBODY}},
        {"people_sk": {"S": "0"}},
    ],
)
def test_an_entry_that_is_hidden_is_named(book: Book, change: dict[str, dict[str, str]]) -> None:
    """It says what it said, but nobody is shown it any more: neither an admin, nor the person it is about."""
    pk, sk = an_entry()
    meddle(pk, sk, **change)

    assert found(book.verifying.day(T1, NEXT)) == [(Problem.ALTERED, NEXT.isoformat(), sk)]


def vanish(book: Book, day: date) -> None:
    """Removes a day with all that proves it, as far as the lock allows: the object is only hidden by a deletion."""
    for pk, sk in [*keys(day), (ROOTS, day.isoformat())]:
        remove(pk, sk)
    hidden = book.roots.held.pop((T1, day))
    assert hidden
    book.roots.versions[T1, day] += 1


@pytest.mark.parametrize("day", [DAY, NEXT, THIRD])
def test_a_day_that_vanished_is_named(book: Book, day: date) -> None:
    """Be it the newest one, after which no chain goes on: the bucket tells that there was a proof."""
    vanish(book, day)

    assert (Problem.PROOF_REPLACED, day.isoformat(), "") in found(*book.verifying.whole(T1))


def test_who_was_never_closed_is_named(on: Stage) -> None:
    """A business whose days nobody closes has no proof at all; that is found, and not passed over."""
    book = Book(on)
    write(T1, DAY)
    book.clock.now = at(NEXT, 2)
    assert found(*book.verifying.whole(T1)) == []

    book.clock.now += timedelta(hours=1)

    assert found(*book.verifying.whole(T1)) == [(Problem.NOT_CLOSED, DAY.isoformat(), "")]


def test_a_business_whose_proofs_are_all_hidden_is_still_looked_at(on: Stage) -> None:
    """A deletion in the bucket hides an object, and nothing else."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="roots", CreateBucketConfiguration={"LocationConstraint": "eu-central-2"})
    s3.put_bucket_versioning(Bucket="roots", VersioningConfiguration={"Status": "Enabled"})
    for tenant in (T1, T2):
        s3.put_object(Bucket="roots", Key=f"roots/{tenant}/{DAY.isoformat()}.json", Body=b"{}")
    s3.delete_object(Bucket="roots", Key=f"roots/{T1}/{DAY.isoformat()}.json")

    assert sorted(tenants(s3, "roots")) == [T1, T2]
