"""The privacy notice says what was published with a version, in every language, to those it concerns."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.facts import Disagreeing, Facts
from chalicelib.domain.handling import Subject
from chalicelib.domain.periods import Period, hours, minutes, months, years
from chalicelib.domain.versions import Version
from chalicelib.messages.notice_words import NOTICE_LANGUAGES, words
from chalicelib.records.catalogue import RECORDS
from chalicelib.records.logs import LOGS
from chalicelib.services.notice._stating import length
from chalicelib.services.notice.publishing import Notice, Publishing
from tests.builders import business
from tests.fakes import DrivenClock
from tests.notices import facts, kept, kind, processor, publications, version
from tests.stage import Stage, stage

LATER = DrivenClock(datetime(2027, 6, 1, tzinfo=UTC))
in_each_language = pytest.mark.parametrize("language", NOTICE_LANGUAGES)


def later() -> Any:
    """A stage on which every version that was published so far is in force."""
    return stage(DrivenClock(LATER.now))


def of_tenant(on: Stage, language: str = "en", **changes: Any) -> Notice:
    """The notice of a business for its customers."""
    return on.services.publishing.of_tenant(business(on, **changes).tenant, language)


def trial(on: Stage, *versions: Version, country: str = "CH") -> Publishing:
    """Publishing with these versions."""
    return replace(on.services.publishing, versions=publications(*versions), country=country)


@in_each_language
def test_every_kind_is_in_one_of_the_two_notices(language: str) -> None:
    """Nothing is stored that no notice speaks of; what concerns anyone is in both."""
    with later() as on:
        tenants, operators = of_tenant(on, language), on.services.publishing.of_operator(language)

    about = {kind.kind_name(): kind.handling.about for kind in RECORDS}
    assert {kind.kind for kind in (*tenants.kinds, *operators.kinds)} == set(about)
    assert {k.kind for k in tenants.kinds} == {
        name for name, who in about.items() if who in {Subject.CUSTOMER, Subject.ANYONE}
    }
    assert {k.kind for k in operators.kinds} == {name for name, who in about.items() if who is not Subject.CUSTOMER}


@in_each_language
def test_what_it_says_follows_from_the_declaration(language: str) -> None:
    """Purposes, basis, periods, recipients and fields of an appointment are those of its Handling."""
    with later() as on:
        held = next(kind for kind in of_tenant(on, language).kinds if kind.kind == "Appointment")

    said = words(language)
    assert held.purposes == (said["purposes"]["APPOINTMENT"], said["purposes"]["NOTIFICATION"])
    assert held.basis == said["bases"]["CONTRACT"]
    assert said["units"]["months"][1].format(n=12) in held.kept[0]
    assert len(held.recipients) == 5
    assert held.sealed
    assert held.sealed_with == said["keys"]["OF_THE_PERSON"]
    forms = {each.field: each.form for each in held.fields}
    assert {name for name, form in forms.items() if form == said["forms"]["SEALED"]} == {
        *("given_name", "family_name", "email", "phone", "address", "note")
    }


def test_periods_in_english() -> None:
    """The first that ends holds; each is named with its start."""
    with later() as on:
        kept_for = {kind.kind: kind.kept for kind in on.services.publishing.of_operator("en").kinds}

    assert kept_for["Tenant"] == (
        "until the end of the 30 days after the trial or the cancellation",
        "7 days from registration, if the address is not confirmed",
    )
    assert kept_for["Session"] == ("8 hours from the last use", "7 days from the start")
    assert kept_for["Availability"] == ("until the end of the work there",)
    assert kept_for["LedgerEntry"] == ("24 months from the entry, counted from the end of that day",)


@pytest.mark.parametrize(
    ("period", "said"),
    [
        (Period(), ""),
        (months(1), "1 month"),
        (months(24), "24 months"),
        (years(10), "10 years"),
        (Period(months=37), "37 months"),
        (minutes(90), "1 hour 30 minutes"),
        (Period(days=1, seconds=1), "1 day 1 second"),
        (hours(2), "2 hours"),
    ],
)
def test_lengths_are_said_whole(period: Period, said: str) -> None:
    """No part of a period is left out."""
    assert length(period, words("en")) == said


def test_a_business_is_the_controller_of_its_notice() -> None:
    """With company, postal address and mail as registered; the officer is the operator's, and that is said plainly."""
    with later() as on:
        notice = of_tenant(on)

    assert notice.controller.name == "Praxis Brunner"
    assert notice.controller.postal == "Praxis Brunner, Seestrasse 12, 8002 Zürich, CH"
    assert notice.controller.mail == "regula@praxis-brunner.example"
    assert notice.intro.startswith(
        "This notice is made from the program with which Zusage processes this data for Praxis"
    )
    assert "Praxis Brunner decides" in notice.relation
    assert "The data protection officer named here is that of Zusage." in notice.relation
    assert (notice.officer.name, notice.officer.mail) == ("Datenschutzstelle", "datenschutz@example.ch")
    assert {notice.officer.mail, notice.controller.mail} <= set(notice.ask.replace(",", "").split())


