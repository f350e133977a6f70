"""Shortened network addresses: what is stored or logged points at a neighbourhood, never at a connection."""

import hmac
import ipaddress
from hashlib import sha256

_KEPT_BITS = {4: 24, 6: 48}
UNKNOWN = "unknown"


def shorten(address: str) -> str:
    """The /24 (IPv4) or /48 (IPv6) that `address` lies in; `unknown` for what is no address."""
    try:
        parsed = ipaddress.ip_address(address.strip().partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return str(ipaddress.ip_network((parsed, _KEPT_BITS[parsed.version]), strict=False))


class Address:
    """A full network address while a request is answered: it can be shortened or hashed, and never be read or stored.

    An IPv6 connection owns a /64 as a rule, so that is what counts as one address.
    """

    def __init__(self, text: str) -> None:
        self._text = text.strip().partition("%")[0]

    @property
    def network(self) -> str:
        """The network it lies in, as `shorten` gives it."""
        return shorten(self._text)

    def hashed(self, key: bytes) -> str:
        """HMAC-SHA256 under `key` in 64 hexadecimal digits; all that is no address counts as one."""
        return hmac.new(key, self._one().encode(), sha256).hexdigest()

    def _one(self) -> str:
        try:
            parsed = ipaddress.ip_address(self._text)
        except ValueError:
            return UNKNOWN
        if isinstance(parsed, ipaddress.IPv6Address):
            if parsed.ipv4_mapped is None:
                return str(ipaddress.ip_network((parsed, 64), strict=False))
            parsed = parsed.ipv4_mapped
        return str(parsed)
