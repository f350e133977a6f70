"""Customers come along in a file: looked at first, taken once, whatever happens in between."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, InvalidInputError, NotFoundError
from chalicelib.domain.handling import Source
from chalicelib.domain.importing import Meaning
from chalicelib.records._tables import RecordsTable, TransientTable
from chalicelib.records.customer import Customer
from chalicelib.services.customers import tables
from chalicelib.services.customers.taking_over import Preview
from tests.builders import NETWORK, Business, business
from tests.services.customers.customer_builders import entered, named, person
from tests.services.looking import ledger, raw, stored
from tests.stage import Stage, stage

FILE = """Vorname;Nachname;E-Mail;Telefon;Bemerkung
Anna;Müller;anna@kundin.example;079 555 01 23;VIP
Bea;;bea@kundin.example;;
Carl;Kunz;keine;;
Zoë;Schon;zoe@kundin.example;;
Anna;Zweimal;anna@kundin.example;;
Dora;Roth;;+41 79 555 01 24;
"""


def uploaded(on: Stage, of: Business, content: str = FILE, encoding: str = "cp1252") -> Preview:
    """A file that was just sent."""
    return on.services.taking_over.upload(of.session, content.encode(encoding), network=NETWORK)


def many(count: int) -> str:
    """A file of so many people."""
    return "Vorname,Nachname,E-Mail\n" + "".join(f"Anna,Muster{n:03d},a{n}@kundin.example\n" for n in range(count))


def test_a_preview_says_what_would_become_of_each_row() -> None:
    """Nobody becomes a customer by it, and nothing of the file lies there in the clear, or in a table with backups."""
    with stage() as on:
        of = business(on)
        entered(on, of, person())
        before = len(raw(RecordsTable))

        seen = uploaded(on, of)

        assert [each.value if each else None for each in map(_meaning, seen.held.columns)] == [
            "given_name",
            "family_name",
            "email",
            "phone",
            None,
        ]
        assert (seen.ready, seen.known) == (2, [5])
        assert [(each.row, each.column) for each in seen.problems] == [(3, 1), (4, 2), (6, None)]
        assert (len(raw(RecordsTable)), len(stored(Customer))) == (before, 1)
        kept = str(raw(TransientTable)).casefold()
        assert all(each not in kept for each in ("anna", "müller", "kundin", "5550123", "vip"))


def _meaning(value: str | None) -> Meaning | None:
    return Meaning(value) if value else None


def test_it_is_taken_once_and_says_from_whom_it_comes() -> None:
    """Whoever is a customer already stays as they are; a second time adds nobody."""
    with stage() as on:
        of = business(on)
        zoe = entered(on, of, person())
        seen = uploaded(on, of)

        done = [on.services.taking_over.take(of.session, seen.held.id, network=NETWORK) for _ in range(2)]

        assert [(int(each.added), each.finished_at is not None) for each in done] == [(2, True)] * 2
        assert (named(on, of, "anna mü"), named(on, of, "zo")) == (["Anna Müller"], ["Zoë Müller"])
        new = [each for each in stored(Customer) if each.subject != zoe.subject]
        assert {(each.source, each.entered_by, each.created_at) for each in new} == {
            (Source.TENANT, of.session.staff, on.clock.now.replace(microsecond=0))
        }
        assert {each.about for each in ledger(Action.CUSTOMER_IMPORTED)} == {each.subject for each in new}
        assert the_counts() == {"rows": 6, "added": 2}


def the_counts() -> Any:
    """What the ledger says of the end."""
    (entry,) = ledger(Action.IMPORT_TAKEN)
    return entry.counts


def test_a_file_that_comes_again_adds_nobody() -> None:
    """Without an address, name and number together tell; a number alone is a family's."""
    with stage() as on:
        of = business(on)
        take = on.services.taking_over.take
        take(of.session, uploaded(on, of).held.id, network=NETWORK)
        there = len(stored(Customer))

        again = uploaded(on, of, FILE + "Lena;Roth;;+41 79 555 01 24;\n")
        held = take(of.session, again.held.id, network=NETWORK)

        assert (again.ready, again.known, int(held.added)) == (1, [2, 5, 7], 1)
        assert len(stored(Customer)) == there + 1


def test_another_reading_changes_the_preview_until_it_is_taken() -> None:
    """And no column too many."""
    with stage() as on:
        of = business(on)
        upload = uploaded(on, of).held.id
        change = on.services.taking_over.change
        turned = [Meaning.FAMILY_NAME, Meaning.GIVEN_NAME, None, None, None]

        seen = change(of.session, upload, turned, "en", version=None, network=NETWORK)

        assert (seen.ready, seen.known, [each.row for each in seen.problems]) == (5, [], [3])
        with pytest.raises(InvalidInputError):
            change(of.session, upload, turned[:-1], "en", version=None, network=NETWORK)
        on.services.taking_over.take(of.session, upload, network=NETWORK)
        assert (named(on, of, "mül")[0], {each.language for each in stored(Customer)}) == ("Müller Anna", {"en"})
        with pytest.raises(ConflictError):
            change(of.session, upload, turned, "de", version=None, network=NETWORK)


