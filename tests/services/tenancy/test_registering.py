"""Registering a business and confirming its address."""

from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest

from chalicelib.domain import versions
from chalicelib.domain.actions import Action
from chalicelib.domain.delivery import Delivery
from chalicelib.domain.errors import (
    IdempotencyMismatchError,
    InvalidInputError,
    LinkExpiredError,
    LinkInvalidError,
    LinkUsedError,
)
from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.roles import ADMIN, EXPERT
from chalicelib.domain.versions import TERMS_VERSION
from chalicelib.records.keys import SubjectKey, TenantKey
from chalicelib.records.notification import Notification
from chalicelib.records.publications import published
from chalicelib.records.session import Session
from chalicelib.records.staff import Acceptance, Staff, StaffAddress
from chalicelib.records.team import Team
from chalicelib.records.tenant import Tenant
from chalicelib.services.repeating import Repeatable
from tests.builders import NETWORK, VISITOR, application, link_in, registered
from tests.fakes import DrivenClock
from tests.services.looking import ledger, messages, stored, the
from tests.services.meddling import before_commit, refused_writes
from tests.stage import Stage, stage

SHOUTED = "REGULA@praxis-brunner.example"
WEEK = timedelta(days=7)


def register(on: Stage, *, repeat: Repeatable | None = None, **changes: object) -> None:
    """Registers, without confirming."""
    on.services.registering.register(application(**changes), network=NETWORK, repeat=repeat)


def keyed(content: str = "the request", key: str = "key-0001") -> Repeatable:
    """A request with an Idempotency-Key."""
    repeat = Repeatable.of(key, scope="registration", content=content)
    assert repeat is not None
    return repeat


@pytest.mark.parametrize(
    ("field", "held"), [("terms_version", TERMS_VERSION), ("notice_version", published()[0].version)]
)
def test_only_the_versions_in_force_can_be_accepted(field: str, held: str) -> None:
    """Who saw an older text did not accept this one; the answer names the field and the version."""
    with stage() as on:
        with pytest.raises(InvalidInputError) as refused:
            register(on, **{field: "2020-01-01"})

        assert refused.value.field == field
        assert held in refused.value.remedy
        assert stored(Tenant) == []


def test_a_registration_makes_a_tenant_and_its_first_member() -> None:
    """An admin who is an expert too, not confirmed yet, with a confirmation waiting in the outbox."""
    with stage() as on:
        register(on)

        tenant, staff = the(Tenant), the(Staff)
        assert (tenant.company, tenant.city, tenant.contact_mail) == (
            "Praxis Brunner",
            "Zürich",
            "regula@praxis-brunner.example",
        )
        assert (staff.display_name, set(staff.roles)) == ("Regula Brunner", {ADMIN, EXPERT})
        assert tenant.unconfirmed_since == staff.unconfirmed_since == on.clock.now
        assert the(Notification).message == "confirm-registration"
        assert [each.network for each in ledger(Action.REGISTERED)] == [NETWORK]


def test_nothing_about_the_person_is_stored_in_the_clear() -> None:
    """Neither the tenant nor the member show a value to who reads the table."""
    with stage() as on:
        register(on)

        text = repr([(each.serialize()) for each in (*stored(Tenant), *stored(Staff), *stored(StaffAddress))])
        assert not [value for value in ("Regula", "Brunner", "Seestrasse", "praxis", "+4144") if value in text]


def test_what_was_accepted_is_recorded() -> None:
    """Both versions, the language in which they were shown, and when."""
    with stage() as on:
        register(on, language="en")

        accepted = the(Acceptance)
        assert (accepted.terms_version, accepted.notice_version) == (TERMS_VERSION, published()[-1].version)
        assert (accepted.language, accepted.accepted_at) == ("en", on.clock.now)


def test_confirming_signs_in_and_begins_the_trial() -> None:
    """Afterwards none of the records has an end but the business, which has one for as long as it is on trial."""
    with stage() as on:
        signed_in = registered(on)

        kept = [*stored(Team), *stored(Staff), *stored(StaffAddress), *stored(Acceptance)]
        assert [(each.unconfirmed_since, each.expires_at) for each in kept] == [(None, None)] * 4
        tenant = the(Tenant)
        assert (tenant.unconfirmed_since, tenant.trial_ends_at) == (None, on.clock.now + timedelta(days=30))
        assert tenant.expires_at == on.clock.now + timedelta(days=60)
        assert on.services.sessions.authenticate(signed_in.token).roles == {ADMIN, EXPERT}
        assert len(ledger(Action.CONFIRMED)) == len(ledger(Action.SIGNED_IN)) == 1


