"""Signing in by password: who gets in, who does not, and that nobody can tell why."""

from datetime import timedelta

import pytest

from chalicelib.adapters.argon2 import Argon2Proofs
from chalicelib.domain.actions import Action
from chalicelib.domain.errors import CredentialsRefusedError, NotAllowedError, TooManyAttemptsError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.tokens import Token
from chalicelib.domain.visits import Visitor
from chalicelib.records.attempts import AccountAttempts
from chalicelib.records.keys import SubjectKey
from chalicelib.records.session import PendingSignIn, Session
from chalicelib.records.tenant import Tenant
from chalicelib.records.writing import Transaction
from chalicelib.services.sign_in.admitting import NETWORKS, Pending
from chalicelib.services.sign_in.refusing import Refusing
from tests.builders import VISITOR
from tests.services.looking import ledger, stored
from tests.services.meddling import before_commit, calls
from tests.services.signers import EMAIL, OTHER, PROOF, UNKNOWN, WRONG, Signer, there, with_password


def refused(by: Signer, proof: bytes = PROOF, *, email: str = EMAIL) -> str:
    """What somebody hears who is refused."""
    before = len(stored(Session))
    with pytest.raises(CredentialsRefusedError) as error:
        by.admitted(proof, email=email)
    assert len(stored(Session)) == before
    assert error.value.field is None
    return str(error.value)


def test_the_proof_opens_a_session() -> None:
    """Of its owner, with the roles of the portal, and with where it came from."""
    with with_password() as by:
        signed_in = by.signed_in(visitor=VISITOR)

        caller = by.on.services.sessions.authenticate(signed_in.token)
        assert (caller.tenant, caller.staff, caller.portal) == (by.of.tenant, by.of.expert, "admin")
        session = there(Session.ref(Token.read(signed_in.token, prefix="zs_") or Token("", "", b"")))
        assert (session.means, session.browser, session.system) == ("password", "Firefox", "Linux")
        assert session.network == "203.0.113.0/24"
        (entry,) = [each for each in ledger(Action.SIGNED_IN) if each.at == by.on.clock.now][-1:]
        assert (entry.actor, entry.network) == (by.of.expert, "203.0.113.0/24")


@pytest.mark.parametrize(
    ("portal", "roles"), [("", {"admin", "expert"}), ("admin", {"admin", "expert"}), ("expert", {"expert"})]
)
def test_a_portal_gives_the_roles_that_belong_there(portal: str, roles: set[str]) -> None:
    """In the experts' portal an admin is an expert and nothing else."""
    with with_password() as by:
        signed_in = by.signed_in(portal=portal)

        assert by.on.services.sessions.authenticate(signed_in.token).roles == roles


def test_a_portal_that_one_has_no_role_for_stays_closed() -> None:
    """Nobody becomes the operator by asking."""
    with with_password() as by, pytest.raises(NotAllowedError):
        by.admitted(portal="operator")


@pytest.mark.parametrize("email", [EMAIL.upper(), EMAIL.title()])
def test_the_address_is_compared_without_case(email: str) -> None:
    """As people type it; the salt is the same, too."""
    with with_password() as by:
        service = by.on.services.password_sign_in

        assert service.salt(email) == service.salt(EMAIL)
        assert by.signed_in(email=email)


def test_salts_are_for_ever_and_for_everybody() -> None:
    """Each address has its own, known or not, in every process; a password set or changed does not show."""
    with with_password(None) as by:
        service = by.on.services.password_sign_in
        before = [service.salt(email) for email in (EMAIL, UNKNOWN)]
        by.on.services.passwords.change(by.of.session, PROOF, None, visitor=VISITOR)
        by.on.vault.forget(INSTALLATION)

        assert [service.salt(email) for email in (EMAIL, UNKNOWN)] == before
        assert len(set(before)) == 2
        assert {len(salt) for salt in before} == {16}


def test_a_salt_takes_no_look_at_any_record() -> None:
    """So neither the answer nor the time tells whether there is such an account."""
    with with_password() as by:
        by.on.services.password_sign_in.salt(EMAIL)

        with calls() as made:
            by.on.services.password_sign_in.salt(EMAIL)
            by.on.services.password_sign_in.salt(UNKNOWN)

        assert made == []


def test_everybody_who_is_refused_hears_the_same() -> None:
    """A wrong proof, an unknown address; before a password was set, and after."""
    with with_password(None) as by:
        said = {refused(by), refused(by, email=UNKNOWN)}
        by.on.services.passwords.change(by.of.session, PROOF, None, visitor=VISITOR)
        said |= {refused(by, WRONG), refused(by, WRONG, email=UNKNOWN)}

        assert len(said) == 1


