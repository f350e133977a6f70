"""What stands in the way of use or deletion: a legal hold, a restriction; and what becomes of all a year later."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from infra.local.demo.scene import BEAT, CLARA, DISPUTE, PERSONAL, TABLES, Scene, instant, written
from infra.local.demo.steps import eventually, expect, only, step

HELD_DAYS = 430
CUSTOMER_KINDS = {"Customer", "CustomerAddress", "CustomerName", "Appointment"}


def beat_is_held(scene: Scene, beat: str) -> datetime:
    """For a ground, until a day, by somebody."""
    with step("Beat disputes his bill: the practice places a legal hold on him, with ground, reason and end"):
        ends = scene.cloud.now().replace(microsecond=0) + timedelta(days=HELD_DAYS)
        wanted = {"ground": "legal-claim", "reason": DISPUTE, "ends_at": written(ends)}
        placed = scene.asks("POST", f"/customers/{beat}/holds", wanted=201, json=wanted)
        hold = only(placed["holds"], "holds on him")
        expect(wanted, {name: hold[name] for name in wanted}, "it stands")
        endless = {**wanted, "ends_at": written(ends + timedelta(days=3650))}
        refused = scene.cloud.call(
            "POST", f"/v1/customers/{beat}/holds", json=endless, headers=scene.practice.signed_in
        )
        expect(422, refused.status, "one for longer than ten years is refused")
        noted = only(scene.noted("staff:hold:placed"), "holds in the ledger")
        expect(
            (scene.practice.expert, beat, "legal-claim"),
            (noted["actor"], noted["about"], noted["ground"]),
            "the ledger says who, on whom, on what ground",
        )
    return ends


def clara_is_restricted(scene: Scene) -> dict[str, Any]:
    """Stored, and not used."""
    with step("Clara books, then contests what is stored about her: its use is restricted"):
        start = scene.free(days=4)[-1]
        booked = scene.client.book(scene.practice, starts_at=start, **CLARA)
        scene.latest(to=CLARA["email"], about="bestätigt")
        day = instant(start) - timedelta(minutes=30)
        clara = scene.agenda(day, days=1)["Clara"]["customer"]
        scene.asks("PUT", f"/customers/{clara}/restriction", json={"ground": "accuracy-contested"})
        listed = scene.agenda(day, days=1).values()
        seen = only([each for each in listed if each["restricted"]], "restricted appointments in the list")
        names = ("given_name", "family_name", "email", "phone")
        expect((booked["id"], True), (seen["id"], seen["restricted"]), "staff see that somebody comes")
        expect([None] * 4, [seen[name] for name in names], "and neither name nor address")
        noted = only(scene.noted("staff:restriction:set"), "restrictions in the ledger")
        expect("accuracy-contested", noted["ground"], "the ledger holds the ground")
        link = {"Zusage-Link": booked["links"]["cancel"]}
        own = scene.client.ask("GET", "/appointment", wanted=200, headers=link)
        expect(booked["id"], own["id"], "her own link still shows her appointment")
    return booked


def clara_is_not_reminded(scene: Scene, booked: dict[str, Any]) -> None:
    """Her time comes, and nobody writes to her."""
    with step("A day before her appointment, the restricted Clara gets no reminder"):
        before = [mail["id"] for mail in scene.inbox.messages(to=CLARA["email"])]
        scene.cloud.move_time(to=instant(booked["starts_at"]) - timedelta(days=1) + timedelta(seconds=1))
        scene.cloud.invoke("Wake")
        eventually(lambda: "restricted" in _not_sent(scene, booked), "it was due, and left out because of that")
        after = [mail["id"] for mail in scene.inbox.messages(to=CLARA["email"])]
        expect(before, after, "nothing came after the confirmation, by any provider")


def nothing_is_in_the_clear(scene: Scene) -> None:
    """Neither in tables nor in logs."""
    with step("Whoever reads the raw tables finds no personal value"):
        for table in TABLES:
            raw = repr(list(scene.cloud.scan_raw(table)))
            expect([], [value for value in PERSONAL if value in raw], f"personal values in {table}")
        logs = scene.cloud.logs()
        expect([], [value for value in PERSONAL if value in logs], "personal values in the logs")


def a_year_later(scene: Scene, people: Mapping[str, str]) -> None:
    """Everybody's data is gone but that of Beat, who is held."""
    with step("Thirteen months later nothing of Anna is left, and there is proof of it"):
        _days_pass(scene)
        there = scene.cloud.call("GET", "/v1/tenants/" + scene.practice.tenant)
        expect(200, there.status, "the practice is still there")
        expect([], scene.lying_with(people["Anna"]), "records that lie with Anna")
        expect([people["Beat"]], scene.keys_of_people(), "of all keys of customers, only that of Beat is left")
        others = [kind for kind, pk in _of_customers(scene) if people["Beat"] not in pk]
        expect([], others, "records of any other customer in the raw table")
        proofs = [i for i in scene.cloud.scan_raw("ledger") if i.get("action", {}).get("S") == "system:records:swept"]
        expect(True, any("CUSTOMER" in item["counts"]["S"] for item in proofs), "the ledger holds the proof")


