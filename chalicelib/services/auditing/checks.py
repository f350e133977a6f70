"""The one list of what the nightly audit checks. A new check is one more entry, and nothing else.

`promises` are ids of the register: one that a check bears on is not shown as kept while that check finds something.
"""

from chalicelib.services.auditing import backups, data, stack
from chalicelib.services.auditing._checking import Check

CHECKS: tuple[Check, ...] = (
    Check(
        name="nothing-overdue",
        promises=("policy-is-program", "communication-12-months"),
        looks_at="the due index: nothing has been due for more than 48 hours",
        look=data.nothing_overdue,
    ),
    Check(
        name="nothing-too-old",
        promises=("policy-is-program", "communication-12-months"),
        looks_at="a sample of stored items: none is past its period, as stamped and as declared, by more than 48 hours",
        look=data.nothing_too_old,
    ),
    Check(
        name="nothing-in-the-clear",
        promises=("sealed-at-rest",),
        looks_at="a sample of stored items: sealed fields lie sealed, and nothing else looks like an address",
        look=data.nothing_in_the_clear,
    ),
    Check(
        name="schedules-ran",
        promises=("policy-is-program", "confirmations-reminders", "action-log"),
        looks_at="when each scheduled function last ran to its end",
        look=data.schedules_ran,
    ),
    Check(
        name="tables-expire",
        promises=("policy-is-program",),
        looks_at="DynamoDB's own expiry is on for every table",
        look=stack.tables_expire,
    ),
    Check(
        name="tables-restorable",
        promises=("backup-twice-daily", "backups-forget"),
        looks_at="point-in-time recovery is on for records and ledger, and off for keys and what is short-lived",
        look=stack.tables_are_restorable,
    ),
    Check(
        name="tables-encrypted",
        promises=("sealed-at-rest",),
        looks_at="every table is encrypted under the installation's own key",
        look=stack.tables_are_encrypted,
    ),
    Check(
        name="tables-protected",
        promises=("backup-twice-daily",),
        looks_at="every table is protected from deletion",
        look=stack.tables_are_protected,
    ),
    Check(
        name="streams-on",
        promises=("confirmations-reminders", "action-log"),
        looks_at="the streams of records and ledger are on",
        look=stack.streams_are_on,
    ),
    Check(
        name="promised-region",
        promises=("data-residency",),
        looks_at="tables, buckets and keys are in a promised region",
        look=stack.everything_in_the_promised_region,
    ),
    Check(
        name="buckets-closed",
        promises=("sealed-at-rest",),
        looks_at="every bucket blocks public access and is encrypted under the installation's own key",
        look=stack.buckets_are_closed,
    ),
    Check(
        name="buckets-kept",
        promises=("action-log",),
        looks_at="every bucket has the versions and the lock that it is declared with",
        look=stack.buckets_keep_what_they_should,
    ),
    Check(
        name="logs-end",
        promises=("access-log-short", "sealed-at-rest"),
        looks_at="every log group is encrypted under the installation's own key and ends after its days",
        look=stack.logs_end,
    ),
    Check(
        name="gateway-without-addresses",
        promises=("access-log-short",),
        looks_at="the gateway's log and traces hold no network address",
        look=stack.the_gateway_writes_no_address,
    ),
    Check(
        name="modern-tls",
        promises=("https-only",),
        looks_at="domain and API take TLS 1.2 or newer with forward secrecy only; there is no way in beside the domain",
        look=stack.the_domain_speaks_modern_tls,
    ),
    Check(
        name="backups-young",
        promises=("backup-twice-daily",),
        looks_at="the last complete backup of records and ledger is younger than 13 hours, of the keys younger than 25",
        look=backups.backups_are_young,
    ),
    Check(
        name="copies-young",
        promises=("backup-twice-daily",),
        looks_at="the last copy of records and ledger in the second region is younger than 16 hours",
        look=backups.copies_are_young,
    ),
    Check(
        name="backups-end",
        promises=("backups-forget",),
        looks_at="no backup is kept for longer than declared, those of the keys for 7 days",
        look=backups.backups_end,
    ),
)
