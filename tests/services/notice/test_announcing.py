"""New versions of the notice are told to staff: once, to everybody who has to know, and to nobody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import TryAgainError
from chalicelib.domain.versions import Version
from chalicelib.records.reading import client, fetch
from chalicelib.records.staff import Staff
from chalicelib.records.writing import Transaction
from chalicelib.services.notice.announcing import Announced
from tests.builders import VISITOR, application, link_to, on_plan, registered
from tests.fakes import DrivenClock
from tests.notices import facts, kind, publications, version
from tests.services.looking import ledger, messages, raw, the
from tests.stage import Stage, stage

OLD = version("2026-11-22")
WORDS = version("2026-12-01", facts(kind(source="TENANT")))
NEWS = version("2027-01-01", facts(kind(source="TENANT", purposes=("APPOINTMENT", "SECURITY"))))
MORE = version("2027-02-01", facts(kind(source="TENANT", purposes=("APPOINTMENT", "SECURITY", "OPERATION"))))
BEFORE = datetime(2026, 11, 30, tzinfo=UTC)
NEW_YEAR = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
MESSAGE = "notice-changed"


@contextmanager
def announcing(*versions: Version, at: datetime = BEFORE) -> Iterator[Stage]:
    """A stage with these versions, on which nobody is known yet."""
    with stage(DrivenClock(at)) as on:
        held = publications(*versions)
        services = vars(on.services)
        for name in ("announcing", "accepting", "registering"):
            services[name] = replace(getattr(on.services, name), versions=held)
        object.__setattr__(on.dispatching.composing, "versions", held)
        yield on


def announce(on: Stage) -> tuple[int, int]:
    """How many were told, and how many wait."""
    found = on.services.announcing.run()
    assert found.complete
    return found.told, found.waiting


def member(on: Stage, name: str = "regula", *, told: str = OLD.version) -> Staff:
    """A staff member who accepted this version when registering."""
    signed_in = registered(on, email=f"{name}@praxis.example", notice_version=told)
    on_plan(signed_in.tenant)
    held = fetch(Staff.ref(signed_in.tenant, signed_in.staff), consistent=True)
    assert held is not None
    return held


def told(on: Stage) -> list[str]:
    """Who got the message, by address."""
    on.pump()
    return sorted(mail.to for mail in on.mails() if "Datenschutzerklärung" in mail.subject)


def test_everybody_is_told_once_when_the_version_comes_into_force() -> None:
    """Not a second before, and not again an hour later."""
    with announcing(OLD, NEWS) as on:
        member(on), member(on, "beat")
        on.clock.now = NEW_YEAR.replace(hour=22, minute=59, second=59)
        early = announce(on)
        on.clock.move(seconds=1)
        first, second = announce(on), announce(on)

        assert (early, first, second) == ((0, 0), (2, 0), (0, 0))
        assert told(on) == ["beat@praxis.example", "regula@praxis.example"]
        on.clock.move(days=40)
        assert announce(on) == (0, 0)


def test_the_mail_names_the_day_and_leads_to_what_is_new() -> None:
    """In the language of the person; the link holds nothing about anybody."""
    with announcing(OLD, NEWS) as on:
        member(on)
        on.clock.now = NEW_YEAR
        announce(on)
        on.pump()
        mail = on.mails()[-1]

    assert mail.subject == "Unsere Datenschutzerklärung hat sich geändert"
    assert "Seit dem 1. Januar 2027" in mail.text
    assert "https://api.example.ch/notice/versions/2027-01-01?language=de" in mail.text
    assert "#" not in mail.text


def test_what_was_done_is_noted_in_one_transaction() -> None:
    """The member, the message and the entry in the ledger, all or nothing; the entry is about the member."""
    with announcing(OLD, NEWS) as on:
        held = member(on)
        on.clock.now = NEW_YEAR
        announce(on)

        assert the(Staff).told_version == NEWS.version
        (notification,) = messages(MESSAGE)
        assert (notification.about, notification.brief_since) == (NEWS.version, None)
        (entry,) = ledger(Action.NOTICE_ANNOUNCED)
        assert entry.tenant == held.tenant
        assert (entry.about, entry.thing, entry.actor) == (held.subject, NEWS.version, None)


def test_a_version_that_changes_words_only_is_told_to_nobody() -> None:
    """Nothing is read for it: an hourly run with nothing to say costs nothing."""
    with announcing(OLD, WORDS) as on:
        member(on)
        on.clock.now = NEW_YEAR
        asked: list[str] = []
        client().meta.events.register("before-call.dynamodb", lambda model, **_: asked.append(model.name))

        assert announce(on) == (0, 0)
        assert asked == []


def test_with_news_that_everybody_knows_there_is_one_read() -> None:
    """However many versions there were."""
    with announcing(OLD, WORDS, NEWS, MORE) as on:
        member(on)
        on.clock.now = NEW_YEAR.replace(year=2028)
        announce(on)
        asked: list[str] = []
        client().meta.events.register("before-call.dynamodb", lambda model, **_: asked.append(model.name))

        assert announce(on) == (0, 0)
        assert asked == ["Query"]


def test_who_registered_later_is_not_told_of_earlier_versions() -> None:
    """They accepted the version in force, or one that was announced."""
    with announcing(OLD, NEWS) as on:
        member(on, "ahead", told=NEWS.version)
        on.clock.now = NEW_YEAR
        member(on, "later", told=NEWS.version)

        assert announce(on) == (0, 0)
        assert told(on) == []


def test_who_missed_several_versions_is_told_of_the_last() -> None:
    """One message, not one for each."""
    with announcing(OLD, WORDS, NEWS, MORE) as on:
        member(on)
        on.clock.now = NEW_YEAR.replace(year=2028)

        assert announce(on) == (1, 0)
        assert the(Staff).told_version == MORE.version
        assert told(on) == ["regula@praxis.example"]


def test_who_was_told_of_words_only_hears_of_the_next_news() -> None:
    """The version between is not in the way."""
    with announcing(OLD, WORDS, NEWS) as on:
        on.clock.now = WORDS.effective_at
        member(on, told=WORDS.version)
        assert announce(on) == (0, 0)
        on.clock.now = NEW_YEAR
        assert announce(on) == (1, 0)


def test_members_from_before_it_was_noted_are_told_too() -> None:
    """They stand in no list, until the job that makes stamps anew puts them there: as told of the first version."""
    with announcing(OLD, NEWS) as on:
        member(on)
        (item,) = (each for each in raw(Staff) if each["kind"]["S"] == "Staff")
        bare = {name: item[name] for name in item.keys() - {"told_version", "lookup_pk", "lookup_sk"}}
        client().put_item(TableName=Staff.Meta.table_name, Item=bare)
        on.clock.now = NEW_YEAR
        before = announce(on)
        on.services.restamping.run()

        assert (before, announce(on)) == ((0, 0), (1, 0))


def test_signing_in_puts_members_from_before_on_the_list_too() -> None:
    """As does whatever else writes their record."""
    with announcing(OLD, NEWS) as on:
        held = member(on)
        held.told_version = None
        transaction = Transaction()
        transaction.update(held)
        transaction.commit()
        on.clock.now = NEW_YEAR

        assert announce(on) == (1, 0)


def test_who_has_not_confirmed_waits_and_is_told_then() -> None:
    """Nothing but the confirmation goes to an address that nobody has confirmed."""
    with announcing(OLD, NEWS, at=NEW_YEAR.replace(hour=22)) as on:
        on.services.registering.register(application(notice_version=OLD.version), network="203.0.113.0/24", repeat=None)
        on.clock.now = NEW_YEAR
        assert announce(on) == (0, 1)
        on.pump()
        token = link_to(on, "confirm")
        on.services.registering.confirm(token, visitor=VISITOR)

        assert announce(on) == (1, 0)


def test_who_had_the_processing_restricted_waits_until_that_is_over() -> None:
    """A message would be a use of the data (Art. 18 GDPR)."""
    with announcing(OLD, NEWS) as on:
        _restrict(member(on), BEFORE)
        on.clock.now = NEW_YEAR
        assert announce(on) == (0, 1)
        assert told(on) == []
        _restrict(the(Staff), None)

        assert announce(on) == (1, 0)


def test_who_has_left_is_not_told() -> None:
    """From that second on."""
    with announcing(OLD, NEWS) as on:
        held = member(on)
        held.left_at = NEW_YEAR
        transaction = Transaction()
        transaction.update(held)
        transaction.commit()
        on.clock.now = NEW_YEAR

        assert announce(on) == (0, 0)


def test_a_run_that_is_cut_off_goes_on_where_it_ended() -> None:
    """Nobody is left out and nobody hears it twice."""
    with announcing(OLD, NEWS) as on:
        for name in ("a", "b", "c"):
            member(on, name)
        on.clock.now = NEW_YEAR
        time_left = iter([True, True, False])
        first = on.services.announcing.run(may_go_on=lambda: next(time_left))
        second = on.services.announcing.run()

        assert first == Announced(told=2, waiting=0, complete=False)
        assert second == Announced(told=1, waiting=0, complete=True)
        assert told(on) == ["a@praxis.example", "b@praxis.example", "c@praxis.example"]


def test_who_signs_in_at_this_moment_is_told_by_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that changed meanwhile is not overwritten, and no message is written for it."""
    with announcing(OLD, NEWS) as on:
        member(on)
        on.clock.now = NEW_YEAR
        with monkeypatch.context() as patched:
            patched.setattr(Transaction, "commit", _lost)
            assert announce(on) == (0, 1)
        assert messages(MESSAGE) == []

        assert announce(on) == (1, 0)


def test_a_version_that_is_gone_is_not_told() -> None:
    """Should a version be taken back before its message is sent, the message is dropped."""
    with announcing(OLD, NEWS) as on:
        member(on)
        on.clock.now = NEW_YEAR
        announce(on)
        object.__setattr__(on.dispatching.composing, "versions", publications(OLD))

        assert told(on) == []
        (skipped,) = messages(MESSAGE)
        assert skipped.reason == "gone"


def test_the_list_is_keys_of_the_member_only() -> None:
    """The index says which version, which business, which member: no address, no name."""
    with announcing(OLD, NEWS) as on:
        held = member(on)
        kept = the(Staff)

    assert (kept.lookup_pk, kept.lookup_sk) == ("NOTICE", f"{OLD.version}#{held.tenant}#{held.subject}")


def _restrict(held: Staff, since: datetime | None) -> None:
    held.restricted_since = since
    transaction = Transaction()
    transaction.mark(held)
    transaction.commit()


def _lost(self: Transaction) -> None:
    raise TryAgainError
