"""The privacy notice: each published version, in four languages, for the operator and for each business.

The operator's speaks of staff and their accounts; a business's of its customers, whose data the operator processes on
its behalf. English governs. What is said follows from the facts that were published with the version, never from the
program that happens to run: a test holds the newest version to it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from chalicelib.domain.authorities import LIST, Authority, authority_of
from chalicelib.domain.clock import Clock
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.fact_changes import changes, is_important
from chalicelib.domain.facts import Facts
from chalicelib.domain.versions import Version, acceptable, in_force
from chalicelib.messages.notice_words import GOVERNING, spoken_date
from chalicelib.records.logs import ACCESS_LOG, REQUEST_LOG
from chalicelib.records.publications import Publications, published
from chalicelib.records.reading import fetch
from chalicelib.records.tenant import Tenant
from chalicelib.services.notice._stated import Difference, Differences, Notice, Party, Supervisor, VersionStated
from chalicelib.services.notice._stating import Words, difference, disagreements, recipient, stored
from chalicelib.services.notice._wording import spoken

__all__ = ["Differences", "Notice", "Party", "Publishing", "VersionStated"]

_OF_OPERATOR = ("STAFF", "ANYONE", "NOBODY")
_OF_TENANT = ("CUSTOMER", "ANYONE")
IN_FORCE, ANNOUNCED, PAST = "in-force", "announced", "past"
_STANDING = {IN_FORCE: "effective", ANNOUNCED: "announced", PAST: "past"}


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Who is responsible for the installation, who looks after data protection in it, and who supervises both."""

    operator: str
    controller: Party
    country: str
    officer: Party
    supervisor: Supervisor


@dataclass(frozen=True, kw_only=True)
class _Audience:
    """Whom a notice is for: what it covers, and who answers for it."""

    subjects: tuple[str, ...]
    controller: Party
    country: str
    intro: str
    relation: str


