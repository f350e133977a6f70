"""What a member of staff accepted of terms and privacy notice, what is in force, and what is asked of them."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from chalicelib.domain.actions import Action
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.fact_changes import changes, consents_asked, is_important
from chalicelib.domain.versions import TERMS_VERSION, Version, acceptable, check_acceptable, in_force
from chalicelib.records.ledger import LedgerEntry
from chalicelib.records.publications import Publications, published
from chalicelib.records.reading import fetch
from chalicelib.records.staff import Acceptance, Staff
from chalicelib.records.writing import LostRaceError, Transaction
from chalicelib.services.sign_in.sessions import StaffSession


@dataclass(frozen=True, kw_only=True)
class Acceptances:
    """What was accepted (the latest last), what is in force, what is announced, and what is asked.

    `asks_consent` names the kinds of data whose consent was given for other purposes or recipients.
    """

    accepted: tuple[Acceptance, ...]
    terms_version: str
    notice: Version
    announced: tuple[Version, ...]
    asks_acceptance: bool
    asks_consent: tuple[str, ...]


@dataclass(frozen=True)
class Accepting:
    """Acceptances of staff."""

    clock: Clock
    versions: Publications = published

    def standing(self, caller: StaffSession) -> Acceptances:
        """What the caller accepted, and what is asked of them."""
        return self._standing(tuple(Acceptance.all_of(caller.tenant, caller.staff)))

    def accept(
        self, caller: StaffSession, *, terms_version: str, notice_version: str, language: str, network: str
    ) -> Acceptances:
        """Notes the acceptance of two versions; what was accepted before stays as it was noted then."""
        check_acceptable(self.versions(), self._now(), terms_version=terms_version, notice_version=notice_version)
        earlier = Acceptance.all_of(caller.tenant, caller.staff)
        if not any(_is_of(each, terms_version, notice_version) for each in earlier):
            try:
                made = self._note(caller, terms_version, notice_version, language, network=network)
            except LostRaceError as lost:
                return self._after(lost, caller, terms_version, notice_version)
            earlier.append(made)
        return self._standing(tuple(earlier))

    def _note(self, caller: StaffSession, terms: str, notice: str, language: str, *, network: str) -> Acceptance:
        staff, now = fetch(Staff.ref(caller.tenant, caller.staff), consistent=True), self._now()
        if staff is None:
            raise NotFoundError("There is no such member of staff.")
        ref = Acceptance.ref(caller.tenant, caller.staff, terms, notice)
        made = Acceptance(
            ref.pk,
            ref.sk,
            zone=staff.zone,
            terms_version=terms,
            notice_version=notice,
            language=language,
            accepted_at=now,
        )
        transaction = Transaction()
        transaction.create(made)
        if notice > staff.told:
            staff.told_version = notice
            transaction.update(staff)
        else:
            transaction.require(staff)
        transaction.create(
            LedgerEntry.of(
                caller.tenant,
                Action.NOTICE_ACCEPTED,
                at=now,
                actor=caller.staff,
                thing=notice,
                network=network,
            )
        )
        transaction.commit()
        return made

    def _after(self, lost: LostRaceError, caller: StaffSession, terms: str, notice: str) -> Acceptances:
        """The same call at the same moment did it; anything else is to be tried again."""
        held = tuple(Acceptance.all_of(caller.tenant, caller.staff))
        if not any(_is_of(each, terms, notice) for each in held):
            raise lost
        return self._standing(held)

    def _standing(self, accepted: tuple[Acceptance, ...]) -> Acceptances:
        held, now = self.versions(), self._now()
        current = in_force(held, now)
        known = [each for each in held if each.version in {one.notice_version for one in accepted}]
        last = known[-1] if known else None
        latest_terms = max((each.terms_version for each in accepted), default="")
        news = last is None or any(
            is_important(changes(older.facts, newer.facts))
            for older, newer in pairwise(held)
            if last.version < newer.version <= current.version
        )
        behind = last is not None and last.version < current.version
        return Acceptances(
            accepted=tuple(sorted(accepted, key=lambda each: (each.accepted_at, each.notice_version))),
            terms_version=TERMS_VERSION,
            notice=current,
            announced=acceptable(held, now)[1:],
            asks_acceptance=news or latest_terms < TERMS_VERSION,
            asks_consent=consents_asked(last.facts, current.facts) if behind and last is not None else (),
        )

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _is_of(acceptance: Acceptance, terms: str, notice: str) -> bool:
    return (acceptance.terms_version, acceptance.notice_version) == (terms, notice)
