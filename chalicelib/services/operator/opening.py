"""Whether the installation is open: until its first password is replaced, it does nothing else.

Once open it stays so. So each process asks until it hears that, and never again: calls to a warm process pay nothing.
"""

from chalicelib.domain.errors import SetupRequiredError
from chalicelib.records.installation import Installation
from chalicelib.records.reading import fetch


class Opening:
    """The gate in front of every route but the few that open it."""

    def __init__(self, *, is_open: bool = False) -> None:
        self._is_open = is_open

    def check(self) -> None:
        """SetupRequiredError until the installation is open."""
        if not self.is_open():
            raise SetupRequiredError(
                "The operator replaces the one-time password of the deployment at /first-password; until then nothing"
                " else works."
            )

    def is_open(self) -> bool:
        """Whether the first password was replaced."""
        if not self._is_open:
            held = fetch(Installation.ref(), consistent=True)
            self._is_open = held is not None and held.opened_at is not None
        return self._is_open
