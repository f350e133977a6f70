"""The table of OWASP ASVS in docs/security.md is whole: each requirement once, each test there, each sum right."""

import re
from collections import Counter
from dataclasses import dataclass

import pytest

from tests.contracts.entry_points import ROOT

LAST = {
    1: (2, 9, 11, 3, 2),
    2: (3, 3, 4, 1),
    3: (0, 2, 4, 6, 5, 0, 2),
    4: (3, 1, 2, 4),
    5: (1, 3, 2, 3),
    6: (3, 12, 4, 4, 5, 3, 0, 4),
    7: (3, 4, 2, 5, 2, 2),
    8: (2, 3, 1, 1),
    9: (3, 4),
    10: (2, 2, 4, 11, 5, 2, 3),
    11: (2, 3, 3, 4, 1, 1),
    12: (3, 2, 4),
    13: (1, 5, 2, 5),
    14: (2, 4, 3),
    15: (3, 3, 7),
    16: (1, 5, 4, 3, 3),
    17: (1, 4, 2),
}
"""By chapter: the last requirement of levels 1 and 2 in each section; they come first, without a gap (ASVS 5.0.0)."""

_SECTION = "## OWASP ASVS 5.0, level 2"
_ID = re.compile(r"V(\d{1,2})\.(\d{1,2})\.(\d{1,2})")
_TEST = re.compile(r"`(tests/[\w/.*]+\.py)(?:::(\w+))?`")
_CELL = re.compile(r"(?:by template: )?`tests/[\w/.*]+\.py(?:::\w+)?`(?:, `tests/[\w/.*]+\.py(?:::\w+)?`)*|—")
_SUM = re.compile(r"(\d+) requirements: (\d+) are met, (\d+) do not apply, (\d+) are not met\.")
_SECTIONS = [(chapter, section) for chapter, last in LAST.items() for section in range(1, len(last) + 1)]
_ASKED = [f"V{c}.{s}.{number}" for c, s in _SECTIONS for number in range(1, LAST[c][s - 1] + 1)]


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    ids: tuple[str, ...]
    asks: str
    how: str
    test: str

    @property
    def verdict(self) -> str:
        """Whether it is met, as the line begins to say."""
        begins = self.how.partition(":")[0]
        return begins if begins in {"not applicable", "not met"} else "met"


def expanded(cell: str) -> tuple[str, ...]:
    """The ids that a first cell stands for: one, or from one to another in the same section."""
    first, dash, last = cell.partition("–")
    begin, end = _ID.fullmatch(first), _ID.fullmatch(last if dash else first)
    if begin is None or end is None or begin.groups()[:2] != end.groups()[:2]:
        raise ValueError(f"{cell} is no id and no range within a section")
    return tuple(f"V{begin[1]}.{begin[2]}.{number}" for number in range(int(begin[3]), int(end[3]) + 1))


def page() -> str:
    """The section."""
    return (ROOT / "docs" / "security.md").read_text().partition(f"{_SECTION}\n")[2]


def rows() -> list[Row]:
    """Every line that begins with an id."""
    lines = [line for line in page().splitlines() if line.startswith("| V")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [Row(expanded(first), *rest) for first, *rest in cells]


ROWS = rows()


@pytest.mark.parametrize(
    ("cell", "ids"),
    [("V1.2.3", ("V1.2.3",)), ("V10.4.9–V10.4.11", ("V10.4.9", "V10.4.10", "V10.4.11"))],
)
def test_ranges_are_expanded(cell: str, ids: tuple[str, ...]) -> None:
    """A range stands for everything between its ends."""
    assert expanded(cell) == ids


@pytest.mark.parametrize("cell", ["V1.2", "1.2.3", "V1.2.3–V1.3.4", "V1.2.3-V1.2.4", "V1.2.3 "])
def test_what_is_no_id_is_refused(cell: str) -> None:
    """A range stays within its section, so that nothing is skipped by it."""
    with pytest.raises(ValueError, match="is no id"):
        expanded(cell)


def test_each_requirement_of_levels_1_and_2_stands_there_once() -> None:
    """In order, all of them, and nothing else."""
    assert [each for row in ROWS for each in row.ids] == _ASKED
    assert len(_ASKED) == 253


def test_every_row_says_what_is_asked_and_how_it_is_met() -> None:
    """In words of its own, and in one line."""
    said = {row.ids[0]: (row.asks, row.how.removeprefix(row.verdict).strip(": ")) for row in ROWS}

    assert [each for each, words in said.items() if not all(words)] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.ids[0])
def test_every_test_that_the_table_names_exists(row: Row) -> None:
    """By file and, where it is named, by function; what is met has one, or says by which other means."""
    missing = []
    for path, name in _TEST.findall(row.test):
        files = [file.read_text() for file in ROOT.glob(path)]
        if not files or (name and not any(f"def {name}(" in text for text in files)):
            missing.append(f"{path}::{name}")

    assert _CELL.fullmatch(row.test)
    assert missing == []
    assert row.test != "—" or row.verdict != "met" or "no test:" in row.how


def test_the_sums_are_those_of_the_table() -> None:
    """What the section says of itself is counted."""
    counted = Counter(verdict for row in ROWS for verdict in [row.verdict] * len(row.ids))

    (said,) = _SUM.findall(page())
    assert [int(each) for each in said] == [
        counted.total(),
        *(counted[verdict] for verdict in ("met", "not applicable", "not met")),
    ]
