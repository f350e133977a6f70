"""An expert links the calendar that she lives by."""

from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPErrorProcessor, Request, build_opener

from infra.local.demo.practice.scene import Practice, at, person
from infra.local.demo.steps import eventually, expect, step

TITLE = "Scheidung besprechen"


class _Stays(HTTPErrorProcessor):
    """Follows nobody."""

    def http_response(self, request: Request, response: Any) -> Any:
        """The answer as it is."""
        return response


def a_calendar_is_linked(practice: Practice) -> None:
    """Only start and end come over; unlinking takes all of it away."""
    gabi, day = practice.experts["Gabi"], practice.day(22)
    with step("Gabi links her Google calendar: what stands there blocks her time, and nobody learns what it is"):
        entry = {"start": at(day, 9).isoformat(), "end": at(day, 10).isoformat(), "title": TITLE}
        practice.cloud.inbox.calendar("google-calendar", entries=[entry])
        before = _free(practice)
        _link(practice, gabi.header)
        eventually(lambda: len(_free(practice)) == len(before) - 2, "two of her half hours are not offered any more")
        raw = repr([i for table in ("records", "transient") for i in practice.cloud.scan_raw(table)])
        expect(False, TITLE in raw, "the title lies anywhere")
    with step("Somebody books with Gabi: it stands in a calendar of ours in her account, without a name"):
        practice.book("Advice", _free(practice)[0], person("Yara", "Kalender"), expert=gabi.id)
        eventually(lambda: "Advice" in repr(_there(practice)), "it stands there")
        expect(False, "Yara" in repr(_there(practice)), "with Yara's name")
    with step("Gabi unlinks it: everything is gone, here and there"):
        (link,) = practice.asks("GET", "/calendars", by=gabi.header)["calendars"]
        practice.asks("DELETE", f"/calendars/{link['id']}", wanted=204, by=gabi.header)
        expect(len(before) - 1, len(_free(practice)), "her free times, but for Yara's")
        eventually(lambda: not _there(practice).get("calendars"), "our calendar in her account is gone")
        kinds = {item["kind"]["S"] for item in practice.cloud.scan_raw("records")}
        eventually(lambda: "CalendarLink" not in kinds or not _links(practice), "and what we kept of the link")


def _link(practice: Practice, header: dict[str, str]) -> None:
    """What Gabi's browser does: to the provider, and back with a code."""
    address = practice.asks("POST", "/calendars/google-calendar", by=header)["address"]
    with build_opener(_Stays).open(Request(address)) as answer:
        back = parse_qs(urlsplit(answer.headers["Location"]).query)
    given = {name: back[name][0] for name in ("code", "state")}
    practice.asks("POST", "/calendars/callback", wanted=201, json=given, by=header)
    practice.cloud.invoke("Sync")


def _free(practice: Practice) -> list[str]:
    found: list[str] = practice.slots("Advice", practice.day(22), expert=practice.experts["Gabi"].id)["starts"]
    return found


def _there(practice: Practice) -> dict[str, Any]:
    practice.cloud.invoke("Sync")
    return practice.cloud.inbox.calendars("google-calendar", "expert")


def _links(practice: Practice) -> list[Any]:
    return [item for item in practice.cloud.scan_raw("records") if item["kind"]["S"] == "CalendarLink"]
