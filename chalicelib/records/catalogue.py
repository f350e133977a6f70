"""The one list of all record kinds; sweeps, exports, erasure, notice and the record of processing walk it."""

from chalicelib.records._base import Record
from chalicelib.records.appointment import Appointment
from chalicelib.records.availability import Availability
from chalicelib.records.customer import Customer, CustomerAddress
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.idempotency import Idempotency, SeenEvent
from chalicelib.records.keys import SubjectKey, TenantKey
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.notification import Notification
from chalicelib.records.service import Service
from chalicelib.records.session import Session
from chalicelib.records.staff import Acceptance, Staff, StaffAddress
from chalicelib.records.suppression import Suppression
from chalicelib.records.tenant import Tenant

RECORDS: tuple[type[Record], ...] = (
    Tenant,
    Staff,
    StaffAddress,
    Acceptance,
    Service,
    Availability,
    DaySheet,
    Customer,
    CustomerAddress,
    Appointment,
    Notification,
    Suppression,
    Session,
    Idempotency,
    SeenEvent,
    LedgerEntry,
    TenantKey,
    SubjectKey,
)
