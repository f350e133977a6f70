"""Everything of a business to take along: all of it, page by page, and nothing that is not meant to be."""

import base64
from collections import Counter
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import NotAllowedError
from chalicelib.domain.states import RestrictionGround
from chalicelib.records.appointment import Appointment
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.keys import SubjectKey
from chalicelib.records.reading import client, key_of
from chalicelib.services.tenancy import exporting
from chalicelib.services.tenancy.exporting import MOST_BYTES, Exported, ExportedFile
from tests.adapters.pictures import picture
from tests.builders import MONDAY_10, NETWORK, Business, booked, business, later
from tests.fakes import MemoryFiles
from tests.records.trial_kinds import TrialInvoice, where
from tests.services.looking import ledger, stored
from tests.services.trial_sweeps import put
from tests.stage import Stage, stage


def exported(on: Stage, of: Business) -> list[Exported]:
    """All pages, one behind the other."""
    found, rest = on.services.exporting.page(of.session, "", network=NETWORK)
    pages = list(found)
    while rest:
        found, rest = on.services.exporting.page(of.session, rest, network=NETWORK)
        pages += found
    return pages


def of_kind(records: list[Exported], kind: str) -> list[Exported]:
    """Those of one kind."""
    return [each for each in records if each.kind == kind]


def filled(on: Stage, *, customers: int = 3) -> Business:
    """A business with some appointments."""
    of = business(on)
    for number in range(customers):
        booked(on, of, email=f"anna{number}@kundin.example", starts_at=later(MONDAY_10, hours=number))
    return of


def test_everything_is_in_it_opened() -> None:
    """The business, its staff, services, hours, customers, appointments and what was sent to them."""
    with stage() as on:
        of = filled(on)
        found = exported(on, of)

        (tenant,), (staff,) = of_kind(found, "Tenant"), of_kind(found, "Staff")
        assert (tenant.fields["company"], tenant.fields["plan"], tenant.person) == ("Praxis Brunner", "standard", None)
        assert (staff.fields["email"], staff.person) == ("regula@praxis-brunner.example", of.expert)
        assert {each.fields["email"] for each in of_kind(found, "Customer")} == {
            f"anna{number}@kundin.example" for number in range(3)
        }
        starts = sorted(each.fields["starts_at"] for each in of_kind(found, "Appointment"))
        assert starts == ["2026-11-09T09:00:00Z", "2026-11-09T10:00:00Z", "2026-11-09T11:00:00Z"]
        assert {"Service", "Availability", "Acceptance", "Notification"} <= {each.kind for each in found}
        assert not [each for each in found if each.left_out]


def test_each_record_says_what_its_kind_declares_and_nothing_else() -> None:
    """No hash, no pseudonym, no key, nothing of the machinery."""
    with stage() as on:
        declared = {
            kind.kind_name(): {name for name, said in kind.declarations().items() if said.export} for kind in RECORDS
        }
        for each in exported(on, filled(on)):
            assert set(each.fields) == declared[each.kind]
            assert each.fields
        assert "proof_hash" not in declared["Credentials"]


@pytest.mark.parametrize("page", [1, 2, 7, 200])
def test_pages_of_any_size_hold_everything_once(page: int) -> None:
    """In the same order."""
    with stage() as on:
        of = filled(on)
        whole = [(each.person, each.id) for each in exported(on, of)]

        with mock.patch.object(exporting, "PAGE", page), mock.patch.object(exporting, "_PEOPLE_AT_ONCE", 2):
            assert [(each.person, each.id) for each in exported(on, of)] == whole
        assert len(set(whole)) == len(whole) > 20


def test_photos_of_staff_stand_with_them() -> None:
    """Whole, and as customers see them; whoever shows none has no file, and nobody else has one."""
    with stage() as on:
        of, files = filled(on, customers=1), MemoryFiles()
        vars(on.services)["files"] = files
        assert [each.files for each in exported(on, of) if each.files] == []

        on.services.profiles.set_photo(of.session, picture(), content_type="image/jpeg", network=NETWORK)
        (shown,) = [each for each in exported(on, of) if each.files]

        content = base64.b64encode(on.services.profiles.photo(of.tenant, of.expert)).decode()
        assert (shown.kind, shown.person) == ("Staff", of.expert)
        assert shown.files == (ExportedFile(name="photo.jpg", content_type="image/jpeg", content=content),)
        assert shown.weight > len(content) > 1000
        files.objects.clear()
        assert [each.files for each in exported(on, of) if each.files] == []


