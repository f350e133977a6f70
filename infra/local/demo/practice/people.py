"""The practice looks after its customers."""

from infra.local.demo.practice.scene import Practice, person
from infra.local.demo.steps import expect, step

CARDS = (
    "Vorname;Nachname;E-Mail;Telefon\r\nZoe;Zimmermann;zoe@kundin.example;+41795550177\r\n"
    "Ueli;;ueli(at)kunde;079\r\nAnna;Muster;anna.muster@kundin.example;\r\n"
)


def customers_are_imported(practice: Practice) -> None:
    """A file is looked at before anything of it is taken over."""
    with step("Luca imports the card file of his predecessor: what is wrong with it is said, line by line, beforehand"):
        headers = {**practice.admin, "Content-Type": "application/octet-stream"}
        answer = practice.cloud.call("POST", "/v1/customer-imports", body=CARDS.encode(), headers=headers)
        expect(201, answer.status, "the preview")
        seen = answer.json()
        expect((3, 1), (seen["rows"], seen["ready"]), "lines in it, and those that can be taken over as they are")
        practice.asks("POST", f"/customer-imports/{seen['id']}/completion")
        hits = practice.asks("POST", "/customer-search", json={"name": "Zimm"})["customers"]
        expect(["Zoe"], [each["given_name"] for each in hits], "who is found by the beginning of a name")


def one_person_twice(practice: Practice) -> None:
    """Merged, and taken back."""
    with step("Anna has written with another address: her two entries become one, and two again"):
        (anna,) = practice.asks("POST", "/customer-search", json={"email": "anna.muster@kundin.example"})["customers"]
        other = practice.asks(
            "POST",
            "/customers",
            wanted=201,
            json={"given_name": "Anna", "family_name": "Muster", "email": "anna@buero.example", "language": "de"},
        )
        merged = practice.asks("POST", f"/customers/{anna['id']}/merges", wanted=201, json={"other": other["id"]})
        (hit,) = practice.asks("POST", "/customer-search", json={"email": "anna@buero.example"})["customers"]
        expect(anna["id"], hit["id"], "her second address leads to")
        practice.asks("DELETE", f"/customers/{anna['id']}/merges/{merged['id']}", wanted=204)
        (hit,) = practice.asks("POST", "/customer-search", json={"email": "anna@buero.example"})["customers"]
        expect(other["id"], hit["id"], "taken back, it leads to")


def the_list_of_the_week(practice: Practice) -> None:
    """On the screen, and as files."""
    with step("Luca looks at the week, and takes it along as a workbook and as a calendar"):
        day = practice.day(6)
        week = f"week={day.isocalendar().year}-W{day.isocalendar().week:02}&expert=all"
        listed = practice.asks("GET", f"/appointments?{week}")["appointments"]
        expect(True, len(listed) >= 9, "the list is full")
        starts = [each["starts_at"] for each in listed]
        expect(True, starts == sorted(starts), "it is in order")
        for form, begins in (("xlsx", b"PK"), ("ics", b"BEGIN:VCALENDAR"), ("csv", b"\xef\xbb\xbf")):
            path = f"/v1/appointments/export?{week}&format={form}"
            answer = practice.cloud.call("GET", path, headers={**practice.admin, "Accept": "*/*"})
            expect((200, True), (answer.status, answer.body.startswith(begins)), f"the {form} file")
        who = practice.asks("POST", "/customer-search", json={"email": person("Rat0", "Sucht")["email"]})["customers"]
        expect(1, len(who), "Rat0 is known, once")
