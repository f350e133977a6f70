"""Every message the product sends, one line each: its channels, its values, its calendar file.

A message is its line in `MESSAGES`, which states all of its rules, and a folder of texts,
`<name>/<language>/{subject.txt,body.txt,body.html,sms.txt}`, which `tests/contracts/test_messages.py` holds to it. A
message about several appointments has `each.txt` and `each.html` besides: what stands for `${appointments}`, once each.
"""

from dataclasses import dataclass
from typing import Literal

Channel = Literal["email", "sms"]
CalendarMethod = Literal["REQUEST", "CANCEL"]

LANGUAGES = ("de", "en", "fr", "it")


@dataclass(frozen=True)
class Message:
    """One message. `fields` are its placeholders, no more and no less; a text message never takes more segments.

    `each` are those of what is said of each appointment, in a mail about several.
    """

    name: str
    channels: frozenset[Channel]
    fields: frozenset[str]
    calendar: CalendarMethod | None
    about: Literal["appointment", "staff", "notice", "invitation", "offer"]
    sms_segments: int
    each: frozenset[str] = frozenset()


EMAIL: frozenset[Channel] = frozenset({"email"})
BOTH: frozenset[Channel] = frozenset({"email", "sms"})
_REGISTERING = frozenset({"given_name", "business", "link", "until"})
_INVITED = frozenset({"business", "link", "valid_days"})
_AGREEING_OLD = frozenset({"given_name", "link", "valid_hours"})
_AGREEING_NEW = frozenset({"link", "valid_hours"})
_SIGNING_IN = frozenset({"given_name", "link", "valid_minutes"})
_CHANGED = frozenset({"given_name", "when", "link"})
_NEWS = frozenset({"given_name", "effective", "link"})
_ACCESS = frozenset({"given_name", "business", "begins", "ends", "link"})
_TRIAL_ENDING = frozenset({"given_name", "business", "ends", "closes", "link"})
_CLOSING = frozenset({"given_name", "business", "closes", "link"})
_MISSED = frozenset({"given_name", "business", "service", "when", "link"})
_WANTED = _MISSED | {"until"}
_ALL_WANTED = frozenset({"given_name", "business", "when"})
_EACH_WANTED = frozenset({"when", "service", "until", "link"})
_MEETING = frozenset({"given_name", "family_name", "business", "service", "expert", "when", "zone"}) | frozenset(
    {"manage_link", "business_contact"}
)
_PAYING = _MEETING | frozenset({"where", "price", "pay_until"})
_HELD = _MEETING | {"where"}
_SEVERAL = frozenset({"given_name", "family_name", "business", "when", "zone", "business_contact"})
_EACH = frozenset({"when", "service", "expert", "where", "manage_link"})
_EACH_PAYING = _EACH | {"price", "pay_until"}
_WAITING = frozenset({"given_name", "family_name", "business", "service", "until", "manage_link", "business_contact"})
_FREE = _MEETING | {"until"}
_PROPOSED = (_MEETING - {"when"}) | {"times", "until"}
_TAKEN_BACK = _PROPOSED - {"expert", "until", "manage_link"}