@dataclass(frozen=True)
class Publishing:
    """Makes notices. `operator` is who runs the installation, `officer` its data protection officer."""

    clock: Clock
    operator_name: str
    operator: Party
    officer: Party
    country: str
    versions: Publications = published

    def of_operator(self, language: str, version: str = "") -> Notice:
        """The notice for staff and visitors of the installation: the version in force, or another one."""
        return self._notice(self._audience("", language), language, version)

    def of_tenant(self, tenant_id: str, language: str, version: str = "") -> Notice:
        """The notice for the customers of a business. NotFoundError for an unknown one."""
        return self._notice(self._audience(tenant_id, language), language, version)

    def contact(self) -> Contact:
        """Whom to write to, for forms."""
        held = authority_of(self.country, otherwise=self.country)
        return Contact(
            operator=self.operator_name,
            controller=self.operator,
            country=self.country,
            officer=self.officer,
            supervisor=_supervisor(held),
        )

    def history(self, language: str, tenant_id: str = "") -> tuple[VersionStated, ...]:
        """All versions, the newest first, as they concern this audience."""
        audience, held = self._audience(tenant_id, language), self.versions()
        news = [False] + [is_important(changes(*_seen(audience, older, newer))) for older, newer in pairwise(held)]
        return tuple(
            self._stated(each, language, important=important) for each, important in zip(held, news, strict=True)
        )[::-1]

    def differences(self, version: str, language: str, *, since: str = "", tenant_id: str = "") -> Differences:
        """What is new in a version, compared with the one before it or with another. NotFoundError for neither."""
        audience, newer = self._audience(tenant_id, language), self._version(version)
        older = self._version(since) if since else self._before(newer)
        found: tuple[Difference, ...] = ()
        if older is not None:
            before, after = _seen(audience, older, newer)
            said = spoken(language)
            found = tuple(difference(each, before, after, said) for each in changes(before, after))
        return Differences(
            language=language,
            version=newer.version,
            since=older.version if older else "",
            effective=newer.effective.isoformat(),
            important=any(each.important for each in found),
            changes=found,
        )

    def _audience(self, tenant_id: str, language: str) -> _Audience:
        said = spoken(language)
        if not tenant_id:
            relation = said["relation_operator"].format(controller=self.operator.name)
            return _Audience(
                subjects=_OF_OPERATOR,
                controller=self.operator,
                country=self.country,
                intro=said["intro_operator"],
                relation=relation,
            )
        tenant = fetch(Tenant.ref(tenant_id))
        if tenant is None:
            raise NotFoundError("There is no such business.")
        postal = f"{tenant.company}, {tenant.street}, {tenant.postal_code} {tenant.city}, {tenant.country}"
        both = {"operator": self.operator_name, "controller": tenant.company}
        return _Audience(
            subjects=_OF_TENANT,
            controller=Party(name=tenant.company, postal=postal, mail=tenant.contact_mail),
            country=tenant.country,
            intro=said["intro_tenant"].format(**both),
            relation=said["relation_tenant"].format(**both),
        )

    def _notice(self, audience: _Audience, language: str, version: str) -> Notice:
        said, held = spoken(language), self._version(version) if version else in_force(self.versions(), self.clock())
        facts, authority = (
            held.facts.concerning(audience.subjects),
            authority_of(audience.country, otherwise=self.country),
        )
        told = self._stated(held, language, important=False)
        return Notice(
            language=language,
            version=held.version,
            effective=told.effective,
            state=told.state,
            standing=" ".join(self._standing(held, told.state, language)),
            title=said["title"],
            intro=audience.intro,
            relation=audience.relation,
            controller=audience.controller,
            officer=self.officer,
            kinds=tuple(stored(kind, facts, said) for kind in facts.kinds),
            disagreements=tuple(disagreements(facts, said)),
            recipients=tuple(recipient(each, said) for each in facts.processors),
            hosting=said["hosting_text"],
            transfers=said["transfers_text"],
            rights=tuple(said["rights_text"]),
            ask=said["ask"].format(mail=self.officer.mail, controller_mail=audience.controller.mail),
            supervisor=_supervisor(authority),
            authority=_complaint(authority, audience.controller.name, said),
            automated_decisions=said["decisions_text"],
            cookies=said["cookies_text"],
            visits=_visits(said),
            security=said["security_text"],
            governing="" if language == GOVERNING else said["governing"],
        )

    def _standing(self, held: Version, state: str, language: str) -> Iterator[str]:
        said, now = spoken(language), self.clock()
        yield said[_STANDING[state]].format(date=spoken_date(held.effective, language))
        coming = acceptable(self.versions(), now)[1:]
        if state == IN_FORCE and coming:
            date = spoken_date(coming[0].effective, language)
            yield said["next"].format(version=coming[0].version, date=date)

    def _version(self, version: str) -> Version:
        for each in self.versions():
            if each.version == version:
                return each
        raise NotFoundError("There is no such version of the notice.")

    def _before(self, newer: Version) -> Version | None:
        older: Sequence[Version] = [each for each in self.versions() if each.version < newer.version]
        return older[-1] if older else None

    def _stated(self, version: Version, language: str, *, important: bool) -> VersionStated:
        current = in_force(self.versions(), self.clock())
        later = ANNOUNCED if version.effective_at > self.clock() else PAST
        text = spoken(language)["version_line"].format(
            version=version.version, date=spoken_date(version.effective, language)
        )
        return VersionStated(
            version=version.version,
            effective=version.effective.isoformat(),
            text=text,
            state=IN_FORCE if version is current else later,
            important=important,
        )


def _seen(audience: _Audience, older: Version, newer: Version) -> tuple[Facts, Facts]:
    return older.facts.concerning(audience.subjects), newer.facts.concerning(audience.subjects)


def _visits(said: Mapping[str, Any]) -> str:
    """What logs hold: they are no records, and people want to know of them all the same."""
    seen, refused = (log.handling.keep[0].period.days for log in (ACCESS_LOG, REQUEST_LOG))
    return str(said["visits_text"].format(days=seen, refused_days=refused))


def _supervisor(held: Authority) -> Supervisor:
    return Supervisor(name=held.name, postal=held.postal, web=held.web)


def _complaint(held: Authority, controller: str, said: Words) -> str:
    return str(
        said["authority_text"].format(
            controller=controller,
            name=held.name,
            postal=held.postal or said["authority_see_list"].format(list=LIST),
            web=held.web,
            land=said["authority_land"].format(controller=controller) if held.by_land else "",
            list=LIST,
        )
    )
