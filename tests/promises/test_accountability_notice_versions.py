"""accountability, `notice-versions`: every version is published with its date, and staff hear of what is important.

The bundle that is deployed here holds one version more than the product's: it comes into force the day after tomorrow
and gives the data of staff another purpose. So what is announced, comes into force and is told can be seen from start
to end, whatever the day.
"""

import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from chalicelib.domain.ids import INSTALLATION
from chalicelib.domain.versions import Version
from chalicelib.messages.notice_words import NOTICE_LANGUAGES, words
from chalicelib.records.publications import published, written
from infra.local.client import behind_hash
from infra.local.cloud import LocalCloud
from infra.local.paths import PACKAGE, ROOT
from infra.tools.package import package
from tests.deployed.clouds import driven_cloud
from tests.deployed.people import Person
from tests.deployed.stack import Stack, kind_of, until

pytestmark = [pytest.mark.deployed, pytest.mark.promise("notice-versions")]

CHANGED = "Datenschutzerklärung"
NEW_PURPOSE = "SUPPRESSION"


def coming() -> Version:
    """The newest version with one purpose more for the data of staff, in force from the day after tomorrow on."""
    newest = published()[-1]
    day = max(date.fromisoformat(newest.version), newest.effective, date.today())  # noqa: DTZ011 (a day more or less does not matter)
    day += timedelta(days=2)
    kinds = tuple(
        replace(kind, purposes=(*kind.purposes, NEW_PURPOSE)) if kind.kind == "Staff" else kind
        for kind in newest.facts.kinds
    )
    return Version(version=day.isoformat(), effective=day, facts=replace(newest.facts, kinds=kinds))


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> tuple[Version, Path]:
    """The version to come, and the package that holds it."""
    package(root=ROOT, stage="local", out=PACKAGE)
    version, folder = coming(), tmp_path_factory.mktemp("package")
    for name in ("deployment.zip", "sam.json"):
        shutil.copyfile(PACKAGE / name, folder / name)
    with zipfile.ZipFile(folder / "deployment.zip", "a") as bundle:
        bundle.writestr(f"chalicelib/records/published/{version.version}.json", written(version))
    return version, folder


@pytest.fixture(scope="module")
def cloud(later: tuple[Version, Path]) -> Iterator[LocalCloud]:
    """A cloud of its own with that package."""
    with driven_cloud(holding=later[1]) as running:
        yield running


def signed_in(stack: Stack, who: Person) -> dict[str, str]:
    """The header of a fresh session of somebody who has an account."""
    before = len(stack.mails(who, "Anmeldung"))
    stack.call("POST", "/sign-in-links", json={"email": who.email})
    token = behind_hash(stack.mail(who, "Anmeldung", count=before + 1)["text"])
    opened = stack.client.ask("POST", "/sessions", wanted=201, json={"token": token})
    return {"Authorization": f"Bearer {opened['token']}"}


def test_a_version_from_announcement_to_acceptance(stack: Stack, later: tuple[Version, Path]) -> None:
    """Announced with its date and not demanded; in force from its second on; told once, to whom it is new."""
    version, _ = later
    early, ahead = Person(), Person()
    in_force = stack.client.ask("GET", "/registrations", wanted=200)["notice_version"]
    stack.client.register(**early.owner())
    stack.client.register(**ahead.owner(notice_version=version.version))

    _announced(stack, version, in_force)
    stack.cloud.move_time(to=version.effective_at - timedelta(seconds=90))
    stack.cloud.invoke("Announce")
    stack.wake()
    assert stack.mails(early, CHANGED) == []
    assert stack.client.ask("GET", "/registrations", wanted=200)["notice_version"] == in_force

    stack.cloud.move_time(to=version.effective_at + timedelta(seconds=1))  # time is moved by whole seconds, cut off
    stack.cloud.invoke("Announce")
    mail = stack.mail(early, CHANGED)
    _says_what_is_new(stack, mail["text"], version)
    for _ in range(2):
        stack.cloud.move_time(hours=1)
        stack.cloud.invoke("Announce")
        stack.wake()
    assert len(stack.mails(early, CHANGED)) == 1
    assert stack.mails(ahead, CHANGED) == []

    late = Person()
    given, form = late.owner(terms_version="2026-11-01", notice_version=in_force), stack.client.form("registration")
    refused = stack.call("POST", "/registrations", json=given, headers=form)
    assert kind_of(refused) == (422, "invalid-input")
    _accepted(stack, signed_in(stack, early), version)