def beat_is_out_of_sight(scene: Scene, beat: str, since: datetime) -> None:
    """Nobody sees him in daily work; whoever has a legal ground does, and that is noted."""
    with step("Beat's period is over, too: he is out of sight, and there for the legal purpose only"):
        scene.sign_in()
        expect({}, scene.agenda(since, days=60), "the list of the days around his appointment")
        ground = {"ground": "unlawful"}
        scene.asks("PUT", f"/customers/{beat}/restriction", wanted=404, json=ground)
        kinds = ["Appointment", "Customer", "CustomerName", "Holds", "Notification"]
        expect(kinds, scene.lying_with(beat), "what still lies there")
        view = scene.asks("POST", f"/customers/{beat}/legal-view", json={"ground": "legal-claim"})
        held = {record["kind"]: record for record in view["records"]}
        told = {field["name"]: field["value"] for field in held["Customer"]["fields"]}
        expect("blocked", held["Customer"]["standing"], "for the legal claim he is shown, as blocked")
        expect(BEAT["family_name"], told["family_name"], "with his name")
        noted = [(e["actor"], e["about"], e["ground"]) for e in scene.noted("staff:person:viewed")]
        expect([(scene.practice.expert, beat, "legal-claim")], noted, "the ledger says who saw him, on what ground")


def the_hold_ends(scene: Scene, beat: str, ends: datetime) -> None:
    """And so does everything that it kept."""
    with step("The hold ends: Beat's data is gone, with his key"):
        scene.cloud.move_time(to=ends - timedelta(minutes=2))
        scene.cloud.invoke("Sweep")
        expect([beat], scene.keys_of_people(), "two minutes before, his key is there")
        scene.cloud.move_time(to=ends + timedelta(seconds=1))
        scene.cloud.invoke("Sweep")
        expect([], scene.lying_with(beat), "what lies there after the next sweep")
        expect([], _of_customers(scene), "records of any customer")
        expect([], scene.keys_of_people(), "keys of customers")
        scene.sign_in()
        scene.asks("POST", f"/customers/{beat}/legal-view", wanted=404, json={"ground": "legal-claim"})
        expect([], scene.noted("staff:person:viewed"), "not even a legal ground finds him")


def _days_pass(scene: Scene) -> None:
    """Four hundred days; around the anniversary one by one, since the sweep would not sleep through them either."""
    scene.cloud.move_time(days=360)
    for _ in range(15):
        scene.cloud.move_time(days=1)
        scene.cloud.invoke("Sweep")
    scene.cloud.move_time(days=25)
    scene.cloud.invoke("Sweep")


def _of_customers(scene: Scene) -> list[tuple[str, str]]:
    """The kind and the partition of every record about a customer."""
    items = ((item["kind"]["S"], item) for item in scene.cloud.scan_raw("records"))
    return [
        (kind, item["pk"]["S"])
        for kind, item in items
        if kind in CUSTOMER_KINDS or (kind == "Notification" and "about" in item)
    ]


def _not_sent(scene: Scene, booked: dict[str, Any]) -> list[str]:
    """Why messages about an appointment were left out."""
    about = [item for item in scene.raw("Notification") if item.get("about", {}).get("S") == booked["id"]]
    return [item["reason"]["S"] for item in about if "reason" in item]
