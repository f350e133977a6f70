"""E-mail addresses: one form to store and compare, one form to send to.

What no provider of ours can deliver to is refused where it is typed, not days later when a message fails.
"""

import re
import unicodedata

LONGEST = 254
"""Characters in an address that still fits into the SMTP envelope (RFC 5321, section 4.5.3.1.3)."""

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")

_AMBIGUOUS = frozenset("ßς\u200c\u200d")
"""Letters that the older and the newer rules for international domains map differently: mail could reach a stranger."""


def normalise_email(text: str) -> str:
    """The address as it is stored: trimmed, the domain readable. ValueError never repeats the address.

    However a domain is written, in wide letters, as xn-- or with some that can't be seen, it is one domain.
    """
    local, _, domain = ascii_address(unicodedata.normalize("NFC", text).strip()).rpartition("@")
    address = f"{local}@{_readable(domain)}"
    ascii_address(address)
    return address


def ascii_address(address: str) -> str:
    """The address as it goes into a mail header or to a provider; ValueError when nobody could deliver to it."""
    local, _, domain = address.rpartition("@")
    if len(local) > 64 or not _LOCAL.fullmatch(local):
        raise ValueError("the part before the @ is missing or has characters that can't be delivered to")
    form = f"{local}@{_ascii_domain(domain)}"
    if max(len(form), len(address)) > LONGEST:
        raise ValueError("the address is too long")
    return form


def _readable(domain: str) -> str:
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:  # a name by newer rules than those of the standard library
        return domain


def _ascii_domain(domain: str) -> str:
    if _AMBIGUOUS & set(domain):
        raise ValueError("write the domain in its xn-- form")
    try:
        form = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        form = ""  # falls through to the one refusal below
    labels = form.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("the part after the @ is not a domain")
    return form
