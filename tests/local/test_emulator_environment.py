"""What the emulator, and with it every function, gets to see."""

from pathlib import Path

import pytest

from infra.local.emulator import environment


@pytest.fixture
def seen(tmp_path: Path) -> dict[str, str]:
    """The environment of an emulator."""
    return environment(port=1, smtp_port=2, run=tmp_path, offset_file=tmp_path / "offset")


def test_listens_on_this_machine_with_rights_enforced(seen: dict[str, str]) -> None:
    """Loopback, IAM on, the region of the product, mail to the sink."""
    wanted = {"BIND_HOST": "127.0.0.1", "AUTH": "true", "MINISTACK_REGION": "eu-central-2", "SMTP_HOST": "127.0.0.1:2"}

    assert wanted.items() <= seen.items()


def test_writes_inside_of_its_run_directory(seen: dict[str, str], tmp_path: Path) -> None:
    """Home, temporary files and state."""
    places = [seen[name] for name in ("HOME", "TMPDIR", "STATE_DIR", "S3_DATA_DIR", "LOCAL_CLOUD_OFFSET_FILE")]

    assert all(Path(place).is_relative_to(tmp_path) for place in places)


def test_keeps_nothing_from_us(seen: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands in our environment, and above all no path to the checkout, which would hide a missing file."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "ours")

    assert not seen.keys() & {"AWS_SECRET_ACCESS_KEY", "PYTHONPATH", "VIRTUAL_ENV", "PERSIST_STATE"}
