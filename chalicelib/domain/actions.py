"""What the ledger speaks of. Grammar: `source:subject:action`, where the source is who acted."""

from enum import Enum


class Action(Enum):
    """Every kind of ledger entry."""

    REGISTERED = "visitor:tenant:registered"
    CONFIRMED = "staff:tenant:confirmed"
    SIGNED_IN = "staff:session:started"
    SIGNED_OUT = "staff:session:ended"
    SIGN_IN_LINK_ASKED = "visitor:session:link-asked"
    SERVICES_READ = "staff:services:read"
    SERVICE_CREATED = "staff:service:created"
    SERVICE_CHANGED = "staff:service:changed"
    AVAILABILITY_READ = "staff:availability:read"
    AVAILABILITY_CHANGED = "staff:availability:changed"
    APPOINTMENTS_READ = "staff:appointments:read"
    APPOINTMENT_BOOKED = "customer:appointment:booked"
    APPOINTMENT_MOVED = "customer:appointment:moved"
    APPOINTMENT_CANCELLED = "customer:appointment:cancelled"
    NOTIFICATION_HANDED_OVER = "system:notification:handed-over"
    NOTIFICATION_IN_DOUBT = "system:notification:in-doubt"
    NOTIFICATION_NOT_SENT = "system:notification:not-sent"
    RECEIPT_TAKEN = "provider:notification:reported"
    OPTED_OUT = "customer:channel:stopped"
    OPTED_IN = "customer:channel:restarted"
    SWEPT = "system:records:swept"
    ANONYMISED = "system:records:anonymised"
    BLOCKED = "system:records:blocked"
    HELD_BACK = "system:records:held-back"
    NOT_SENT_IN_TIME = "system:records:not-sent-in-time"
    EXPIRED = "system:records:expired"
    RESTAMPED = "system:records:restamped"
    LEDGER_READ = "staff:ledger:read"
    DAY_CLOSED = "system:ledger:day-closed"
    HOLD_PLACED = "staff:hold:placed"
    HOLD_LIFTED = "staff:hold:lifted"
    HOLDS_READ = "staff:holds:read"
    RESTRICTED = "staff:restriction:set"
    RESTRICTION_LIFTED = "staff:restriction:lifted"
    PERSON_VIEWED = "staff:person:viewed"
    STAFF_EXCEPTION_READ = "staff:exception:read"
    STAFF_EXCEPTION_WRITTEN = "staff:exception:written"
    CUSTOMER_EXCEPTION_READ = "customer:exception:read"
    CUSTOMER_EXCEPTION_WRITTEN = "customer:exception:written"

    NOTICE_ANNOUNCED = "system:notice:announced"
    NOTICE_ACCEPTED = "staff:notice:accepted"
    OPERATOR_CALLED = "operator:installation:called"
    AUDITED = "system:installation:audited"

    @property
    def source(self) -> str:
        """Who acted: visitor, staff, customer, provider, operator or system."""
        return str(self.value).partition(":")[0]
