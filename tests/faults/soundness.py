"""What must hold of the tables at any moment, whoever was killed or was slower: all that belongs together agrees."""

from collections import Counter
from collections.abc import Iterable

from chalicelib.domain.actions import Action
from chalicelib.domain.busy import split_by_day
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.ids import INSTALLATION
from chalicelib.records.appointment import Appointment, State
from chalicelib.records.customer import Customer, CustomerAddress
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.keys import SubjectKey, TenantKey
from chalicelib.records.notification import IN_OUTBOX, Notification
from chalicelib.records.staff import Acceptance, Staff, StaffAddress
from chalicelib.records.tenant import Tenant
from chalicelib.services.door.sheets import interval
from tests.services.looking import ledger, stored

HANDED_OVER = {Delivery.ACCEPTED, Delivery.SENT, Delivery.DELIVERED}


def assert_sound() -> None:
    """Everything below."""
    _assert_sheets_and_appointments_agree()
    _assert_customers_are_whole()
    _assert_messages_and_appointments_agree()
    _assert_the_ledger_agrees()
    _assert_tenants_are_whole()


def _assert_sheets_and_appointments_agree() -> None:
    on_sheets = {
        (sheet.day, entry.start, entry.end, entry.owner)
        for sheet in stored(DaySheet)
        for entry in sheet.content.entries
    }
    wanted = {
        (day, start, end, held.id)
        for held in stored(Appointment)
        if held.state is State.CONFIRMED
        for day, start, end in split_by_day(interval(held.blocked_from, held.blocked_until))
    }
    assert on_sheets == wanted


def _assert_customers_are_whole() -> None:
    people = {each.subject: each for each in stored(Customer)}
    addresses = {each.of_customer: each for each in stored(CustomerAddress)}
    appointments = stored(Appointment)
    assert people.keys() == addresses.keys() == {each.subject for each in appointments}
    assert people.keys() | {each.subject for each in stored(Staff)} | {each.tenant for each in stored(Tenant)} == {
        each.sk.removeprefix("SUBJECT#") for each in stored(SubjectKey)
    }
    for who, person in people.items():
        assert person.last_appointment_at == addresses[who].last_appointment_at
        assert person.last_appointment_at >= max(each.ends_at for each in appointments if each.subject == who)


def _assert_messages_and_appointments_agree() -> None:
    for held in stored(Appointment):
        about = [each for each in stored(Notification) if each.about == held.id]
        channels = {"email", "sms"} if held.sms_wanted else {"email"}
        said = Counter((each.about_version, each.channel) for each in about if each.message != "appointment-reminder")
        assert said == Counter((version, channel) for version in range(int(held.sequence) + 1) for channel in channels)
        waiting = {each.id for each in about if _is_waiting_reminder(each)}
        assert waiting <= set(held.unsent or ())
        assert held.state is State.CONFIRMED or held.unsent is None


def _is_waiting_reminder(each: Notification) -> bool:
    return each.message == "appointment-reminder" and each.state is Delivery.WAITING


def _assert_the_ledger_agrees() -> None:
    appointments = stored(Appointment)
    assert _things(Action.APPOINTMENT_BOOKED) == Counter(each.id for each in appointments)
    changed = _things(Action.APPOINTMENT_MOVED, Action.APPOINTMENT_CANCELLED)
    assert changed == Counter({each.id: int(each.sequence) for each in appointments if each.sequence})
    assert _things(Action.APPOINTMENT_CANCELLED).keys() == {
        each.id for each in appointments if each.state is State.CANCELLED
    }
    noted = _things(Action.NOTIFICATION_HANDED_OVER)
    for each in stored(Notification):
        assert noted[each.id] == (each.state in HANDED_OVER), each.state
        assert each.state not in IN_OUTBOX or each.due()[0] == "SEND"


def _things(*actions: Action) -> Counter[str]:
    return Counter(str(each.thing) for each in ledger(*actions))


def _assert_tenants_are_whole() -> None:
    tenants = _ids(stored(Tenant))
    assert tenants == _ids(stored(Staff)) == {each.of_tenant for each in stored(StaffAddress)}
    assert tenants == _ids(stored(Acceptance))
    assert tenants == {each.tenant for each in stored(TenantKey)} - {INSTALLATION}
    assert _things(Action.REGISTERED) == Counter(dict.fromkeys(tenants, 1))
    states = {each.unconfirmed_since for kind in (Tenant, Staff, StaffAddress, Acceptance) for each in stored(kind)}
    assert len(tenants) > 1 or len(states) == len(tenants)


def _ids(records: Iterable[Tenant | Staff | Acceptance]) -> set[str]:
    return {each.tenant for each in records}
