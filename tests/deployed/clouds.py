"""Clouds in which a check alone drives what happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.cloud import LocalCloud
from infra.local.paths import PACKAGE, ROOT
from infra.tools.package import package

_UNTHROTTLED = {"ApiRate": "10000", "ApiBurst": "10000"}


@contextmanager
def driven_cloud(*, holding: Path | None = None, opened: bool = True) -> Iterator[LocalCloud]:
    """A cloud with the product, or with the package in `holding`, that sends messages by itself and does nothing else.

    Whenever a check moves the time, all schedules would be due within seconds. Then a sweep that the check asks for
    might meet another at work, leave everything to it, and the check would look too early.
    """
    held = holding or package(root=ROOT, stage="local", out=PACKAGE)
    with LocalCloud(package=held, opened=opened, parameters=_UNTHROTTLED, schedules=("Wake",)) as running:
        yield running