@pytest.mark.parametrize("killed_at", [0, 1, 2], ids=["first", "between", "last"])
def test_a_killed_run_goes_on_where_it_was(killed_at: int) -> None:
    """Each batch is there with how far it has come, or not at all."""
    with stage() as on:
        of = business(on)
        upload = uploaded(on, of, many(30)).held.id

        with _killed(on, killed_at), pytest.raises(KeyboardInterrupt):
            on.services.taking_over.take(of.session, upload, network=NETWORK)
        assert len(stored(Customer)) == 13 * killed_at
        held = on.services.taking_over.take(of.session, upload, network=NETWORK)

        assert (int(held.added), len(stored(Customer)), len(ledger(Action.CUSTOMER_IMPORTED))) == (30, 30, 30)


def _killed(on: Stage, at: int) -> Any:
    """A process that ends before it makes the first customer of a batch."""
    made, make = [0], type(on.services.finding).make

    def counted(*said: Any, **named: Any) -> Any:
        if made[0] == 13 * at:
            raise KeyboardInterrupt
        made[0] += 1
        return make(*said, **named)

    return mock.patch.object(type(on.services.finding), "make", counted)


def test_who_becomes_a_customer_meanwhile_is_left_out() -> None:
    """The claims are asked again in the batch."""
    with stage() as on:
        of = business(on)
        upload = uploaded(on, of).held.id
        entered(on, of, person(email="anna@kundin.example"))

        held = on.services.taking_over.take(of.session, upload, network=NETWORK)

        assert (int(held.added), len(stored(Customer))) == (2, 3)  # Dora and Zoë


def test_it_is_forgotten_after_a_day() -> None:
    """To the second; or when somebody says so. Another business never sees it."""
    with stage() as on:
        of, other = business(on), business(on, email="chefin@andere.example")
        upload = uploaded(on, of).held.id
        with pytest.raises(NotFoundError):
            on.services.taking_over.preview(other.session, upload, network=NETWORK)

        on.clock.now += timedelta(days=1, seconds=-1)
        assert on.services.taking_over.preview(of.session, upload, network=NETWORK).ready == 3
        on.clock.now += timedelta(seconds=1)
        with pytest.raises(NotFoundError):
            on.services.taking_over.take(of.session, upload, network=NETWORK)

        again = uploaded(on, of).held.id
        on.services.taking_over.discard(of.session, again, network=NETWORK)
        left = [item for item in raw(TransientTable) if item["sk"]["S"].startswith(f"IMPORT#{again}")]
        assert left == []


def test_two_columns_never_mean_the_same() -> None:
    """One of them would be left behind without a word."""
    with stage() as on:
        of = business(on)
        upload = uploaded(on, of).held.id

        with pytest.raises(InvalidInputError) as caught:
            on.services.taking_over.change(
                of.session,
                upload,
                [Meaning.EMAIL, None, Meaning.EMAIL, None, None],
                "de",
                version=None,
                network=NETWORK,
            )

        assert caught.value.field == "columns"


def test_what_could_not_be_discarded_is_not_taken_in() -> None:
    """A table that is small in its file, and swells where it is kept."""
    with stage() as on:
        of = business(on)
        wide = "Vorname;Nachname;" + ";".join(["x"] * 20) + "\n"
        row = "Anna;Muster;" + ";".join(["\x01" * 36] * 20) + "\n"

        with pytest.raises(InvalidInputError) as caught:
            uploaded(on, of, wide + row * 4999, "utf-8")

        assert caught.value.field == "file"
        assert [item for item in raw(TransientTable) if item["sk"]["S"].startswith("IMPORT#")] == []


def test_rows_that_are_only_coloured_do_not_count() -> None:
    """Programs write them to the end of the sheet; numbers stay as people see them."""
    sheet = [["Vorname", "Nachname"], [], ["Anna", "Muster"], *([["", " "]] * tables.MOST_ROWS)]

    table = tables.table_of(b"PK\x03\x04", lambda: _Sheet(sheet))

    assert (table.rows, table.first) == ([[], ["Anna", "Muster"]], 2)
    with pytest.raises(InvalidInputError, match="5000 rows"):
        tables.table_of(b"PK\x03\x04", lambda: _Sheet([*sheet, ["Bea", "Kunz"]]))


class _Sheet:
    def __init__(self, rows: list[list[str]]) -> None:
        self._rows = rows

    def rows(self, content: bytes, *, most: int, widest: int) -> Iterator[list[str]]:
        assert (content, widest) == (b"PK\x03\x04", tables.MOST_COLUMNS + 1)
        return iter(self._rows[:most])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\n\n", "nothing"),
        (many(tables.MOST_ROWS + 1).encode(), "5000 rows"),
        ((";".join(["x"] * 61) + "\n").encode(), "60 columns"),
        (b"\x00\x01", "no text"),
        (b"BEGIN:VCARD\nVERSION:2.1\nN:a;b\nEND:VCARD\n", "3.0 and 4.0"),
    ],
    ids=["empty", "long", "wide", "bytes", "old-card"],
)
def test_what_is_no_table_or_too_large_is_refused(content: bytes, said: str) -> None:
    """Before anything is stored."""
    with pytest.raises(InvalidInputError, match=said):
        tables.table_of(content, lambda: None)  # type: ignore[arg-type, return-value]


def test_cards_are_numbered_from_one() -> None:
    """They have no headings."""
    with stage() as on:
        of = business(on)
        cards = "BEGIN:VCARD\nVERSION:3.0\nN:;Anna;;;\nEND:VCARD\n" * 2

        assert [each.row for each in uploaded(on, of, cards, "utf-8").problems] == [1, 2]
