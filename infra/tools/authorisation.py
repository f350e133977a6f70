"""The table of who may call what, as it stands in docs/authorisation.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml  # type: ignore[import-untyped]

from infra.local.paths import ROOT

TABLE = ROOT / "docs" / "authorisation.yaml"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A route's line. What the words mean stands at the top of the table; "-" is what does not concern it."""

    who: frozenset[str]
    key: str = ""
    form: str = ""
    early: bool = False
    read_only: str = "-"
    ended: str = "-"
    other: str = "-"
    restricted: str = "-"


def read_authorisation(path: Path = TABLE) -> Mapping[str, Rule]:
    """The rules by route, as `GET /v1/services`; TypeError for a word that the table does not know."""
    listed = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {route: Rule(**{**told, "who": frozenset(told["who"])}) for route, told in listed.items()}
