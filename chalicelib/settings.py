"""Everything that an installation chooses, read once from the environment; the only place that reads it."""

import os
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from urllib.parse import urlsplit

PROMISED_REGIONS = ("eu-central-2", "eu-central-1")
"""Zurich, and Frankfurt for what Zurich lacks and for copies: where data is promised to stay."""

_OF_MICROSOFT = ("microsoft_login_url", "microsoft_graph_url")
_OF_GOOGLE = ("google_accounts_url", "google_oauth_url", "google_calendar_url")
_LOOPBACK = {"127.0.0.1", "localhost"}
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")


class SettingsError(Exception):
    """Raised when the environment of a function is incomplete or wrong; names the variable."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One field an environment variable of the same name in capitals. Fields with a default may be left out."""

    stage: str
    aws_region: str
    records_table: str
    keys_table: str
    ledger_table: str
    transient_table: str
    files_bucket: str
    roots_bucket: str
    tenant_key_arn: str
    dispatch_queue_url: str
    providers_secret_arn: str
    data_key_arn: str
    access_log_group: str
    public_base_url: str
    email_providers: str
    sms_providers: str
    mail_sender: str
    organizer_mail: str
    controller_name: str
    controller_postal: str
    controller_mail: str
    controller_country: str
    dpo_name: str
    dpo_postal: str
    dpo_mail: str
    operator_name: str
    operator_mail: str = ""
    mailgun_base_url: str = "https://api.eu.mailgun.net"
    mailgun_domain: str = ""
    twilio_base_url: str = "https://api.dublin.ie1.twilio.com"
    twilio_account_sid: str = ""
    twilio_sender: str = ""
    smsapi_base_url: str = "https://api.smsapi.com"
    smsapi_sender: str = ""
    microsoft_login_url: str = "https://login.microsoftonline.com"
    microsoft_graph_url: str = "https://graph.microsoft.com"
    microsoft_client_id: str = ""
    google_accounts_url: str = "https://accounts.google.com"
    google_oauth_url: str = "https://oauth2.googleapis.com"
    google_calendar_url: str = "https://www.googleapis.com"
    google_client_id: str = ""
    caldav_private_origins: str = ""
    payrexx_base_url: str = "https://api.payrexx.com"
    ses_configuration_set: str = ""
    mail_events_topic_arn: str = ""
    sns_signing_origin: str = "https://sns.eu-central-2.amazonaws.com"
    domain_name: str = ""
    backup_copy_vault_arn: str = ""
    rest_api_id: str = ""

    def __post_init__(self) -> None:
        for name in ("public_base_url", "mailgun_base_url", "twilio_base_url", "smsapi_base_url", "payrexx_base_url"):
            _require_https(name, getattr(self, name))
        _require_https("sns_signing_origin", self.sns_signing_origin)
        for name in (*_OF_MICROSOFT, *_OF_GOOGLE):
            _require_https(name, getattr(self, name))
        for origin in _names(self.caldav_private_origins):
            _require_https("caldav_private_origins", origin)
        _require_promised("aws_region", self.aws_region)
        for name in (each.name for each in fields(self) if each.name.endswith("_arn")):
            _require_promised(name, _region_of(getattr(self, name)))

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """The settings of this process; SettingsError names the first variable that is missing or wrong."""
        source = os.environ if environment is None else environment
        given = {field.name: source[field.name.upper()] for field in fields(cls) if source.get(field.name.upper())}
        missing = [f.name for f in fields(cls) if f.name not in given and f.default is MISSING]
        if missing:
            raise SettingsError(f"{missing[0].upper()} is not set")
        return cls(**given)

    def email_order(self) -> tuple[str, ...]:
        """The e-mail providers' names, the preferred one first."""
        return _names(self.email_providers)

    def sms_order(self) -> tuple[str, ...]:
        """The SMS providers' names, the preferred one first."""
        return _names(self.sms_providers)


def _names(listed: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in listed.split(",") if name.strip())


def is_loopback(host: str) -> bool:
    """Whether a host is the machine itself: what goes there is handed over to nobody."""
    return host in _LOOPBACK or host.endswith(".localhost")


def _require_promised(name: str, region: str) -> None:
    """No function starts where data is not promised to be, and none uses anything that lies there."""
    if region and region not in PROMISED_REGIONS:
        raise SettingsError(f"{name.upper()} is in a region that is not promised: {' and '.join(PROMISED_REGIONS)} are")


def _region_of(arn: str) -> str:
    parts = arn.split(":")
    return parts[3] if parts[0] == "arn" and len(parts) > 3 else ""


def _require_https(name: str, url: str) -> None:
    """Traffic leaves the machine encrypted only; an address on the machine itself (loopback) never leaves it."""
    if not _is_safe(url):
        raise SettingsError(f"{name.upper()} must begin with https:// and name a host, without user or query")
    if url.endswith("/"):
        raise SettingsError(f"{name.upper()} must not end with a slash")


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port  # asking for the port checks it
    except ValueError:
        return False
    # Strange characters in a host mean different hosts to different readers of the same URL.
    bare = _HOST.fullmatch(host) is not None and not {"@", "?", "#"}.intersection(url)
    return bare and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))
