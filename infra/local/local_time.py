"""The time of a local cloud: the machine's, moved forward by what was asked for."""

from datetime import datetime, timedelta
from pathlib import Path

from chalicelib.domain.clock import Clock, system_clock
from infra.local.moving_time import read_offset


def moved_clock(offset_file: Path) -> Clock:
    """A clock that shows what the emulator and the functions see."""

    def now() -> datetime:
        return system_clock() + timedelta(seconds=read_offset(offset_file))

    return now
