"""One business to look around with: registered, confirmed and published through the public API like any other."""

import json
from pathlib import Path
from typing import Any

from infra.local.client import Business, Client
from infra.local.cloud import LocalCloud

EMAIL = "regula@praxis-brunner.example"


def seed(cloud: LocalCloud) -> Business:
    """Makes the demo business."""
    return Client(cloud).business(email=EMAIL)


def remember(business: Business, path: Path) -> None:
    """Notes the business's ids and session where scripts find them."""
    noted: dict[str, Any] = vars(business)
    path.write_text(json.dumps(noted, indent=2) + "\n")
