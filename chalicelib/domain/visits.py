"""What is noted of a visit to a page: enough to see what is used and what fails, too little to know anybody again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from chalicelib.domain.ip import Address

OTHER = "other"
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")

# The first one that matches counts: most browsers name others, too.
_BROWSERS = (
    ("bot", re.compile(r"bot|crawl|spider|slurp", re.IGNORECASE)),
    ("Edge", re.compile(r"\bEdg(?:e|A|iOS)?/")),
    ("Opera", re.compile(r"\bOPR/|\bOpera\b")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/")),
    ("Chrome", re.compile(r"\b(?:Chrome|CriOS|Chromium)/")),
    ("Safari", re.compile(r"\bSafari/")),
)
_SYSTEMS = (
    ("iOS", re.compile(r"\b(?:iPhone|iPad|iPod)\b")),
    ("Android", re.compile(r"\bAndroid\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("ChromeOS", re.compile(r"\bCrOS\b")),
    ("macOS", re.compile(r"\b(?:Macintosh|Mac OS X)\b")),
    ("Linux", re.compile(r"\bLinux\b")),
)


def visit(*, at: datetime, route: str, status: int, network: str, headers: Mapping[str, str]) -> dict[str, str | int]:
    """The line: `route` is the path's pattern, `network` a shortened address, `headers` have names in lower case."""
    agent = headers.get("user-agent", "")
    return {
        "at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "route": route,
        "status": status,
        "browser": _family(agent, _BROWSERS),
        "system": _family(agent, _SYSTEMS),
        "referrer": _host(headers.get("referer", "")),
        "network": network,
    }


@dataclass(frozen=True)
class Visitor:
    """Who sends a request, as far as that is anybody's business: families of browser and system, and the address.

    Whoever is about to sign in may come with tokens of sessions that they have.
    """

    address: Address
    browser: str = OTHER
    system: str = OTHER
    came_with: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, address: str, agent: str) -> "Visitor":
        """Whoever calls from `address` with this User-Agent."""
        return cls(Address(address), _family(agent, _BROWSERS), _family(agent, _SYSTEMS))

    @property
    def network(self) -> str:
        """The shortened address."""
        return self.address.network


def _family(agent: str, families: tuple[tuple[str, re.Pattern[str]], ...]) -> str:
    return next((name for name, pattern in families if pattern.search(agent)), OTHER)


def _host(referrer: str) -> str:
    """The host alone: what stands behind it, and who was signed in there, is nobody's business."""
    try:
        host = (urlsplit(referrer).hostname or "").lower()
    except ValueError:
        return ""
    return host if _HOST.fullmatch(host) else ""