@in_each_language
def test_the_rights_are_those_of_both_laws(language: str) -> None:
    """Each with its article; how to object stands apart from all else (Art. 21(4) GDPR)."""
    with later() as on:
        rights = of_tenant(on, language).rights

    named = {int(number) for right in rights for number in re.findall(r"\b\d+\b", right)}
    (objection,) = [right for right in rights if re.search(r"\b21\b", right)]
    assert {7, 15, 16, 17, 18, 20, 21, 25, 28, 30, 32} <= named
    assert {*map(int, re.findall(r"\b\d+\b", objection))} == {2, 21, 30}


def test_the_operators_names_controller_and_officer_by_post_and_mail() -> None:
    """As the installation was deployed with; contact forms get the same."""
    with later() as on:
        notice, contact = on.services.publishing.of_operator("en"), on.services.publishing.contact()

    assert (notice.controller, notice.officer) == (contact.controller, contact.officer)
    assert (contact.controller.name, contact.controller.mail) == ("Muster AG", "kontakt@example.ch")
    assert contact.officer.postal == "Muster AG, Datenschutzstelle, Seestrasse 1, 8000 Zürich"
    assert (contact.operator, contact.country) == ("Zusage", "CH")
    assert contact.supervisor.web == "https://www.edoeb.admin.ch"


@in_each_language
@pytest.mark.parametrize(
    ("country", "web"), [("CH", "edoeb"), ("FR", "cnil"), ("IE", "dataprotection"), ("GB", "edoeb")]
)
def test_the_authority_in_charge_follows_the_country(language: str, country: str, web: str) -> None:
    """That of the business; one's own place of residence (Art. 77) and the Swiss commissioner (Art. 49) are named."""
    with later() as on:
        notice = of_tenant(on, language, country=country)

    assert web in notice.supervisor.web
    assert notice.supervisor.name in notice.authority
    assert notice.supervisor.web in notice.authority
    assert notice.supervisor.postal in notice.authority
    assert "77" in notice.authority
    assert "49" in notice.authority
    assert "edpb.europa.eu" in notice.authority


@in_each_language
def test_in_germany_the_land_is_in_charge(language: str) -> None:
    """The federal one is named as who knows which it is."""
    with later() as on:
        german, swiss = (trial(on, version("2026-11-22"), country=each).of_operator(language) for each in ("DE", "CH"))

    sentence = words(language)["authority_land"].format(controller="Muster AG").strip()
    assert sentence in german.authority
    assert sentence not in swiss.authority


def test_only_processors_that_receive_something_are_named() -> None:
    """With company, place, what protects the data, and the agreement; the host first."""
    with later() as on:
        recipients = of_tenant(on).recipients

    assert [each.name for each in recipients] == ["aws", "mailgun", "ses", "twilio", "smsapi", "payrexx"]
    assert all(each.place and each.company and each.transfer and each.contract for each in recipients)
    assert "United States" in recipients[0].behind


