"""Keys of tenants' servers: shown once, limited in number, time and scope, revoked at once, never a person."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import ConflictError, InvalidInputError, NotFoundError, NotSignedInError
from chalicelib.domain.ids import new_id
from chalicelib.domain.scopes import APPOINTMENTS_READ, SERVICES_READ
from chalicelib.domain.tenancy import READ_ONLY, TRIAL, Standing
from chalicelib.domain.tokens import Token
from chalicelib.records.api_key import ApiKey
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services.tenancy.api_keys import LONGEST, MOST, PREFIX, KeyShown, WantedKey
from tests.builders import NETWORK, Business
from tests.services.looking import ledger, stored, the
from tests.services.meddling import before_commit, calls
from tests.services.prepared import open_business
from tests.stage import Stage

SECOND = timedelta(seconds=1)


def made(on: Stage, of: Business, **changes: Any) -> KeyShown:
    """A key for a month."""
    wanted = WantedKey(
        label="Website", scopes=frozenset({SERVICES_READ}), valid_until=on.clock.now + timedelta(days=20)
    )
    return on.services.api_keys.create(of.session, replace(wanted, **changes), network=NETWORK)


def refused(on: Stage, text: str) -> bool:
    """Whether nobody is let in by this."""
    try:
        on.services.api_keys.authenticate(text, network=NETWORK)
    except NotSignedInError as error:
        return error.remedy == "Send a valid key as `Authorization: Bearer <key>`."
    return False


def test_a_key_acts_for_the_business_by_its_own_name() -> None:
    """Within its scopes; it is nobody's session."""
    with open_business() as (on, of):
        key = made(on, of)
        caller = on.services.api_keys.authenticate(key.secret, network=NETWORK)

        assert (caller.tenant, caller.staff, caller.scopes) == (of.tenant, key.id, {SERVICES_READ})
        assert (caller.session, caller.access, caller.needs_second_factor) == (None, "", False)
        on.services.offering.services(caller, network=NETWORK)
        assert ledger(Action.SERVICES_READ)[-1].actor == key.id


def test_only_a_hash_is_stored() -> None:
    """And the label is sealed."""
    with open_business() as (on, of):
        key = made(on, of, label="Geheimes Projekt")

        token = Token.read(key.secret, prefix=PREFIX)
        held = the(ApiKey)
        assert token is not None
        assert (held.digest, token.owner) == (token.digest, key.id)
        assert key.secret not in repr(held.serialize())
        assert "Geheimes" not in repr(held.serialize())
        assert key.secret not in repr(key)


def test_what_is_no_key_is_refused_in_one_way() -> None:
    """Unknown, another's, spoiled, a session's token: the answer is the same."""
    with open_business() as (on, of):
        key = made(on, of)
        token = Token.read(key.secret, prefix=PREFIX)
        assert token is not None
        wrong = [
            "",
            PREFIX,
            of.token,
            key.secret.removeprefix(PREFIX),
            f"{key.secret}=",
            replace(token, secret=b"x" * 32).spell(prefix=PREFIX),
            replace(token, owner=new_id(on.clock.now)).spell(prefix=PREFIX),
            replace(token, tenant=new_id(on.clock.now)).spell(prefix=PREFIX),
        ]

        assert [refused(on, each) for each in wrong] == [True] * len(wrong)
        assert not refused(on, key.secret)


def test_a_key_costs_one_round_trip() -> None:
    """Key and tenant together; its use is noted beside the call."""
    with open_business() as (on, of):
        key = made(on, of)
        with calls() as trips:
            on.services.api_keys.authenticate(key.secret, network=NETWORK)

        assert trips == ["BatchGetItem"]


@pytest.mark.parametrize(("seconds", "noted"), [(299, False), (300, True)], ids=["early", "due"])
def test_its_use_is_noted_every_five_minutes(seconds: int, noted: bool) -> None:
    """And is shown to admins."""
    with open_business() as (on, of):
        key = made(on, of)
        first = on.services.api_keys.authenticate(key.secret, network=NETWORK)
        assert first.renew is not None
        first.renew()
        on.clock.move(seconds=seconds)

        again = on.services.api_keys.authenticate(key.secret, network=NETWORK)

        assert (again.renew is not None) == noted
        (shown,) = on.services.api_keys.listed(of.session, network=NETWORK)
        assert shown.seen_at == on.clock.now - timedelta(seconds=seconds)
        assert (shown.secret, shown.label, shown.created_by) == ("", "Website", of.expert)


