"""A business and its contract: what admins see and change, choosing a plan, cancelling, taking it back, more time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, NotFoundError, ReadOnlyError, VersionMismatchError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.tenancy import Standing
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services.sign_in.sessions import StaffSession
from chalicelib.services.tenancy.tenancies import Card
from tests.builders import MONDAY_10, NETWORK, booked, business, registered, wish
from tests.services.looking import ledger, messages, the
from tests.services.meddling import before_commit
from tests.stage import Stage, stage

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
OPERATOR = StaffSession(tenant=INSTALLATION, staff="f" * 32, roles=frozenset({"operator"}), zone="UTC")


def card(**changes: Any) -> Card:
    """How a business is reached."""
    values = {
        "company": "Praxis am See",
        "street": "Bahnhofstrasse 1",
        "postal_code": "9490",
        "city": "Vaduz",
        "country": "LI",
        "contact_mail": "praxis@see.example",
        "contact_phone": "+4232301234",
        "language": "en",
    }
    return Card(**{**values, **changes})


@contextmanager
def on_trial() -> Iterator[tuple[Stage, StaffSession, datetime]]:
    """A business, its admin, and when its trial ends."""
    with stage() as on:
        opened = registered(on)
        on.mailgun.sent.clear()
        yield on, on.services.sessions.authenticate(opened.token), on.clock.now + 30 * DAY


def test_an_admin_sees_how_the_business_is_reached_and_where_it_stands() -> None:
    """And the look is noted."""
    with on_trial() as (on, session, ends):
        seen = on.services.tenancies.show(session, network=NETWORK)

        assert (seen.tenant.company, seen.tenant.trial_ends_at) == ("Praxis Brunner", ends)
        assert (seen.standing, list(seen.may)) == (Standing.TRIAL, ["use", "export", "choose-plan", "cancel"])
        (entry,) = ledger(Action.TENANT_READ)
        assert (entry.tenant, entry.actor, entry.network) == (session.tenant, session.staff, NETWORK)


def test_how_it_is_reached_can_be_changed_and_is_sealed() -> None:
    """All of it at once; what the contract is does not change with it."""
    with on_trial() as (on, session, ends):
        seen = on.services.tenancies.change(session, card(), version=None, network=NETWORK)

        assert {name: getattr(seen.tenant, name) for name in vars(card())} == vars(card())
        assert the(Tenant).trial_ends_at == ends
        assert not [
            word for word in ("Bahnhof", "Vaduz", "see.example", "423") if word in repr(the(Tenant).serialize())
        ]
        assert len(ledger(Action.TENANT_CHANGED)) == 1


def test_a_change_on_an_old_version_is_refused() -> None:
    """Whether it is old when it comes, or becomes so this very moment."""
    with on_trial() as (on, session, _):
        version = int(the(Tenant).version or 0)
        on.services.tenancies.change(session, card(), version=version, network=NETWORK)

        with pytest.raises(VersionMismatchError):
            on.services.tenancies.change(session, card(city="Schaan"), version=version, network=NETWORK)
        with (
            before_commit(lambda: on.services.tenancies.choose(session, "standard", network=NETWORK)),
            pytest.raises(VersionMismatchError),
        ):
            on.services.tenancies.change(session, card(city="Schaan"), version=None, network=NETWORK)
        assert on.services.tenancies.show(session, network=NETWORK).tenant.city == "Vaduz"


@pytest.mark.parametrize("days", [0, 29, 30, 59])
def test_a_plan_can_be_chosen_until_everything_ends(days: int) -> None:
    """On trial, and from being read only; then there is no end."""
    with on_trial() as (on, session, _):
        on.clock.now += days * DAY
        seen = on.services.tenancies.choose(session, "standard", network=NETWORK)

        assert (seen.standing, seen.tenant.closes_at) == (Standing.ON_PLAN, None)
        assert the(Tenant).expires_at is None
        assert len(ledger(Action.PLAN_CHOSEN)) == 1
        with pytest.raises(ConflictError):
            on.services.tenancies.choose(session, "standard", network=NETWORK)


def test_who_cancels_can_read_and_nobody_can_book() -> None:
    """At once; the customers who have an appointment can still call it off, but not move it."""
    with stage() as on:
        of = business(on)
        held = booked(on, of)
        links = on.services.linking.self_service(held)

        seen = on.services.tenancies.cancel(of.session, network=NETWORK)

        assert (seen.standing, seen.tenant.closes_at) == (Standing.READ_ONLY, on.clock.now + 30 * DAY)
        assert on.services.sessions.authenticate(of.token).standing is Standing.READ_ONLY
        later = MONDAY_10 + timedelta(hours=2)
        with pytest.raises(ReadOnlyError):
            on.services.booking.book(wish(of, starts_at=later), network=NETWORK, repeat=None)
        with pytest.raises(ReadOnlyError):
            on.services.changing.move(links["reschedule"], later, network=NETWORK)
        asked = {"frm": MONDAY_10, "to": MONDAY_10 + DAY}
        assert on.services.offering.slots(of.tenant, of.service.id, of.expert, **asked) == []
        on.services.changing.cancel(links["cancel"], network=NETWORK)
        assert len(ledger(Action.APPOINTMENT_CANCELLED)) == 1


@pytest.mark.parametrize(("seconds", "open_"), [(-1, True), (0, False), (1, False)])
def test_booking_ends_with_the_trial(seconds: int, open_: bool) -> None:
    """To the second."""
    with stage() as on:
        of = business(on)
        tenant = the(Tenant)
        tenant.plan, tenant.trial_ends_at = None, on.clock.now + DAY
        on.clock.now += DAY + seconds * SECOND
        _store(tenant)

        if open_:
            assert booked(on, of)
        else:
            with pytest.raises(ReadOnlyError):
                booked(on, of)


def _store(tenant: Tenant) -> None:
    transaction = Transaction()
    transaction.update(tenant)
    transaction.commit()


def test_every_admin_hears_of_a_cancellation_until_when_it_can_be_taken_back() -> None:
    """In the transaction that cancels."""
    with on_trial() as (on, session, _):
        on.services.tenancies.cancel(session, network=NETWORK)
        (message,) = messages("tenancy-cancelled")
        assert (message.subject, message.about) == (session.staff, session.tenant)
        on.pump()

        (mail,) = on.mails()
        assert mail.subject == "Ihre Kündigung"
        assert "Am Mittwoch, 2. Dezember 2026, 09:00 Uhr, wird alles gelöscht." in mail.text
        with pytest.raises(ConflictError):
            on.services.tenancies.cancel(session, network=NETWORK)


def test_a_cancellation_that_was_taken_back_is_not_told_any_more() -> None:
    """The message had not gone out yet."""
    with on_trial() as (on, session, _):
        on.services.tenancies.cancel(session, network=NETWORK)
        on.services.tenancies.resume(session, network=NETWORK)
        on.pump()

        assert on.mails() == []


def test_a_cancellation_can_be_taken_back() -> None:
    """Everything is as it was; where the trial is over meanwhile, that stays so."""
    with on_trial() as (on, session, ends):
        on.services.tenancies.cancel(session, network=NETWORK)
        on.clock.now += 29 * DAY
        seen = on.services.tenancies.resume(session, network=NETWORK)

        assert (seen.standing, seen.tenant.closes_at) == (Standing.TRIAL, ends + 30 * DAY)
        assert len(ledger(Action.TENANT_RESUMED)) == 1
        with pytest.raises(ConflictError):
            on.services.tenancies.resume(session, network=NETWORK)
        on.clock.now += DAY
        on.services.tenancies.cancel(session, network=NETWORK)
        assert on.services.tenancies.resume(session, network=NETWORK).standing is Standing.READ_ONLY


def test_choosing_a_plan_takes_a_cancellation_back() -> None:
    """Who pays stays."""
    with on_trial() as (on, session, _):
        on.services.tenancies.cancel(session, network=NETWORK)

        assert on.services.tenancies.choose(session, "standard", network=NETWORK).standing is Standing.ON_PLAN


@pytest.mark.parametrize(("days", "base"), [(10, 30), (29, 30), (30, 30), (40, 40)])
def test_the_operator_gives_more_time(days: int, base: int) -> None:
    """From the end of the trial, or from now if that is over; it stands in the ledger of the business."""
    with on_trial() as (on, session, _):
        start = on.clock.now
        on.clock.now += days * DAY

        ends = on.services.tenancies.extend(OPERATOR, session.tenant, 14, network=NETWORK)

        assert ends == start + (base + 14) * DAY
        assert on.services.tenancies.show(session, network=NETWORK).standing is Standing.TRIAL
        (entry,) = ledger(Action.TRIAL_EXTENDED)
        assert (entry.tenant, entry.actor, entry.thing) == (session.tenant, OPERATOR.staff, session.tenant)


@pytest.mark.parametrize("what", ["plan", "cancelled", "ended", "unknown", "unconfirmed"])
def test_only_a_running_trial_can_be_extended(what: str) -> None:
    """Nothing is brought back by it."""
    with on_trial() as (on, session, _):
        tenant = session.tenant
        if what == "plan":
            on.services.tenancies.choose(session, "standard", network=NETWORK)
        elif what == "cancelled":
            on.services.tenancies.cancel(session, network=NETWORK)
        elif what == "ended":
            on.clock.now += 60 * DAY
        elif what == "unknown":
            tenant = "e" * 32
        else:
            held = the(Tenant)
            held.trial_ends_at = None
            _store(held)

        with pytest.raises((ConflictError, NotFoundError)):
            on.services.tenancies.extend(OPERATOR, tenant, 14, network=NETWORK)
        assert ledger(Action.TRIAL_EXTENDED) == []


def test_two_decisions_at_once_are_made_one_after_the_other() -> None:
    """The second one is made on what the first one left."""
    with on_trial() as (on, session, _):
        with before_commit(lambda: on.services.tenancies.choose(session, "standard", network=NETWORK)):
            seen = on.services.tenancies.cancel(session, network=NETWORK)

        assert (seen.tenant.plan, seen.standing) == ("standard", Standing.READ_ONLY)


def test_an_ended_business_cannot_be_resumed() -> None:
    """Not by a session that somebody kept, either."""
    with on_trial() as (on, session, _):
        on.services.tenancies.cancel(session, network=NETWORK)
        on.clock.now += 30 * DAY

        for verb in (on.services.tenancies.resume, on.services.tenancies.cancel):
            with pytest.raises(NotFoundError):
                verb(session, network=NETWORK)
        with pytest.raises(NotFoundError):
            on.services.tenancies.choose(session, "standard", network=NETWORK)
