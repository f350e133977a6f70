"""Visits of pages are noted, calls of programs are not."""

from collections.abc import Iterator

import pytest

from tests.api.sample_app import LOG, Caller, serving


@pytest.fixture
def call() -> Iterator[Caller]:
    """The sample application, with an empty access log."""
    LOG.visits.clear()
    with serving() as caller:
        yield caller


def test_a_page_is_noted(call: Caller) -> None:
    """Once, with the pattern of its path and its status."""
    assert (
        call("GET", "/docs", headers={"User-Agent": "Firefox/132.0", "Referer": "https://a.example/b"}).status_code
        == 200
    )

    (visit,) = LOG.visits
    assert (visit["route"], visit["status"], visit["network"]) == ("/docs", 200, "127.0.0.0/24")
    assert (visit["browser"], visit["referrer"]) == ("Firefox", "a.example")


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/own", "/v1/calendar", "/openapi.json", "/assets/page.css"])
def test_everything_else_is_not(call: Caller, path: str) -> None:
    """Neither answers nor refusals to programs, nor the parts of a page."""
    call("GET", path)

    assert LOG.visits == []