@pytest.mark.parametrize(
    ("registered_at", "over", "said"),
    [
        (datetime(2026, 3, 25, 9, 0, tzinfo=UTC), datetime(2026, 4, 1, 8, 0, tzinfo=UTC), "1. April 2026, 10:00 Uhr"),
        (datetime(2026, 10, 21, 8, 0, tzinfo=UTC), datetime(2026, 10, 28, 9, 0, tzinfo=UTC), "28. Oktober 2026, 10:00"),
    ],
)
@pytest.mark.parametrize("asked_later", [timedelta(0), timedelta(days=3)])
def test_a_link_is_good_for_as_long_as_the_registration(
    registered_at: datetime, over: datetime, said: str, asked_later: timedelta
) -> None:
    """A week on the wall clock, also across a clock change; one that is asked for later ends no later, and says so."""
    with stage(DrivenClock(registered_at)) as on:
        register(on)
        on.clock.now += asked_later
        if asked_later:
            on.services.signing_in.ask_for_link(application().email, network=NETWORK)
        on.pump()
        mail = on.mails()[-1]
        assert f"bis Mittwoch, {said}" in mail.text

        on.clock.now = over
        with pytest.raises(LinkExpiredError):
            on.services.registering.confirm(link_in(mail.text), visitor=VISITOR)
        on.clock.now = over - timedelta(seconds=1)
        on.services.registering.confirm(link_in(mail.text), visitor=VISITOR)

        assert len(ledger(Action.CONFIRMED)) == 1


def test_a_confirmation_works_once() -> None:
    """The second time is told to sign in, and opens no session."""
    with stage() as on:
        registered(on)
        token = link_in(on.mails()[-1].text)

        with pytest.raises(LinkUsedError):
            on.services.registering.confirm(token, visitor=VISITOR)

        assert len(stored(Session)) == 1


def test_two_confirmations_at_once_open_one_session() -> None:
    """The second one finds the records changed when it writes."""
    with stage() as on:
        register(on)
        on.pump()
        token = link_in(on.mails()[-1].text)

        with (
            before_commit(lambda: on.services.registering.confirm(token, visitor=VISITOR)),
            pytest.raises(LinkUsedError),
        ):
            on.services.registering.confirm(token, visitor=VISITOR)

        assert len(stored(Session)) == len(ledger(Action.CONFIRMED)) == 1


def test_a_known_address_gets_a_sign_in_link_and_no_second_tenant() -> None:
    """However the address is written; the caller sees no difference."""
    with stage() as on:
        registered(on)

        register(on, email=SHOUTED, company="Another")
        on.pump()

        assert [each.company for each in stored(Tenant)] == ["Praxis Brunner"]
        assert "/sign-in#" in on.mails()[-1].text
        assert on.mails()[-1].to == "regula@praxis-brunner.example"


def test_the_slow_call_is_made_for_a_known_address_too() -> None:
    """Else the time would tell; the key that it makes is nobody's."""
    with stage() as on:
        register(on, email="first@firma.example")
        keys = len(stored(TenantKey))
        calls = []
        for email in ("second@firma.example", "second@firma.example", "first@firma.example"):
            before = on.kms.calls
            register(on, email=email)
            calls.append(on.kms.calls - before)

        assert len(set(calls)) == 1
        assert calls[0] > 0
        assert len(stored(TenantKey)) == keys + 1


def test_an_unconfirmed_address_gets_its_confirmation_again() -> None:
    """The first mail may have been lost."""
    with stage() as on:
        register(on)
        register(on)

        assert on.pump() == 2

        assert len(stored(Tenant)) == 1
        assert all("/confirm#" in mail.text for mail in on.mails())
        assert (
            on.services.registering.confirm(link_in(on.mails()[1].text), visitor=VISITOR).tenant == the(Tenant).tenant
        )


def test_the_same_request_twice_makes_one_tenant_and_one_mail() -> None:
    """With an Idempotency-Key even the mail is not sent again."""
    with stage() as on:
        register(on, repeat=keyed())
        register(on, repeat=keyed())

        assert len(stored(Tenant)) == len(stored(Notification)) == 1


def test_a_key_with_another_request_is_refused() -> None:
    """The key belongs to what it first came with."""
    with stage() as on:
        register(on, repeat=keyed())

        with pytest.raises(IdempotencyMismatchError):
            register(on, email="other@firma.example", repeat=keyed("something else"))


def test_a_key_does_not_tell_whether_the_address_was_known() -> None:
    """It is noted for a known address just as for an unknown one, so the next request with it is answered the same."""
    with stage() as on:
        registered(on)
        register(on, repeat=keyed())
        register(on, repeat=keyed())

        with pytest.raises(IdempotencyMismatchError):
            register(on, email="other@firma.example", repeat=keyed("something else"))

        assert len(messages("sign-in-link")) == 1


def test_two_registrations_of_an_address_at_once_make_one_tenant() -> None:
    """The second one loses the claim of the address; nothing of it is left and the answer is the same."""
    with stage() as on:
        with before_commit(lambda: register(on)) as seen:
            register(on)

        assert len(seen) == 1
        kinds = (Tenant, Staff, StaffAddress, Acceptance, Notification)
        assert [len(stored(kind)) for kind in kinds] == [1] * 5
        assert len(stored(SubjectKey)) == 2


