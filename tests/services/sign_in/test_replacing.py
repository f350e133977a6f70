"""Whoever signs in anew: the session that they came with ends as the new one opens, and no other does."""

import dataclasses
from collections.abc import Callable

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import CredentialsRefusedError
from chalicelib.domain.tokens import Token
from chalicelib.domain.visits import Visitor
from chalicelib.records.session import Session
from chalicelib.services.sign_in.replacing import PREFIX, brought_by
from tests.builders import VISITOR, registered
from tests.services.factors import member
from tests.services.looking import ledger, stored
from tests.services.meddling import before_commit, calls
from tests.services.signers import WRONG, Signer, with_password


def coming_with(*tokens: str) -> Visitor:
    """Somebody whose request brings these along."""
    return dataclasses.replace(VISITOR, came_with=tokens)


def portals() -> list[str]:
    """Of the sessions that are open."""
    return sorted(each.portal for each in stored(Session))


def signed_out(by: Signer) -> list[tuple[str | None, str | None]]:
    """What the ledger says of it: whose, and from where."""
    return [(each.actor, each.network) for each in ledger(Action.SIGNED_OUT) if each.tenant == by.of.tenant]


def test_the_session_one_came_with_ends() -> None:
    """In the same transaction, and its owner's ledger says so; another one of theirs stays."""
    with with_password() as by:
        other = by.signed_in()

        fresh = by.signed_in(visitor=coming_with(by.of.token))

        left = {Session.ref(token) for each in (other, fresh) if (token := Token.read(each.token, prefix=PREFIX))}
        assert {(ref.pk, ref.sk) for ref in left} == {(each.pk, each.sk) for each in stored(Session)}
        assert signed_out(by) == [(by.of.expert, VISITOR.network)]


def test_it_may_be_somebody_elses() -> None:
    """Of another business, before the same screen: its token proves that it was theirs to give up."""
    with with_password() as by:
        theirs = registered(by.on, email="neu@praxis-neu.example")

        by.signed_in(visitor=coming_with(theirs.token))

        assert [each.tenant for each in stored(Session)] == [by.of.tenant] * 2
        assert [(each.tenant, each.actor) for each in ledger(Action.SIGNED_OUT)] == [(theirs.tenant, theirs.staff)]


def test_another_portal_has_a_session_of_its_own() -> None:
    """Who works in both is not signed out of one by the other."""
    with with_password() as by:
        by.signed_in(portal="expert", visitor=coming_with(by.of.token))

        assert portals() == ["admin", "expert"]
        assert signed_out(by) == []


@pytest.mark.parametrize(
    "made_up",
    [
        lambda _: "",
        lambda _: "zs_",
        lambda _: "zk_AAAA",
        lambda by: by.of.token.removeprefix(PREFIX),
        lambda by: Token.new(by.of.tenant, by.of.expert).spell(prefix=PREFIX),
    ],
    ids=["empty", "prefix", "key", "bare", "unknown-secret"],
)
def test_a_token_that_proves_nothing_ends_nothing(made_up: Callable[[Signer], str]) -> None:
    """And leaves no entry: whoever knows ids alone has no say about anybody's sessions."""
    with with_password() as by:
        by.signed_in(visitor=coming_with(made_up(by)))

        assert portals() == ["admin", "admin"]
        assert signed_out(by) == []


def test_the_same_token_twice_counts_once() -> None:
    """In a header and in a cookie."""
    with with_password() as by:
        assert len(brought_by(coming_with(by.of.token, by.of.token))) == 1


def test_a_refusal_ends_nothing() -> None:
    """Whoever can't prove themselves stays signed in as they were."""
    with with_password() as by:
        with pytest.raises(CredentialsRefusedError):
            by.admitted(WRONG, visitor=coming_with(by.of.token))

        assert portals() == ["admin"]


def test_it_takes_no_further_round_trip() -> None:
    """It is read with what is read anyway."""
    with with_password() as by:
        by.signed_in()
        made = []
        for tokens in ((), (by.of.token,)):
            with calls() as each:
                by.signed_in(visitor=coming_with(*tokens))
            made.append(each)

        assert made[0] == made[1]


def test_it_may_end_by_itself_meanwhile() -> None:
    """The new one opens all the same."""
    with with_password() as by:
        with before_commit(lambda: by.on.services.sessions.end_all_of(by.of.tenant, by.of.expert), least=4):
            fresh = by.signed_in(visitor=coming_with(by.of.token))

        assert by.on.services.sessions.authenticate(fresh.token).staff == by.of.expert


def test_the_first_step_ends_nothing_and_the_second_does() -> None:
    """Until then nobody is signed in anew."""
    with member() as of:
        app = of.add_app()
        pending = of.first_step()
        assert portals() == ["admin"]

        of.second_step(pending, visitor=coming_with(of.token), totp=app.at(of.on.clock.now))

        assert [each.means for each in stored(Session)] == ["password+totp"]
