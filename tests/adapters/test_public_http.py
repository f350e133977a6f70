"""Servers that people name: public addresses only, whichever way they are written or looked up."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chalicelib.adapters import _public_http
from chalicelib.adapters._http import Timeouts
from chalicelib.adapters._public_http import PublicHttp, is_public
from chalicelib.domain.errors import ProviderMisconfiguredError, ProviderUnavailableError
from tests.adapters.provider_server import answers, provider

NOW = datetime(2026, 1, 1, tzinfo=UTC)
QUICK = Timeouts(connect=1, read=1, whole=1)


def public(*private: str) -> PublicHttp:
    """One that may reach these besides."""
    return PublicHttp("caldav", private=frozenset(private), timeouts=QUICK)


@pytest.mark.parametrize(
    ("address", "fine"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 (an address that is refused)
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:169.254.169.254", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:7f00:1::", False),
    ],
)
def test_public_addresses(address: str, fine: bool) -> None:
    """Also those of IPv4 in the clothes of IPv6."""
    assert is_public(address) is fine


@pytest.mark.parametrize(
    "url",
    [
        "http://dav.example.ch/",
        "https://dav.example.ch:22/",
        "https://user@dav.example.ch/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        "ftp://dav.example.ch/",
    ],
)
def test_what_is_not_reached(url: str) -> None:
    """Without encryption, on strange ports, with names in front, on this machine."""
    with pytest.raises(ProviderMisconfiguredError):
        public().send("PROPFIND", url, headers={})


def test_every_address_of_a_name_has_to_be_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """One private address among public ones is enough to be refused, and the name is looked up once."""
    asked: list[str] = []

    def look_up(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(0, 0, 0, "", (each, 443)) for each in ("93.184.216.34", "10.0.0.7")]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    with pytest.raises(ProviderMisconfiguredError):
        public().send("PROPFIND", "https://dav.example.ch/", headers={})
    assert asked == ["dav.example.ch"]


def test_a_name_that_is_unknown_may_be_known_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """As any outage."""

    def look_up(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    with pytest.raises(ProviderUnavailableError):
        public().send("PROPFIND", "https://dav.example.ch/", headers={})


def test_a_private_origin_is_reached_as_it_was_named() -> None:
    """And no other port of the same machine."""
    with provider(answers(207, "<x/>")) as server:
        reply = public(server.url).send("PROPFIND", f"{server.url}/dav/", headers={"depth": "0"}, body=b"?")

        assert (reply.status, reply.body) == (207, b"<x/>")
        with pytest.raises(ProviderMisconfiguredError):
            public(server.url + "0").send("PROPFIND", f"{server.url}/dav/", headers={})


def test_redirects_are_answers() -> None:
    """Nobody goes where a server points to."""
    with provider(answers(301, location="https://127.0.0.1/")) as server:
        assert public(server.url).send("PROPFIND", f"{server.url}/dav/", headers={}).status == 301


@pytest.mark.parametrize(("name", "fine"), [("dav.example.ch", True), ("other.example.ch", False)])
def test_the_certificate_has_to_be_the_names(
    name: str,
    fine: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And not only any certificate of the address that the name led to."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate := certificate_for("dav.example.ch", tmp_path))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with provider(answers(207), context=context) as server:
        port = int(server.url.rpartition(":")[2])
        monkeypatch.setattr(_public_http, "_PORTS", {port})
        monkeypatch.setattr(_public_http, "is_public", lambda _: True)
        found = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [found])

        asking = partial(public().send, "PROPFIND", f"https://{name}:{port}/", headers={})

        if fine:
            assert asking().status == 207
            assert server.seen[0].headers["host"] == f"{name}:{port}"
        else:
            with pytest.raises(ProviderUnavailableError):
                asking()


def certificate_for(host: str, folder: Path) -> Path:
    """A file with a key and a certificate for a name, which may stand as its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(NOW - timedelta(days=3650))
    builder = builder.not_valid_after(NOW + timedelta(days=3650))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file = folder / "server.pem"
    file.write_bytes(key.private_bytes(pem, form, serialization.NoEncryption()) + certificate.public_bytes(pem))
    return file
