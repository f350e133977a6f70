"""Capability links: made for people, read when they come back."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from chalicelib.domain.errors import LinkExpiredError, LinkInvalidError
from chalicelib.domain.links import Link, LinkPurpose
from chalicelib.services.linking import staff_link
from tests.builders import MONDAY_10, Business, booked
from tests.services.prepared import open_business
from tests.stage import Stage

HOUR = timedelta(hours=1)


def link(on: Stage, of: Business) -> Link:
    """A sign-in link of the expert, good for an hour."""
    expires = on.clock.now + HOUR
    return staff_link(
        LinkPurpose.SIGN_IN, tenant=of.tenant, staff=of.expert, notification=of.expert, version=7, expires=expires
    )


def test_a_link_comes_back_as_it_was_made() -> None:
    """Everything it says."""
    with open_business() as (on, of):
        made = link(on, of)

        assert on.services.linking.read(on.services.linking.token(made), LinkPurpose.SIGN_IN) == made


@pytest.mark.parametrize(("seconds", "good"), [(-1, True), (0, False), (1, False)])
def test_a_link_ends_at_its_second(seconds: int, good: bool) -> None:
    """And says so, rather than that it is invalid."""
    with open_business() as (on, of):
        token = on.services.linking.token(link(on, of))
        on.clock.now += HOUR + timedelta(seconds=seconds)

        if good:
            assert on.services.linking.read(token, LinkPurpose.SIGN_IN)
        else:
            with pytest.raises(LinkExpiredError):
                on.services.linking.read(token, LinkPurpose.SIGN_IN)


@pytest.mark.parametrize("purpose", [each for each in LinkPurpose if each is not LinkPurpose.SIGN_IN])
def test_a_link_is_for_one_purpose(purpose: LinkPurpose) -> None:
    """Whatever else it is shown for, it is invalid there."""
    with open_business() as (on, of):
        token = on.services.linking.token(link(on, of))

        with pytest.raises(LinkInvalidError):
            on.services.linking.read(token, purpose)


def test_every_part_of_a_link_is_signed() -> None:
    """Each byte, changed by one bit, makes it invalid."""
    with open_business() as (on, of):
        token = on.services.linking.token(link(on, of))
        body = urlsafe_b64decode(token + "=" * (-len(token) % 4))

        for at in range(len(body)):
            changed = bytes([*body[:at], body[at] ^ 1, *body[at + 1 :]])
            with pytest.raises(LinkInvalidError):
                on.services.linking.read(urlsafe_b64encode(changed).decode().rstrip("="), LinkPurpose.SIGN_IN)


def test_a_link_of_an_unknown_business_is_invalid() -> None:
    """No key is made to find that out."""
    with open_business() as (on, of):
        made = replace(link(on, of), tenant="e" * 32)
        before = on.kms.calls

        with pytest.raises(LinkInvalidError):
            on.services.linking.read(made.sign(b"k" * 32), LinkPurpose.SIGN_IN)

        assert on.kms.calls == before


def test_tokens_stand_behind_the_hash_sign() -> None:
    """What stands there is never sent to a server, so no log has it."""
    with open_business() as (on, of):
        held = booked(on, of)

        for page in (on.services.linking.manage_page(held), on.services.linking.cancel_page(held)):
            parts = urlsplit(page)
            assert (parts.netloc, parts.path, parts.query) == ("api.example.ch", "/appointment", "")
            assert "cancel=" in parts.fragment


def test_a_customers_links_are_bound_to_the_appointment_as_it_stands() -> None:
    """To its sequence, and until it begins."""
    with open_business() as (on, of):
        held = booked(on, of)

        tokens = on.services.linking.self_service(held)

        for name, purpose in (("cancel", LinkPurpose.CANCEL), ("reschedule", LinkPurpose.RESCHEDULE)):
            read = on.services.linking.read(tokens[name], purpose)
            assert (read.thing, read.subject, read.version, read.expires) == (held.id, held.subject, 0, MONDAY_10)
