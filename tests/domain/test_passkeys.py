"""What is kept of a passkey."""

from chalicelib.domain.ids import is_id
from chalicelib.domain.passkeys import Passkey


def test_it_is_stored_and_read_back() -> None:
    """Nothing gets lost."""
    held = Passkey(credential="AQID", key="BAUG", count=7, label="Schlüssel", added_at=1_700_000_000)

    assert Passkey(**held.stored()) == held


def test_its_name_in_a_path_is_an_id() -> None:
    """Of its own, since a credential's can have any length; and no two have the same."""
    one, other = (Passkey(credential=each, key="", count=0) for each in ("AQID", "AQIE"))

    assert is_id(one.id)
    assert one.id != other.id
