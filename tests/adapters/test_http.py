"""One HTTP request: bounded in time and size, and clear about whether it may have been taken."""

import ssl
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from chalicelib.adapters._http import Http, Reply, Timeouts
from chalicelib.domain.errors import OutcomeUnknownError, ProviderMisconfiguredError, ProviderUnavailableError
from tests.adapters.provider_builders import NOW
from tests.adapters.provider_server import (
    IMPATIENT,
    Behaviour,
    answers,
    closed_port,
    provider,
    resets,
    stays_silent,
    trickles,
    writes,
)

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"


def test_a_request_arrives_as_given() -> None:
    """Method, path, query, headers and body reach the provider; the answer comes back whole."""
    with provider(answers(201, "taken")) as server:
        reply = server.http().post(f"{server.url}/a/b?c=d", headers={"x-test": "1"}, body=b"body")

    assert reply == Reply(201, b"taken")
    assert (server.seen[0].method, server.seen[0].target, server.seen[0].body) == ("POST", "/a/b?c=d", b"body")
    assert server.seen[0].headers["x-test"] == "1"
    assert server.seen[0].headers["accept-encoding"] == "identity"


def test_an_answer_that_ends_with_the_line_is_read_to_its_end() -> None:
    """HTTP/1.0 answers have no length; their end is the end of the line."""
    with provider(writes(b"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n" + b"y" * 100_000)) as server:
        reply = server.http().get(server.url)

    assert reply == Reply(200, b"y" * 100_000)


def test_a_chunked_answer_is_put_together() -> None:
    """Chunks are joined."""
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    with provider(writes(chunked)) as server:
        reply = server.http().post(server.url, headers={}, body=b"")

    assert reply == Reply(200, b"abcde")


def test_nobody_there_means_not_taken() -> None:
    """Without a connection nothing was sent."""
    with pytest.raises(ProviderUnavailableError):
        Http("tested").post(f"http://127.0.0.1:{closed_port()}/", headers={}, body=b"x")


@pytest.mark.parametrize(
    "behaviour",
    [stays_silent, resets, writes(b""), writes(b"SSH-2.0-OpenSSH\r\n"), trickles(b"HTTP/1.1 200 OK\r\nX-Slow: ")],
    ids=["silent", "reset", "closed", "not http", "headers one byte at a time"],
)
def test_no_status_means_in_doubt(behaviour: Behaviour) -> None:
    """Once the request is out and no status came back, the provider may or may not have taken it."""
    with provider(behaviour) as server:
        started = monotonic()
        with pytest.raises(OutcomeUnknownError) as raised:
            server.http(IMPATIENT).post(server.url, headers={}, body=b"x")
        took = monotonic() - started

    assert len(server.seen) == 1, "no retries"
    assert took < IMPATIENT.whole + 1.5
    assert server.url not in str(raised.value)


@pytest.mark.parametrize(
    "behaviour", [stays_silent, resets, writes(b"nonsense\r\n")], ids=["silent", "reset", "nonsense"]
)
def test_asking_leaves_nothing_in_doubt(behaviour: Behaviour) -> None:
    """A GET changes nothing, so its failure is only a failure."""
    with provider(behaviour) as server, pytest.raises(ProviderUnavailableError):
        server.http(IMPATIENT).get(server.url)


@pytest.mark.parametrize(
    "behaviour",
    [trickles(HEAD), writes(HEAD + b"too little"), answers(200, b"z" * 1001)],
    ids=["one byte at a time", "cut short", "too large"],
)
def test_a_body_that_can_not_be_read_is_empty(behaviour: Behaviour) -> None:
    """The status came; a body that is too slow, cut off or too large does not."""
    with provider(behaviour) as server:
        started = monotonic()
        reply = Http("tested", timeouts=IMPATIENT, largest=1000).post(server.url, headers={}, body=b"x")

    assert reply == Reply(200, b"")
    assert monotonic() - started < IMPATIENT.whole + 1.5


@pytest.mark.parametrize(("size", "read"), [(999, True), (1000, True), (1001, False)])
def test_the_largest_answer(size: int, read: bool) -> None:
    """Up to the limit a body is read, above it is not."""
    with provider(answers(200, b"z" * size)) as server:
        reply = Http("tested", largest=1000).get(server.url)

    assert (reply.body != b"") is read


def test_redirects_are_not_followed() -> None:
    """A redirect is an answer like another; following it would hand the key to someone else."""
    with provider(answers(302, b"", Location="http://127.0.0.1:9/")) as server:
        assert server.http().get(server.url).status == 302

    assert len(server.seen) == 1


def test_certificates_are_verified(tmp_path: Path) -> None:
    """A server with a certificate of its own making is not spoken to."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))

    with provider(answers(200, "hello"), context=context) as server, pytest.raises(ProviderUnavailableError):
        Http("tested", timeouts=Timeouts(connect=2.0)).post(server.url, headers={}, body=b"secret")

    assert server.seen == []


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'"text"', b"\xff\xfe", b"[" * 100_000])
def test_json_is_an_object_or_nothing(body: bytes) -> None:
    """What is not a JSON object is read as an empty one."""
    assert Reply(200, body).json() == {}


def self_signed(folder: Path) -> Path:
    """A file with a key and a certificate for 127.0.0.1 that no authority signed."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(NOW - timedelta(days=3650))
    certificate = builder.not_valid_after(NOW + timedelta(days=3650)).sign(key, hashes.SHA256())
    file = folder / "server.pem"
    form = serialization.PrivateFormat.TraditionalOpenSSL
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.mark.parametrize(
    "url", ["https://example.org/", "http://10.0.0.1/", "http://127.0.0.1.example.org/", "http:///"]
)
def test_only_the_hosts_given_are_reached(url: str) -> None:
    """Nothing is sent elsewhere, not even a question where elsewhere is; the machine itself is nobody else."""
    for ask in (Http("tested", hosts=frozenset({"api.example.org"})), Http("tested")):
        with pytest.raises(ProviderMisconfiguredError, match="host"):
            ask.post(url, headers={}, body=b"secret")
        with pytest.raises(ProviderMisconfiguredError, match="host"):
            ask.get(url)
