"""What DynamoDB removed by itself: files and keys follow, with a proof, unless somebody is still there to be kept."""

from datetime import timedelta

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import TryAgainError
from chalicelib.domain.ids import INSTALLATION
from chalicelib.records._base import TTL_GRACE
from chalicelib.records._tables import RecordsTable
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.customer import Customer
from chalicelib.records.ending import files_of
from chalicelib.records.keys import SubjectKey, TenantKey
from chalicelib.records.legal_year import LegalYear
from chalicelib.records.reading import Ref, client, key_of
from chalicelib.records.staff import Staff
from chalicelib.records.tenant import Tenant
from chalicelib.services.retention.expiring import Expiring
from tests.builders import Business
from tests.records.record_builders import ANNA, BEN, NOW, TENANT, YEAR_ON, appointment, customer, person, store
from tests.records.trial_kinds import TRIALS, TrialDocument, note, where
from tests.services.looking import ledger, raw, stored
from tests.services.meddling import before_commit, killed_at
from tests.services.prepared import open_business
from tests.services.trial_sweeps import MemoryFiles, busy, hold, put
from tests.stage import Stage, stage

AFTER = YEAR_ON + TTL_GRACE + timedelta(hours=9)
PK = f"TENANT#{TENANT}#SUBJECT#{ANNA}"
OF_ANNA = f"SUBJECT#{ANNA}"


def expire(pk: str, sk: str) -> None:
    """What DynamoDB does by itself."""
    client().delete_item(TableName=RecordsTable.Meta.table_name, Key=key_of(pk, sk))


def end(on: Stage, pk: str, sk: str, *, kind: str = "", event: str = "1", files: MemoryFiles | None = None) -> None:
    """What the stream's word of it leads to."""
    held = files or MemoryFiles()
    Expiring(on.clock, lambda: held, (*RECORDS, *TRIALS)).end(event=event, pk=pk, sk=sk, kind=kind)


def keys() -> set[str]:
    """Whose keys are there."""
    return {key.sk for key in stored(SubjectKey)}


def proofs() -> list[tuple[str, object]]:
    """Of which tenant, and of what."""
    return [(entry.tenant, entry.counts) for entry in ledger(Action.EXPIRED)]


def two_people(on: Stage) -> None:
    """Anna with an appointment, and Ben."""
    for who in (ANNA, BEN):
        person(on, subject=who)
        store(customer(subject=who))
    store(appointment())


def test_the_key_of_who_expired_by_themselves_is_destroyed() -> None:
    """With a proof; everybody else's stays."""
    with stage() as on:
        two_people(on)
        on.clock.now = AFTER
        expire(PK, "CUSTOMER")

        end(on, PK, "CUSTOMER", kind="Customer")

        assert keys() == {f"SUBJECT#{BEN}"}
        assert proofs() == [(TENANT, {"CUSTOMER": 1})]


def test_what_the_stream_says_twice_is_proven_once() -> None:
    """Each event counts once, each removal has its own."""
    with stage() as on:
        two_people(on)
        on.clock.now = AFTER
        for sk, event in (("CUSTOMER", "1"), (appointment().sk, "2"), ("CUSTOMER", "1"), (appointment().sk, "2")):
            expire(PK, sk)
            end(on, PK, sk, event=event)
            on.clock.move(minutes=1)

        assert sorted(str(counts) for _, counts in proofs()) == ["{'APPOINTMENT': 1}", "{'CUSTOMER': 1}"]


def test_nobody_is_shredded_of_whom_something_is_still_to_be_kept() -> None:
    """A record that lives longer than the person's own: the key stays, until that one is gone, too."""
    with stage() as on:
        two_people(on)
        late = note(AFTER, tenant=TENANT, person=ANNA)
        store(late)
        on.clock.now = AFTER
        expire(PK, "CUSTOMER")

        end(on, PK, "CUSTOMER")
        assert OF_ANNA in keys()

        on.clock.now = AFTER + timedelta(days=40)
        expire(late.pk, late.sk)
        end(on, late.pk, late.sk, event="2")
        assert OF_ANNA not in keys()


@pytest.mark.parametrize(("seconds", "kept"), [(-1, False), (0, False), (1, True)])
def test_nobody_is_shredded_who_is_held(seconds: int, kept: bool) -> None:
    """A hold is there, whatever happened to the rest; one that is over holds nothing."""
    with stage() as on:
        two_people(on)
        hold(TENANT, ANNA, AFTER + timedelta(seconds=seconds))
        on.clock.now = AFTER
        expire(PK, "CUSTOMER")

        end(on, PK, "CUSTOMER")

        assert (OF_ANNA in keys()) is kept
        assert len(proofs()) == 1


def test_a_hold_that_comes_at_the_last_moment_fails_the_removal() -> None:
    """It was looked, then somebody was held: nothing is destroyed, and the next try sees it."""
    with stage() as on:
        two_people(on)
        on.clock.now = AFTER
        expire(PK, "CUSTOMER")

        with before_commit(lambda: hold(TENANT, ANNA, AFTER + timedelta(days=9))), pytest.raises(TryAgainError):
            end(on, PK, "CUSTOMER")
        end(on, PK, "CUSTOMER")

        assert OF_ANNA in keys()
        assert len(proofs()) == 1


def test_who_is_alive_is_never_shredded() -> None:
    """A message of a living customer went by itself: that is all that happens."""
    with stage() as on:
        two_people(on)

        end(on, PK, "NOTIFICATION#1")

        assert OF_ANNA in keys()
        assert proofs() == [(TENANT, {"NOTIFICATION": 1})]


