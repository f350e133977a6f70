"""The one clock. Everything that needs the time is handed one; nothing else asks the machine."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, as an aware instant in UTC."""
    return datetime.now(UTC)