def test_an_unknown_business_or_version_has_no_notice() -> None:
    """It is told plainly."""
    with stage() as on:
        for ask in (
            lambda: on.services.publishing.of_tenant("0" * 31 + "1", "en"),
            lambda: on.services.publishing.of_operator("en", "2020-01-01"),
            lambda: on.services.publishing.differences("2020-01-01", "en"),
            lambda: on.services.publishing.differences("2026-11-22", "en", since="2020-01-01"),
            lambda: on.services.publishing.history("en", "0" * 31 + "1"),
        ):
            with pytest.raises(NotFoundError):
                ask()


def disagreeing() -> Facts:
    """A kind whose period was published otherwise in two places."""
    elsewhere = (Disagreeing(period=years(3), where="the terms"), Disagreeing(period=months(18), where="a leaflet"))
    return facts(kind("Staff", about="STAFF", periods=(kept(elsewhere=elsewhere), kept(since="left_at"))))


@in_each_language
def test_periods_that_disagree_are_both_named(language: str) -> None:
    """And that the shorter one holds; what agrees is not mentioned."""
    with stage() as on:
        notice = trial(on, version("2026-11-22", disagreeing())).of_operator(language)

    (said,) = notice.disagreements
    units = words(language)["units"]
    assert units["months"][1].format(n=12) in said
    assert units["months"][1].format(n=18) in said
    assert units["years"][1].format(n=3) in said
    assert "the terms" in said


@in_each_language
def test_a_legal_duty_is_told(language: str) -> None:
    """What is blocked, for how long, under which key."""
    duty = kept(years(10), counted="FROM_END_OF_FINANCIAL_YEAR")
    invoice = kind("Staff", about="STAFF", then="BLOCK_THEN_DELETE", blocked=duty, key="OF_THE_YEAR")
    with stage() as on:
        (held,) = trial(on, version("2026-11-22", facts(invoice))).of_operator(language).kinds

    said = words(language)
    assert said["units"]["years"][1].format(n=10) in held.afterwards
    assert held.sealed_with == said["keys"]["OF_THE_YEAR"]


def test_an_old_version_is_shown_as_it_was() -> None:
    """Whatever the program does by now."""
    old, new = version("2026-11-22", facts(kind(about="STAFF"))), version("2027-01-01", disagreeing())
    with later() as on:
        publishing = trial(on, old, new)
        current, past = publishing.of_operator("en"), publishing.of_operator("en", "2026-11-22")

    assert (current.version, current.state) == ("2027-01-01", "in-force")
    assert (past.version, past.state) == ("2026-11-22", "past")
    assert [each.kind for each in past.kinds] == ["Appointment"]
    assert "a newer one has replaced it" in past.standing


def test_a_version_is_announced_with_its_date_until_it_is_in_force() -> None:
    """To the second; the one in force says what is coming."""
    new = version("2027-01-01", disagreeing())
    clock = DrivenClock(datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC))
    with stage(clock) as on:
        publishing = trial(on, version("2026-11-22"), new)
        before = publishing.of_operator("en"), publishing.of_operator("en", "2027-01-01").state
        clock.move(seconds=1)
        after = publishing.of_operator("en")

    assert (before[0].version, before[1]) == ("2026-11-22", "announced")
    assert "version 2027-01-01 will be in force from 1 January 2027 on" in before[0].standing
    assert (after.version, after.state) == ("2027-01-01", "in-force")
    assert "announced" not in after.standing


def test_the_history_says_what_was_important_to_whom() -> None:
    """A change that concerns staff only is none for customers."""
    old = version("2026-11-22", facts(kind(), kind("Staff", about="STAFF")))
    new = version("2027-01-01", facts(kind(), kind("Staff", about="STAFF", purposes=("SECURITY",))))
    with later() as on:
        tenant = business(on).tenant
        publishing = trial(on, old, new)
        staff, customers = publishing.history("en"), publishing.history("en", tenant)

    assert [(each.version, each.state, each.important) for each in staff] == [
        ("2027-01-01", "in-force", True),
        ("2026-11-22", "past", False),
    ]
    assert not any(each.important for each in customers)


