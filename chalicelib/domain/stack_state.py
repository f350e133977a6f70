"""What AWS says of the resources of an installation, as far as the audit compares it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class TableState:
    """A table as it is."""

    arn: str
    key: str  # the ARN of the KMS key that encrypts it; empty when none of ours does
    protected: bool
    stream: str
    expires_by: str  # the attribute that ends an item; empty when nothing expires
    restorable: bool


@dataclass(frozen=True, kw_only=True)
class BucketState:
    """A bucket as it is."""

    region: str
    key: str
    closed: bool
    versioned: bool
    locked: str  # GOVERNANCE or COMPLIANCE; empty when objects are not locked


@dataclass(frozen=True, kw_only=True)
class LogGroupState:
    """A log group as it is; no days: its lines never end."""

    days: int | None
    key: str


@dataclass(frozen=True, kw_only=True)
class ApiState:
    """The API's stage and its domain as they are."""

    access_log: str  # the format of the gateway's own lines
    traces_data: bool
    logs_calls: bool
    tls: tuple[str, str]  # the policies of the domain and of the API itself, by which AWS negotiates
    only_by_domain: bool
