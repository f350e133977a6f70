"""The list of frequent passwords."""

from chalice.test import Client

from app import app


def test_it_is_a_list_to_keep_for_a_day() -> None:
    """One a line, in lower case; asked for again by its ETag."""
    with Client(app) as client:
        answer = client.http.get("/v1/password-blocklist")
        again = client.http.get("/v1/password-blocklist", headers={"If-None-Match": answer.headers["ETag"]})

    lines = answer.body.decode().splitlines()
    assert lines[:3] == ["123456", "password", "12345678"]
    assert len(lines) == len(set(lines)) == 30_000
    assert all(line == line.lower().strip() and line for line in lines)
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert (again.status_code, again.body) == (304, b"")
