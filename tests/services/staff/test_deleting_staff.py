"""Somebody is deleted: nothing of theirs is left, customers are told, and no race brings anything back."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    NotHandedOverError,
    SlotTakenError,
    TryAgainError,
)
from chalicelib.domain.states import HoldGround
from chalicelib.records._tables import TABLES
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.credentials import Credentials
from chalicelib.records.keys import SubjectKey
from chalicelib.records.service import Service
from chalicelib.records.session import Session
from chalicelib.records.staff import Staff
from chalicelib.records.team import Invitation, Team
from chalicelib.records.writing import Transaction
from chalicelib.services.rights.holding import Wanted
from chalicelib.services.sign_in.sessions import StaffSession
from chalicelib.services.staff.deleting_staff import DeletingStaff
from tests.adapters.pictures import picture
from tests.builders import MONDAY_10, NETWORK, VISITOR, Business, booked, later, link_to, registered, weekdays
from tests.fakes import MemoryFiles
from tests.services.agenda_builders import agenda as list_of
from tests.services.colleagues import BEAT, colleague, invited, working
from tests.services.looking import busy_owners, ledger, messages, now_of, raw, stored, the
from tests.services.meddling import before_commit, killed_at
from tests.services.prepared import open_business
from tests.stage import Stage


@contextmanager
def two() -> Iterator[tuple[Stage, Business, StaffSession]]:
    """A business with two experts for one service, and a bucket."""
    with open_business() as (on, of):
        vars(on.services)["files"] = MemoryFiles()
        yield on, of, working(on, of)


def delete(on: Stage, caller: StaffSession, staff: str, to: str | None = None) -> Counter[str]:
    """Deletes somebody."""
    return on.services.deleting_staff.delete(caller, staff, hand_over_to=to, network=NETWORK)


def left_of(staff: str) -> list[str]:
    """Where anything in the tables but the ledger names somebody."""
    found = [item for table in TABLES if table.__name__ != "LedgerTable" for item in raw(table) if staff in str(item)]
    return sorted(f"{item['pk']['S']} {item['sk']['S']}" for item in found)


def everything(on: Stage, of: Business, beat: StaffSession) -> None:
    """Whatever somebody can have."""
    on.services.profiles.set_photo(beat, picture(), content_type="image/jpeg", network=NETWORK)
    on.services.signing_in.ask_for_link(BEAT, network=NETWORK)
    on.services.changing_email.ask(beat, "beat@neu.example", proof=None, new_proof=None, network=NETWORK)
    ref = Credentials.ref(beat.tenant, beat.staff)
    transaction = Transaction()
    transaction.create(Credentials(ref.pk, ref.sk, proof_hash="hash"))
    transaction.commit()
    booked(on, of, expert=beat.staff)
    on.pump()


def test_nothing_of_them_is_left() -> None:
    """In no table but the ledger, which holds an id that leads nowhere; no file, no key."""
    with two() as (on, of, beat):
        everything(on, of, beat)
        on.clock.now = later(MONDAY_10, days=1)
        counts = delete(on, of.session, beat.staff)

        assert left_of(beat.staff) == []
        assert on.services.files.objects == set()  # type: ignore[attr-defined]
        assert [each.sk for each in stored(SubjectKey)].count(f"SUBJECT#{beat.staff}") == 0
        assert (counts["APPOINTMENT"], counts["STAFF"], counts["DAY"], counts["kept"]) == (1, 1, 1, 0)
        assert the(Service).experts == {of.expert}
        assert the(Team).members.keys() == {of.expert}
        assert the(Team).leaving is None
        assert [len(ledger(each)) for each in (Action.STAFF_DELETED, Action.STAFF_ERASED)] == [1, 1]
        (entry,) = ledger(Action.STAFF_ERASED)
        assert (entry.actor, entry.about, entry.counts) == (of.expert, beat.staff, dict(+counts))


def test_nobody_signs_in_as_them_from_the_first_step_on() -> None:
    """Neither with a session, nor with a link; the address is free again."""
    with two() as (on, of, beat):
        on.services.signing_in.ask_for_link(BEAT, network=NETWORK)
        on.pump()
        link = link_to(on, "sign-in")
        (session,) = [each for each in stored(Session) if beat.staff in each.pk]
        with killed_at(2):
            delete(on, of.session, beat.staff)

        assert session.sk not in [each.sk for each in stored(Session)]
        with pytest.raises(Exception, match="new sign-in link"):
            on.services.signing_in.sign_in(link, visitor=VISITOR)
        with pytest.raises(NotFoundError):
            on.services.profiles.own(beat)
        assert registered(on, email=BEAT, company="Eigene").tenant != of.tenant


def test_a_sign_in_at_the_same_moment_opens_nothing() -> None:
    """Whoever is slower loses."""
    with two() as (on, of, beat):
        on.services.signing_in.ask_for_link(BEAT, network=NETWORK)
        on.pump()
        link = link_to(on, "sign-in")

        with before_commit(lambda: on.services.signing_in.sign_in(link, visitor=VISITOR), least=8):
            delete(on, of.session, beat.staff)

        assert left_of(beat.staff) == []


def test_what_is_ahead_is_handed_over_by_choice() -> None:
    """The same time, another expert; the customer is told, and reminded once."""
    with two() as (on, of, beat):
        held = booked(on, of, expert=beat.staff, sms_wanted=True)
        on.pump()
        delete(on, of.session, beat.staff, to=of.expert)
        on.pump()

        moved = now_of(held)
        assert (moved.expert, moved.starts_at, moved.state) == (of.expert, MONDAY_10, State.CONFIRMED)
        assert busy_owners() == [held.id]
        assert "Regula Brunner" in on.mails()[-1].text
        assert "Zürcher" not in on.mails()[-1].text
        assert len(messages("appointment-handed-over")) == 2
        assert len(messages("appointment-reminder")) == len(moved.unsent or ()) == 2
        (entry,) = ledger(Action.APPOINTMENT_HANDED_OVER)
        assert (entry.actor, entry.about, entry.thing) == (of.expert, held.subject, held.id)
        assert left_of(beat.staff) == []


def test_the_old_links_of_a_customer_end_with_the_hand_over() -> None:
    """The new mail brings new ones."""
    with two() as (on, of, beat):
        held = booked(on, of, expert=beat.staff)
        token = on.services.linking.self_service(held)["cancel"]
        delete(on, of.session, beat.staff, to=of.expert)

        with pytest.raises(Exception, match="latest message"):
            on.services.changing.cancel(token, network=NETWORK)
        assert on.services.changing.cancel(on.services.linking.self_service(now_of(held))["cancel"], network=NETWORK)


def test_what_can_not_be_handed_over_is_listed_before_anything_is_done() -> None:
    """Because the other one is busy then."""
    with two() as (on, of, beat):
        free = booked(on, of, expert=beat.staff, starts_at=later(MONDAY_10, hours=3), email="b@kundin.example")
        taken = booked(on, of, expert=beat.staff)
        booked(on, of, starts_at=later(MONDAY_10, minutes=30), email="c@kundin.example")

        with pytest.raises(NotHandedOverError) as no:
            delete(on, of.session, beat.staff, to=of.expert)

        assert no.value.appointments == (taken.id,)
        assert now_of(free).expert == beat.staff
        assert beat.staff in the(Team).members
        assert ledger(Action.STAFF_DELETED) == []


@pytest.mark.parametrize("why", ["not-their-service", "no-hours", "not-at-work"])
def test_who_takes_over_must_be_able_to(why: str) -> None:
    """Do the service, and work then."""
    with two() as (on, of, beat):
        carla = colleague(on, of, "carla@praxis-brunner.example")
        if why != "no-hours":
            hours = weekdays(start=13 * 60) if why == "not-at-work" else weekdays()
            on.services.offering.set_availability(carla, carla.staff, hours, version=None, network=NETWORK)
        if why != "not-their-service":
            service = the(Service)
            service.experts = {*service.experts, carla.staff}
            transaction = Transaction()
            transaction.update(service)
            transaction.commit()
        held = booked(on, of, expert=beat.staff)

        with pytest.raises(NotHandedOverError) as no:
            delete(on, of.session, beat.staff, to=carla.staff)
        assert no.value.appointments == (held.id,)


def test_notice_and_grid_were_matters_of_booking() -> None:
    """An appointment in half an hour can be handed over, though it could not be booked any more."""
    with two() as (on, of, beat):
        held = booked(on, of, expert=beat.staff)
        on.clock.now = later(MONDAY_10, minutes=-30)

        delete(on, of.session, beat.staff, to=of.expert)

        assert now_of(held).expert == of.expert


@pytest.mark.parametrize(("seconds", "ahead"), [(-1, True), (0, False), (1, False)])
def test_what_has_begun_is_past(seconds: int, ahead: bool) -> None:
    """It is deleted with the expert instead of being handed over."""
    with two() as (on, of, beat):
        held = booked(on, of, expert=beat.staff)
        on.clock.now = later(MONDAY_10, seconds=seconds)

        counts = delete(on, of.session, beat.staff, to=of.expert)

        assert [each.id for each in stored(Appointment)] == ([held.id] if ahead else [])
        assert counts["APPOINTMENT"] == (0 if ahead else 1)


def test_what_is_ahead_is_cancelled_by_choice() -> None:
    """The customer is told in the name of the business; for a week the appointment says that it is cancelled."""
    with two() as (on, of, beat):
        held = booked(on, of, expert=beat.staff)
        on.pump()
        delete(on, of.session, beat.staff)
        on.pump()

        mail = on.mails()[-1]
        assert "abgesagt" in mail.subject
        assert "Praxis Brunner" in mail.text
        assert "Zürcher" not in mail.text
        assert (now_of(held).state, busy_owners(), messages("appointment-reminder")) == (State.CANCELLED, [], [])
        (entry,) = ledger(Action.APPOINTMENT_CANCELLED_BY_STAFF)
        assert (entry.actor, entry.about, entry.thing) == (of.expert, held.subject, held.id)
        on.clock.move(days=7)
        on.services.sweeping.run()
        assert stored(Appointment) == []
        assert left_of(beat.staff) == []


def test_the_last_admin_can_not_be_deleted() -> None:
    """Not even by themselves; nothing is done."""
    with two() as (on, of, _), pytest.raises(ConflictError):
        delete(on, of.session, of.expert)


def test_two_admins_who_delete_each_other_at_once_leave_one() -> None:
    """The slower one is no admin any more."""
    with two() as (on, of, _):
        boss = colleague(on, of, "boss@praxis-brunner.example", roles=("admin",))

        with (
            before_commit(lambda: delete(on, boss, of.expert), least=6),
            pytest.raises(NotAllowedError),
        ):
            delete(on, of.session, boss.staff)

        assert the(Team).admins() == [boss.staff]
        assert left_of(of.expert) == []


def test_everybody_may_delete_themselves_and_nobody_else() -> None:
    """An expert is no admin."""
    with two() as (on, of, beat):
        carla = colleague(on, of, "carla@praxis-brunner.example")
        with pytest.raises(NotAllowedError):
            delete(on, carla, beat.staff)

        delete(on, carla, carla.staff)

        assert left_of(carla.staff) == []


def test_somebody_of_another_business_is_nobody() -> None:
    """Nor is a customer, whatever lies under their id."""
    with two() as (on, of, beat):
        other = registered(on, email="x@andere.example")
        customer = booked(on, of, expert=beat.staff).subject

        for nobody in (other.staff, customer, "0" * 32):
            with pytest.raises(NotFoundError):
                delete(on, of.session, nobody)
        assert left_of(customer)


@pytest.mark.parametrize("to", ["themselves", "nobody", "customer"])
def test_appointments_go_over_to_a_colleague_only(to: str) -> None:
    """Who is there, and somebody else."""
    with two() as (on, of, beat):
        customer = booked(on, of, expert=beat.staff).subject
        with pytest.raises(InvalidInputError):
            delete(on, of.session, beat.staff, to={"themselves": beat.staff, "customer": customer}.get(to, "0" * 32))


def test_a_booking_at_the_same_moment_is_handed_over_too() -> None:
    """It was made after the look, and before the expert was gone."""
    with two() as (on, of, beat):
        made: list[Appointment] = []
        with before_commit(lambda: made.append(booked(on, of, expert=beat.staff)), least=6):
            delete(on, of.session, beat.staff, to=of.expert)

        assert now_of(made[0]).expert == of.expert
        assert left_of(beat.staff) == []


def test_nobody_is_booked_who_is_gone() -> None:
    """A booking that had read the hours before loses the race, and hears that there are no times."""
    with two() as (on, of, beat):
        with (
            before_commit(lambda: delete(on, of.session, beat.staff), least=4),
            pytest.raises((SlotTakenError, NotFoundError)),
        ):
            booked(on, of, expert=beat.staff)

        assert stored(Appointment) == []
        assert left_of(beat.staff) == []


def test_hours_set_at_the_same_moment_do_not_stay() -> None:
    """They would let somebody be booked who is gone."""
    with two() as (on, of, beat):
        carla = colleague(on, of, "carla@praxis-brunner.example")

        def set_hours() -> None:
            on.services.offering.set_availability(of.session, carla.staff, weekdays(), version=None, network=NETWORK)

        with before_commit(lambda: delete(on, of.session, carla.staff)), pytest.raises(Exception, match="again"):
            set_hours()

        assert left_of(carla.staff) == []
        assert beat


def test_two_deletions_at_once_are_one() -> None:
    """Both succeed, nothing is told or noted twice, and a third finds nobody."""
    with two() as (on, of, beat):
        held = booked(on, of, expert=beat.staff)

        with before_commit(lambda: delete(on, of.session, beat.staff), least=6):
            delete(on, of.session, beat.staff)

        assert len(messages("appointment-cancelled")) == 1
        assert [len(ledger(each)) for each in (Action.STAFF_DELETED, Action.STAFF_ERASED)] == [1, 1]
        assert [name.split(" ")[1] for name in left_of(beat.staff)] == [f"APPOINTMENT#{held.id}"]
        with pytest.raises(NotFoundError):
            delete(on, of.session, beat.staff)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("write", range(1, 7))
def test_a_deletion_that_was_killed_is_finished_by_the_next_call(write: int, after: bool) -> None:
    """Wherever it was killed."""
    with two() as (on, of, beat):
        everything(on, of, beat)
        booked(on, of, expert=beat.staff, starts_at=later(MONDAY_10, days=2), email="b@kundin.example")
        on.clock.now = later(MONDAY_10, days=1)

        with killed_at(write, after=after):
            delete(on, of.session, beat.staff, to=of.expert)
        if beat.staff in the(Team).members or the(Team).leaving:
            delete(on, of.session, beat.staff, to=of.expert)

        assert left_of(beat.staff) == []
        assert on.services.files.objects == set()  # type: ignore[attr-defined]
        assert [each.expert for each in stored(Appointment)] == [of.expert]
        assert len(messages("appointment-handed-over")) == 1


def test_a_deletion_that_nobody_finishes_is_finished_by_the_sweep() -> None:
    """As far as the person goes: their record, photo and key. The team still says that a call is due."""
    with two() as (on, of, beat):
        on.services.profiles.set_photo(beat, picture(), content_type="image/jpeg", network=NETWORK)
        with killed_at(1, after=True):
            delete(on, of.session, beat.staff)
        on.clock.move(minutes=15)
        on.services.sweeping.run()

        assert [each.subject for each in stored(Staff)] == [of.expert]
        assert f"SUBJECT#{beat.staff}" not in [each.sk for each in stored(SubjectKey)]
        assert on.services.files.objects == set()  # type: ignore[attr-defined]
        assert on.services.teams.members(of.session, network=NETWORK).leaving == [beat.staff]
        delete(on, of.session, beat.staff)
        assert left_of(beat.staff) == []


def test_what_could_not_be_handed_over_after_all_is_told_and_may_be_cancelled() -> None:
    """The other one was booked meanwhile: the person is gone already, and the call goes on with another choice."""
    with two() as (on, of, beat):
        held = booked(on, of, expert=beat.staff)

        def meanwhile() -> None:
            booked(on, of, email="b@kundin.example")

        with before_commit(meanwhile, least=6), pytest.raises(NotHandedOverError) as no:
            delete(on, of.session, beat.staff, to=of.expert)
        assert no.value.appointments == (held.id,)

        delete(on, of.session, beat.staff)
        assert now_of(held).state is State.CANCELLED


def test_invitations_they_sent_are_void() -> None:
    """Those of others stay."""
    with two() as (on, of, _):
        boss = colleague(on, of, "boss@praxis-brunner.example", roles=("admin",))
        invited(on, boss, "a@x.example")
        invited(on, of.session, "b@x.example")

        delete(on, of.session, boss.staff)

        assert the(Invitation).invited_by == of.expert


def test_a_service_of_theirs_alone_is_left_without_experts() -> None:
    """It can't be booked, and another expert can be named."""
    with two() as (on, of, beat):
        boss = colleague(on, of, "boss@praxis-brunner.example", roles=("admin",))
        delete(on, boss, of.expert)
        delete(on, boss, beat.staff)

        (service,) = on.services.offering.services(boss, network=NETWORK)
        assert service.experts == set()
        assert on.services.offering.published(of.tenant).experts == []


