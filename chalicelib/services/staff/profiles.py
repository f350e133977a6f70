"""What members of staff say of themselves: name, number, language, zone, description, and a photo that customers see.

A photo is a file of its own under the prefix of the member's record, with a random name each time: what a browser or
anybody on the way kept of the old one is never mistaken for the new one.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import NotFoundError, VersionMismatchError
from chalicelib.domain.roles import EXPERT
from chalicelib.records.ending import files_of
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.reading import fetch
from chalicelib.records.staff import Staff
from chalicelib.records.writing import Transaction
from chalicelib.services._attempts import persist
from chalicelib.services.ports import Files
from chalicelib.services.sign_in.sessions import StaffSession

PHOTO_TYPE = "image/jpeg"
PHOTO_FILE = "photo.jpg"


class Photos(Protocol):
    """Makes harmless pictures of what people send."""

    def prepared(self, content: bytes, *, content_type: str) -> bytes:
        """The picture as a small JPEG without anything but its pixels; InvalidInputError for what is none."""
        ...


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a member says of themselves; normalised already."""

    given_name: str
    family_name: str
    phone: str | None
    language: str
    own_zone: str | None
    description: str | None


@dataclass(frozen=True)
class Profiles:
    """Profiles of staff."""

    clock: Clock
    files: Callable[[], Files]
    photos: Callable[[], Photos]

    def own(self, caller: StaffSession) -> Staff:
        """The caller as they are noted."""
        return _there(fetch(Staff.ref(caller.tenant, caller.staff), consistent=True))

    def change(self, caller: StaffSession, profile: Profile, *, version: int | None, network: str) -> Staff:
        """The caller with another profile; `version` is the one the change was made on, None to overwrite."""

        def attempt() -> Staff:
            staff = self.own(caller)
            if version is not None and version != int(staff.version or 0):
                raise VersionMismatchError("Read it again and repeat the change.", field="If-Match")
            for name, value in vars(profile).items():
                setattr(staff, name, value)
            self._write(staff, Action.STAFF_CHANGED, network)
            return staff

        return persist(attempt)

    def set_photo(self, caller: StaffSession, content: bytes, *, content_type: str, network: str) -> None:
        """Shows this photo from now on. InvalidInputError for what is none; nothing of what was sent is kept."""
        prepared, name = self.photos().prepared(content, content_type=content_type), secrets.token_hex(16)
        folder = _folder(self.own(caller), name)
        self.files().put(folder + PHOTO_FILE, prepared, content_type=PHOTO_TYPE)
        try:
            self._point_to(caller, name, network=network)
        except BaseException:
            self.files().delete_all(prefix=folder)
            raise

    def remove_photo(self, caller: StaffSession, *, network: str) -> None:
        """Shows none any more."""
        self._point_to(caller, None, network=network)

    def photo(self, tenant: str, staff: str) -> bytes:
        """The photo of an expert, for everybody. NotFoundError when there is none."""
        member = _there(fetch(Staff.ref(tenant, staff)))
        if EXPERT not in member.roles:
            raise NotFoundError("There is no such photo.")
        return self._stored(member)

    def own_photo(self, caller: StaffSession) -> bytes:
        """The caller's own."""
        return self._stored(self.own(caller))

    def photo_of(self, member: Staff) -> bytes | None:
        """What a member shows, if anything."""
        return self.files().get(_folder(member, member.photo) + PHOTO_FILE) if member.photo else None

    def _stored(self, member: Staff) -> bytes:
        content = self.photo_of(member)
        if content is None:
            raise NotFoundError("There is no such photo.")
        return content

    def _point_to(self, caller: StaffSession, name: str | None, *, network: str) -> None:
        """Names the photo to be shown, then deletes the one before: a file too many comes before one too few."""

        def attempt() -> str | None:
            staff = self.own(caller)
            before, staff.photo = staff.photo, name
            self._write(staff, Action.PHOTO_CHANGED, network)
            return _folder(staff, before) if before else None

        folder = persist(attempt)
        if folder is not None:
            self.files().delete_all(prefix=folder)

    def _write(self, staff: Staff, action: Action, network: str) -> None:
        transaction = Transaction()
        transaction.update(staff)
        transaction.create(LedgerEntry.of(staff.tenant, action, at=self._now(), actor=staff.subject, network=network))
        transaction.commit()

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _folder(staff: Staff, name: str) -> str:
    return f"{files_of(staff.pk, staff.sk)}{name}/"


def _there(staff: Staff | None) -> Staff:
    if staff is None:
        raise NotFoundError("There is no such member of staff.")
    return staff
