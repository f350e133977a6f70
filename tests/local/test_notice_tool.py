"""Publishing a version of the notice by one command."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.records import publications
from chalicelib.records.declared import facts
from chalicelib.records.publications import FOLDER, published, read
from infra.tools import notice


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the first published version only."""
    first = published()[0].version
    (tmp_path / f"{first}.json").write_text((FOLDER / f"{first}.json").read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(notice, "FOLDER", tmp_path)
    monkeypatch.setattr(publications, "FOLDER", tmp_path)
    published.cache_clear()
    yield tmp_path
    published.cache_clear()


def test_it_writes_what_is_declared_and_says_what_is_new(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What people must hear of is marked."""
    assert notice.main(["2026-12-01", "--effective", "2027-01-01"]) == 0

    made = read(folder / "2026-12-01.json")
    assert made.facts == facts()
    assert (made.version, made.effective.isoformat()) == ("2026-12-01", "2027-01-01")
    printed = capsys.readouterr().out
    assert "! New recipient: Amazon Web Services EMEA SARL" in printed


def test_it_is_in_force_from_its_day_unless_told_otherwise(folder: Path) -> None:
    """And can be written again while it is the newest."""
    assert notice.main(["2026-12-01"]) == 0
    published.cache_clear()
    assert notice.main(["2026-12-01"]) == 0

    assert read(folder / "2026-12-01.json").effective.isoformat() == "2026-12-01"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["2026-11-01"], "2026-11-22 is published already"),
    ],
)
def test_what_was_told_to_people_is_not_written_again(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], why: str
) -> None:
    """Nor does a version overtake another."""
    assert notice.main(arguments) == 1
    assert why in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["2026-11-22.json"]


def test_a_version_does_not_overtake_one_that_is_announced(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The one before it comes into force first, or on the same day."""
    assert notice.main(["2026-12-01", "--effective", "2027-01-01"]) == 0
    published.cache_clear()

    assert notice.main(["2026-12-02", "--effective", "2026-12-31"]) == 1
    assert "come into force in their order" in capsys.readouterr().err
    assert notice.main(["2026-12-02", "--effective", "2027-01-01"]) == 0
    assert (folder / "2026-12-02.json").exists()


@pytest.mark.parametrize("day", ["2026-13-01", "tomorrow"])
def test_a_day_that_there_is_not_is_refused(folder: Path, day: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In words, before anything is written."""
    with pytest.raises(SystemExit):
        notice.main([day])

    assert "write a day that there is as 2026-12-01" in capsys.readouterr().err
    assert len(list(folder.iterdir())) == 1
