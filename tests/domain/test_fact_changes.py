"""What counts as a change between two versions of the notice, and which ones people must hear of: each rule."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.fact_changes import What, changes, consents_asked, is_important
from chalicelib.domain.facts import Disagreeing, Facts, Kept, KindFacts
from chalicelib.domain.periods import Period, days, hours, months, years
from tests.notices import facts, kept, kind, processor

_LESS_THAN_A_YEAR = Period(months=11, days=30)


def between(before: Facts, after: Facts) -> list[tuple[What, bool]]:
    """The changes, and whether each is important."""
    return [(each.what, each.important) for each in changes(before, after)]


def of_kind(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[What, bool]]:
    """What differs between two states of one kind."""
    return between(facts(kind(**before)), facts(kind(**after)))


def test_equal_versions_differ_in_nothing() -> None:
    """So nobody hears of a version that only changes words."""
    assert between(facts(), facts()) == []
    assert not is_important(changes(facts(), facts()))


@pytest.mark.parametrize(("about", "important"), [("CUSTOMER", True), ("ANYONE", True), ("NOBODY", False)])
def test_a_new_kind_is_important_when_it_is_about_people(about: str, important: bool) -> None:
    """One that goes never is."""
    more = facts(kind(), kind("Chat", about=about))

    assert between(facts(), more) == [(What.KIND_ADDED, important)]
    assert between(more, facts()) == [(What.KIND_REMOVED, False)]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({}, {"purposes": ("APPOINTMENT", "SECURITY")}, [(What.PURPOSE_ADDED, True)]),
        ({"purposes": ("APPOINTMENT", "SECURITY")}, {}, [(What.PURPOSE_REMOVED, False)]),
        ({}, {"purposes": ("SECURITY",)}, [(What.PURPOSE_ADDED, True), (What.PURPOSE_REMOVED, False)]),
        ({"purposes": ("A", "B")}, {"purposes": ("B", "A")}, []),
        ({}, {"recipients": ("mailgun", "ses")}, [(What.RECIPIENT_ADDED, True)]),
        ({}, {"recipients": ()}, [(What.RECIPIENT_REMOVED, False)]),
        ({}, {"basis": "CONSENT"}, [(What.BASIS_CHANGED, True)]),
        ({}, {"source": "TENANT"}, [(What.SOURCE_CHANGED, False)]),
        ({}, {"category": "USAGE"}, [(What.CATEGORY_CHANGED, False)]),
        ({}, {"then": "ANONYMISE"}, [(What.THEN_CHANGED, False)]),
        ({}, {"about": "ANYONE"}, [(What.ABOUT_CHANGED, False)]),
        ({"about": "NOBODY"}, {}, [(What.ABOUT_CHANGED, True)]),
        ({}, {"because": "another reason"}, [(What.INTEREST_CHANGED, False)]),
        ({}, {"key": "OF_THE_YEAR"}, [(What.KEY_CHANGED, False)]),
        ({}, {"fields": {"email": "SEALED"}}, [(What.FIELD_REMOVED, False)]),
        ({"fields": {}}, {"fields": {"email": "SEALED"}}, [(What.FIELD_ADDED, False)]),
        ({"fields": {"a": "SEALED"}}, {"fields": {"a": "PLAIN"}}, [(What.FIELD_STORED_OTHERWISE, False)]),
    ],
)
def test_each_part_of_a_kind(before: dict[str, Any], after: dict[str, Any], found: list[tuple[What, bool]]) -> None:
    """A purpose, a recipient or a basis that is new is important; what goes is not."""
    assert of_kind(before, after) == found


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        (kept(months(12)), kept(months(13)), What.PERIOD_LONGER),
        (kept(months(12)), kept(Period(months=12, seconds=1)), What.PERIOD_LONGER),
        (kept(months(12)), kept(_LESS_THAN_A_YEAR), What.PERIOD_SHORTER),
        (kept(days(7)), kept(hours(7 * 24 - 1)), What.PERIOD_SHORTER),
        (kept(days(7)), kept(hours(7 * 24)), None),
        (kept(), kept(counted="FROM_END_OF_DAY"), What.PERIOD_LONGER),
        (kept(counted="FROM_END_OF_FINANCIAL_YEAR"), kept(counted="FROM_END_OF_DAY"), What.PERIOD_SHORTER),
        (kept(years(10)), kept(years(9), counted="FROM_END_OF_FINANCIAL_YEAR"), What.PERIOD_LONGER),
        (kept(), kept(elsewhere=(Disagreeing(period=years(2), where="the terms"),)), What.ELSEWHERE_CHANGED),
    ],
)
def test_a_period_is_longer_by_a_second_or_by_where_it_counts_from(
    before: Kept, after: Kept, what: What | None
) -> None:
    """How long it can take at most decides; to keep longer is important, shorter is not."""
    found = of_kind({"periods": (before,)}, {"periods": (after,)})

    assert found == ([] if what is None else [(what, what is What.PERIOD_LONGER)])


def test_of_several_periods_one_that_goes_is_important() -> None:
    """The first that ends holds, so one less can keep longer, and one more can't."""
    one, two = (kept(),), (kept(), kept(days(7), since="unconfirmed_since"))

    assert of_kind({"periods": two}, {"periods": one}) == [(What.PERIOD_REMOVED, True)]
    assert of_kind({"periods": one}, {"periods": two}) == [(What.PERIOD_ADDED, False)]
    moved = of_kind({"periods": one}, {"periods": (kept(since="booked_at"),)})
    assert moved == [(What.PERIOD_REMOVED, True), (What.PERIOD_ADDED, False)]


