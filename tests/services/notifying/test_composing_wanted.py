"""What experts are told of appointments that were booked together and wait for them: once, of all that still do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.links import LinkPurpose
from chalicelib.messages.when import spoken_time
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.notification import Notification
from chalicelib.records.staff import Staff
from chalicelib.services._not_sent import NotToBeSent
from chalicelib.services.booking.wishing import Repeat
from chalicelib.services.ports import Email
from chalicelib.services.sign_in.sessions import StaffSession
from tests.builders import MONDAY_10, NETWORK, Business
from tests.services.booking_builders import service, visit, write
from tests.services.looking import messages, now_of, stored
from tests.services.together_builders import REGULA, agree, by_link, duo, refuse
from tests.services.waiting_builders import HOUR
from tests.stage import Stage

WANTED, SEVERAL = "confirmation-wanted", "confirmations-wanted"
WEEK = timedelta(weeks=1)


@contextmanager
def series(*, times: int = 3, **terms: Any) -> Iterator[tuple[Stage, Business, StaffSession, list[Appointment]]]:
    """A series that waits two hours for two experts."""
    with duo() as (on, of, beat):
        laid = {"confirm_within": 120, "together": True, "occurrences": 9, **terms}
        what = service(on, of, [of.expert, beat.staff], **laid)
        yield on, of, beat, visit(on, of, what, repeat=Repeat(weeks=1, times=times))


def asking(who: str, at: datetime, name: str = SEVERAL) -> Notification:
    """The message that asks somebody at that time."""
    (held,) = [each for each in messages(name) if (each.subject, each.send_at) == (who, at.replace(microsecond=0))]
    return held


def mail(on: Stage, who: str, after: timedelta = timedelta()) -> Email:
    """The mail that asks somebody now, as it would be sent."""
    content = on.composing.compose(asking(who, on.clock.now - after)).content
    assert isinstance(content, Email)
    return content


def tokens(content: Email) -> list[str]:
    """What stands behind the # of each link, in the text and in the page alike."""
    written, page = (
        re.findall(r"https://[^\"\s]+/confirmation#([\w-]+)", each) for each in (content.text, content.html)
    )
    assert written == page
    return written


def things(on: Stage, content: Email) -> list[str]:
    """About which appointments the links are."""
    return [on.services.linking.read(each, LinkPurpose.DECIDE).thing for each in tokens(content)]


def why_not(on: Stage, who: str) -> str:
    """The reason why somebody is not asked."""
    with pytest.raises(NotToBeSent) as no:
        on.composing.compose(asking(who, on.clock.now))
    return no.value.reason


def test_each_expert_is_asked_once_about_all_of_them_and_once_more_at_half_time() -> None:
    """By one mail each time, which lists every time with a link of the expert's own; the customer stands in none."""
    with series() as (on, of, beat, made):
        now = on.clock.now.replace(microsecond=0)
        assert sorted((each.subject, each.send_at) for each in messages(SEVERAL)) == sorted(
            (who, at) for who in (of.expert, beat.staff) for at in (now, now + HOUR)
        )
        assert messages(WANTED) == []
        on.pump()

        (content,) = [each for each in on.mails() if each.to == REGULA and "/confirmation#" in each.text]
        assert things(on, content) == [each.id for each in made]
        for each in made:
            for said in (content.text, content.html):
                assert spoken_time(each.starts_at, "Europe/Zurich", "de") in said
        until = spoken_time(now + 2 * HOUR, "Europe/Zurich", "de")
        assert content.text.count(until) == content.html.count(until) == content.text.count("Erstgespräch") == 3
        assert content.subject == "Anfragen warten auf Sie, ab Montag, 9. November 2026, 10:00 Uhr"
        assert "Anna" not in content.text + content.html
        assert {on.services.linking.read(each, LinkPurpose.DECIDE).holder for each in tokens(content)} == {of.expert}


def test_each_appointment_is_answered_by_itself() -> None:
    """By the links of the one mail: one is agreed to by both, one declined, one still waits."""
    with series() as (on, of, beat, made):
        mine, theirs = (tokens(mail(on, who)) for who in (of.expert, beat.staff))

        assert by_link(on, mine[0]) == (State.PENDING, {of.expert})
        assert by_link(on, theirs[0]) == (State.CONFIRMED, {of.expert, beat.staff})
        on.services.deciding.decline_by_link(theirs[1], network=NETWORK)

        assert [now_of(each).state for each in made] == [State.CONFIRMED, State.DECLINED, State.PENDING]


