"""Publishes a version of the privacy notice: `python -m infra.tools.notice 2026-11-23 [--effective 2026-12-01]`.

Writes what is declared now into chalicelib/records/published/<version>.json. A version is named by the day it was
published on, and in force from that day on unless a later one is given: people should have time to read what changes.
Only the newest version can be written again, as long as it was not deployed; those before it have been told to people.
"""

import argparse
import sys
from datetime import date

from chalicelib.domain.fact_changes import changes
from chalicelib.domain.versions import Version
from chalicelib.messages.notice_words import GOVERNING
from chalicelib.records.declared import facts
from chalicelib.records.publications import FOLDER, published, written
from chalicelib.services.notice._stating import difference
from chalicelib.services.notice._wording import spoken


class NotPublishedError(Exception):
    """Raised when a version can't be published."""


def publish(version: str, effective: date) -> list[str]:
    """Writes the version; what is new in it, a line a change. NotPublishedError when it is too late for it."""
    held = published()
    if held and version < held[-1].version:
        raise NotPublishedError(f"{held[-1].version} is published already: a newer one is needed")
    older = [each for each in held if each.version < version]
    if older and effective < older[-1].effective:
        raise NotPublishedError("versions come into force in their order")
    made = Version(version=version, effective=effective, facts=facts())
    (FOLDER / f"{version}.json").write_text(written(made), encoding="utf-8")
    return _news(older[-1], made) if older else []


def _news(older: Version, newer: Version) -> list[str]:
    said = spoken(GOVERNING)
    found = [difference(each, older.facts, newer.facts, said) for each in changes(older.facts, newer.facts)]
    return [f"{'!' if each.important else ' '} {each.text}" for each in found]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("write a day that there is as 2026-12-01") from None


def main(arguments: list[str] | None = None) -> int:
    """The command line; 1 with one sentence when the version can't be published."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", type=_day)
    parser.add_argument("--effective", type=_day)
    given = parser.parse_args(arguments)
    version = given.version.isoformat()
    try:
        news = publish(version, given.effective or given.version)
    except NotPublishedError as error:
        print(f"not published: {error}", file=sys.stderr)
        return 1
    print("\n".join([*news, f"{FOLDER / version}.json written"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
