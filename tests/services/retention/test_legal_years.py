"""The keys of financial years: made once, outliving the account, and ending with all that they open."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.asking import Asked, Ground
from chalicelib.domain.errors import KeyDestroyedError, RestrictedError, TryAgainError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.records._base import Standing
from chalicelib.records.exceptions import everything_about, fetch_excepted
from chalicelib.records.keys import SubjectKey, TenantKey
from chalicelib.records.legal_year import LegalYear
from chalicelib.records.reading import fetch, query
from chalicelib.records.writing import Transaction
from tests.builders import booked
from tests.records.record_builders import ANNA, TENANT, shredded, store
from tests.records.record_builders import stored as item_at
from tests.services.looking import stored, the
from tests.services.meddling import before_commit, killed_at, refused_writes
from tests.services.prepared import open_business
from tests.services.privacy_builders import YearlyInvoice, hold
from tests.stage import Stage, stage

ISSUED = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
BLOCKED_AT = ISSUED + timedelta(days=30)
ENDS = datetime(2036, 12, 31, 23, 0, tzinfo=UTC)  # midnight in Zurich
YEAR_ENDS = datetime(2037, 1, 1, 12, 0, tzinfo=UTC)  # midnight where it comes last
SECOND = timedelta(seconds=1)
ASKED = Asked(ground=Ground.LEGAL_DUTY, actor="e" * 32)
REF = YearlyInvoice.ref(TENANT, ANNA)


def issued(on: Stage) -> None:
    """An invoice of now."""
    on.services.legal_years.year_ready(2026)
    store(YearlyInvoice.to(TENANT, ANNA, at=on.clock()))


def sweep(on: Stage, at: datetime) -> None:
    """Sweeps at an instant, the trial kind among the others."""
    on.clock.now = at
    on.services.sweeping.run()


# The key


def test_a_year_gets_one_key_and_a_record_that_stands_for_it() -> None:
    """Asked again, nothing more is made."""
    with stage() as on:
        on.services.legal_years.year_ready(2026)
        on.services.legal_years.year_ready(2026)
        on.services.legal_years.year_ready(2027)

        assert [each.year for each in stored(LegalYear)] == [2026, 2027]
        assert [each.sk for each in stored(SubjectKey)] == ["SUBJECT#legal-2026", "SUBJECT#legal-2027"]
        assert [each.tenant for each in stored(SubjectKey)] == [INSTALLATION] * 2


def test_two_who_come_first_use_the_same_key() -> None:
    """Who is late forgets theirs: what one seals the other opens."""
    with stage() as on:
        on.vault.tenant_ready(INSTALLATION)
        with before_commit(lambda: on.services.legal_years.year_ready(2026), least=2):
            on.services.legal_years.year_ready(2026)
        store(YearlyInvoice.to(TENANT, ANNA, at=ISSUED))
        on.vault.forget(INSTALLATION)

        found = fetch(REF)

        assert found is not None
        assert found.billed_to == "Anna Muster"


@pytest.mark.parametrize("reason", ["TransactionConflict", "ConditionalCheckFailed"])
def test_who_loses_without_anybody_winning_tries_again(reason: str) -> None:
    """A key that is not stored must never seal anything."""
    with stage() as on:
        on.vault.tenant_ready(INSTALLATION)
        with refused_writes(reason), pytest.raises(TryAgainError):
            on.services.legal_years.year_ready(2026)
        with pytest.raises(KeyDestroyedError):
            store(YearlyInvoice.to(TENANT, ANNA, at=ISSUED))


def test_a_killed_beginning_leaves_nothing_behind() -> None:
    """Key and record come together."""
    with stage() as on:
        on.vault.tenant_ready(INSTALLATION)
        with killed_at(1):
            on.services.legal_years.year_ready(2026)

        assert stored(LegalYear) == []
        with pytest.raises(KeyDestroyedError):
            store(YearlyInvoice.to(TENANT, ANNA, at=ISSUED))


@pytest.mark.parametrize(("seconds", "made"), [(-1, True), (0, False), (1, False)])
def test_a_year_that_is_over_is_not_made_anew(seconds: int, *, made: bool) -> None:
    """What was destroyed stays destroyed."""
    with stage() as on:
        on.clock.now = YEAR_ENDS + seconds * SECOND
        if made:
            on.services.legal_years.year_ready(2026)
        else:
            with pytest.raises(KeyDestroyedError, match="legal-2026"):
                on.services.legal_years.year_ready(2026)
        assert len(stored(SubjectKey)) == made


@pytest.mark.parametrize(
    "zone",
    ["Europe/Zurich", "UTC", "America/New_York", "Pacific/Pago_Pago", "Pacific/Kiritimati", "Pacific/Apia"],
)
@pytest.mark.parametrize("ends", [(12, 31), (6, 30), (2, 28), (1, 31)])
def test_no_record_outlives_its_year(zone: str, ends: tuple[int, int]) -> None:
    """In no zone, and whenever the financial year of that name ends: the key is there until the last of them."""
    for at in (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)):
        invoice = YearlyInvoice.to(TENANT, ANNA, at=at, zone=zone)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(YearlyInvoice, "financial_year_ends", ends)
            invoice.stamp()
            tenant, subject = invoice.key_of()
        stands = LegalYear.of(int(subject.removeprefix("legal-")))
        stands.stamp()

        assert invoice.expires_at is not None
        assert stands.expires_at is not None
        assert invoice.expires_at <= stands.expires_at
        assert (tenant, subject) == (stands.tenant, stands.subject)


def test_where_the_last_midnight_comes() -> None:
    """No zone is farther behind."""
    stands = LegalYear.of(2026)
    stands.stamp()

    assert stands.expires_at == YEAR_ENDS
    assert datetime(2027, 1, 1, tzinfo=ZoneInfo("Etc/GMT+12")) == datetime(2027, 1, 1, 12, tzinfo=UTC)


# What a legal duty keeps


def test_an_invoice_is_used_then_blocked_then_gone() -> None:
    """At each edge, a second before and at it."""
    with stage() as on:
        issued(on)
        states = {}
        for at in (BLOCKED_AT - SECOND, BLOCKED_AT, ENDS - SECOND, ENDS):
            on.clock.now = at
            found = fetch_excepted(REF, ASKED)
            states[at] = (fetch(REF) is not None, found.standing() if found else None)

    assert states == {
        BLOCKED_AT - SECOND: (True, Standing.LIVE),
        BLOCKED_AT: (False, Standing.BLOCKED),
        ENDS - SECOND: (False, Standing.BLOCKED),
        ENDS: (False, None),
    }


def test_erasing_the_account_leaves_it_readable_for_the_legal_duty_only() -> None:
    """The person's key and the business's are destroyed; the year's is not."""
    with stage() as on:
        on.vault.tenant_ready(TENANT)
        issued(on)
        shredded(on)
        gone = Transaction()
        gone.discard(TenantKey.ref(TENANT))
        gone.commit()
        on.vault.forget(TENANT)
        on.clock.now = ENDS - SECOND

        (found,) = everything_about(TENANT, ANNA, ASKED)
        with pytest.raises(RestrictedError):
            YearlyInvoice.from_raw_data(item_at(REF) or {}).opened()

        assert isinstance(found, YearlyInvoice)
        assert found.billed_to == "Anna Muster"
        assert fetch(REF) is None
        assert query(YearlyInvoice, REF.pk) == []
        assert everything_about(TENANT, ANNA, Asked(ground=Ground.SUBJECT_CONSENT, actor=ANNA)) == []


