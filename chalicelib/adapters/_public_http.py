"""HTTP to servers that people name themselves: encrypted, and to addresses of the public internet only.

Whoever may name a server could otherwise have us call machines that only we reach. So the name is looked up once, each
of its addresses has to be public, and the connection goes to the very address that was looked at: a name that answers
otherwise the second time gains nothing. Certificates are checked against the name. Redirects are not followed.
"""

import socket
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection

from chalicelib.adapters._http import Http, Reply, Timeouts
from chalicelib.domain.errors import ProviderMisconfiguredError, ProviderUnavailableError

_PORTS = frozenset({443, 8443})
_TRANSLATED = IPv6Network("64:ff9b::/96")  # addresses of IPv4 as some networks reach them by IPv6


class PublicHttp(Http):
    """Reaches any public host over TLS; those of `private` origins as they are, since whoever runs this named them."""

    def __init__(self, provider: str, *, private: frozenset[str], timeouts: Timeouts) -> None:
        super().__init__(provider, timeouts=timeouts)
        self._private = private

    def _request(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None) -> Reply:
        return super()._request(method, url, headers={**headers, "host": urlsplit(url).netloc}, body=body)

    def _connection(self, parts: SplitResult) -> HTTPConnection:
        host, waits = parts.hostname or "", self._timeouts.connect
        if f"{parts.scheme}://{parts.netloc}" in self._private:
            kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
            return kind(host, parts.port, timeout=waits)
        port = parts.port or 443
        if parts.scheme != "https" or "@" in parts.netloc or port not in _PORTS:
            raise ProviderMisconfiguredError(self._provider, "address")
        return HTTPSConnection(self._address(host), port, server_hostname=host, timeout=waits)

    def _address(self, host: str) -> str:
        """The address to connect to; ProviderMisconfiguredError when the name leads anywhere that is not public."""
        try:
            found = [str(each[4][0]) for each in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError):
            raise ProviderUnavailableError(self._provider, "name") from None
        if not found or not all(is_public(each) for each in found):
            raise ProviderMisconfiguredError(self._provider, "address")
        return found[0]


def is_public(text: str) -> bool:
    """Whether an address is one of the public internet, whichever way it is written."""
    address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if address in _TRANSLATED:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        address = inner or address
    return address.is_global and not address.is_multicast
