"""Bundles are unpacked once."""

import os
import zipfile
from pathlib import Path

import pytest

from infra.local.unpacking import prune, shared_unpacking, unpacked


def a_bundle(path: Path, content: str) -> Path:
    """A bundle with one file."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("app.py", content)
    return path


def test_workers_share_one_copy(tmp_path: Path) -> None:
    """Each gets a link to it."""
    bundle = a_bundle(tmp_path / "code.zip", "x = 1")
    stand_in = shared_unpacking(tmp_path / "bundles")
    places = [tmp_path / name for name in ("one", "two")]

    for place in places:
        place.mkdir()
        with stand_in.ZipFile(str(bundle)) as file:
            file.extractall(str(place))

    assert [(place / "app.py").read_text() for place in places] == ["x = 1", "x = 1"]
    assert places[0].resolve() == places[1].resolve()
    assert len(list((tmp_path / "bundles").iterdir())) == 1


def test_other_content_is_another_copy(tmp_path: Path) -> None:
    """Told apart by what is in them, not by name."""
    first = unpacked(a_bundle(tmp_path / "code.zip", "x = 1"), tmp_path / "bundles")
    second = unpacked(a_bundle(tmp_path / "code.zip", "x = 2"), tmp_path / "bundles")

    assert first != second
    assert (second / "app.py").read_text() == "x = 2"


def test_a_second_start_unpacks_nothing(tmp_path: Path) -> None:
    """What is there already is taken."""
    bundle = a_bundle(tmp_path / "code.zip", "x = 1")
    place = unpacked(bundle, tmp_path / "bundles")
    (place / "mark").touch()

    assert (unpacked(bundle, tmp_path / "bundles") / "mark").exists()


@pytest.mark.parametrize("keep", [0, 1, 2, 3])
def test_prune_keeps_what_was_used_last(tmp_path: Path, keep: int) -> None:
    """And copes with a directory that is not there."""
    prune(tmp_path / "none", keep=keep)
    for age, name in enumerate(("old", "middle", "new")):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (age, age))

    prune(tmp_path, keep=keep)

    assert {path.name for path in tmp_path.iterdir()} == set(["new", "middle", "old"][:keep])