def test_files_go_before_anything_is_noted() -> None:
    """Only those of the record; a bucket that is busy fails the removal, so that it is tried again."""
    with stage() as on:
        person(on)
        gone, other = (where(TENANT, ANNA, "DOCUMENT", number) for number in (1, 2))
        put(TrialDocument(*other, sent_at=NOW))
        files = MemoryFiles({files_of(*gone) + "scan.pdf", files_of(*other) + "scan.pdf"}, failures=[busy()])

        with pytest.raises(TryAgainError):
            end(on, *gone, kind="TrialDocument", files=files)
        assert (len(files.objects), proofs()) == (2, [])

        end(on, *gone, kind="TrialDocument", files=files)
        assert files.objects == {files_of(*other) + "scan.pdf"}
        assert proofs() == [(TENANT, {"DOCUMENT": 1})]


def test_kinds_without_files_ask_for_no_bucket() -> None:
    """Today that is all of them."""
    with stage() as on:
        two_people(on)
        files = MemoryFiles(failures=[AssertionError()])

        end(on, PK, "CUSTOMER", kind="Customer", files=files)

        assert len(files.failures) == 1


@pytest.mark.parametrize("after", [False, True])
def test_killed_in_the_middle(after: bool) -> None:
    """All of it or nothing, once."""
    with stage() as on:
        two_people(on)
        on.clock.now = AFTER
        expire(PK, "CUSTOMER")
        with killed_at(1, after=after):
            end(on, PK, "CUSTOMER")
        assert (OF_ANNA not in keys()) is after

        end(on, PK, "CUSTOMER")

        assert OF_ANNA not in keys()
        assert len(proofs()) == 1


def unconfirmed(on: Stage, of: Business) -> list[tuple[str, str]]:
    """Lets a business expire by itself, record by record: their keys, the business's own first."""
    for item in raw(RecordsTable):
        item["expires_at"] = {"N": str(int(on.clock.now.timestamp()) - 1)}
        client().put_item(TableName=RecordsTable.Meta.table_name, Item=item)
    return [(f"TENANT#{of.tenant}", "TENANT"), (f"TENANT#{of.tenant}#SUBJECT#{of.expert}", "STAFF")]


@pytest.mark.parametrize("backwards", [False, True])
def test_the_keys_of_a_business_end_with_the_last_of_its_people(backwards: bool) -> None:
    """In whatever order DynamoDB removes them; the installation's own keys stay."""
    with open_business() as (on, of):
        order = unconfirmed(on, of)
        for number, (pk, sk) in enumerate(reversed(order) if backwards else order):
            assert f"SUBJECT#{of.expert}" in keys() or number
            expire(pk, sk)
            end(on, pk, sk, event=str(number))

        assert {key.tenant for key in stored(TenantKey)} == {INSTALLATION}
        assert keys() == set()
        assert (stored(Tenant), stored(Staff)) == ([], [])


@pytest.mark.parametrize(("hours", "ended"), [(1, False), (0, True)])
def test_a_business_that_is_put_off_keeps_its_keys_until_then(hours: int, *, ended: bool) -> None:
    """Nobody else has one any more, but its own end is to come: what was removed is noted all the same, once."""
    with open_business() as (on, of):
        (pk, sk), (of_staff, staff) = unconfirmed(on, of)
        tenant = client().get_item(TableName=RecordsTable.Meta.table_name, Key=key_of(pk, sk))["Item"]
        tenant["held_until"] = {"N": str(int((on.clock.now + timedelta(hours=hours)).timestamp()))}
        client().put_item(TableName=RecordsTable.Meta.table_name, Item=tenant)
        expire(of_staff, staff)

        end(on, of_staff, staff, kind="Staff")

        assert proofs() == [(of.tenant, {"STAFF": 1})]
        assert (of.tenant not in {key.tenant for key in stored(TenantKey)}) is ended


def test_a_business_with_living_people_keeps_its_keys() -> None:
    """Whatever became of its own record."""
    with stage() as on:
        two_people(on)

        end(on, f"TENANT#{TENANT}", "TENANT")

        assert TENANT in {key.tenant for key in stored(TenantKey)}
        assert len(stored(Customer)) == 2


def test_the_key_of_a_year_ends_with_its_record_and_no_other_key_of_the_installation() -> None:
    """What the law keeps for ten years is readable as long as the year's record is there."""
    with stage() as on:
        year = LegalYear.of(2026)
        person(on, tenant=INSTALLATION, subject="legal-2026")
        store(year)
        on.clock.now = (year.expires_at or NOW) + TTL_GRACE
        assert Ref(LegalYear, year.pk, year.sk) == LegalYear.ref(2026)
        expire(year.pk, year.sk)

        end(on, year.pk, year.sk, kind="LegalYear")

        assert keys() == set()
        assert [key.tenant for key in stored(TenantKey)] == [INSTALLATION]
        assert proofs() == [(INSTALLATION, {"LEGAL-YEAR": 1})]


def test_what_belongs_to_nobody_is_only_noted() -> None:
    """A stop of the installation's list."""
    with stage() as on:
        two_people(on)
        before = keys()

        end(on, f"SUPPRESSION#email#{'1' * 32}", "SUPPRESSION")

        assert (keys(), proofs()) == (before, [(INSTALLATION, {"SUPPRESSION": 1})])
