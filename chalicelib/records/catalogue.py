"""The one list of all record kinds; sweeps, exports, erasure, notice and the record of processing walk it."""

from chalicelib.records._base import Record
from chalicelib.records.answer import GivenAnswer
from chalicelib.records.api_key import ApiKey
from chalicelib.records.appointment import Appointment
from chalicelib.records.attempts import AccountAttempts, AddressAttempts, AddressKey
from chalicelib.records.audit import AuditResult
from chalicelib.records.availability import Availability
from chalicelib.records.calendar_link import CalendarAttempt, CalendarFeed, CalendarLink, CalendarParting
from chalicelib.records.calendar_news import CalendarNews
from chalicelib.records.cap_count import CapCount
from chalicelib.records.credentials import Credentials, EmailChange
from chalicelib.records.customer import Customer, CustomerAddress, CustomerName
from chalicelib.records.customer_import import CustomerImport, ImportedRows
from chalicelib.records.customer_join import Merge, Split
from chalicelib.records.customer_note import CustomerNote
from chalicelib.records.day_sheet import DaySheet
from chalicelib.records.form_use import UsedForm
from chalicelib.records.freed_time import FreedTime
from chalicelib.records.hold import HeldPerson, Holds
from chalicelib.records.idempotency import Idempotency, SeenEvent
from chalicelib.records.installation import Installation, OperatorAccess, Secrecy
from chalicelib.records.keys import SubjectKey, TenantKey
from chalicelib.records.last_run import LastRun
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.ledger_day import LedgerDay
from chalicelib.records.ledger_root import LedgerRoot
from chalicelib.records.legal_year import LegalYear
from chalicelib.records.notification import Notification
from chalicelib.records.participation import Participation
from chalicelib.records.payment import Payment, PaymentAccount
from chalicelib.records.premises import Premises, Resource
from chalicelib.records.proposal import Proposal
from chalicelib.records.reservation import AddressReservations, Reservation
from chalicelib.records.restamp import StampProgress
from chalicelib.records.service import Service
from chalicelib.records.session import Challenge, PendingSignIn, Session
from chalicelib.records.staff import Acceptance, Staff, StaffAddress
from chalicelib.records.suppression import Suppression
from chalicelib.records.team import Invitation, Team
from chalicelib.records.tenant import Tenant
from chalicelib.records.waiting_entry import WaitingListEntry

RECORDS: tuple[type[Record], ...] = (
    Tenant,
    Team,
    Invitation,
    Staff,
    StaffAddress,
    Credentials,
    EmailChange,
    Acceptance,
    ApiKey,
    Service,
    Premises,
    Resource,
    Availability,
    DaySheet,
    CapCount,
    Reservation,
    Customer,
    CustomerAddress,
    CustomerName,
    CustomerNote,
    Merge,
    Split,
    CustomerImport,
    ImportedRows,
    Appointment,
    Participation,
    GivenAnswer,
    PaymentAccount,
    Payment,
    WaitingListEntry,
    FreedTime,
    Proposal,
    CalendarLink,
    CalendarAttempt,
    CalendarParting,
    CalendarFeed,
    CalendarNews,
    Notification,
    Suppression,
    Holds,
    HeldPerson,
    LegalYear,
    StampProgress,
    Installation,
    Secrecy,
    OperatorAccess,
    Session,
    PendingSignIn,
    Challenge,
    AddressKey,
    AddressAttempts,
    AccountAttempts,
    AddressReservations,
    UsedForm,
    Idempotency,
    SeenEvent,
    LastRun,
    AuditResult,
    LedgerEntry,
    LedgerDay,
    LedgerRoot,
    TenantKey,
    SubjectKey,
)
