"""What is said about data and what can be looked up: the notice, the record of processing, the ledger, the audit."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.local.demo.scene import TABLES, Scene
from infra.local.demo.steps import eventually, expect, only, remark, step
from infra.local.paths import PARAMETERS

LEDGER = "zusage-local-ledger"
# What runs by the clock, in the order of their names; time was moved past their turns.
JOBS = ("Announce", "Close", "Lapse", "Restamp", "Settle", "Sweep", "Sync", "Upkeep", "Wake")
# What this machine really lacks. Everything else is as on AWS, and found so.
LACKING = {
    "backups-young": "nothing is backed up",
    "copies-young": "there is no second region to copy to",
    "modern-tls": "the API speaks plain HTTP within the machine",
}


def notice_tells(scene: Scene) -> None:
    """What is stored, and whom to turn to."""
    with step("The privacy notice says what is stored and whom to turn to"):
        told = scene.client.ask("GET", f"/tenants/{scene.practice.tenant}/notice?language=en", wanted=200)
        operators = scene.client.ask("GET", "/notice?language=en", wanted=200)
        named = json.loads(PARAMETERS.read_text())
        expect("Praxis Brunner", told["controller"]["name"], "the controller")
        expect(named["DpoName"], told["officer"]["name"], "the data protection officer")
        expect(named["DpoMail"], told["officer"]["mail"], "to be reached at")
        expect(True, "(EDÖB, FDPIC)" in told["supervisor"]["name"], f"in charge: {told['supervisor']['name']}")
        kinds = {each["kind"]: each for each in (*operators["kinds"], *told["kinds"])}
        stored = {item["kind"]["S"] for table in TABLES for item in scene.cloud.scan_raw(table)}
        expect(set(), stored - set(kinds), f"kinds that are stored and not told, of {len(stored)}")
        expect(["12 months from the end of the appointment or day"], kinds["Appointment"]["kept"][:1], "an appointment")
        expect([], [name for name, each in kinds.items() if not each["purposes"] or not each["basis"]],
               "kinds without purpose or legal basis")  # fmt: skip


def record_opens(scene: Scene) -> None:
    """The workbook that an authority asks for."""
    with step("The record of processing activities is downloaded as a workbook, and opens"):
        told = scene.client.ask("GET", "/processing-record?language=de", wanted=200)
        book = scene.cloud.call("GET", "/v1/processing-record.xlsx?language=de", headers={"Accept": "text/html"})
        expect(200, book.status, "it comes")
        with zipfile.ZipFile(io.BytesIO(book.body)) as archive:
            expect(None, archive.testzip(), "parts that don't open")
            sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
            words = archive.read("xl/sharedStrings.xml").decode()
        expect(4, len(sheets), "sheets: activities, fields, processors, hand-overs")
        missing = [each["kind"] for each in told["activities"] if f">{each['kind']}<" not in words]
        expect([], missing, f"activities that are missing in it, of {len(told['activities'])}")


def staff_look(scene: Scene, booked: dict[str, Any]) -> dict[str, str]:
    """The look is noted, and told to whom it was about. Gives the ids of the customers by their given names."""
    with step("Staff look at the appointments; it stands in the ledger, and Anna sees by her link who looked"):
        scene.cloud.move_time(seconds=2)  # a look in the same second might have come before the last booking
        seen = scene.agenda(scene.cloud.now())
        expect(["Anna", "Beat"], sorted(seen), "they see who comes")
        look = only(scene.noted("staff:appointments:read"), "looks in the ledger")
        expect(scene.practice.expert, look["actor"], "the ledger says who looked")
        expect("127.0.0.0/24", look["network"], "from which network, never the whole address")
        link = {"Zusage-Link": booked["links"]["cancel"]}
        told = scene.client.ask("GET", "/appointment/ledger", wanted=200, headers=link)["entries"]
        looks = [each["by"] for each in told if each["kind"] == "staff:appointments:read"]
        expect(["expert"], looks, "Anna is told of one look, in which role")
        expect(True, scene.practice.expert not in str(told), "without a name or an id")
        handed = sorted({each["processor"] for each in told if each["processor"]})
        expect(["mailgun", "twilio"], handed, "and to whom her data was handed")
    return {name: each["customer"] for name, each in seen.items()}


def day_is_closed(scene: Scene) -> None:
    """Proven under lock; whoever meddles is found."""
    day = scene.today()
    eventually(lambda: _counted(scene, day), "the day's entries are counted")
    with step("The night after, the day is closed; its proof holds, and an entry that somebody changes is named"):
        scene.cloud.move_time(to=datetime.fromisoformat(f"{day}T01:00:00+00:00").astimezone(UTC) + timedelta(days=1))
        scene.cloud.invoke("Close")
        scene.sign_in()
        entries = _entries(scene, day)
        whole = _verified(scene, day)
        expect((True, len(entries)), (whole["ok"], whole["entries"]), "the proof holds, for so many entries")
        look = next(item for item in entries if item["action"]["S"] == "staff:appointments:read")
        table = scene.cloud.client("dynamodb")
        table.put_item(TableName=LEDGER, Item={**look, "actor": {"S": "0" * 32}})
        remark("Somebody with the keys of the database writes another name into the look at the appointments.")
        found = _verified(scene, day)
        named = [(each["problem"], each["sk"]) for each in found["findings"]]
        expect((False, [("altered", look["sk"]["S"])]), (found["ok"], named), "it does not hold, and says which entry")
        table.put_item(TableName=LEDGER, Item=look)
        expect(True, _verified(scene, day)["ok"], "with the entry as it was, it holds again")


def audit_runs(scene: Scene) -> None:
    """What it finds is shown to everybody, with the time."""
    with step("The nightly audit runs; everybody can see on /trust what it found, and when"):
        for job in (*JOBS, "Audit"):
            scene.cloud.invoke(job)
        told = scene.client.ask("GET", "/operator/promises", wanted=200, headers=scene.cloud.as_operator)
        checks = {check["check"]: check["outcome"] for each in told["promises"] for check in each["checks"]}
        for name, why in LACKING.items():
            remark(f"{name} has to fail here, and truthfully does: {why}.")
        found = {name: outcome for name, outcome in checks.items() if outcome != "fine"}
        expect(dict.fromkeys(sorted(LACKING), "wrong"), dict(sorted(found.items())), "what the audit found")
        expect(True, len(checks) - len(found) >= 15, f"{len(checks) - len(found)} other checks found nothing")
        shown = scene.client.ask("GET", "/trust", wanted=200)
        standings = {each["id"]: each for each in shown["promises"]}
        broken = sorted(name for name, each in standings.items() if each["status"] == "broken")
        expect(["backup-twice-daily", "https-only"], broken, "the promises that /trust says are broken here")
        sealed = standings["sealed-at-rest"]
        expect(("kept", shown["audited_at"]), (sealed["status"], sealed["audited_at"]), "one that is kept, seen when")
        page = scene.cloud.call("GET", "/trust").text
        at = datetime.fromisoformat(shown["audited_at"])
        expect(True, f"{at:%Y-%m-%d %H:%M} UTC" in page, "the page says so, with the time")


def _entries(scene: Scene, day: str) -> list[dict[str, Any]]:
    """The entries of a day as they lie in the table."""
    asked = {":pk": {"S": f"TENANT#{scene.practice.tenant}#{day}"}}
    pages = scene.cloud.client("dynamodb").get_paginator("query")
    found = pages.paginate(TableName=LEDGER, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=asked)
    return [item for page in found for item in page["Items"]]


def _counted(scene: Scene, day: str) -> bool:
    days = scene.asks("GET", f"/ledger/counts?from={day}&to={day}")["days"]
    return bool(days) and days[0]["total"] == len(_entries(scene, day))


def _verified(scene: Scene, day: str) -> Any:
    return scene.asks("GET", f"/ledger/verification?day={day}")