def test_a_legal_duty_keeps_longer() -> None:
    """That it is blocked meanwhile does not make it unimportant."""
    duty = kept(years(10), counted="FROM_END_OF_FINANCIAL_YEAR")

    assert of_kind({}, {"blocked": duty}) == [(What.DUTY_ADDED, True)]
    assert of_kind({"blocked": duty}, {}) == [(What.DUTY_REMOVED, False)]
    assert of_kind({"blocked": duty}, {"blocked": replace(duty, period=years(11))}) == [(What.DUTY_LONGER, True)]
    assert of_kind({"blocked": duty}, {"blocked": replace(duty, period=years(9))}) == [(What.DUTY_SHORTER, False)]
    assert of_kind({"blocked": duty}, {"blocked": replace(duty, since="booked_at")}) == [(What.DUTY_LONGER, True)]


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"place": "Dublin, Ireland"}, [(What.PROCESSOR_MOVED, True)]),
        ({"company": "Another AG"}, [(What.PROCESSOR_RENAMED, True)]),
        ({"purpose": "SECURITY"}, [(What.PROCESSOR_PURPOSE_CHANGED, True)]),
        ({"receives": ("e-mail address", "name")}, [(What.PROCESSOR_GETS_MORE, True)]),
        ({"receives": ()}, [(What.PROCESSOR_GETS_LESS, False)]),
        ({"transfer": "SWITZERLAND"}, [(What.PROCESSOR_TERMS_CHANGED, True)]),
        ({"safeguards": ("CLAUSES",)}, [(What.PROCESSOR_TERMS_CHANGED, True)]),
        ({"contract": "Another agreement"}, []),
    ],
)
def test_each_part_of_a_processor(changed: dict[str, Any], found: list[tuple[What, bool]]) -> None:
    """Where it is, who it is, what it gets and what for: a recipient that is changed is important."""
    assert between(facts(), facts(processors=[processor(**changed)])) == found


def test_processors_that_come_and_go() -> None:
    """A new one is important even if no kind names it: a host gets everything."""
    more = facts(processors=[processor(), processor("aws", role="HOST")])

    assert between(facts(), more) == [(What.PROCESSOR_ADDED, True)]
    assert between(more, facts()) == [(What.PROCESSOR_REMOVED, False)]


def test_what_had_not_been_stated_is_no_change() -> None:
    """Saying for the first time on what basis data is transferred changes nothing for anybody."""
    silent = facts(processors=[processor(transfer="", region="", contract="")])

    assert between(silent, facts()) == []


NEWSLETTER = {"basis": "CONSENT", "about": "ANYONE"}


@pytest.mark.parametrize(
    ("before", "after", "asked"),
    [
        (NEWSLETTER, {**NEWSLETTER, "purposes": ("APPOINTMENT", "SECURITY")}, True),
        (NEWSLETTER, {**NEWSLETTER, "recipients": ("mailgun", "ses")}, True),
        (NEWSLETTER, {**NEWSLETTER, "recipients": ()}, False),
        (NEWSLETTER, {**NEWSLETTER, "periods": (kept(years(9)),)}, False),
        ({}, {"purposes": ("APPOINTMENT", "SECURITY")}, False),
    ],
)
def test_a_consent_is_asked_anew_for_another_purpose_or_recipient(
    before: dict[str, Any], after: dict[str, Any], asked: bool
) -> None:
    """And only where consent is the basis: for anything else there is none to ask for."""
    found = consents_asked(facts(kind("Newsletter", **before)), facts(kind("Newsletter", **after)))

    assert found == (("Newsletter",) if asked else ())


def test_a_consent_is_asked_anew_when_its_recipient_changes() -> None:
    """Who moves to another country is not who was agreed to; what goes to somebody else is not touched."""
    letters = (kind("Newsletter", **NEWSLETTER), kind("Survey", **{**NEWSLETTER, "recipients": ()}))

    moved = consents_asked(facts(*letters), facts(*letters, processors=[processor(place="Dublin, Ireland")]))

    assert moved == ("Newsletter",)


def test_a_new_kind_on_consent_asks_nobody_who_never_gave_one() -> None:
    """It is asked where it is used."""
    assert consents_asked(facts(), facts(kind(), kind("Newsletter", **NEWSLETTER))) == ()


def test_an_audience_sees_its_own_kinds_and_who_gets_them() -> None:
    """A host gets everything; a provider that gets none of it is left out."""
    of_staff: KindFacts = kind("Staff", about="STAFF", recipients=("ses",))
    all_of_them = facts(kind(), of_staff, processors=[processor(), processor("ses"), processor("aws", role="HOST")])

    seen = all_of_them.concerning(["STAFF", "ANYONE"])

    assert seen.kinds == (of_staff,)
    assert [each.name for each in seen.processors] == ["ses", "aws"]