def test_everybody_who_is_refused_costs_the_same() -> None:
    """The same calls to the store, in the same order, and one comparison, as slow as any."""
    with with_password() as by:
        refused(by, WRONG)  # keys are at hand from here on
        compared: list[str] = []
        hasher = by.on.services.hasher

        class Watching(Argon2Proofs):
            def matches(self, kept: str, proof: bytes) -> bool:
                compared.append(kept.rpartition("$")[0].rpartition("$")[0])
                return hasher.matches(kept, proof)

        vars(by.on.services)["hasher"] = Watching(memory_kib=8, passes=1)
        del vars(by.on.services)["password_sign_in"]
        made = []
        for email in (EMAIL, UNKNOWN, UNKNOWN):
            with calls() as each:
                refused(by, WRONG, email=email)
            made.append(each)

        assert made[0] == made[1] == made[2]
        assert len(compared) == 3
        assert len(set(compared)) == 1  # the parameters


def test_a_refusal_takes_its_time() -> None:
    """Half a second, counted from the start, for whatever reason; whoever gets in does not wait."""
    with with_password() as by:
        slept: list[float] = []
        vars(by.on.services)["refusing"] = Refusing(0.5, lambda: 0.0, slept.append)

        for email in (EMAIL, UNKNOWN):
            refused(by, WRONG, email=email)
        by.admitted()

        assert slept == [0.5, 0.5]


def test_a_refusal_stands_in_the_ledger() -> None:
    """Of the business whose account it is, or of the installation; never with who was meant where there is nobody."""
    with with_password() as by:
        refused(by, WRONG)
        refused(by, WRONG, email=UNKNOWN)

        told = {entry.tenant: entry for entry in ledger(Action.SIGN_IN_REFUSED)}
        assert set(told) == {by.of.tenant, INSTALLATION}
        assert (told[by.of.tenant].about, told[by.of.tenant].actor) == (by.of.expert, None)
        assert (told[INSTALLATION].about, told[INSTALLATION].actor) == (None, None)
        assert {entry.network for entry in told.values()} == {"10.0.0.0/24", "10.0.1.0/24"}


@pytest.mark.parametrize("why", ["unconfirmed", "restricted", "shredded", "left", "ended", "cancelled"])
def test_who_may_not_use_the_product_is_refused_like_anybody(why: str) -> None:
    """With the right proof, and with the same words."""
    with with_password() as by:
        now, words = by.on.clock.now, refused(by, WRONG)
        if why == "unconfirmed":
            by.change(by.staff, unconfirmed_since=now)
        elif why == "restricted":
            by.change(by.staff, restricted_since=now)
        elif why == "shredded":
            transaction = Transaction()
            transaction.discard(SubjectKey.ref(by.of.tenant, by.of.expert))
            transaction.commit()
            by.on.vault.forget(by.of.tenant)
        elif why == "left":
            by.change(by.staff, left_at=now)
        elif why == "ended":
            by.change(there(Tenant.ref(by.of.tenant)), plan=None, trial_ends_at=now - timedelta(days=30))
        else:
            by.change(there(Tenant.ref(by.of.tenant)), cancelled_at=now - timedelta(days=30))

        assert refused(by) == words


def test_who_may_only_read_gets_in() -> None:
    """To export what there is."""
    with with_password() as by:
        by.change(there(Tenant.ref(by.of.tenant)), cancelled_at=by.on.clock.now)

        assert by.signed_in()


def test_whoever_is_deleted_this_very_moment_is_not_let_in() -> None:
    """The session would outlive its owner."""
    with with_password() as by:

        def delete() -> None:
            transaction = Transaction()
            transaction.delete(by.staff)
            transaction.delete(by.credentials)
            transaction.commit()

        with before_commit(delete), pytest.raises(CredentialsRefusedError):
            by.admitted()

        assert not [each for each in stored(Session) if each.means == "password"]


def test_a_password_that_is_changed_this_very_moment_opens_nothing() -> None:
    """The comparison was with the old one: it is made again."""
    with with_password() as by:
        change = lambda: by.on.services.passwords.change(by.of.session, OTHER, PROOF, visitor=VISITOR)  # noqa: E731

        with before_commit(change), pytest.raises(CredentialsRefusedError):
            by.admitted()

        assert not [each for each in stored(Session) if each.means == "password"]


def test_a_change_of_the_profile_does_not_get_in_the_way() -> None:
    """What is read again still fits."""
    with with_password() as by, before_commit(lambda: by.change(by.staff, language="en")) as met:
        assert by.signed_in()
        assert len(met) == 1


