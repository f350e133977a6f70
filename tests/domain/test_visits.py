"""What is noted of a visit: families and hosts, never a whole user agent, address or path."""

from datetime import UTC, datetime

import pytest

from chalicelib.domain.visits import OTHER, Visitor, visit

AT = datetime(2026, 11, 22, 9, 30, 5, tzinfo=UTC)
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
ANDROID = "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) "


def noted(**headers: str) -> dict[str, str | int]:
    """The line of a visit with these headers."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return visit(at=AT, route="/tenants/{tenant}/notice", status=200, network="203.0.113.0/24", headers=given)


@pytest.mark.parametrize(
    ("agent", "browser", "system"),
    [
        (WINDOWS + "Chrome/130.0.0.0 Safari/537.36", "Chrome", "Windows"),
        (WINDOWS + "Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0", "Edge", "Windows"),
        (WINDOWS + "Chrome/128.0.0.0 Safari/537.36 OPR/114.0.0.0", "Opera", "Windows"),
        (MAC + "Version/17.0 Safari/605.1.15", "Safari", "macOS"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox", "Linux"),
        (PHONE + "Version/17.0 Mobile/15E148 Safari/604.1", "Safari", "iOS"),
        (PHONE + "CriOS/130.0 Mobile/15E148 Safari/604.1", "Chrome", "iOS"),
        (PHONE + "FxiOS/132.0 Mobile/15E148 Safari/605.1.15", "Firefox", "iOS"),
        (ANDROID + "SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile Safari/537.36", "Samsung Internet", "Android"),
        (
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36",
            "Chrome",
            "ChromeOS",
        ),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "bot", "other"),
        ("curl/8.5.0", "other", "other"),
        ("jane.doe@example.org", "other", "other"),
        ("", "other", "other"),
    ],
)
def test_families(agent: str, browser: str, system: str) -> None:
    """Of what a browser says, its family and that of the system are left."""
    line = noted(user_agent=agent)

    assert (line["browser"], line["system"]) == (browser, system)


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        ("https://www.Example.ch/search?q=jane+doe#x", "www.example.ch"),
        ("https://jane:secret@example.ch:8443/", "example.ch"),
        ("android-app://com.google.android.gm/", "com.google.android.gm"),
        ("", ""),
        ("jane.doe@example.org", ""),
        ("https://[::1", ""),
        ("https://exa mple.ch/", ""),
    ],
)
def test_referrer(referrer: str, host: str) -> None:
    """The host and nothing else."""
    assert noted(referer=referrer)["referrer"] == host


def test_the_line() -> None:
    """Nothing but this is noted."""
    assert noted() == {
        "at": "2026-11-22T09:30:05Z",
        "route": "/tenants/{tenant}/notice",
        "status": 200,
        "browser": "other",
        "system": "other",
        "referrer": "",
        "network": "203.0.113.0/24",
    }


def test_a_visitor_is_families_and_a_network() -> None:
    """Enough for somebody to know their own browser again."""
    agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15"

    visitor = Visitor.of("203.0.113.77", agent)

    assert (visitor.browser, visitor.system, visitor.network) == ("Safari", "macOS", "203.0.113.0/24")
    assert "203.0.113.77" not in repr(visitor)


def test_a_visitor_who_says_nothing() -> None:
    """Is one of the others."""
    visitor = Visitor.of("unknown", "")

    assert (visitor.browser, visitor.system, visitor.network) == (OTHER, OTHER, "unknown")
