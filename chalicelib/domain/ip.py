"""Shortened network addresses: what is stored or logged points at a neighbourhood, never at a connection."""

import ipaddress

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
