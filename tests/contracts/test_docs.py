"""What is written by hand keeps up with what it speaks of: paths, commands, record kinds, settings, links."""

import inspect
import re
import subprocess
from dataclasses import fields
from pathlib import Path
from xml.etree import ElementTree

import pytest

from chalicelib.records._base import Record
from chalicelib.records.catalogue import RECORDS
from chalicelib.settings import Settings
from infra.tools.render import DOCUMENTS
from tests.contracts.entry_points import ROOT, declared, resources, template

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
BY_HAND = [page for page in PAGES if f"docs/{page.name}" not in DOCUMENTS]
MADE = ("build/", ".venv")  # by the commands, so a fresh checkout has none of it

_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\((?!https?://)([^)\s]+)\)")
_TARGET = re.compile(r"\bmake ([a-z-]+)(?=[^\w]|$)")
_PATH = re.compile(r"(?:[\w.*-]+/)*[\w.*-]+\.(?:py|json|md|yaml|txt|svg|html|in)|(?:[\w.-]+/)+[\w.*-]*|\.[a-z]+")
_TOP = {path.name for path in ROOT.iterdir()}
_ELSEWHERE = re.compile(r"(?<![\w.])/(?:work|tmp|home|root|Users|var|opt)/|\bTODO\b|\bFIXME\b|\bXXX\b")


def named(path: Path) -> str:
    """A page as tests call it."""
    return path.relative_to(ROOT).as_posix()


def quoted(page: Path) -> list[str]:
    """What stands in single backticks."""
    return _QUOTED.findall(_BLOCK.sub("", page.read_text()))


def paths_in(words: list[str]) -> list[str]:
    """Those words that name a file or a folder of the project; patterns with <...> and addresses do not."""
    whole = (word for word in words if _PATH.fullmatch(word))
    return [word for word in whole if word.partition("/")[0] in _TOP and not word.startswith(MADE)]


def is_there(path: str) -> bool:
    """Whether a path, or anything that fits its *, exists."""
    return any(ROOT.glob(path.rstrip("/")))


def targets() -> set[str]:
    """What make can be asked for."""
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def headings(page: Path) -> set[str]:
    """What a link can point to within a page, as it is spelled in addresses."""
    titles = re.findall(r"^#+ (.+)$", _BLOCK.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def rows(page: str, heading: str) -> dict[str, list[str]]:
    """The rows of the table that begins with `heading`, by their first cell without backticks."""
    _, _, table = (ROOT / page).read_text().partition(f"| {heading} |")
    lines = table.partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0].strip("`"): row[1:] for row in cells}


def spelled_ref(kind: type[Record]) -> tuple[str, str] | None:
    """The key that `ref` makes of placeholders; None for kinds whose key is a day, a hash or a time."""
    ref = getattr(kind, "ref", None)
    if ref is None:
        return None
    names = list(inspect.signature(ref).parameters)
    try:
        made = ref(*(f"<{name}>" for name in names))
    except AttributeError:  # a day is no placeholder
        return None
    key = made.pk + made.sk
    return (made.pk, made.sk) if all(f"<{name}>" in key for name in names) else None


KINDS_WITH_PLAIN_KEYS = [kind for kind in RECORDS if spelled_ref(kind)]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    """Nobody is told to run a make target that there is not."""
    words = [*quoted(page), *re.findall(r"^make .+$", page.read_text(), re.MULTILINE)]

    asked = {target for word in words for target in _TARGET.findall(word)}

    assert asked - targets() == set()


def test_the_front_page_names_every_command() -> None:
    """And what make can do is not kept from anybody."""
    asked = set(_TARGET.findall((ROOT / "README.md").read_text()))

    assert targets() - asked == {"venv"}


@pytest.mark.parametrize("page", BY_HAND, ids=named)
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    """A file that moves takes its mention along."""
    assert [path for path in paths_in(quoted(page)) if not is_there(path)] == []


@pytest.mark.parametrize(
    ("word", "is_one"),
    [
        ("app.py", True),
        ("docs/api.md", True),
        (".chalice/policy-*.json", True),
        ("chalicelib/api", True),
        ("/v1/health", False),
        ("chalicelib/adapters/<name>.py", False),
        ("build/prod", False),
        ("body.txt", False),
    ],
)
def test_what_counts_as_a_path(word: str, *, is_one: bool) -> None:
    """The rule above sees paths of the project and nothing else."""
    assert (paths_in([word]) == [word]) is is_one


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    """To a file that is there and, where it names one, to a heading that is there."""
    broken = []
    for link in _LINK.findall(page.read_text()):
        file, _, heading = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (heading and heading not in headings(target)):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_pages_name_no_place_of_one_machine_and_no_work_left_over(page: Path) -> None:
    """What is written holds on every machine, and for good."""
    assert _ELSEWHERE.findall(page.read_text()) == []


@pytest.mark.parametrize("text", ["in /work/x", "see /tmp/log", "TODO: more", "(/home/anna/x)"])
def test_what_counts_as_left_over(text: str) -> None:
    """The rule above can fail."""
    assert _ELSEWHERE.search(text)


def test_every_record_kind_is_in_the_table_of_keys() -> None:
    """All of them, none besides, each in its own table."""
    listed = {kind: cells[0] for kind, cells in rows("docs/architecture.md", "kind").items()}

    assert listed == {kind.kind_name(): kind.__mro__[1].__name__.removesuffix("Table").lower() for kind in RECORDS}


@pytest.mark.parametrize("kind", KINDS_WITH_PLAIN_KEYS, ids=lambda kind: kind.__name__)
def test_the_table_of_keys_spells_them_as_the_program_does(kind: type[Record]) -> None:
    """Where a key is put together from ids, the page says exactly how."""
    _, pk, sk = rows("docs/architecture.md", "kind")[kind.kind_name()]

    assert (pk.strip("`"), sk.strip("`")) == spelled_ref(kind)


def test_most_keys_are_compared() -> None:
    """Left out are days, hashes and the ledger, which has a time in its key."""
    assert len(KINDS_WITH_PLAIN_KEYS) > len(RECORDS) / 2


def test_every_function_is_in_the_table_of_functions() -> None:
    """What can start code is explained."""
    assert set(rows("docs/architecture.md", "function")) == set(declared())


def test_every_setting_is_explained_to_the_operator() -> None:
    """By its variable, and with the parameter it really comes from."""
    listed: dict[str, str] = {}
    for names, cells in rows("docs/operations.md", "variable").items():
        listed |= {name: cells[0].strip("`") for name in re.findall(r"[A-Z_]+", names)}
    variables = dict(template("prod")["Globals"]["Function"]["Environment"]["Variables"])
    for function in resources("AWS::Serverless::Function").values():
        variables |= function.get("Environment", {}).get("Variables", {})
    chosen = set(template("prod")["Parameters"])

    assert set(listed) == {field.name.upper() for field in fields(Settings)}
    assert listed == {"AWS_REGION": "Lambda"} | {
        name: value["Ref"] if value.get("Ref") in chosen else "template" for name, value in variables.items()
    }


def test_every_parameter_is_named_to_the_operator() -> None:
    """Those that are no variables of the functions, too."""
    text = (ROOT / "docs" / "operations.md").read_text()

    assert [name for name in template("prod")["Parameters"] if f"`{name}`" not in text] == []


def test_every_alarm_has_its_line() -> None:
    """Whoever is woken finds what to do. Alarms that every function has are named by their ending."""
    kinds = {name: body["Type"] for name, body in template("prod")["Resources"].items()}
    alarms = [name for name, kind in kinds.items() if kind == "AWS::CloudWatch::Alarm"]
    text = " ".join(rows("docs/operations.md", "alarm"))

    missing = [name for name in alarms if name not in text and not name.endswith("Throttles")]

    assert missing == []
    assert "Throttles" in text


def test_every_key_of_the_providers_secret_is_named_to_the_operator() -> None:
    """What a provider asks for out of the secret stands in the table."""
    sources = [path.read_text() for path in (ROOT / "chalicelib" / "adapters").rglob("*.py")]
    asked = {key for text in sources for key in re.findall(r'secrets(?:\.get\(|, )"(\w+)"', text)}

    listed = {key for cell in rows("docs/operations.md", "key") for key in re.findall(r"\w+_\w+", cell)}

    assert asked - listed == set()
    assert "mailgun_signing_key" in asked


def test_every_decision_has_its_number_and_its_parts() -> None:
    """Numbers run without a gap; from the third on, each page says what was decided, why and what follows."""
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    text = {page.name: page.read_text() for page in pages}
    parts = ("## Context", "## Decision", "## Why", "## Consequences")

    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    assert [name for name, words in text.items() if not words.startswith(f"# {int(name[:4])}. ")] == []
    assert [name for name in list(text)[2:] if not all(part in text[name] for part in parts)] == []


def test_the_examples_of_the_front_page_are_shell() -> None:
    """Every block that is meant to be pasted can be read by a shell."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)

    read = [
        subprocess.run(["bash", "-n"], input=block, text=True, capture_output=True, check=False) for block in blocks
    ]

    assert len(blocks) > 8
    assert [done.stderr for done in read if done.returncode] == []


def test_the_picture_is_well_formed_and_told_in_words() -> None:
    """It holds a title and a description for those who do not see it, follows light and dark, and loads nothing."""
    picture = (ROOT / "docs" / "flow.svg").read_text()

    assert ElementTree.fromstring(picture).tag.endswith("svg")  # noqa: S314 (our own file)
    assert "<title" in picture
    assert "<desc" in picture
    assert "prefers-color-scheme: dark" in picture
    assert re.findall(r"(?:href|src|url\()=?[\"']?https?:", picture) == []
