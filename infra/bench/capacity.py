"""Read and write units, by the rules that AWS publishes for DynamoDB on demand.

A read unit is 4 KB read consistently (half of one otherwise, two in a transaction), a write unit 1 KB written (two in
a transaction). Sizes are those of names and values; the hundred bytes that storage is billed with do not count here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from math import ceil
from typing import Any

Value = Mapping[str, Any]
Item = Mapping[str, Value]

READ_BYTES = 4096
WRITE_BYTES = 1024
TRANSACTION = 2  # prepare and commit
_DOCUMENT = 3  # bytes of a list or map, whatever is in it
_ELEMENT = 1  # bytes more for each thing in it


class Read(Enum):
    """How a read was asked for, with its price for each 4 KB."""

    EVENTUAL = 0.5
    CONSISTENT = 1.0
    TRANSACTIONAL = 2.0


def item_size(item: Item) -> int:
    """The bytes of an item, its keys included."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: Value) -> int:
    """The bytes of one typed value such as {"N": "42"}; binary as bytes, the way botocore holds it."""
    ((kind, content),) = value.items()
    return _SIZES[kind](content)


def read_units(size: int, how: Read) -> float:
    """What reading one item of this size costs. One that isn't there costs as much as a small one."""
    return max(1, ceil(size / READ_BYTES)) * how.value


def page_units(items: Iterable[Item], how: Read) -> float:
    """What one page of a Query costs: the items that were read for it, before any filter, together."""
    return read_units(sum(map(item_size, items)), how)


def write_units(old: Item | None, new: Item | None) -> int:
    """What one write, deletion or failed condition costs in the table: the larger of before and after."""
    return max(1, ceil(max(item_size(old or {}), item_size(new or {})) / WRITE_BYTES))


@dataclass(frozen=True)
class Index:
    """A global secondary index; `everything` when it holds all attributes, else it holds keys only."""

    name: str
    keys: tuple[str, ...]
    table_keys: tuple[str, ...]
    everything: bool

    def entry(self, item: Item | None) -> Item | None:
        """What the index holds of the item; None when it lacks a key of the index."""
        if item is None or not all(key in item for key in self.keys):
            return None
        return item if self.everything else {key: item[key] for key in (*self.table_keys, *self.keys)}

    def write_units(self, old: Item | None, new: Item | None) -> int:
        """What a write to the table costs here; an entry under another key is one removed and one added."""
        before, after = self.entry(old), self.entry(new)
        if before == after:
            return 0
        if before is None or after is None or all(before[key] == after[key] for key in self.keys):
            return write_units(before, after)
        return write_units(before, None) + write_units(None, after)


def _number_size(number: str) -> int:
    """A byte for each two significant digits, and one more."""
    digits = "".join(map(str, Decimal(number).as_tuple().digits)).rstrip("0")
    return ceil(len(digits) / 2) + 1


def _list_size(values: Iterable[Value]) -> int:
    return _DOCUMENT + sum(_ELEMENT + value_size(value) for value in values)


def _map_size(values: Item) -> int:
    return _DOCUMENT + _ELEMENT * len(values) + item_size(values)


def _sum_of(size: Callable[[Any], int]) -> Callable[[Iterable[Any]], int]:
    return lambda members: sum(map(size, members))


def _text_size(text: str) -> int:
    return len(text.encode())


_SIZES: dict[str, Callable[[Any], int]] = {
    "S": _text_size,
    "N": _number_size,
    "B": len,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "L": _list_size,
    "M": _map_size,
    "SS": _sum_of(_text_size),
    "NS": _sum_of(_number_size),
    "BS": _sum_of(len),
}
