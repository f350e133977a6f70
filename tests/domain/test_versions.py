"""Which version of the notice is in force, and which ones can be accepted, to the second."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.errors import InvalidInputError
from chalicelib.domain.versions import TERMS_VERSION, acceptable, check_acceptable, in_force
from tests.notices import version

FIRST, SECOND, THIRD = version("2026-11-22"), version("2026-12-01", effective="2027-01-01"), version("2027-02-01")
ALL = (FIRST, SECOND, THIRD)
NEW_YEAR_IN_ZURICH = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
SECOND_LONG = timedelta(seconds=1)


def test_a_version_begins_with_its_day_in_switzerland() -> None:
    """At midnight there, in winter as in summer."""
    assert SECOND.effective_at == NEW_YEAR_IN_ZURICH
    assert version("2026-07-01").effective_at == datetime(2026, 6, 30, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(("by", "held"), [(-SECOND_LONG, FIRST), (timedelta(), SECOND), (SECOND_LONG, SECOND)])
def test_it_is_in_force_from_that_second_on(by: timedelta, held: object) -> None:
    """Not a second earlier, however long it has been published."""
    assert in_force(ALL, NEW_YEAR_IN_ZURICH + by) is held


def test_before_any_was_effective_the_first_one_holds() -> None:
    """There is always one to show."""
    assert in_force(ALL, datetime(2020, 1, 1, tzinfo=UTC)) is FIRST
    assert acceptable(ALL, datetime(2020, 1, 1, tzinfo=UTC)) == ALL


@pytest.mark.parametrize(("by", "taken"), [(-SECOND_LONG, ALL), (timedelta(), (SECOND, THIRD))])
def test_what_is_announced_can_be_accepted_ahead(by: timedelta, taken: tuple[object, ...]) -> None:
    """What is past can't."""
    assert acceptable(ALL, NEW_YEAR_IN_ZURICH + by) == taken


@pytest.mark.parametrize(
    ("field", "changed"),
    [("terms_version", {"terms_version": "2020-01-01"}), ("notice_version", {"notice_version": FIRST.version})],
)
def test_other_versions_are_refused_by_name(field: str, changed: dict[str, str]) -> None:
    """The answer names the field, and the version to show instead."""
    given = {"terms_version": TERMS_VERSION, "notice_version": SECOND.version, **changed}

    with pytest.raises(InvalidInputError) as refused:
        check_acceptable(ALL, NEW_YEAR_IN_ZURICH, **given)

    assert refused.value.field == field
    assert (TERMS_VERSION if field == "terms_version" else SECOND.version) in refused.value.remedy
