"""What time brings to a business: notices of the end of its trial, to the second and to who is an admin then."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.roles import ADMIN, EXPERT
from chalicelib.records.reading import fetch
from chalicelib.records.staff import Staff
from chalicelib.records.team import Team
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services.sign_in.sessions import StaffSession
from chalicelib.services.tenancy.lapsing import Lapsed
from tests.builders import NETWORK, on_plan, registered
from tests.services.looking import ledger, messages, the
from tests.services.meddling import before_commit, calls
from tests.stage import Stage, stage

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
ENDING, OVER = "Ihre Probezeit endet bald", "Ihre Probezeit ist zu Ende"


@contextmanager
def on_trial() -> Iterator[tuple[Stage, StaffSession, datetime]]:
    """A business, its admin, and when its trial ends; nothing was sent but the confirmation."""
    with stage() as on:
        opened = registered(on)
        session = on.services.sessions.authenticate(opened.token)
        on.mailgun.sent.clear()
        yield on, session, on.clock.now + 30 * DAY


def lapse(on: Stage, at: datetime) -> list[str]:
    """The subjects of what is sent when time has come that far."""
    on.clock.now = at
    before = len(on.mails())
    on.services.lapsing.run()
    on.pump()
    return [mail.subject for mail in on.mails()[before:]]


def colleague(of: StaffSession, name: str, *roles: str, language: str = "en") -> Staff:
    """Somebody who joined later, and stands in the team."""
    ref, team = Staff.ref(of.tenant, name * 32), fetch(Team.ref(of.tenant), consistent=True)
    first = fetch(Staff.ref(of.tenant, of.staff), consistent=True)
    assert team is not None
    assert first is not None
    staff = Staff(ref.pk, ref.sk, zone="Europe/Zurich", roles=set(roles), language=language, joined_at=first.joined_at)
    team.take_in(staff.subject, set(roles))
    transaction = Transaction()
    transaction.create(staff)
    transaction.update(team)
    transaction.commit()
    return staff


def test_admins_hear_a_week_and_a_day_before_and_at_the_end() -> None:
    """Each once, not a second early, however often the job runs."""
    with on_trial() as (on, _, ends):
        heard = {
            f"{days}{seconds:+}": lapse(on, ends - days * DAY + seconds * SECOND)
            for days in (7, 1, 0)
            for seconds in (-1, 0, 1)
        }

        assert heard == {
            "7-1": [],
            "7+0": [ENDING],
            "7+1": [],
            "1-1": [],
            "1+0": [ENDING],
            "1+1": [],
            "0-1": [],
            "0+0": [OVER],
            "0+1": [],
        }
        assert lapse(on, ends + 29 * DAY) == []


def test_the_mail_says_until_when_what_can_be_done() -> None:
    """In the language and the time zone of who reads it; its link holds nothing."""
    with on_trial() as (on, _, ends):
        lapse(on, ends - DAY)
        lapse(on, ends)
        ending, over = on.mails()

    assert "Die Probezeit von Praxis Brunner endet am Mittwoch, 2. Dezember 2026, 09:00 Uhr." in ending.text
    assert "bis Freitag, 1. Januar 2027, 09:00 Uhr noch alles lesen" in ending.text
    assert "Am Freitag, 1. Januar 2027, 09:00 Uhr, wird alles gelöscht." in over.text
    assert "https://api.example.ch/sign-in\n" in over.text


def test_what_was_done_is_noted_in_one_transaction() -> None:
    """The business, the message and the entry; the message is about the business and is kept like others."""
    with on_trial() as (on, session, ends):
        on.clock.now = ends - DAY

        assert on.services.lapsing.run() == Lapsed(told=1)
        (entry,) = ledger(Action.TRIAL_ANNOUNCED)
        assert (entry.tenant, entry.thing) == (session.tenant, session.tenant)
        assert not entry.actor
        (message,) = messages("trial-ending")
        assert (message.about, message.useless_at) == (session.tenant, ends)
        assert message.brief_since is None
        assert the(Tenant).told_until == ends - DAY


def test_whoever_is_an_admin_then_is_told_and_nobody_else() -> None:
    """Not who was one when the trial began, nor an expert, nor who has yet to confirm."""
    with on_trial() as (on, session, ends):
        later, _ = colleague(session, "b", ADMIN), colleague(session, "c", EXPERT)
        team, first = fetch(Team.ref(session.tenant)), fetch(Staff.ref(session.tenant, session.staff))
        assert team is not None
        assert first is not None
        team.take_in(session.staff, {EXPERT})
        transaction = Transaction()
        transaction.update(team)
        transaction.commit()
        on.clock.now = ends - DAY
        on.services.lapsing.run()

        assert [(each.subject, each.language) for each in messages("trial-ending")] == [(later.subject, "en")]


def test_who_missed_the_first_notices_hears_how_it_stands() -> None:
    """One message, not three."""
    with on_trial() as (on, _, ends):
        assert lapse(on, ends + DAY) == [OVER]


def test_a_run_with_nothing_due_reads_the_index_only() -> None:
    """Four shards, whatever is stored."""
    with on_trial() as (on, _, _), calls() as made:
        assert on.services.lapsing.run() == Lapsed()

        assert made == ["Query"] * 4


def test_nothing_is_due_any_more_once_a_plan_was_chosen() -> None:
    """No notice and no end."""
    with on_trial() as (on, session, ends):
        on.services.tenancies.choose(session, "standard", network=NETWORK)

        assert [lapse(on, ends + days * DAY) for days in (-7, 0, 30, 400)] == [[], [], [], []]
        assert the(Tenant).ended_at is None


def test_an_extended_trial_is_told_of_anew() -> None:
    """What was told of the old end does not stand for the new one."""
    with on_trial() as (on, session, ends):
        assert lapse(on, ends - DAY) == [ENDING]
        on.services.tenancies.extend(session, session.tenant, 10, network=NETWORK)

        assert lapse(on, ends) == []
        assert lapse(on, ends + 3 * DAY) == [ENDING]
        assert lapse(on, ends + 9 * DAY) == [ENDING]
        assert lapse(on, ends + 10 * DAY) == [OVER]


@pytest.mark.parametrize("change", ["plan", "cancellation", "extension"])
def test_a_notice_that_is_not_true_any_more_is_not_sent(change: str) -> None:
    """It was written, and something changed before it went out."""
    with on_trial() as (on, session, ends):
        on.clock.now = ends - DAY
        on.services.lapsing.run()
        if change == "plan":
            on.services.tenancies.choose(session, "standard", network=NETWORK)
        elif change == "cancellation":
            on.services.tenancies.cancel(session, network=NETWORK)
        else:
            on.services.tenancies.extend(session, session.tenant, 10, network=NETWORK)
        on.pump()

        assert [mail.subject for mail in on.mails() if mail.subject == ENDING] == []
        assert [each.reason for each in messages("trial-ending")] == ["superseded"]


@pytest.mark.parametrize(("seconds", "sent"), [(-1, [ENDING]), (0, []), (1, [])])
def test_a_notice_does_not_come_after_the_end(seconds: int, sent: list[str]) -> None:
    """Sending was held up."""
    with on_trial() as (on, _, ends):
        on.clock.now = ends - DAY
        on.services.lapsing.run()
        on.clock.now = ends + seconds * SECOND
        on.pump()

        assert [mail.subject for mail in on.mails()] == sent


def test_a_business_that_changes_this_very_moment_is_told_by_the_next_run() -> None:
    """Or not, if what it would hear is not true any more."""
    with on_trial() as (on, session, ends):
        on.clock.now = ends - DAY
        with before_commit(lambda: on_plan(session.tenant)):
            assert on.services.lapsing.run() == Lapsed(waiting=1)

        assert (messages("trial-ending"), on.services.lapsing.run()) == ([], Lapsed())


def test_a_run_without_time_leaves_everything_to_the_next() -> None:
    """Counted as waiting."""
    with on_trial() as (on, _, ends):
        on.clock.now = ends - DAY

        assert on.services.lapsing.run(may_go_on=lambda: False) == Lapsed(waiting=1)
        assert on.services.lapsing.run() == Lapsed(told=1)