@in_each_language
def test_changes_are_said_in_words(language: str) -> None:
    """Each with what it was and what it is; those before the last version can be compared, too."""
    first = version("2026-11-22", facts(kind("Staff", about="STAFF")))
    second = version("2026-12-01", facts(kind("Staff", about="STAFF", periods=(kept(months(24)),))))
    third = version("2027-01-01", facts(kind("Staff", about="STAFF", periods=(kept(months(24)),), basis="CONSENT")))
    with later() as on:
        publishing = trial(on, first, second, third)
        news, more = (publishing.differences("2027-01-01", language, since=each) for each in ("", "2026-11-22"))
        nothing = publishing.differences("2026-11-22", language)

    said = words(language)
    assert (news.since, [each.what for each in news.changes]) == ("2026-12-01", ["basis-changed"])
    assert said["bases"]["CONSENT"] in news.changes[0].text
    assert said["bases"]["CONTRACT"] in news.changes[0].text
    assert {each.what for each in more.changes} == {"basis-changed", "period-longer"}
    longer = next(each for each in more.changes if each.what == "period-longer")
    assert longer.important
    assert all(said["units"]["months"][1].format(n=n) in longer.text for n in (12, 24))
    assert (nothing.since, nothing.changes, nothing.important) == ("", (), False)


@in_each_language
def test_every_change_can_be_said(language: str) -> None:
    """Between all versions that were published, and for a kind and a processor in which everything differs."""
    duty = kept(years(10))
    before = facts(
        kind("Staff", about="STAFF", blocked=duty),
        kind("Tenant", about="STAFF"),
        processors=[processor(), processor("ses", role="HOST")],
    )
    after = facts(
        kind(
            "Staff",
            about="ANYONE",
            category="USAGE",
            purposes=("SECURITY",),
            basis="CONSENT",
            source="TENANT",
            recipients=("ses",),
            periods=(kept(since="left_at"),),
            then="ANONYMISE",
            blocked=None,
            key="OF_THE_YEAR",
            because="so",
            fields={"email": "PLAIN", "phone": "SEALED"},
        ),
        kind("Acceptance", about="STAFF", blocked=duty),
        processors=[
            processor(
                "ses", role="HOST", company="Other", place="Dublin, Ireland", purpose="OPERATION", receives=("name",)
            )
        ],
    )
    with later() as on:
        publishing = trial(
            on, version("2026-11-22", before), version("2026-12-01", after), version("2027-01-01", before)
        )
        both = (publishing.differences(each, language) for each in ("2026-12-01", "2027-01-01"))
        found = [change for news in both for change in news.changes]
        real = on.services.publishing.differences("2026-11-23", language)

    assert len({change.what for change in found}) >= 20
    assert real.important
    assert all(change.text and "{" not in change.text for change in (*found, *real.changes))


def test_a_processor_of_customers_only_is_no_news_for_staff() -> None:
    """Who gets nothing about one is not named to one."""
    old = version("2026-11-22", facts(kind("Staff", about="STAFF", recipients=())))
    new = version("2027-01-01", facts(kind("Staff", about="STAFF", recipients=()), processors=[processor("twilio")]))
    with later() as on:
        assert trial(on, old, new).differences("2027-01-01", "en").changes == ()


@pytest.mark.parametrize("language", NOTICE_LANGUAGES)
def test_visits_of_pages_are_told_with_the_period_of_their_log(language: str) -> None:
    """A log is no record, and a person wants to know of it all the same."""
    with stage() as on:
        notices = (of_tenant(on, language), on.services.publishing.of_operator(language))

    days = [str(log.handling.keep[0].period.days) for log in LOGS]
    for notice in notices:
        assert re.findall(r"\b\d\d\b", notice.visits)[: len(days)] == days
        assert "IP" in notice.visits