def test_three_attempts_from_one_address() -> None:
    """Right or wrong, whatever the account; from elsewhere it goes on."""
    with with_password() as by:
        by.admitted(visitor=VISITOR)
        for email in (EMAIL, UNKNOWN):
            with pytest.raises(CredentialsRefusedError):
                by.admitted(WRONG, email=email, visitor=VISITOR)

        with pytest.raises(TooManyAttemptsError) as waiting:
            by.admitted(visitor=VISITOR)

        assert waiting.value.retry_after == 300
        assert by.signed_in()


@pytest.mark.parametrize("email", [EMAIL, UNKNOWN])
def test_an_account_slows_down(email: str) -> None:
    """After five failures, from however many addresses; whether or not there is such an account."""
    with with_password() as by:
        for _ in range(5):
            refused(by, WRONG, email=email)

        with pytest.raises(TooManyAttemptsError) as waiting:
            by.admitted(WRONG, email=email)
        assert waiting.value.retry_after == 1
        by.on.clock.move(seconds=1)
        refused(by, WRONG, email=email)


def test_nobody_can_lock_the_owner_out() -> None:
    """From where they signed in before, they always can; from elsewhere a minute later at the latest."""
    with with_password() as by:
        by.admitted(visitor=VISITOR)
        for _ in range(20):
            by.on.clock.move(minutes=1)
            refused(by, WRONG)

        with pytest.raises(TooManyAttemptsError):
            by.admitted()
        assert by.signed_in(visitor=Visitor.of("203.0.113.99", ""))


def test_a_success_clears_the_failures() -> None:
    """The next typing mistake is the first."""
    with with_password() as by:
        for _ in range(4):
            refused(by, WRONG)
        by.admitted()

        assert stored(AccountAttempts) == []


def test_the_last_networks_are_remembered() -> None:
    """Ten of them, as keyed hashes that tell nothing."""
    with with_password() as by:
        visitors = [by.somewhere() for _ in range(NETWORKS + 1)]
        for visitor in (*visitors, visitors[5]):
            by.admitted(visitor=visitor)

        held, knows = by.credentials, by.on.services.admitting.knows_network
        assert [knows(held, visitor) for visitor in visitors] == [False] + [True] * NETWORKS
        assert len(held.networks) == NETWORKS
        assert "10.0." not in repr(held.networks)
        assert not knows(held, Visitor.of("no address", ""))


def test_a_visitor_without_an_address_is_never_known() -> None:
    """Or everybody without one would be."""
    with with_password() as by:
        by.admitted(visitor=Visitor.of("unknown", ""))

        assert not by.credentials.networks


def test_a_hash_with_old_parameters_is_replaced() -> None:
    """When its owner comes by, since only then the proof is there."""
    with with_password() as by:
        old = by.credentials.proof_hash
        vars(by.on.services)["hasher"] = Argon2Proofs(memory_kib=16, passes=1)

        by.admitted()

        assert old is not None
        assert old.startswith("$argon2id$v=19$m=8,")
        assert (by.credentials.proof_hash or "").startswith("$argon2id$v=19$m=16,")
        assert by.signed_in()


def test_a_second_factor_is_asked_for() -> None:
    """No session yet; what was proven is noted under a token of its own."""
    with with_password() as by:
        by.change(by.credentials, totp_secret="JBSWY3DPEHPK3PXP")
        before = len(stored(Session))

        pending = by.admitted(portal="expert")

        assert isinstance(pending, Pending)
        assert pending.kinds == ("totp",)
        (held,) = stored(PendingSignIn)
        assert (held.portal, held.means) == ("expert", "password")
        assert held.expires_at == pending.expires_at == by.on.clock.now + timedelta(minutes=5)
        assert pending.token.startswith("zp_")
        assert pending.token not in repr(held.serialize())
        assert len(stored(Session)) == before
        assert not by.credentials.networks


def test_whoever_knows_the_password_is_slowed_down_at_the_second_factor() -> None:
    """Beginning anew does not clear what failed: only a whole sign-in does."""
    with with_password() as by:
        by.change(by.credentials, totp_secret="JBSWY3DPEHPK3PXP")
        for _ in range(5):
            by.admitted()

        with pytest.raises(TooManyAttemptsError):
            by.admitted()


def test_nothing_that_is_stored_tells_the_proof() -> None:
    """It is hashed, and the hash is sealed."""
    with with_password() as by:
        by.admitted()

        raw = repr([record.serialize() for record in (by.credentials, *stored(Session), *stored(PendingSignIn))])
        assert PROOF.hex() not in raw
        assert "argon2" not in raw
        assert (by.credentials.proof_hash or "").startswith("$argon2id$")
