"""The first chapters: a customer books, is told, moves, is reminded and cancels; a provider fails."""

from datetime import timedelta
from typing import Any

from infra.local.client import tokens
from infra.local.demo.scene import ANNA, BEAT, Scene, instant, written
from infra.local.demo.steps import eventually, expect, step


def practice_opens(scene: Scene) -> None:
    """What visitors see of it."""
    seen = scene.client.ask("GET", f"/tenants/{scene.practice.tenant}", wanted=200)
    expect("Praxis Brunner", seen["name"], "visitors see the practice")
    expect(["Erstgespräch"], [each["name"] for each in seen["services"]], "and its service")
    refused = scene.cloud.call("GET", "/v1/session", headers={"Authorization": "Bearer " + "x" * 43})
    expect(401, refused.status, "a made-up session is refused")


def anna_books(scene: Scene) -> dict[str, Any]:
    """Once, although she asks twice; nobody else gets the time."""
    with step("Anna looks for a time three days ahead and books it, with text messages, without an account"):
        free = scene.free(days=3)
        start = next(each for each in free if each[11:] >= "09:00")
        expect(True, len(free) > 10, "times are offered")
        booked = scene.client.book(scene.practice, starts_at=start, sms_wanted=True, key="anna-books-once", **ANNA)
        again = scene.client.book(scene.practice, starts_at=start, sms_wanted=True, key="anna-books-once", **ANNA)
        expect(booked["id"], again["id"], "the same request again gives the same appointment")
    with step("Somebody else wants the same time"):
        answer = scene.client.try_to_book(scene.practice, starts_at=start, email=BEAT["email"])
        expect(409, answer.status, "and is told that it is taken")
        expect("application/problem+json", answer.headers["content-type"], "in a form that programs can read")
    return booked


def she_is_told(scene: Scene, booked: dict[str, Any]) -> None:
    """By mail and by text message."""
    with step("Anna gets an e-mail with a calendar file, and a text message"):
        mail = scene.latest(to=ANNA["email"], about="bestätigt")
        text = scene.inbox.wait_for(1, to=ANNA["phone"])[-1]
        expect("mailgun", mail["provider"], "the preferred mail provider took it")
        expect("REQUEST", str(scene.calendar(mail)["METHOD"]), "the calendar file invites")
        expect(True, text["segments"]["segments"] <= 2, "the text message is short")
        expect(True, booked["links"].keys() == tokens(mail["text"]).keys(), "the mail holds both links")


def providers_report(scene: Scene) -> None:
    """More than once, and not everybody is believed."""
    with step("The providers report delivery by signed webhooks, twice and late"):
        for to in (ANNA["email"], ANNA["phone"]):
            message = scene.inbox.wait_for(1, to=to)[-1]
            answers = scene.inbox.report(message["id"], "delivered", times=2)
            expect([200, 200], [each["status"] for each in answers], f"{message['provider']} is heard, twice")
        eventually(lambda: _states(scene).count("delivered") == 2, "both messages are noted as delivered, once each")
        forged = scene.cloud.call("POST", "/v1/webhooks/mailgun", json={"signature": {}, "event-data": {}})
        expect(403, forged.status, "a report that can't prove itself is refused")


def provider_is_down(scene: Scene) -> None:
    """The next one steps in; a dead address is left alone."""
    with step("The preferred mail provider fails; Beat books, gets his mail by the next one, and it bounces"):
        scene.inbox.fail("mailgun", "status", status=500)
        scene.client.book(scene.practice, starts_at=scene.free(days=5)[0], **BEAT)
        mail = scene.latest(to=BEAT["email"], about="confirmed")
        expect("ses", mail["provider"], "the next provider took it")
        scene.inbox.work("mailgun")
        bounced = scene.inbox.report(mail["id"], "bounced")
        expect([200], [each["status"] for each in bounced], "the bounce is heard")
        eventually(lambda: len(scene.raw("Suppression")) == 1, "his address is not written to any more")


def she_moves(scene: Scene) -> dict[str, Any]:
    """To the next day, by link."""
    with step("Anna moves the appointment by the link in the mail"):
        held = tokens(scene.latest(to=ANNA["email"], about="bestätigt")["text"])
        link = {"Zusage-Link": held["reschedule"]}
        day = (scene.cloud.now() + timedelta(days=4)).replace(hour=0, minute=0, second=0)
        asked = f"from={written(day)}&to={written(day + timedelta(days=1))}"
        free = scene.client.ask("GET", f"/appointment/slots?{asked}", wanted=200, headers=link)["starts"]
        new = {"starts_at": next(each for each in free if each[11:] >= "09:00")}
        moved = scene.client.ask("POST", "/appointment/rescheduling", wanted=200, json=new, headers=link)
        expect(new["starts_at"], moved["starts_at"], "it is moved")
        used = scene.cloud.call("POST", "/v1/appointment/rescheduling", json={"starts_at": free[-1]}, headers=link)
        expect(410, used.status, "the old link has ended")
        mail = scene.latest(to=ANNA["email"], about="verschoben")
        sequence = str(scene.calendar(mail).walk("VEVENT")[0]["SEQUENCE"])
        expect("1", sequence, "the sequence of the new calendar file, which replaces the old one")
    return dict(moved)


def she_is_reminded(scene: Scene, moved: dict[str, Any]) -> None:
    """Neither early nor twice."""
    with step("A day before, at the minute, Anna is reminded"):
        starts = instant(moved["starts_at"])
        before = len(scene.inbox.messages(to=ANNA["email"]))
        scene.cloud.move_time(to=starts - timedelta(days=1, seconds=90))
        scene.cloud.invoke("Wake")
        expect(before, len(scene.inbox.messages(to=ANNA["email"])), "90 seconds early: no reminder yet")
        scene.cloud.move_time(to=starts - timedelta(days=1))
        scene.cloud.invoke("Wake")
        scene.latest(to=ANNA["email"], about="Erinnerung")
        scene.cloud.invoke("Wake")
        reminders = [m for m in scene.inbox.messages(to=ANNA["email"]) if "Erinnerung" in m["subject"]]
        expect(1, len(reminders), "exactly one reminder")


def she_cancels(scene: Scene, moved: dict[str, Any]) -> None:
    """Once; somebody else may have the time."""
    with step("Anna cancels by link; the time is free again"):
        link = {"Zusage-Link": moved["links"]["cancel"]}
        cancelled = scene.client.ask("POST", "/appointment/cancellation", wanted=200, headers=link)
        expect("cancelled", cancelled["state"], "it is cancelled")
        again = scene.cloud.call("POST", "/v1/appointment/cancellation", headers=link)
        expect(410, again.status, "a second time is refused with the reason")
        mail = scene.latest(to=ANNA["email"], about="abgesagt")
        expect("CANCEL", str(scene.calendar(mail)["METHOD"]), "the calendar file removes it")
        start = instant(moved["starts_at"])
        free = scene.client.slots(scene.practice, frm=start, to=start + timedelta(minutes=1))
        expect([moved["starts_at"]], free, "the time is offered again")


def _states(scene: Scene) -> list[str]:
    return [item["state"]["S"] for item in scene.raw("Notification") if "about" in item]
