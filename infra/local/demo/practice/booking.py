"""People book: in four languages, in few rooms, with anybody, in series, several things at once."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from infra.local.demo.practice.scene import ZURICH, Practice, customer, person, slug, utc
from infra.local.demo.steps import eventually, expect, step

SAID = {"de": "bestätigt", "en": "confirmed", "fr": "confirmé", "it": "confermato"}


def four_languages(practice: Practice) -> None:
    """Each is written to in their own."""
    with step("Four people book a treatment, each in their own language"):
        free = practice.slots("Treatment", practice.day(3))["starts"]
        people = {
            "de": person("Anna", "Muster", language="de"),
            "en": person("Emily", "Smith", language="en", zone="Europe/London"),
            "fr": person("Claire", "Dubois", language="fr"),
            "it": person("Marco", "Bianchi", language="it"),
        }
        for start, (language, who) in zip(free[::2], people.items(), strict=False):
            practice.book("Treatment", start, who)
            mail = practice.mail(who["email"], SAID[language])
            invited = b"METHOD:REQUEST" in practice.cloud.inbox.file(mail)
            expect(True, invited, f"{who['given_name']} reads {SAID[language]!r}, with a calendar file")


def rooms_are_few(practice: Practice) -> None:
    """Nine experts in Zurich, two rooms: two treatments at a time."""
    with step("Nine experts are free in Zurich, but there are two rooms: the third treatment has to wait"):
        day = practice.day(5)
        start = practice.slots("Treatment", day)["starts"][4]
        booked = [practice.book("Treatment", start, person(f"Gast{number}", "Eins")) for number in range(2)]
        expect(2, len({each["expert"] for each in booked}), "experts at work then")
        refused = practice.try_to_book("Treatment", start, person("Gast2", "Eins"))
        expect((409, "slot-taken"), (refused.status, slug(refused)), "the third")
        expect(False, start in practice.slots("Treatment", day)["starts"], "it is still offered")
        expect(True, start in practice.slots("Advice", day)["starts"], "advice by phone is, for it needs no room")


def anybody_will_do(practice: Practice) -> None:
    """Who leaves the choice to the practice is shared out fairly."""
    with step("Nine people leave it to the practice whom they talk to: the work is shared out"):
        starts = practice.slots("Advice", practice.day(6))["starts"]
        booked = [practice.book("Advice", starts[n], person(f"Rat{n}", "Sucht")) for n in range(9)]
        counts: dict[str, int] = {}
        for each in booked:
            counts[each["expert"]] = counts.get(each["expert"], 0) + 1
        expect(True, max(counts.values()) - min(counts.values()) <= 1 and len(counts) >= 8, "nobody has much more")


def a_time_is_kept(practice: Practice) -> None:
    """For five minutes, while the form is filled in."""
    with step("Olga takes her time with the form: her time is kept for five minutes, and then it is not"):
        day, expert = practice.day(7), practice.experts["Hanna"]
        start = practice.slots("Advice", day, expert=expert.id)["starts"][0]
        wish = {"service": practice.services["Advice"], "expert": expert.id, "starts_at": utc(start), "duration": None}
        kept = _reserve(practice, wish)
        refused = practice.try_to_book("Advice", start, person("Zu", "Spaet"), expert=expert.id)
        expect((409, "slot-taken"), (refused.status, slug(refused)), "somebody else wants it")
        booked = practice.book("Advice", start, person("Olga", "Langsam"), expert=expert.id, reservation=kept["id"])
        expect(utc(start), booked["starts_at"], "Olga has it")
        later = practice.slots("Advice", day, expert=expert.id)["starts"][0]
        _reserve(practice, {**wish, "starts_at": utc(later)})
        expect(False, later in practice.slots("Advice", day, expert=expert.id)["starts"], "another one is offered")
        practice.cloud.move_time(seconds=301)
        expect(True, later in practice.slots("Advice", day, expert=expert.id)["starts"], "five minutes later it is")


def a_series(practice: Practice) -> None:
    """Every week at the same time on the wall."""
    with step("Petra books six weeks of advice, every week at the same time, in one go"):
        expert = practice.experts["Gabi"]
        start = practice.slots("Advice", practice.day(21), expert=expert.id)["starts"][2]
        petra = person("Petra", "Regel")
        booked = _visit(practice, start, [("Advice", expert.id)], petra, weeks=1, times=6)
        local = [datetime.fromisoformat(each["starts_at"]).astimezone(ZURICH) for each in booked]
        expect({(start[11:16])}, {f"{each:%H:%M}" for each in local}, "the time on the wall")
        days = {two.date() - one.date() for one, two in itertools.pairwise(local)}
        expect({timedelta(days=7)}, days, "between them")
        mail = practice.mail(petra["email"], "Termine sind bestätigt")
        files = [practice.cloud.inbox.file(mail, number) for number in range(len(mail["attachments"]))]
        expect(6, sum(b"METHOD:REQUEST" in each for each in files), "one mail with a calendar file for each")
        expect(6, mail["text"].count("/appointment#"), "and a link to each")


def two_services_in_a_visit(practice: Practice) -> None:
    """One after the other, with whoever is free."""
    with step("Rosa wants a treatment and then a massage in one visit"):
        pair = ("Treatment", "Massage")
        day = practice.day(9)
        ids = ",".join(practice.services[name] for name in pair)
        range_asked = f"from={day}T00:00:00Z&to={day}T23:00:00Z"
        found = practice.visits("GET", f"/tenants/{practice.tenant}/visits/slots?services={ids}&{range_asked}")
        booked = _visit(practice, found["starts"][3], [(name, None) for name in pair], person("Rosa", "Doppel"))
        expect([practice.services[name] for name in pair], [each["service"] for each in booked], "her appointments")
        expect(True, booked[0]["ends_at"] <= booked[1]["starts_at"], "the second one begins after the first")


def what_is_shown_can_be_booked(practice: Practice) -> None:
    """Every time of a day, one after the other."""
    with step("Every time that is shown for a whole day is booked: none is refused"):
        day, expert = practice.day(12), practice.experts["Bruno"]
        shown = practice.slots("Massage", day, expert=expert.id)["starts"]
        taken = 0
        for number in range(len(shown)):
            free = practice.slots("Massage", day, expert=expert.id)["starts"]
            if not free:
                break
            practice.book("Massage", free[0], person(f"Tag{number}", "Voll"), expert=expert.id)
            taken += 1
        expect(3, taken, "massages, as many as Bruno gives in a day")


def _reserve(practice: Practice, wish: dict[str, Any]) -> Any:
    form = practice.client.form("reservation", tenant=practice.tenant, service=wish["service"])
    path = f"/tenants/{practice.tenant}/reservations"
    return practice.client.ask("POST", path, wanted=201, json=wish, headers=form)


def _visit(
    practice: Practice, start: str, items: list[tuple[str, str | None]], who: dict[str, Any], **repeat: int
) -> list[dict[str, Any]]:
    wanted: list[dict[str, Any]] = [
        {"service": practice.services[name], "expert": expert, "duration": None, "answers": []}
        for name, expert in items
    ]
    body: dict[str, Any] = {"items": wanted, "starts_at": utc(start), "repeat": {"weeks": 1, "times": 1, **repeat}}
    body |= {"customer": customer(who), "address": None, "sms_wanted": False}
    form = practice.client.form("visit", tenant=practice.tenant)
    path = f"/tenants/{practice.tenant}/visits"
    made = practice.client.ask("POST", path, wanted=201, json=body, headers=form)
    eventually(lambda: bool(practice.cloud.inbox.messages(to=who["email"])), "a mail arrives")
    booked: list[dict[str, Any]] = made["appointments"]
    return booked
