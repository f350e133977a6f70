"""Data secrecy: which text somebody confirmed, in which language, when; once a text and person."""

from datetime import timedelta

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.messages.secrecy_words import SECRECY_LANGUAGES, SECRECY_VERSION
from chalicelib.records.installation import Secrecy
from tests.builders import NETWORK
from tests.services.looking import ledger, stored, the
from tests.services.operators import colleague, founded, operator, signed_in
from tests.stage import stage


@pytest.mark.parametrize("language", SECRECY_LANGUAGES)
def test_it_is_noted_with_version_language_and_time(language: str) -> None:
    """And stands in the ledger of the installation."""
    with stage() as on:
        founded(on)
        session = on.services.sessions.authenticate(signed_in(on).token)
        assert on.services.pledging.confirmed(session) is None

        on.services.pledging.confirm(session, version=SECRECY_VERSION, language=language, network=NETWORK)

        held = the(Secrecy)
        assert (held.wording, held.language, held.confirmed_at) == (SECRECY_VERSION, language, on.clock.now)
        assert (held.tenant, held.subject) == (INSTALLATION, session.staff)
        assert held.expires_at is None
        confirmed = on.services.pledging.confirmed(session)
        assert confirmed is not None
        assert confirmed.confirmed_at == held.confirmed_at
        (entry,) = ledger(Action.SECRECY_CONFIRMED)
        assert (entry.tenant, entry.actor, entry.thing) == (INSTALLATION, session.staff, SECRECY_VERSION)
        assert (entry.at, entry.network) == (on.clock.now, NETWORK)


def test_what_was_confirmed_stays_as_it_was() -> None:
    """A second time changes neither language nor time."""
    with stage() as on:
        session, then = operator(on), on.clock.now
        on.clock.now += timedelta(hours=1)

        on.services.pledging.confirm(session, version=SECRECY_VERSION, language="it", network=NETWORK)

        assert (the(Secrecy).language, the(Secrecy).confirmed_at) == ("de", then)
        assert len(ledger(Action.SECRECY_CONFIRMED)) == 1


@pytest.mark.parametrize("version", ["", "2026-11-21", "2999-01-01", f"{SECRECY_VERSION} "])
def test_another_text_can_not_be_confirmed(version: str) -> None:
    """Neither an old one nor one to come."""
    with stage() as on:
        founded(on)
        session = on.services.sessions.authenticate(signed_in(on).token)

        with pytest.raises(InvalidInputError) as refused:
            on.services.pledging.confirm(session, version=version, language="de", network=NETWORK)

        assert refused.value.field == "version"
        assert stored(Secrecy) == []


def test_everybody_confirms_for_themselves() -> None:
    """One does not speak for another."""
    with stage() as on:
        operator(on)
        colleague(on)

        assert len(stored(Secrecy)) == len({each.subject for each in stored(Secrecy)}) == 2