def test_a_page_ends_before_it_is_too_large() -> None:
    """What an answer can't carry comes with the next page, and nothing is lost or told twice."""
    with stage() as on:
        of = filled(on, customers=1)
        whole = exported(on, of)
        three = sum(each.weight for each in whole[:3])

        for most, records in ((three - 1, 2), (three, 3), (three + 1, 3)):
            with mock.patch.object(exporting, "MOST_BYTES", most):
                page, _ = on.services.exporting.page(of.session, "", network=NETWORK)
            assert page == whole[:records]
        with mock.patch.object(exporting, "MOST_BYTES", 1):  # less than any record, which has a page of its own then
            assert exported(on, of) == whole
        assert 2 * MOST_BYTES < 6 * 1024 * 1024


def test_a_page_is_bounded() -> None:
    """However many people there are that have nothing to show."""
    with stage() as on:
        of = filled(on)
        with mock.patch.object(exporting, "PAGE", 5):
            found, rest = on.services.exporting.page(of.session, "", network=NETWORK)

        assert len(found) <= 5
        assert rest


def test_every_page_is_noted_before_it_is_handed_out() -> None:
    """With how many records of which kind."""
    with stage() as on:
        of = filled(on)
        with mock.patch.object(exporting, "PAGE", 10):
            found = exported(on, of)

        entries = ledger(Action.TENANT_EXPORTED)
        assert len(entries) > 1
        assert {(entry.tenant, entry.actor, entry.network) for entry in entries} == {(of.tenant, of.expert, NETWORK)}
        assert sum((Counter(entry.counts) for entry in entries), Counter()) == Counter(each.kind for each in found)


def test_what_is_restricted_is_named_and_left_out() -> None:
    """With the reason, and nothing that it says."""
    with stage() as on:
        of = filled(on, customers=1)
        (customer,) = {each.subject for each in stored(Appointment)}
        on.services.restricting.restrict(of.session, customer, RestrictionGround.UNLAWFUL, network=NETWORK)
        found = [each for each in exported(on, of) if each.person == customer]

        left_out = [each for each in found if each.left_out]
        assert {each.left_out for each in left_out} == {"restricted"}
        assert [each.fields for each in left_out] == [{}] * len(left_out)
        assert {"Customer", "Appointment"} <= {each.kind for each in left_out}


def test_what_is_blocked_is_named_and_left_out_and_what_is_over_is_not_there() -> None:
    """As for everybody."""
    with stage() as on:
        of = filled(on, customers=1)
        put(TrialInvoice(*where(of.tenant, of.expert, "INVOICE"), issued_at=later(on.clock.now, days=-100)))
        on.clock.now = later(MONDAY_10, days=8)
        found = exported(on, of)

        assert [each.left_out for each in of_kind(found, "TrialInvoice")] == ["blocked"]
        assert not [each for each in of_kind(found, "Notification") if each.fields["message"] == "confirm-registration"]


def test_what_nobody_can_read_any_more_is_named() -> None:
    """The key it was sealed with is destroyed."""
    with stage() as on:
        of = filled(on, customers=1)
        (customer,) = {each.subject for each in stored(Appointment)}
        ref = SubjectKey.ref(of.tenant, customer)
        found, rest = on.services.exporting.page(of.session, f"|{'~'}", network=NETWORK)
        assert found
        assert rest == ""
        on.vault.forget(of.tenant)
        with mock.patch.object(exporting, "people", return_value=[customer]):
            client().delete_item(TableName=ref.table, Key=key_of(ref.pk, ref.sk))
            named: list[Any] = [each for each in exported(on, of) if each.person == customer]

        assert {each.left_out for each in named if each.kind in {"Customer", "Appointment"}} == {"unreadable"}


def test_another_business_is_not_in_it() -> None:
    """Whatever place is asked for."""
    with stage() as on:
        other, of = business(on, email="urs@andere.example"), filled(on)
        found, _ = on.services.exporting.page(of.session, f"{other.expert}|", network=NETWORK)

        assert found == [] or {each.person for each in found} <= {each.person for each in exported(on, of)}
        assert other.expert not in {each.person for each in exported(on, of)}


def test_the_operator_takes_nothing_along() -> None:
    """An access is for looking."""
    with stage() as on:
        of = filled(on, customers=1)
        with pytest.raises(NotAllowedError):
            on.services.exporting.page(replace(of.session, access="a" * 32), "", network=NETWORK)
