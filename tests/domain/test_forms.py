"""A form's token: what it says, what it does not bear, and what is told of each change."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.forms import FORMS, Form, HandedOut, Returned, Why, judge, names_in
from chalicelib.domain.ids import INSTALLATION

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
KEY, OTHER_KEY = b"k" * 32, b"o" * 32
TENANT, OTHER = "0198b6a2f4c17d3e9a5b1c2d3e4f5a6b", "0198b6a2f4c17d3e9a5b1c2d3e4f5a6c"
TRIAL = Form("trial", frozenset({"name", "place.city"}), fixed=frozenset({"tenant", "page"}), minutes=10)
FIXED = {"tenant": TENANT, "page": OTHER}


def out(**changes: Any) -> HandedOut:
    """A form that was handed out."""
    return replace(HandedOut.of(TRIAL, FIXED, now=NOW), **changes)


def back(*, fields: frozenset[str] = TRIAL.fields, **fixed: Any) -> Returned:
    """What comes back."""
    return Returned(fields=fields, fixed={**FIXED, **fixed})


def judged(token: str, came: Returned | None = None, *, form: Form = TRIAL, at: datetime = NOW) -> HandedOut | Why:
    """What is thought of it."""
    return judge(form, token, came or back(), key=KEY, now=at)


def test_a_form_that_comes_back_as_it_went_is_accepted() -> None:
    """With everything that it said."""
    sent = out()

    assert judged(sent.sign(KEY)) == sent
    assert sent.t == TENANT
    assert sent.expires_at == NOW + timedelta(minutes=10)


def test_no_two_forms_are_the_same() -> None:
    """Or one could be used in the name of the other."""
    assert out().n != out().n


@pytest.mark.parametrize(
    ("seconds", "accepted"), [(599, True), (600, False), (601, False)], ids=["before", "at", "after"]
)
def test_it_ends_at_its_time(seconds: int, accepted: bool) -> None:
    """To the second."""
    sent = out()

    assert judged(sent.sign(KEY), at=NOW + timedelta(seconds=seconds)) == (sent if accepted else Why.EXPIRED)


@pytest.mark.parametrize("bit", range(8))
def test_no_bit_can_be_changed(bit: int) -> None:
    """Of proof or content."""
    token = out().sign(KEY)
    raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    for at in range(0, len(raw), 7):
        spoiled = raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :]
        assert judged(urlsafe_b64encode(spoiled).decode().rstrip("=")) in {Why.FORGED, Why.OTHER_TENANT}


@pytest.mark.parametrize("token", ["x", "x" * 2048, "é", "====", "-_-_", "e30"])
def test_what_is_no_token_is_forged(token: str) -> None:
    """Whatever it is."""
    assert judged(token) is Why.FORGED


def test_a_token_has_one_spelling() -> None:
    """What decoding forgives is refused."""
    token = out().sign(KEY)

    assert [judged(other) for other in (f"{token}=", f"{token}\n", f".{token}", token[:-1])] == [Why.FORGED] * 4


def test_another_key_signs_nothing() -> None:
    """Nor does the very key, without the label that says it signs forms."""
    assert judged(out().sign(OTHER_KEY)) is Why.FORGED


def test_each_change_has_its_word() -> None:
    """So that the ledger tells what was tried."""
    token = out().sign(KEY)
    theirs = HandedOut.of(TRIAL, {**FIXED, "tenant": OTHER}, now=NOW).sign(OTHER_KEY)

    assert judged("") is Why.MISSING
    assert judged(theirs) is Why.OTHER_TENANT
    assert judged(token, form=replace(TRIAL, name="else")) is Why.OTHER_FORM
    assert judged(token, back(fields=TRIAL.fields | {"price"})) is Why.ALTERED_FIELDS
    assert judged(token, back(fields=TRIAL.fields - {"name"})) is Why.ALTERED_FIELDS
    assert judged(token, back(page=TENANT)) is Why.ALTERED_FIXED
    assert judged(token, back(page=None)) is Why.ALTERED_FIXED
    assert judged(token, back(page=["x"])) is Why.ALTERED_FIXED


def test_a_deeply_nested_forgery_is_a_forgery() -> None:
    """What is not proven is read with care."""
    nested = urlsafe_b64encode(b"p" * 32 + b"[" * 1_400).decode().rstrip("=")

    assert judged(nested) is Why.FORGED


def test_a_form_without_a_tenant_is_the_installations() -> None:
    """Registration, signing in."""
    assert HandedOut.of(FORMS["registration"], {}, now=NOW).t == INSTALLATION
    assert Returned(fields=frozenset(), fixed={}).tenant == INSTALLATION


def test_names_are_those_of_what_is_no_object() -> None:
    """Lists and empty objects are values; a dot in a name is no path."""
    content = {"a": 1, "b": {"c": None, "d": {"e": "x"}}, "f": [{"g": 1}], "h": {}, "i.j": 1}

    assert set(names_in(content)) == {"a", "b.c", "b.d.e", "f", "h", "i\\.j"}
    assert set(names_in([1])) == set()


@pytest.mark.parametrize("form", FORMS.values(), ids=lambda form: str(form.name))
def test_a_token_fits_into_a_header(form: Form) -> None:
    """And holds nothing but ids."""
    token = HandedOut.of(form, dict.fromkeys(form.fixed, TENANT), now=NOW).sign(KEY)

    assert len(token) < 1024
    assert 0 < form.minutes <= 24 * 60
