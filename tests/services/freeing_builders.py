"""Somebody who waits for whatever a service has."""

from dataclasses import replace
from typing import Any

from tests.builders import NETWORK, Business
from tests.services.offer_builders import CLEO, joining, person
from tests.stage import Stage


def awaited(on: Stage, of: Business, *, service: str | None = None, **waiting: Any) -> None:
    """Cleo waits for any time of a service in November, unless told otherwise."""
    wish = replace(joining(of, who=person(**CLEO), **waiting), service=service or of.service.id)
    on.services.waiting_lists.join(wish, form=None, network=NETWORK)