def test_two_requests_with_one_key_at_once_are_one() -> None:
    """Who comes second changes nothing."""
    with stage() as on:
        with before_commit(lambda: register(on, repeat=keyed())):
            register(on, repeat=keyed())

        assert len(stored(Tenant)) == len(stored(Notification)) == 1


def test_a_key_that_another_request_takes_meanwhile_is_refused() -> None:
    """A registration that is not carried out must not look as if it were."""
    with (
        stage() as on,
        before_commit(lambda: register(on, repeat=keyed())),
        pytest.raises(IdempotencyMismatchError),
    ):
        register(on, email="other@firma.example", repeat=keyed("something else"))


@pytest.mark.parametrize(("seconds", "confirmed"), [(-1, True), (0, False), (1, False)])
def test_a_registration_can_be_confirmed_for_a_week(seconds: int, confirmed: bool) -> None:
    """Counted in days of the tenant's zone."""
    with stage() as on:
        register(on)
        on.pump()
        token = link_in(on.mails()[-1].text)

        on.clock.now += WEEK + timedelta(seconds=seconds)

        if confirmed:
            assert on.services.registering.confirm(token, visitor=VISITOR)
        else:
            with pytest.raises((LinkExpiredError, LinkUsedError)):
                on.services.registering.confirm(token, visitor=VISITOR)


def test_a_link_sent_late_does_not_outlive_the_registration() -> None:
    """The mail went out on the sixth day: its link ends on the seventh, too."""
    with stage() as on:
        register(on)
        on.clock.now += timedelta(days=6)
        on.pump()

        on.clock.now += timedelta(days=1)

        with pytest.raises(LinkExpiredError):
            on.services.registering.confirm(link_in(on.mails()[-1].text), visitor=VISITOR)


def test_a_link_that_comes_after_the_confirmation_is_not_sent() -> None:
    """It was asked for before; another one has done it by now."""
    with stage() as on:
        register(on)
        on.pump()
        on.services.signing_in.ask_for_link(application().email, network=NETWORK)
        on.services.registering.confirm(link_in(on.mails()[-1].text), visitor=VISITOR)

        on.pump()

        assert len(on.mails()) == 1
        assert {each.state for each in messages("confirm-registration")} == {Delivery.ACCEPTED, Delivery.SKIPPED}


def test_what_was_never_confirmed_is_swept_with_its_keys() -> None:
    """Nobody could read a backup of it: the tenant's key and both people's are gone."""
    with stage() as on:
        register(on)
        on.pump()

        on.clock.now += WEEK
        on.services.sweeping.run()

        assert [stored(kind) for kind in (Tenant, Team, Staff, StaffAddress, Acceptance, SubjectKey)] == [[]] * 6
        assert [each.tenant for each in stored(TenantKey)] == [INSTALLATION]
        counts = {kind for entry in ledger(Action.SWEPT) for kind in entry.counts or {}}
        assert counts == {"TENANT", "TEAM", "STAFF", "STAFF-ADDRESS", "ACCEPTANCE", "NOTIFICATION"}


@pytest.mark.parametrize("swept", [True, False])
def test_an_address_is_free_again_after_the_week(swept: bool) -> None:
    """At once, whether or not the sweep has come by."""
    with stage() as on:
        register(on, company="First")
        on.pump()
        on.clock.now += WEEK
        if swept:
            on.services.sweeping.run()

        registered(on, company="Second")

        on.services.sweeping.run()
        assert the(Tenant).company == "Second"
        assert the(StaffAddress).of_tenant == the(Tenant).tenant


def test_an_acceptance_outlives_new_versions() -> None:
    """Terms that change between registering and confirming do not end the proof of what was accepted."""
    with stage() as on:
        register(on)
        on.pump()

        with mock.patch.object(versions, "TERMS_VERSION", "2027-01-01"):
            on.services.registering.confirm(link_in(on.mails()[-1].text), visitor=VISITOR)
        on.clock.now += WEEK
        on.services.sweeping.run()

        assert the(Acceptance).terms_version == TERMS_VERSION


def test_a_confirmation_is_for_nothing_else() -> None:
    """It does not sign in, and a sign-in link confirms nothing."""
    with stage() as on:
        register(on)
        on.pump()
        token = link_in(on.mails()[-1].text)

        with pytest.raises(LinkInvalidError):
            on.services.signing_in.sign_in(token, visitor=VISITOR)


def test_a_busy_table_leaves_nothing_behind() -> None:
    """The registration can be repeated as if nothing had been."""
    with stage() as on:
        with refused_writes("ThrottlingError", times=9) as refused, pytest.raises(Exception, match="try again"):
            register(on)

        assert refused
        assert stored(Tenant) == []
        register(on)
        assert len(stored(Tenant)) == 1