def test_only_what_still_waits_for_them_is_asked_about_again() -> None:
    """Not what they agreed to, or somebody declined, cancelled or moved since; what moved has a mail of its own."""
    with series(times=5) as (on, of, beat, made):
        agree(on, beat, made[0])
        refuse(on, of.session, made[1])
        on.services.changing.cancel(on.services.linking.self_service(made[2])["cancel"], network=NETWORK)
        link = on.services.linking.self_service(made[3])["reschedule"]
        on.services.changing.move(link, made[3].starts_at + HOUR, network=NETWORK)
        on.clock.now += HOUR

        assert things(on, mail(on, beat.staff)) == [made[4].id]
        assert things(on, mail(on, of.expert)) == [made[0].id, made[4].id]
        moved = [each for each in messages(WANTED) if each.subject == beat.staff]
        assert [each.about for each in moved] == [f"{made[3].subject}.{made[3].id}"] * 2


def test_nothing_is_asked_when_nothing_of_it_waits_for_them() -> None:
    """Agreed to by them, or gone altogether."""
    with series() as (on, of, beat, made):
        for each in made:
            agree(on, beat, each)
        assert why_not(on, beat.staff) == "superseded"
        assert len(tokens(mail(on, of.expert))) == 3

        for each in stored(Appointment):
            each.delete()
        assert why_not(on, of.expert) == "gone"


@pytest.mark.parametrize(("seconds", "left"), [(-1, 3), (0, 2), (1, 2)])
def test_what_has_lapsed_by_then_is_left_out(seconds: int, left: int) -> None:
    """Whether or not anybody has marked it; the first one lapses when it begins."""
    with series(confirm_within=30 * 24 * 60) as (on, of, _, made):
        began = on.clock.now
        on.clock.now = MONDAY_10 + timedelta(seconds=seconds)

        assert made[0].lapses_at == MONDAY_10
        assert len(tokens(mail(on, of.expert, on.clock.now - began))) == left


@pytest.mark.parametrize("seconds", [-1, 0])
def test_it_is_useless_once_the_last_one_has_lapsed(seconds: int) -> None:
    """To the second."""
    with series() as (on, of, *_):
        began = on.clock.now.replace(microsecond=0)
        on.clock.now = began + 2 * HOUR + timedelta(seconds=seconds)

        if seconds < 0:
            assert len(tokens(mail(on, of.expert, on.clock.now - began))) == 3
            return
        with pytest.raises(NotToBeSent) as no:
            mail(on, of.expert, on.clock.now - began)
        assert no.value.reason == "too-late"


def test_what_lapses_at_different_times_is_asked_about_again_at_different_times() -> None:
    """Each at its own half time: the service of one hour by itself, the two of two hours together."""
    with duo() as (on, of, _):
        short, long, more = (
            service(on, of, [of.expert], duration=30, confirm_within=within) for within in (60, 120, 120)
        )
        made = visit(on, of, short, long, more)
        now = on.clock.now

        assert len(messages(SEVERAL)) == 2
        assert asking(of.expert, now).about == ".".join([made[0].subject, *(each.id for each in made)])
        assert asking(of.expert, now + HOUR / 2, WANTED).about == f"{made[0].subject}.{made[0].id}"
        assert asking(of.expert, now + HOUR).about == ".".join([made[0].subject, *(each.id for each in made[1:])])


def test_each_is_asked_about_their_own() -> None:
    """Of a visit to two people each gets what is theirs; who has one of them, a mail about one."""
    with duo() as (on, of, beat):
        mine, theirs, mine_too = (
            service(on, of, [who], duration=30, confirm_within=120) for who in (of.expert, beat.staff, of.expert)
        )
        made = visit(on, of, mine, theirs, mine_too)

        assert things(on, mail(on, of.expert)) == [made[0].id, made[2].id]
        assert {each.subject for each in messages(WANTED)} == {beat.staff}
        assert {each.about for each in messages(WANTED)} == {f"{made[1].subject}.{made[1].id}"}


@pytest.mark.parametrize(
    ("language", "subject", "button"),
    [
        ("de", "Anfragen warten auf Sie, ab Montag", "Bestätigen oder ablehnen"),
        ("en", "Requests are waiting, from Monday", "Confirm or decline"),
        ("fr", "Demandes en attente, dès le lundi", "Confirmer ou refuser"),
        ("it", "Richieste in attesa, da lunedì", "Confermare o rifiutare"),
    ],
)
def test_it_is_in_the_language_of_the_expert(language: str, subject: str, button: str) -> None:
    """Every line of it."""
    with series() as (on, of, *_):
        held = next(each for each in stored(Staff) if each.subject == of.expert)
        held.language = language
        write(held)

        content = mail(on, of.expert)

        assert subject in content.subject
        assert content.html.count(button) == content.text.count(button) == 3


def test_names_of_services_are_text() -> None:
    """Never markup, nor a placeholder to be filled."""
    with series(times=2, name="<b>Rücken</b> ${until}") as (on, of, *_):
        content = mail(on, of.expert)

        assert content.text.count("<b>Rücken</b> ${until}") == 2
        assert content.html.count("&lt;b&gt;Rücken&lt;/b&gt; ${until}") == 2