def test_a_legal_hold_keeps_a_customers_past_appointment() -> None:
    """The law comes first; it is counted, and ends with the hold."""
    with two() as (on, of, beat):
        held, other = (
            booked(on, of, expert=beat.staff),
            booked(on, of, expert=beat.staff, starts_at=later(MONDAY_10, hours=2), email="b@kundin.example"),
        )
        wanted = Wanted(ground=HoldGround.LEGAL_CLAIM, reason="claim", ends_at=later(MONDAY_10, days=90))
        on.services.holding.place(of.session, held.subject, wanted, network=NETWORK, repeat=None)
        on.clock.now = later(MONDAY_10, days=1)

        counts = delete(on, of.session, beat.staff)

        assert [each.id for each in stored(Appointment)] == [held.id]
        assert (counts["APPOINTMENT"], counts["kept"]) == (1, 1)
        assert other


def test_a_hold_placed_at_the_same_moment_keeps_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the look, and before the deletion."""
    with two() as (on, of, beat):
        held = booked(on, of, expert=beat.staff)
        wanted = Wanted(ground=HoldGround.LEGAL_CLAIM, reason="claim", ends_at=later(MONDAY_10, days=90))
        on.clock.now, erase = later(MONDAY_10, days=1), DeletingStaff._erase_past

        def place() -> None:
            on.services.holding.place(of.session, held.subject, wanted, network=NETWORK, repeat=None)

        def meddled(self: DeletingStaff, *given: object) -> object:
            monkeypatch.setattr(DeletingStaff, "_erase_past", erase)
            with before_commit(place):
                return erase(self, *given)  # type: ignore[arg-type]

        monkeypatch.setattr(DeletingStaff, "_erase_past", meddled)
        delete(on, of.session, beat.staff)

        assert [each.id for each in stored(Appointment)] == [held.id]


def test_a_list_that_lags_behind_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sheets say that there is an appointment: whoever asks is told to try again, and nothing is done."""
    with two() as (on, of, beat):
        booked(on, of, expert=beat.staff)
        monkeypatch.setattr("chalicelib.services.appointments.reassigning._PAUSE", 0)
        monkeypatch.setattr(Appointment, "of_expert", lambda *_, **__: [])

        with pytest.raises(TryAgainError):
            delete(on, of.session, beat.staff)

        assert beat.staff in the(Team).members


def test_a_server_deletes_nobody() -> None:
    """Keys have no staff of their own to delete."""
    with two() as (on, of, beat):
        server = StaffSession(
            tenant=of.tenant, staff="key", roles=frozenset({"admin"}), zone="UTC", scopes=frozenset({"x"})
        )
        with pytest.raises(NotAllowedError):
            delete(on, server, beat.staff)


def test_a_customer_is_not_told_of_lists_that_did_not_hold_the_appointment() -> None:
    """Those of the new expert count from the hand-over on."""
    with two() as (on, of, beat):
        held = booked(on, of, expert=beat.staff)

        def look() -> None:
            on.clock.move(seconds=5)
            list_of(on, of, frm=MONDAY_10, to=later(MONDAY_10, hours=1))

        look()
        on.clock.move(seconds=5)
        delete(on, of.session, beat.staff, to=of.expert)
        look()

        token = on.services.linking.self_service(now_of(held))["cancel"]
        told = on.services.telling.about_customer(token, before="", network=NETWORK).entries
        assert [each.action for each in told].count(Action.APPOINTMENTS_READ) == 1
        assert [each.action for each in told].count(Action.APPOINTMENT_HANDED_OVER) == 1