def _announced(stack: Stack, version: Version, in_force: str) -> None:
    states = {each["version"]: each for each in stack.client.ask("GET", "/notice/versions", wanted=200)["versions"]}
    current = stack.client.ask("GET", "/notice", wanted=200)

    assert states[version.version]["state"] == "announced"
    assert states[version.version]["effective"] == version.effective.isoformat()
    assert states[version.version]["important"]
    assert (current["version"], current["state"]) == (in_force, "in-force")
    assert version.version in current["standing"]


def _says_what_is_new(stack: Stack, text: str, version: Version) -> None:
    """The link in the mail opens the version, with the change, in each language."""
    path = next(word for word in text.split() if "/notice/versions/" in word).partition(stack.cloud.api_base)[2]
    for language in NOTICE_LANGUAGES:
        page = stack.cloud.call("GET", path.replace("language=de", f"language={language}"))
        told = stack.client.ask("GET", f"/notice/versions/{version.version}/changes?language={language}", wanted=200)

        purpose = words(language)["purposes"][NEW_PURPOSE]
        assert page.status == 200
        assert purpose.replace("'", "&#x27;") in page.text
        assert [(each["what"], each["at"], each["important"]) for each in told["changes"]] == [
            ("purpose-added", "Staff", True)
        ]
        assert purpose in told["changes"][0]["text"]


def _accepted(stack: Stack, session: dict[str, str], version: Version) -> None:
    """It is asked for, accepted, proven, and not asked for again."""
    before = stack.client.ask("GET", "/staff/me/acceptances", wanted=200, headers=session)
    given = {"terms_version": before["terms_version"], "notice_version": version.version, "language": "de"}
    after = stack.client.ask("POST", "/staff/me/acceptances", wanted=201, json=given, headers=session)

    assert before["asks_acceptance"]
    assert before["notice_version"] == version.version
    assert not after["asks_acceptance"]
    assert [each["notice_version"] for each in after["accepted"]][-1] == version.version
    proofs = stack.stored("records", kind="Acceptance", notice_version=version.version)
    assert len(proofs) == 2
    for action in ("system:notice:announced", "staff:notice:accepted"):
        until(lambda action=action: _noted(stack, action) == 1, f"{action} is noted once")


def _noted(stack: Stack, action: str) -> int:
    """How many entries of businesses there are; the operator's own staff are told, too."""
    return sum(INSTALLATION not in entry["pk"] for entry in stack.stored("ledger", action=action))


def test_every_published_version_can_be_read(stack: Stack) -> None:
    """As it was told to people, for programs and to read, with what was new in it."""
    tenant = stack.business().tenant
    for base in ("/notice", f"/tenants/{tenant}/notice"):
        for version in published():
            told = stack.client.ask("GET", f"{base}/versions/{version.version}", wanted=200)
            page = stack.cloud.call("GET", f"{base}/versions/{version.version}?language=it")

            assert told["version"] == version.version
            assert told["effective"] == version.effective.isoformat()
            assert {kind["kind"] for kind in told["kinds"]} <= {kind.kind for kind in version.facts.kinds}
            assert page.status == 200
            assert version.version in page.text


def test_the_deployed_bundle_states_what_is_declared(stack: Stack) -> None:
    """The newest version of the product in the bundle is the one whose facts a contract test compares."""
    with zipfile.ZipFile(PACKAGE / "deployment.zip") as bundle:
        newest = published()[-1]
        held = json.loads(bundle.read(f"chalicelib/records/published/{newest.version}.json"))

    assert held == json.loads(written(newest))
    assert stack.call("GET", f"/notice/versions/{newest.version}").status == 200
