"""Profiles and photos."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import InvalidInputError, NotFoundError, TryAgainError, VersionMismatchError
from chalicelib.records.staff import Staff
from chalicelib.services.staff.profiles import Profile
from tests.adapters.pictures import opened, picture
from tests.builders import NETWORK, Business, registered
from tests.fakes import MemoryFiles
from tests.services.colleagues import colleague
from tests.services.looking import ledger, the
from tests.services.meddling import before_commit, refused_writes
from tests.services.prepared import open_business
from tests.stage import Stage

PROFILE = Profile(
    given_name="Regula",
    family_name="Brunner-Meier",
    phone=None,
    language="en",
    own_zone="Europe/Lisbon",
    description="Physiotherapeutin\nseit 1999",
)


@contextmanager
def with_files() -> Iterator[tuple[Stage, Business, MemoryFiles]]:
    """A business with a bucket."""
    with open_business() as (on, of):
        files = MemoryFiles()
        vars(on.services)["files"] = files
        yield on, of, files


def show(on: Stage, of: Business, content: bytes, content_type: str = "image/jpeg") -> None:
    """Uploads a photo."""
    on.services.profiles.set_photo(of.session, content, content_type=content_type, network=NETWORK)


def test_one_says_of_oneself_what_one_wants() -> None:
    """Zone of one's own, description, no number any more."""
    with open_business() as (on, of):
        on.services.profiles.change(of.session, PROFILE, version=None, network=NETWORK)

        on.vault.forget(of.tenant)
        held = on.services.profiles.own(of.session)
        assert {name: getattr(held, name) for name in vars(PROFILE)} == vars(PROFILE)
        assert held.email == "regula@praxis-brunner.example"
        (entry,) = ledger(Action.STAFF_CHANGED)
        assert (entry.actor, entry.network) == (of.expert, NETWORK)
        assert "seit 1999" not in str(held.serialize())


def test_a_change_on_an_older_version_is_refused() -> None:
    """As everywhere."""
    with open_business() as (on, of):
        version = on.services.profiles.own(of.session).version
        on.services.profiles.change(of.session, PROFILE, version=version, network=NETWORK)

        with pytest.raises(VersionMismatchError):
            on.services.profiles.change(of.session, PROFILE, version=version, network=NETWORK)


def test_a_photo_is_seen_by_everybody_and_as_it_was_made_small() -> None:
    """What was sent is not kept."""
    with with_files() as (on, of, files):
        show(on, of, picture())

        assert opened(on.services.profiles.photo(of.tenant, of.expert)).size == (512, 384)
        (name,) = files.objects
        assert name.startswith(f"TENANT/{of.tenant}/SUBJECT/{of.expert}/STAFF/")
        assert len(ledger(Action.PHOTO_CHANGED)) == 1


def test_a_new_photo_replaces_the_old_one_under_another_name() -> None:
    """The old file is deleted afterwards."""
    with with_files() as (on, of, files):
        show(on, of, picture())
        (before,) = files.objects
        show(on, of, picture("PNG", size=(20, 20)), "image/png")

        (after,) = files.objects
        assert after != before
        assert opened(on.services.profiles.own_photo(of.session)).size == (20, 20)


def test_a_photo_can_be_removed() -> None:
    """Nothing is left of it."""
    with with_files() as (on, of, files):
        show(on, of, picture())
        on.services.profiles.remove_photo(of.session, network=NETWORK)

        assert files.objects == set()
        with pytest.raises(NotFoundError):
            on.services.profiles.photo(of.tenant, of.expert)


def test_what_is_no_photo_changes_nothing() -> None:
    """The old one stays."""
    with with_files() as (on, of, files):
        show(on, of, picture())
        before = set(files.objects)

        with pytest.raises(InvalidInputError):
            show(on, of, b"<svg/>")

        assert files.objects == before


def test_a_photo_that_could_not_be_noted_is_not_kept() -> None:
    """A file that nothing points to would stay for ever."""
    with with_files() as (on, of, files):
        with refused_writes("ThrottlingError"), pytest.raises(TryAgainError):
            show(on, of, picture())

        assert files.objects == set()
        assert the(Staff).photo is None


def test_two_photos_at_once_leave_one() -> None:
    """The later one, whole."""
    with with_files() as (on, of, files):
        with before_commit(lambda: show(on, of, picture(size=(30, 30)))):
            show(on, of, picture(size=(20, 20)))

        assert opened(on.services.profiles.photo(of.tenant, of.expert)).size == (20, 20)
        assert len(files.objects) == 1


def test_only_experts_are_shown_to_everybody() -> None:
    """Who only runs the business sees their own."""
    with with_files() as (on, of, _):
        boss = colleague(on, of, roles=("admin",))
        on.services.profiles.set_photo(boss, picture(), content_type="image/jpeg", network=NETWORK)

        assert on.services.profiles.own_photo(boss)
        with pytest.raises(NotFoundError):
            on.services.profiles.photo(of.tenant, boss.staff)


def test_a_photo_belongs_to_one_business() -> None:
    """Under another one's name it is not found."""
    with with_files() as (on, of, _):
        show(on, of, picture())
        other = registered(on, email="x@andere.example")

        with pytest.raises(NotFoundError):
            on.services.profiles.photo(other.tenant, of.expert)
