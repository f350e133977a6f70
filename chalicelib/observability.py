"""Logs and metrics, and the net under "no personal data in logs": the formatter lets through listed keys only.

Code logs a constant event name and ids: `logger.info("swept", extra={"kind": "appointment", "count": 3})`. Should a
value slip in all the same, the formatter drops keys it does not know, masks what looks like an address, a phone number
or a network address, and reduces an exception to its class and the lines of code it went through.
"""

import copy
import logging
import re
import sys
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TextIO

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import Metrics, MetricUnit, single_metric

NAMESPACE = "Zusage"
SERVICE = "zusage"

_IDS = frozenset(
    {
        "request_id",
        "function_request_id",
        "tenant",
        "actor",
        "appointment",
        "notification",
        "entry",
        "message_id",
        "job",
    }
)
_WORDS = frozenset(
    {
        "level", "location", "message", "service", "cold_start", "function_name", "function_memory_size",
        "route", "method", "problem", "kind", "action", "provider", "channel", "code", "reason", "delivery", "step",
        "error", "stage", "queue", "table", "period", "promise", "outcome",
    }
)  # fmt: skip
_NUMBERS = frozenset(
    {"status", "ms", "count", "counts", "attempt", "retry_after", "due", "sent", "failed", "skipped", "deleted", "left"}
)
_ID = re.compile(r"[0-9a-fA-F-]{8,64}")
_EMAIL = re.compile(r"[^\s@<>\",;:]+@[^\s@<>\"',;:]+")
_IPV4 = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
_IPV6 = re.compile(r"(?i)(?<![0-9a-z:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?![0-9a-z:])")
_PHONE = re.compile(r"(?<![\w.])\+?(?:\(?\d\)?[ ./-]?){8,}\d(?!\w)")
_MASKS = ((_EMAIL, "[e-mail]"), (_IPV4, "[ip]"), (_IPV6, "[ip]"), (_PHONE, "[phone]"))
_FRAMES = 12


@dataclass
class Asking:
    """Who asks, by ids, as far as that is proven: for the line about the request."""

    tenant: str = ""
    actor: str = ""


asking: ContextVar[Asking] = ContextVar("asking")


def proven(*, tenant: str, actor: str) -> None:
    """Notes who asks, as soon as that is certain; where nothing is asked, nothing is noted."""
    held = asking.get(None)
    if held is not None:
        held.tenant, held.actor = tenant, actor


def mask(text: str) -> str:
    """`text` without what looks like an e-mail address, a phone number or a network address."""
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    return text


def frames(trace: TracebackType | None) -> list[str]:
    """Where an exception went through, innermost last, as file:line function; never a value."""
    found: list[str] = []
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return found[-_FRAMES:]


class SafeFormatter(LambdaPowertoolsFormatter):
    """Writes JSON lines that hold listed keys only."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; an exception becomes `error` (its class) and `frames`."""
        safe = copy.copy(record)
        if safe.exc_info and isinstance(safe.exc_info, tuple) and safe.exc_info[0] is not None:
            safe.error = safe.exc_info[0].__name__
            safe.frames = frames(safe.exc_info[2])
            safe.code = _service_code(safe.exc_info[1])
        safe.exc_info = None
        safe.exc_text = None
        safe.stack_info = None
        return super().format(safe)

    def serialize(self, log: Any) -> str:
        """The JSON of what may be written."""
        return super().serialize(
            {key: shown for key, value in log.items() if (shown := _shown(key, value)) is not None}
        )


def _service_code(error: object) -> str:
    """The code of an AWS service's refusal, which is a word of theirs and names nobody; empty for other errors."""
    answer = getattr(error, "response", None)
    return str(answer.get("Error", {}).get("Code", "")) if isinstance(answer, dict) else ""


def _shown(key: str, value: Any) -> Any:
    """What may be written of one entry; None: nothing."""
    if key == "frames" and isinstance(value, list):
        return [str(frame) for frame in value]
    if key == "timestamp":
        return value
    if key in _IDS and isinstance(value, str):
        return value if _ID.fullmatch(value) else mask(value)
    if key in _WORDS:
        return mask(value) if isinstance(value, str) else value if isinstance(value, bool) else mask(str(value))
    if key in _NUMBERS:
        return _numbers(value)
    return None


def _numbers(value: Any) -> Any:
    if isinstance(value, int | float):
        return value
    if isinstance(value, dict):
        return {mask(str(name)): number for name, number in value.items() if isinstance(number, int | float)}
    return None


class _Stdout(logging.StreamHandler[TextIO]):
    """Writes to whatever the standard output is at that moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        """The standard output."""
        return sys.stdout


logger = Logger(service=SERVICE, logger_formatter=SafeFormatter(utc=True, use_rfc3339=True), logger_handler=_Stdout())
logging.getLogger(SERVICE).propagate = False  # handlers of others would write what the formatter leaves out
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)


def count(name: str, *, value: int = 1, **dimensions: str) -> None:
    """Counts one meaningful outcome, split by `dimensions`, which are words of ours and never a person's."""
    with single_metric(
        name=name, unit=MetricUnit.Count, value=value, namespace=NAMESPACE, default_dimensions={"service": SERVICE}
    ) as metric:
        for dimension, word in dimensions.items():
            metric.add_dimension(name=dimension, value=word)


class FailedError(Exception):
    """Raised in place of an error that leaves a function, so that the platform logs its class and not its text."""


def shielded(event: Any, get_response: Callable[[Any], Any]) -> Any:
    """Chalice middleware for what is not HTTP: logs a failure safely, and fails without its text and its cause."""
    try:
        return get_response(event)
    except Exception as error:
        logger.exception("failed")
        failure = type(error).__name__
    raise FailedError(failure)


def quieten_libraries() -> None:
    """Other people's log lines pass the same net, and only from warnings up."""
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    for handler in root.handlers:
        handler.setFormatter(SafeFormatter(utc=True, use_rfc3339=True))
