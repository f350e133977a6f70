"""What the ledger speaks of. Grammar: `source:subject:action`, where the source is who acted."""

from enum import Enum


class Action(Enum):
    """Every kind of ledger entry."""

    REGISTERED = "visitor:tenant:registered"
    CONFIRMED = "staff:tenant:confirmed"
    SIGNED_IN = "staff:session:started"
    SIGNED_OUT = "staff:session:ended"
    SERVICE_CREATED = "staff:service:created"
    SERVICE_CHANGED = "staff:service:changed"
    AVAILABILITY_CHANGED = "staff:availability:changed"
    APPOINTMENTS_READ = "staff:appointments:read"
    APPOINTMENT_BOOKED = "customer:appointment:booked"
    APPOINTMENT_MOVED = "customer:appointment:moved"
    APPOINTMENT_CANCELLED = "customer:appointment:cancelled"
    NOTIFICATION_HANDED_OVER = "system:notification:handed-over"
    NOTIFICATION_NOT_SENT = "system:notification:not-sent"
    RECEIPT_TAKEN = "provider:notification:reported"
    OPTED_OUT = "customer:channel:stopped"
    OPTED_IN = "customer:channel:restarted"
    SWEPT = "system:records:swept"
    STAFF_EXCEPTION_READ = "staff:exception:read"
    STAFF_EXCEPTION_WRITTEN = "staff:exception:written"
    CUSTOMER_EXCEPTION_READ = "customer:exception:read"
    CUSTOMER_EXCEPTION_WRITTEN = "customer:exception:written"

    @property
    def source(self) -> str:
        """Who acted: visitor, staff, customer, provider, operator or system."""
        return str(self.value).partition(":")[0]
