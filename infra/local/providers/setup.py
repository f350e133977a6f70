"""What every simulated provider is made with."""

import json
from dataclasses import dataclass, field

from chalicelib.domain.clock import Clock
from infra.local.paths import PARAMETERS, SECRETS
from infra.local.providers.inbox import Inbox


@dataclass
class Setup:
    """The account, its secrets, the clock and the inbox; `api_base` and `topic_arn` are told after deployment."""

    clock: Clock
    inbox: Inbox = field(default_factory=Inbox)
    own_url: str = "http://127.0.0.1"
    api_base: str = ""
    topic_arn: str = "arn:aws:sns:eu-central-2:000000000000:mail-events"
    secrets: dict[str, str] = field(default_factory=lambda: json.loads(SECRETS.read_text()))
    account: dict[str, str] = field(default_factory=lambda: json.loads(PARAMETERS.read_text()))
