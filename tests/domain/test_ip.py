"""Network addresses are shortened so far that they point at nobody."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.ip import UNKNOWN, shorten


@pytest.mark.parametrize(
    ("address", "shortened"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("203.0.113.0", "203.0.113.0/24"),
        ("203.0.113.255", "203.0.113.0/24"),
        ("203.0.114.0", "203.0.114.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("2001:db8:2::", "2001:db8:2::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        (" 203.0.113.77 ", "203.0.113.0/24"),
    ],
)
def test_shortening(address: str, shortened: str) -> None:
    """An IPv4 address keeps 24 bits, an IPv6 address 48, and one that is IPv4 inside counts as such."""
    assert shorten(address) == shortened


@pytest.mark.parametrize("text", ["", "unknown", "203.0.113", "203.0.113.77, 10.0.0.1", "jane@example.org"])
def test_no_address(text: str) -> None:
    """What is no address is not kept at all."""
    assert shorten(text) == UNKNOWN


@given(st.ip_addresses())
def test_the_rest_is_gone(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """All addresses of one network give the same text, so it can't tell them apart."""
    network = ipaddress.ip_network(shorten(str(address)))

    assert shorten(str(network[0])) == shorten(str(network[-1])) == str(network)
    assert network.prefixlen == (24 if network.version == 4 else 48)