def test_a_use_that_meets_another_is_left_to_it() -> None:
    """And one that meets the end of the key does not bring it back."""
    with open_business() as (on, of):
        key = made(on, of)
        late = on.services.api_keys.authenticate(key.secret, network=NETWORK).renew
        on.services.api_keys.revoke(of.session, key.id, network=NETWORK)
        assert late is not None

        late()

        assert stored(ApiKey) == []


@pytest.mark.parametrize(
    ("ahead", "fine"),
    [
        (timedelta(0), False),
        (SECOND, True),
        (LONGEST, True),
        (LONGEST + SECOND, False),
    ],
    ids=["now", "soon", "a year", "later"],
)
def test_a_key_ends_within_a_year(ahead: timedelta, fine: bool) -> None:
    """And not in the past."""
    with open_business() as (on, of):
        if fine:
            assert made(on, of, valid_until=on.clock.now + ahead).valid_until == on.clock.now + ahead
        else:
            with pytest.raises(InvalidInputError):
                made(on, of, valid_until=on.clock.now + ahead)


def test_a_key_ends_at_its_time() -> None:
    """To the second, swept or not."""
    with open_business() as (on, of):
        key = made(on, of, valid_until=on.clock.now + timedelta(hours=1))
        on.clock.move(minutes=59, seconds=59)
        assert not refused(on, key.secret)
        on.clock.move(seconds=1)

        assert refused(on, key.secret)
        assert on.services.api_keys.listed(of.session, network=NETWORK) == []


def test_a_revoked_key_ends_at_once() -> None:
    """The second time there is none."""
    with open_business() as (on, of):
        key = made(on, of)
        on.services.api_keys.revoke(of.session, key.id, network=NETWORK)

        assert refused(on, key.secret)
        assert ledger(Action.API_KEY_REVOKED)[0].thing == key.id
        with pytest.raises(NotFoundError):
            on.services.api_keys.revoke(of.session, key.id, network=NETWORK)


def test_there_are_ten_at_most() -> None:
    """Also when two are made at once: the slower one counts anew."""
    with open_business() as (on, of):
        keys = [made(on, of) for _ in range(MOST - 1)]

        with before_commit(lambda: keys.append(made(on, of))), pytest.raises(ConflictError):
            made(on, of)

        assert len(stored(ApiKey)) == MOST
        on.services.api_keys.revoke(of.session, keys[0].id, network=NETWORK)
        made(on, of)


@pytest.mark.parametrize(
    ("after", "standing"),
    [
        (TRIAL - SECOND, Standing.TRIAL),
        (TRIAL, Standing.READ_ONLY),
        (TRIAL + READ_ONLY - SECOND, Standing.READ_ONLY),
        (TRIAL + READ_ONLY, None),
    ],
    ids=["trial", "over", "last second", "ended"],
)
def test_a_key_follows_the_tenancy(after: timedelta, standing: Standing | None) -> None:
    """Read-only with it, and ended with it."""
    with open_business() as (on, of):
        key = made(on, of, valid_until=on.clock.now + timedelta(days=200))
        held, transaction = the(Tenant), Transaction()
        held.plan, held.trial_ends_at = None, on.clock.now + TRIAL
        transaction.update(held)
        transaction.commit()
        on.clock.now += after

        if standing is None:
            assert refused(on, key.secret)
        else:
            assert on.services.api_keys.authenticate(key.secret, network=NETWORK).standing is standing


def test_what_admins_do_with_keys_is_noted() -> None:
    """Made, listed, revoked: which, and by whom."""
    with open_business() as (on, of):
        key = made(on, of, scopes=frozenset({APPOINTMENTS_READ}))
        on.services.api_keys.listed(of.session, network=NETWORK)

        (created,), (read,) = ledger(Action.API_KEY_CREATED), ledger(Action.API_KEYS_READ)
        assert (created.actor, created.thing, created.network) == (of.expert, key.id, NETWORK)
        assert (read.actor, read.thing) == (of.expert, None)


def test_a_key_outlives_the_admin_who_made_it() -> None:
    """It is the business's; whoever is left sees who made it."""
    with open_business() as (on, of):
        key = made(on, of)
        transaction = Transaction()
        transaction.delete(the(Staff))
        transaction.commit()

        assert not refused(on, key.secret)
