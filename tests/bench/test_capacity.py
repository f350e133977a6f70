"""Units by the published rules, each against a figure worked out by hand."""

from typing import Any

import pytest

from infra.bench.capacity import Index, Item, Read, item_size, page_units, read_units, value_size, write_units

KEYS_ONLY = Index("due", keys=("shard", "at"), table_keys=("pk", "sk"), everything=False)
ALL = Index("lookup", keys=("shard", "at"), table_keys=("pk", "sk"), everything=True)


def an_item(size: int = 100, **attributes: str) -> Item:
    """An item of exactly `size` bytes, of strings only."""
    item: dict[str, Any] = {"pk": {"S": "p"}, "sk": {"S": "s"}}
    item |= {name: {"S": text} for name, text in attributes.items()}
    return {**item, "pad": {"S": "x" * (size - item_size(item) - len("pad"))}}


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": ""}, 0),
        ({"S": "abc"}, 3),
        ({"S": "Zürich"}, 7),
        ({"B": b"\x00\xff\x00"}, 3),
        ({"BOOL": False}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["ab", "c"]}, 3),
        ({"NS": ["12", "345"]}, 2 + 3),
        ({"BS": [b"a", b"bc"]}, 3),
        ({"L": []}, 3),
        ({"L": [{"S": "ab"}, {"N": "7"}]}, 3 + (1 + 2) + (1 + 2)),
        ({"M": {}}, 3),
        ({"M": {"a": {"S": "bc"}}}, 3 + 1 + (1 + 2)),
        ({"L": [{"M": {"a": {"L": [{"BOOL": True}]}}}]}, 3 + 1 + (3 + 1 + (1 + (3 + 1 + 1)))),
    ],
)
def test_size_of_a_value(value: Any, size: int) -> None:
    """UTF-8, raw bytes; three bytes for a list or map and one for each thing in it."""
    assert value_size(value) == size


@pytest.mark.parametrize(
    ("number", "size"),
    [
        ("0", 1),
        ("1", 2),
        ("12", 2),
        ("123", 3),
        ("-12", 2),
        ("1000", 2),
        ("0.0012", 2),
        ("10.01", 3),
        ("1762160400", 5),
        ("1E+20", 2),
        ("9" * 38, 20),
    ],
)
def test_size_of_a_number(number: str, size: int) -> None:
    """A byte for two significant digits and one more; zeros at both ends do not count."""
    assert value_size({"N": number}) == size


def test_size_of_an_item_counts_names() -> None:
    """In UTF-8 as well."""
    assert item_size({"pk": {"S": "abc"}, "größe": {"N": "7"}}) == (2 + 3) + (7 + 2)


@pytest.mark.parametrize(
    ("size", "how", "units"),
    [
        (0, Read.EVENTUAL, 0.5),
        (4096, Read.EVENTUAL, 0.5),
        (4097, Read.EVENTUAL, 1),
        (0, Read.CONSISTENT, 1),
        (4096, Read.CONSISTENT, 1),
        (4097, Read.CONSISTENT, 2),
        (4096, Read.TRANSACTIONAL, 2),
        (4097, Read.TRANSACTIONAL, 4),
    ],
)
def test_reading_an_item(size: int, how: Read, units: float) -> None:
    """Each 4 KB begun; nothing costs as much as something small."""
    assert read_units(size, how) == units


@pytest.mark.parametrize(
    ("sizes", "units"), [([], 0.5), ([2000, 2096], 0.5), ([2000, 2097], 1), ([2000, 2000, 2000], 1), ([400] * 60, 3)]
)
def test_a_page_is_rounded_once(sizes: list[int], units: float) -> None:
    """Not item by item: sixty of 400 bytes are six times 4 KB."""
    assert page_units(map(an_item, sizes), Read.EVENTUAL) == units


@pytest.mark.parametrize(
    ("old", "new", "units"),
    [
        (None, 1024, 1),
        (None, 1025, 2),
        (1024, 1023, 1),
        (2049, 100, 3),
        (100, 2049, 3),
        (1025, None, 2),
        (None, None, 1),
    ],
)
def test_writing_an_item(old: int | None, new: int | None, units: int) -> None:
    """Each KB begun of the larger of before and after: so for deletions, and for what was there when one failed."""
    assert write_units(old and an_item(old), new and an_item(new)) == units  # type: ignore[arg-type]


@pytest.mark.parametrize("index", [KEYS_ONLY, ALL])
@pytest.mark.parametrize(
    ("old", "new", "units"),
    [
        (None, None, 0),
        (None, an_item(), 0),
        (an_item(), an_item(shard="a"), 0),
        (None, an_item(shard="a", at="1"), 1),
        (an_item(), an_item(shard="a", at="1"), 1),
        (an_item(shard="a", at="1"), None, 1),
        (an_item(shard="a", at="1"), an_item(shard="a"), 1),
        (an_item(shard="a", at="1"), an_item(shard="a", at="1"), 0),
        (an_item(shard="a", at="1"), an_item(shard="a", at="2"), 2),
        (an_item(shard="a", at="1"), an_item(shard="b", at="1"), 2),
    ],
)
def test_writing_an_index(index: Index, old: Item | None, new: Item | None, units: int) -> None:
    """One unit to enter or leave, two to move, none for what the index does not hold or sees no change of."""
    assert index.write_units(old, new) == units


def test_only_an_index_of_everything_pays_for_other_attributes() -> None:
    """A changed name, under the same keys: nothing with keys only, one write with all attributes."""
    old, new = an_item(shard="a", at="1", name="Anna"), an_item(shard="a", at="1", name="Annette")

    assert (KEYS_ONLY.write_units(old, new), ALL.write_units(old, new)) == (0, 1)


def test_an_index_pays_for_what_it_holds() -> None:
    """Three KB in an index of everything, its keys alone in the other; moving pays for both places."""
    old, new = an_item(3000, shard="a", at="1"), an_item(1025, shard="a", at="2")

    assert (ALL.write_units(None, old), KEYS_ONLY.write_units(None, old)) == (3, 1)
    assert (ALL.write_units(old, new), KEYS_ONLY.write_units(old, new)) == (3 + 2, 1 + 1)


def test_keys_only_holds_the_keys_of_table_and_index() -> None:
    """Nothing else."""
    assert set(KEYS_ONLY.entry(an_item(shard="a", at="1", name="Anna")) or {}) == {"pk", "sk", "shard", "at"}
