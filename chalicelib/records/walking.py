"""Everything of a business, part by part: its own records, its people, and the records of each, whatever their state.

Nothing is opened here. What stands in the way of a use is the business of whoever walks: records say what it is.
"""

from collections.abc import Iterator

from chalicelib.records import catalogue as _kinds  # noqa: F401 (kinds are found by the name they are stored under)
from chalicelib.records._base import Record
from chalicelib.records._busy import reading
from chalicelib.records._tables import RecordsTable
from chalicelib.records.keys import SubjectKey
from chalicelib.records.reading import client, query

_PAGE = 1000


def own(tenant: str) -> str:
    """The partition of what belongs to the business itself."""
    return f"TENANT#{tenant}"


def of_person(tenant: str, person: str) -> str:
    """The partition of everything about somebody."""
    return f"TENANT#{tenant}#SUBJECT#{person}"


def of_days(tenant: str, calendar: str) -> str:
    """The partition of the day sheets of an expert or a room."""
    return f"TENANT#{tenant}#DAY#{calendar}"


def of_caps(tenant: str, staff: str) -> str:
    """The partition of what counts with an expert."""
    return f"TENANT#{tenant}#CAPS#{staff}"


def people(tenant: str, *, after: str = "", most: int) -> list[str]:
    """The first `most` people behind one, in order of their ids: whoever has a key, and so something to read."""
    begins = SubjectKey.sk.between(f"SUBJECT#{after}!", "SUBJECT#~")
    found = query(SubjectKey, own(tenant), begins, consistent=True, limit=most)
    return [key.sk.removeprefix("SUBJECT#") for key in found]


def everybody(tenant: str) -> Iterator[str]:
    """All people of a business, page by page."""
    page = people(tenant, most=_PAGE)
    while page:
        yield from page
        page = people(tenant, after=page[-1], most=_PAGE)


def part_of(pk: str, *, after: str = "", most: int, table: type[Record] = RecordsTable) -> list[Record]:
    """The first `most` records of a partition behind a sort key, as they lie there, however much they hold."""
    found: list[Record] = []
    ahead = True  # DynamoDB hands out 1 MB at a time
    while ahead and len(found) < most:
        with reading():
            answer = client().query(
                TableName=table.Meta.table_name,
                KeyConditionExpression="pk = :pk AND sk > :after",
                ExpressionAttributeValues={":pk": {"S": pk}, ":after": {"S": found[-1].sk if found else after or " "}},
                ConsistentRead=True,
                Limit=most - len(found),
            )
        found += [table.from_raw_data(raw) for raw in answer["Items"]]
        ahead = "LastEvaluatedKey" in answer
    return found


def everything(pk: str, *, table: type[Record] = RecordsTable) -> Iterator[Record]:
    """All records of a partition, page by page."""
    page = part_of(pk, most=_PAGE, table=table)
    while page:
        yield from page
        page = part_of(pk, after=page[-1].sk, most=_PAGE, table=table)
