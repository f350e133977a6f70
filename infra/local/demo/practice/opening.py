"""The practice opens: sites, rooms, twelve people, their hours, and what they offer."""

from typing import Any

from infra.local.client import Client, behind_hash
from infra.local.cloud import LocalCloud
from infra.local.demo.practice.scene import OWNER, Expert, Practice
from infra.local.demo.steps import expect, step
from infra.local.providers.payrexx import API_KEY, SIGNING_KEY

NAMES = (
    *("Aline Rochat", "Bruno Kälin", "Carla Bernasconi", "Daniel Huber", "Elena Gatti", "Fabio Moretti"),
    *("Gabi Zuber", "Hanna Lüthi", "Ivo Planta", "Julia Steiner", "Kim Favre"),
)
SITES = (
    {"name": "Limmatquai", "street": "Limmatquai 12", "postal_code": "8001", "city": "Zürich", "holidays": "CH-ZH"},
    {"name": "Via Nassa", "street": "Via Nassa 3", "postal_code": "6900", "city": "Lugano", "holidays": "CH-TI"},
)
LANGUAGES = ("de", "fr", "it", "en")
DAY = [("08:00", "12:00"), ("13:00", "18:00")]


def practice_opens(cloud: LocalCloud) -> Practice:
    """Registered, with two sites and three rooms."""
    with step("Luca opens a physiotherapy practice: a site in Zurich, one in Lugano, three rooms"):
        practice = Practice(cloud)
        opened = Client(cloud).register(
            email=OWNER, given_name="Luca", family_name="Frei", company="Physio Limmat", language="de"
        )
        practice.tenant, practice.admin = opened["tenant"], {"Authorization": f"Bearer {opened['token']}"}
        practice.asks("POST", "/tenant/plan", json={"plan": "standard"})
        practice.experts["Luca"] = Expert(opened["staff"], "Luca Frei", practice.admin)
        sites = [{"id": None, **each} for each in SITES]
        held = practice.asks("PUT", "/premises", json={"holidays": "CH-ZH", "sites": sites, "closures": []})
        practice.sites = {each["city"]: each["id"] for each in held["sites"]}
        for name, city in (("Raum 1", "Zürich"), ("Raum 2", "Zürich"), ("Sala", "Lugano")):
            made = practice.asks("POST", "/resources", wanted=201, json={"name": name, "site": practice.sites[city]})
            practice.rooms[name] = made["id"]
        expect(["Zürich", "Lugano"], list(practice.sites), "its sites")
        expect(3, len(practice.rooms), "its rooms")
    return practice


def team_joins(practice: Practice) -> None:
    """Eleven colleagues, each by an invitation."""
    with step("Eleven colleagues are invited and join; four languages are spoken"):
        versions = practice.client.ask("GET", "/registrations", wanted=200)
        for number, name in enumerate(NAMES):
            given, family = name.split()
            language = LANGUAGES[number % len(LANGUAGES)]
            email = f"{given}@physio-limmat.example".lower()
            practice.asks(
                "POST", "/invitations", wanted=201, json={"email": email, "roles": ["expert"], "language": language}
            )
            token = behind_hash(practice.cloud.inbox.wait_for(1, to=email)[-1]["text"])
            person = {"given_name": given, "family_name": family, "phone": None, "language": language}
            joined = practice.visits(
                "POST", "/invitation/acceptance", wanted=201, json={"token": token, **person, **versions}
            )
            header = {"Authorization": f"Bearer {joined['token']}"}
            practice.experts[given] = Expert(joined["staff"], name, header)
        expect(12, len(practice.asks("GET", "/staff")["staff"]), "people who work there")


def hours_are_set(practice: Practice) -> None:
    """Eight in Zurich, three in Lugano, one at both; somebody is there in the nights of Sundays, too."""
    with step("Everybody sets their hours: eight in Zurich, three in Lugano, Kim at both sites by weekday"):
        zurich, lugano = practice.sites["Zürich"], practice.sites["Lugano"]
        south = {"Carla", "Elena", "Fabio"}
        for name, expert in practice.experts.items():
            site = lugano if name in south else zurich
            week = {day: (lugano if name == "Kim" and day > 3 else site) for day in range(1, 6)}
            set_hours(practice, expert, week)
        night = {**hours(dict.fromkeys(range(1, 6), zurich))}
        night["weekly"].append({"weekday": 7, "ranges": [{"start": "00:00", "end": "06:00", "site": zurich}]})
        expert = practice.experts["Ivo"]
        practice.asks("PUT", f"/staff/{expert.id}/availability", json=night, by=expert.header)
        held = practice.asks("GET", f"/staff/{practice.experts['Kim'].id}/availability")
        seen = [{each["site"] for each in day["ranges"]} for day in held["weekly"]]
        expect([{zurich}] * 3 + [{lugano}] * 2, seen, "Kim's sites by weekday")


def set_hours(practice: Practice, expert: Expert, week: dict[int, str], **more: Any) -> Any:
    """An expert's own hours."""
    return practice.asks("PUT", f"/staff/{expert.id}/availability", json={**hours(week), **more}, by=expert.header)


def hours(week: dict[int, str]) -> dict[str, Any]:
    """Morning and afternoon on these weekdays at these sites."""
    weekly = [
        {"weekday": day, "ranges": [{"start": start, "end": end, "site": site} for start, end in DAY]}
        for day, site in week.items()
    ]
    return {
        "zone": "Europe/Zurich",
        "holidays": None,
        "weekly": weekly,
        "exceptions": [],
        "travels": [],
        "absences": [],
    }


def services_are_published(practice: Practice) -> None:
    """Treatments that need a room, a course for six, a first visit to be confirmed, a consultation to be paid."""
    with step("The practice publishes what it offers; treatments need a room of their site"):
        zurich, lugano = practice.sites["Zürich"], practice.sites["Lugano"]
        rooms = [[practice.rooms["Raum 1"], practice.rooms["Raum 2"]]]
        question = {"id": "complaint", "label": "Was plagt Sie?", "answer": "long-text", "required": True}
        question |= {"purpose": "damit wir uns vorbereiten", "keep_days": 30, "options": [], "when": None}
        practice.publish("Treatment", resources=rooms, site=zurich, durations=[30, 60], buffer_after=10)
        practice.publish("Trattamento", resources=[[practice.rooms["Sala"]]], site=lugano)
        practice.publish("Advice", occurrences=8, place="phone")
        practice.publish("Night line", site=zurich, step=60, duration=60, experts=[practice.experts["Ivo"].id])
        practice.publish("Massage", site=zurich, caps=[{"each": "day", "count": 3, "minutes": None}])
        practice.publish("First visit", site=zurich, confirm_within=120, questions=[question])
        practice.publish(
            "Back course",
            site=zurich,
            seats=6,
            duration=60,
            step=60,
            experts=[practice.experts["Julia"].id],
            offer_minutes=60,
        )
        account = {"instance": "physio-limmat", "api_key": API_KEY, "signing_key": SIGNING_KEY}
        practice.asks("PUT", "/payments/account", json=account)
        practice.publish(
            "Report",
            price=12_000,
            payment="online",
            pay_within=30,
            place="video",
            meeting_link="https://meet.physio-limmat.example/report",
            refunds=[{"minutes": 1440, "percent": 100}],
        )
        seen = practice.visits("GET", f"/tenants/{practice.tenant}")
        expect(8, len(seen["services"]), "visitors see")
        first = next(each for each in seen["services"] if each["name"] == "First visit")
        expect(
            ["damit wir uns vorbereiten"], [each["purpose"] for each in first["questions"]], "what a question is for"
        )
