"""Things change: a request is confirmed, a course is full, somebody is away, times are proposed."""

from typing import Any
from urllib.parse import parse_qs, urlencode

from infra.local.client import tokens
from infra.local.demo.practice.opening import hours
from infra.local.demo.practice.scene import Practice, at, customer, person, utc, written
from infra.local.demo.steps import eventually, expect, step


def a_first_visit_is_confirmed(practice: Practice) -> None:
    """By the expert, who sees what plagues him; what is not confirmed in time lapses."""
    with step("A first visit waits until its expert confirms it; meanwhile its time is taken"):
        hanna, day = practice.experts["Hanna"], practice.day(8)
        start = practice.slots("First visit", day, expert=hanna.id)["starts"][0]
        answers = [{"question": "complaint", "answer": "Der Rücken, seit Montag"}]
        simon = person("Simon", "Neu")
        booked = practice.book("First visit", start, simon, expert=hanna.id, answers=answers)
        expect("pending", booked["state"], "it")
        expect(False, start in practice.slots("Advice", day, expert=hanna.id)["starts"], "Hanna is free then")
        token = practice.link_to("confirmation", "hanna@physio-limmat.example")
        decided = practice.visits("POST", "/pending/confirmation", json={"token": token})
        expect("confirmed", decided["state"], "Hanna confirms by the link in her mail: it")
        practice.mail(simon["email"], "bestätigt")
    with step("Another one is not confirmed within two hours: it lapses, and everybody is told"):
        later = practice.slots("First visit", day, expert=hanna.id)["starts"][0]
        thea = person("Thea", "Wartet")
        practice.book("First visit", later, thea, expert=hanna.id, answers=answers)
        practice.cloud.inbox.wait_for(1, to=thea["email"])  # that she asked
        practice.cloud.move_time(seconds=2 * 3600 + 1)
        expect(True, later in practice.slots("First visit", day, expert=hanna.id)["starts"], "its time is free again")
        practice.cloud.invoke("Upkeep")
        eventually(lambda: len(practice.cloud.inbox.messages(to=thea["email"])) >= 2, "Thea is told")


def a_course_is_full(practice: Practice) -> None:
    """Six seats, a waiting list, and a seat that becomes free."""
    with step("The back course has six seats: the seventh goes on the waiting list"):
        day = practice.day(15)
        start = practice.slots("Back course", day)["starts"][0]
        guests = [person(f"Kurs{number}", "Ruecken") for number in range(6)]
        for who in guests:
            practice.book("Back course", start, who)
        expect(False, start in practice.slots("Back course", day)["starts"], "it is still offered")
        uma = person("Uma", "Warten")
        wish: dict[str, Any] = {
            "service": practice.services["Back course"],
            "expert": None,
            "first_day": f"{day}",
            "last_day": f"{day}",
        }
        wish |= {"weekdays": [], "earliest": "00:00", "latest": "24:00", "sms_wanted": False, "customer": customer(uma)}
        form = practice.client.form("waiting", tenant=practice.tenant, service=practice.services["Back course"])
        practice.client.ask("POST", f"/tenants/{practice.tenant}/waiting-list", wanted=202, json=wish, headers=form)
    with step("Somebody cancels, by a link that is good for their own seat only; Uma is offered it, and takes it"):
        links = tokens(practice.mail(guests[2]["email"], "bestätigt")["text"])
        practice.visits("POST", "/appointment/cancellation", link=links["cancel"])
        practice.cloud.invoke("Upkeep")
        found = parse_qs(practice.link_to("place", uma["email"]))
        expect(False, start in practice.slots("Back course", day)["starts"], "meanwhile others can have it")
        accept = found["accept"][0]
        taken = practice.visits(
            "POST",
            "/waiting-place/acceptance",
            wanted=201,
            json={"address": None, "answers": []},
            link=accept,
        )
        expect("confirmed", taken["state"], "Uma's place")


def an_expert_is_away(practice: Practice) -> None:
    """A colleague stands in, and takes over what is booked."""
    with step("Aline is away for two days; Bruno stands in and takes over what is booked"):
        aline, bruno, day = practice.experts["Aline"], practice.experts["Bruno"], practice.day(16)
        start = practice.slots("Advice", day, expert=aline.id)["starts"][0]
        vera = person("Vera", "Treu")
        practice.book("Advice", start, vera, expert=aline.id)
        away = {"id": None, "from": written(at(day, 0)), "until": written(at(day, 23)), "stand_in": bruno.id}
        week = hours(dict.fromkeys(range(1, 6), practice.sites["Zürich"]))
        held = practice.asks(
            "PUT", f"/staff/{aline.id}/availability", json={**week, "absences": [away]}, by=aline.header
        )
        (hit,) = held["affected"]
        seen = practice.slots("Advice", day, expert=aline.id)
        expect((0, bruno.id), (len(seen["starts"]), seen["away"][0]["stand_in"]), "free times, and who stands in")
        path = f"/customers/{hit['customer']}/appointments/{hit['id']}/hand-over"
        moved = practice.asks("POST", path, json={"to": bruno.id})
        expect(bruno.id, moved["expert"], "whom Vera sees")
        eventually(lambda: len(practice.cloud.inbox.messages(to=vera["email"])) == 2, "Vera is told")


def times_are_proposed(practice: Practice) -> None:
    """One is chosen, the others lapse."""
    with step("Julia proposes three times to Walter; he picks one, and the others are free again"):
        julia, day = practice.experts["Julia"], practice.day(17)
        starts = [utc(each) for each in practice.slots("Advice", day, expert=julia.id)["starts"][:3]]
        walter = {"given_name": "Walter", "family_name": "Wahl", "email": "walter.wahl@kundin.example"}
        idea = {"service": practice.services["Advice"], "starts": starts, "person": {**walter, "language": "de"}}
        practice.asks("POST", "/proposals", wanted=201, json={**idea, "hours": 24}, by=julia.header)
        expect(0, _offered(practice, starts), "of them are offered to others meanwhile")
        link = practice.link_to("proposal", walter["email"])
        chosen = practice.visits(
            "POST",
            "/proposal/choice",
            wanted=201,
            json={"starts_at": starts[1], "phone": "+41795550142"},
            link=parse_qs(link)["choose"][0],
        )
        expect(starts[1], chosen["starts_at"], "Walter comes at")
        expect(2, _offered(practice, starts), "of them are offered to others again")


def why_not(practice: Practice) -> None:
    """Each rule by itself."""
    with step("Why is this time not offered? Rule by rule"):
        ivo, day = practice.experts["Ivo"], practice.day(19)
        for hour, rule in ((12, "working-hours"), (9, None)):
            query = urlencode({"expert": ivo.id, "starts_at": written(at(day, hour))})
            told = practice.asks("GET", f"/services/{practice.services['Advice']}/explanation?{query}")
            broken = [each["rule"] for each in told["verdicts"] if each["holds"] is False]
            expect((rule is None, rule in broken if rule else not broken), (told["offered"], True), f"{hour}:00")


def _offered(practice: Practice, starts: list[str]) -> int:
    shown: dict[str, Any] = practice.slots("Advice", practice.day(17), expert=practice.experts["Julia"].id)
    return len({utc(each) for each in shown["starts"]} & set(starts))