# fmt: off
MESSAGES = [
    Message("confirm-registration",    EMAIL, _REGISTERING, calendar=None,      about="staff",       sms_segments=0),
    Message("sign-in-link",            EMAIL, _SIGNING_IN,  calendar=None,      about="staff",       sms_segments=0),
    Message("password-reset",          EMAIL, _SIGNING_IN,  calendar=None,      about="staff",       sms_segments=0),
    Message("password-changed",        EMAIL, _CHANGED,     calendar=None,      about="notice",      sms_segments=0),
    Message("invitation",              EMAIL, _INVITED,     calendar=None,      about="invitation",  sms_segments=0),
    Message("email-change-old",        EMAIL, _AGREEING_OLD, calendar=None,     about="notice",      sms_segments=0),
    Message("email-change-new",        EMAIL, _AGREEING_NEW, calendar=None,     about="staff",       sms_segments=0),
    Message("second-factor-changed",   EMAIL, _CHANGED,     calendar=None,      about="notice",      sms_segments=0),
    Message("calendar-broken",         EMAIL, _CHANGED,     calendar=None,      about="notice",      sms_segments=0),
    Message("notice-changed",          EMAIL, _NEWS,        calendar=None,      about="notice",      sms_segments=0),
    Message("operator-access",         EMAIL, _ACCESS,      calendar=None,      about="notice",      sms_segments=0),
    Message("trial-ending",            EMAIL, _TRIAL_ENDING, calendar=None,     about="notice",      sms_segments=0),
    Message("trial-ended",             EMAIL, _CLOSING,     calendar=None,      about="notice",      sms_segments=0),
    Message("tenancy-cancelled",       EMAIL, _CLOSING,     calendar=None,      about="notice",      sms_segments=0),
    Message("confirmation-wanted",     EMAIL, _WANTED,      calendar=None,      about="notice",      sms_segments=0),
    Message("confirmations-wanted",    EMAIL, _ALL_WANTED,  calendar=None,      about="notice",      sms_segments=0,
            each=_EACH_WANTED),
    Message("confirmation-missed",     EMAIL, _MISSED,      calendar=None,      about="notice",      sms_segments=0),
    Message("confirmation-declined",   EMAIL, _MISSED,      calendar=None,      about="notice",      sms_segments=0),
    Message("waiting-joined",          EMAIL, _WAITING,     calendar=None,      about="offer",       sms_segments=0),
    Message("place-free",              BOTH,  _FREE,        calendar=None,      about="offer",       sms_segments=2),
    Message("appointment-proposed",    EMAIL, _PROPOSED,    calendar=None,      about="offer",       sms_segments=0),
    Message("proposal-withdrawn",      EMAIL, _TAKEN_BACK,  calendar=None,      about="offer",       sms_segments=0),
    Message("proposal-chosen",         EMAIL, _MISSED,      calendar=None,      about="notice",      sms_segments=0),
    Message("proposal-lapsed",         EMAIL, _MISSED - {"when"}, calendar=None, about="notice",     sms_segments=0),
    Message("appointment-confirmed",   BOTH,  _HELD,        calendar="REQUEST", about="appointment", sms_segments=2),
    Message("appointment-rescheduled", BOTH,  _HELD,        calendar="REQUEST", about="appointment", sms_segments=2),
    Message("appointment-handed-over", BOTH,  _HELD,        calendar="REQUEST", about="appointment", sms_segments=2),
    Message("appointment-requested",   BOTH,  _HELD,        calendar="REQUEST", about="appointment", sms_segments=2),
    Message("payment-wanted",          BOTH,  _PAYING,      calendar=None,      about="appointment", sms_segments=2),
    Message("appointments-confirmed",  BOTH,  _SEVERAL,     calendar="REQUEST", about="appointment", sms_segments=2,
            each=_EACH),
    Message("appointments-requested",  BOTH,  _SEVERAL,     calendar="REQUEST", about="appointment", sms_segments=2,
            each=_EACH),
    Message("payments-wanted",         BOTH,  _SEVERAL,     calendar=None,      about="appointment", sms_segments=2,
            each=_EACH_PAYING),
    Message("appointment-declined",    BOTH,  _MEETING,     calendar="CANCEL",  about="appointment", sms_segments=2),
    Message("appointment-lapsed",      BOTH,  _MEETING,     calendar="CANCEL",  about="appointment", sms_segments=2),
    Message("appointment-cancelled",   BOTH,  _MEETING,     calendar="CANCEL",  about="appointment", sms_segments=2),
    Message("appointment-reminder",    BOTH,  _HELD,        calendar=None,      about="appointment", sms_segments=2),
]
# fmt: on

_BY_NAME = {message.name: message for message in MESSAGES}


def message_named(name: str) -> Message:
    """The message of that name; KeyError when there is none."""
    return _BY_NAME[name]


def choose_language(language: str, *, fallback: str) -> str:
    """The language to write in: the wished one ("de-CH" counts as "de") if there are texts, else the fallback."""
    for wish in (language, fallback):
        primary = wish.replace("_", "-").partition("-")[0].lower()
        if primary in LANGUAGES:
            return primary
    raise ValueError("there are no texts in the fallback language")
