"""What the messages about the end of a business say, and whether it is still true when they go out."""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.domain.tenancy import Tenancy
from chalicelib.messages.catalogue import Message, choose_language
from chalicelib.messages.when import spoken_time
from chalicelib.records.notification import Notification
from chalicelib.records.tenant import Tenant
from chalicelib.services._not_sent import NotToBeSent

MESSAGES = frozenset({"trial-ending", "trial-ended", "tenancy-cancelled"})


def ending_words(
    notification: Notification, message: Message, tenant: Tenant, *, base: str, now: datetime
) -> Mapping[str, str]:
    """Until when what can be done. NotToBeSent when the end has moved since the message was written."""
    closes = tenant.closes_at
    if closes is None or not _is_true(notification, tenant.tenancy, now):
        raise NotToBeSent("superseded")
    language = choose_language(notification.language, fallback=tenant.language)
    said = {
        "business": tenant.company,
        "link": f"{base}/sign-in",
        "ends": spoken_time(tenant.trial_ends_at or closes, notification.zone, language),
        "closes": spoken_time(closes, notification.zone, language),
    }
    return {name: said[name] for name in message.fields & said.keys()}


def _is_true(notification: Notification, tenancy: Tenancy, now: datetime) -> bool:
    """The message becomes useless at the instant that it speaks of: another one means that it speaks of another end."""
    if notification.message == "trial-ending":
        return notification.useless_at == tenancy.read_only_from and tenancy.is_open(now)
    cancelled = tenancy.cancelled_at is not None
    return notification.useless_at == tenancy.closes_at and cancelled is (notification.message == "tenancy-cancelled")