def test_destroying_the_years_key_ends_it() -> None:
    """At once, whatever lies in a backup."""
    with stage() as on:
        issued(on)
        shredded(on, tenant=INSTALLATION, subject="legal-2026")
        on.clock.now = BLOCKED_AT

        (found,) = everything_about(TENANT, ANNA, ASKED)
        assert isinstance(found, YearlyInvoice)
        with pytest.raises(KeyDestroyedError):
            assert found.billed_to


def test_the_sweep_ends_the_year_with_its_key() -> None:
    """A second before both are there; the key of the next year stays."""
    with stage() as on:
        issued(on)
        on.services.legal_years.year_ready(2027)

        sweep(on, YEAR_ENDS - SECOND)
        before = {each.sk for each in stored(SubjectKey)}
        sweep(on, YEAR_ENDS)

        assert before == {"SUBJECT#legal-2026", "SUBJECT#legal-2027"}
        assert {each.sk for each in stored(SubjectKey)} == {"SUBJECT#legal-2027"}
        assert [each.year for each in stored(LegalYear)] == [2027]


def test_a_hold_keeps_the_year_that_opens_what_it_holds() -> None:
    """And lifting it does not cut short what others may hold in that year."""
    with open_business() as (on, of):
        on.clock.now = datetime(2036, 6, 1, 8, 0, tzinfo=UTC)
        held = booked(on, of, starts_at=datetime(2036, 6, 9, 8, 0, tzinfo=UTC))
        on.services.legal_years.year_ready(2026)
        store(YearlyInvoice.to(of.tenant, held.subject, at=ISSUED))

        (placed,) = hold(on, of, held, in_days=3000)
        assert the(LegalYear).held_until == the(YearlyInvoice).held_until == placed.ends_at

        assert the(LegalYear).ttl > placed.ends_at
