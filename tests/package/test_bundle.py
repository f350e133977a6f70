"""The bundle: only what belongs in it, small, the same every time, and every handler starts from it alone."""

import ast
import importlib.util
import json
import marshal
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.tools import bundle, chalice_runner, dependencies, fragments
from infra.tools.package import PRODUCTS, STAGES, package
from tests.contracts.entry_points import ROOT, declared, packaged

BUDGET = 30_000_000
OURS = {"app.py", "chalicelib", "chalice"}
THEIRS = {
    "OpenSSL",
    "PIL",
    "pillow.libs",
    "_argon2_cffi_bindings",
    "_cbor2",
    "_cffi_backend",
    "argon2",
    "cbor2",
    "pyasn1",
    "pyasn1_modules",
    "pyotp",
    "webauthn",
    "zxcvbn",
    "annotated_types",
    "aws_lambda_powertools",
    "boto3",
    "botocore",
    "cryptography",
    "dateutil",
    "et_xmlfile",
    "holidays",
    "icalendar",
    "jmespath",
    "openpyxl",
    "pydantic",
    "pydantic_core",
    "pynamodb",
    "s3transfer",
    "six",
    "typing_extensions",
    "typing_inspection",
    "tzdata",
    "urllib3",
    "xlsxwriter",
}
READ_AS_DATA = {"tzdata", "pillow.libs"}

START = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
module, name = sys.argv[2].rsplit(".", 1)
print(callable(getattr(importlib.import_module(module), name)))
"""
EVERYTHING = """
import importlib, json, pkgutil, sys
sys.path.insert(0, sys.argv[1])
import app, chalicelib
ours = [module.name for module in pkgutil.walk_packages(chalicelib.__path__, "chalicelib.")]
for name in [*ours, *sys.argv[2].split(",")]:
    importlib.import_module(name)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
CLIENTS = """
import sys
sys.path.insert(0, sys.argv[1])
import boto3
for service in sys.argv[2].split(","):
    client = boto3.client(service, region_name="eu-central-2", aws_access_key_id="x", aws_secret_access_key="x")
    assert "eu-central-2" in client.meta.endpoint_url or service == "s3", client.meta.endpoint_url
print("ok")
"""
PHOTOS = """
import io, sys
sys.path.insert(0, sys.argv[1])
from chalicelib.adapters.photos import PillowPhotos
from PIL import Image
for kind in ("JPEG", "PNG", "WEBP"):
    sent = io.BytesIO()
    Image.new("RGB", (900, 600), "red").save(sent, kind)
    made = PillowPhotos().prepared(sent.getvalue(), content_type="image/" + kind.lower())
    assert Image.open(io.BytesIO(made)).size == (512, 341)
print("ok")
"""

HOLIDAYS = """
import sys
from datetime import date
sys.path.insert(0, sys.argv[1])
from chalicelib.adapters.public_holidays import ComputedHolidays
from chalicelib.domain.regions import REGIONS
computed = ComputedHolidays()
assert all(len(computed.of(region, 2027)) >= 4 for region in REGIONS)
print(computed.of("CH-ZH", 2026)[date(2026, 12, 26)], computed.of("AT", 2026)[date(2026, 10, 26)], "ok")
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle as Lambda unpacks it."""
    folder = tmp_path_factory.mktemp("bundle")
    with zipfile.ZipFile(packaged("prod") / "deployment.zip") as archive:
        archive.extractall(folder)
    return folder


def _bare_python(code: str, *arguments: str | Path) -> str:
    """Run code in an interpreter that sees the standard library and nothing that is installed."""
    command = [sys.executable, "-I", "-S", "-B", "-W", "error", "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stderr
    return done.stdout


def _top_level(folder: Path) -> set[str]:
    found = {path.name.partition(".")[0] if path.suffix == ".so" else path.name for path in folder.iterdir()}
    return found - {"__pycache__"}


def test_the_bundle_holds_what_is_listed_and_nothing_else(unpacked: Path) -> None:
    """A new dependency, or a dependency's dependency, is a decision."""
    modules = {name.removesuffix(".py") for name in _top_level(unpacked) - OURS}

    assert modules == THEIRS
    assert _top_level(unpacked) >= OURS


def test_the_bundle_holds_no_leftovers(unpacked: Path) -> None:
    """No tests, typing stubs or installers' notes."""
    leftovers = [
        path.relative_to(unpacked)
        for path in unpacked.rglob("*")
        if path.suffix in {".pyi", ".dist-info"} or path.name in {"tests", "bin"}
    ]

    assert leftovers == []


def test_every_source_is_compiled_and_nothing_else_is(unpacked: Path) -> None:
    """For this Python, to be used without a look at the source, with the paths that Lambda has."""
    tag = sys.implementation.cache_tag
    wanted = {p.parent / "__pycache__" / f"{p.stem}.{tag}.pyc" for p in unpacked.rglob("*.py")}
    head = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little")  # 1: by hash, unchecked

    assert set(unpacked.rglob("*.pyc")) == wanted
    assert all(path.read_bytes()[:8] == head for path in wanted)
    code = marshal.loads((unpacked / "__pycache__" / f"app.{tag}.pyc").read_bytes()[16:])  # noqa: S302 (our own)
    assert code.co_filename == "/var/task/app.py"


def test_the_bundle_is_within_its_budget() -> None:
    """A small bundle starts sooner."""
    assert (packaged("prod") / "deployment.zip").stat().st_size <= BUDGET


@pytest.mark.parametrize("handler", declared().values())
def test_every_handler_starts_from_the_bundle_alone(unpacked: Path, handler: str) -> None:
    """What a development machine has installed hides what is missing; here it is not there."""
    assert _bare_python(START, unpacked, handler) == "True\n"


def test_what_is_imported_late_is_in_the_bundle_and_nothing_is_in_it_unused(unpacked: Path) -> None:
    """Some modules are imported when they are first needed, which may be long after the start."""
    named = {name for path in (ROOT / "chalicelib").rglob("*.py") for name in _named(ast.parse(path.read_text()))}
    foreign = {name for name in named if name.partition(".")[0] not in {*sys.stdlib_module_names, "chalicelib"}}

    loaded = set(json.loads(_bare_python(EVERYTHING, unpacked, ",".join(sorted(foreign)))))

    assert THEIRS - loaded == READ_AS_DATA


def _named(tree: ast.AST) -> set[str]:
    """Every module named in an import, inside functions too; what only a type checker sees is left out."""
    if isinstance(tree, ast.If) and ast.unparse(tree.test) == "TYPE_CHECKING":
        return set()
    named = {alias.name for alias in tree.names} if isinstance(tree, ast.Import) else set[str]()
    named |= {str(tree.module)} if isinstance(tree, ast.ImportFrom) else set()
    return named.union(*(_named(node) for node in ast.iter_child_nodes(tree)))


def test_every_service_kept_has_a_client(unpacked: Path) -> None:
    """Pruning botocore leaves what a client needs: its description, endpoints and retry rules."""
    assert _bare_python(CLIENTS, unpacked, ",".join(dependencies.SERVICES)) == "ok\n"


def test_pruning_pillow_leaves_what_photos_need(unpacked: Path) -> None:
    """The three formats are read, and one is written, with what the bundle holds."""
    assert _bare_python(PHOTOS, unpacked) == "ok\n"


def test_pruning_holidays_leaves_what_six_countries_need(unpacked: Path) -> None:
    """Each region has its holidays, by the names that they have there, with what the bundle holds."""
    assert _bare_python(HOLIDAYS, unpacked) == "Stephanstag Nationalfeiertag ok\n"


def test_every_service_called_is_kept() -> None:
    """An adapter for another service would fail in Lambda only."""
    code = "\n".join(path.read_text() for path in sorted((ROOT / "chalicelib").rglob("*.py")))

    called = set(re.findall(r"""(?:\bclient|create_client|resource)\(\s*["']([a-z0-9-]+)["']""", code))

    assert called <= dependencies.SERVICES


def test_texts_that_are_sent_and_shown_are_in_the_bundle(unpacked: Path) -> None:
    """Whatever is not code and is tracked beside it goes along, byte for byte."""
    texts = [path for path in (ROOT / "chalicelib").rglob("*") if path.suffix in {".txt", ".html", ".css", ".js"}]

    assert texts
    assert all((unpacked / path.relative_to(ROOT)).read_bytes() == path.read_bytes() for path in texts)


def test_both_stages_share_one_bundle() -> None:
    """What was tried locally is what goes to production."""
    local, prod = (packaged(stage).joinpath("deployment.zip").read_bytes() for stage in STAGES)

    assert local == prod


def test_packaging_again_gives_the_same_bytes_whatever_lies_about(tmp_path: Path) -> None:
    """Nothing of the day, the machine or a checkout's leftovers gets in."""
    project = _copy_of_the_project(tmp_path / "project")
    first = package(root=project, stage="prod", out=tmp_path / "first")

    for stray in ("chalicelib/.env", "chalicelib/notes.md", "chalicelib/domain/__pycache__/x.pyc", "vendor/x.py"):
        (project / stray).parent.mkdir(exist_ok=True)
        (project / stray).write_text("stray")
    (project / "app.py").touch()
    second = package(root=project, stage="prod", out=tmp_path / "second")

    assert [(first / name).read_bytes() == (second / name).read_bytes() for name in PRODUCTS] == [True] * len(PRODUCTS)


def test_unchanged_sources_are_not_packaged_again_and_changed_ones_are(tmp_path: Path) -> None:
    """Without a change nothing is written, not even over what somebody else did to the result."""
    project = _copy_of_the_project(tmp_path / "project")
    out = package(root=project, stage="local", out=tmp_path / "out")
    (out / "sam.json").write_text("mark")

    package(root=project, stage="local", out=out)
    unchanged = (out / "sam.json").read_text()
    (project / "app.py").write_text((project / "app.py").read_text() + "# changed\n")
    package(root=project, stage="local", out=out)

    assert unchanged == "mark"
    assert (out / "sam.json").read_text() != "mark"


def _copy_of_the_project(target: Path) -> Path:
    """What packaging reads, with the dependencies that are there already."""
    unneeded = shutil.ignore_patterns("__pycache__", "local")
    for folder in ("chalicelib", ".chalice", "infra"):
        shutil.copytree(ROOT / folder, target / folder, ignore=unneeded)
    for name in ("app.py", "requirements.txt"):
        shutil.copy(ROOT / name, target / name)
    (target / "build").mkdir()
    (target / "build" / "cache").symlink_to(ROOT / "build" / "cache")
    return target


@pytest.mark.parametrize("stage", STAGES)
def test_cfn_lint_has_nothing_to_say(stage: str) -> None:
    """The local cloud validates no template; AWS would refuse a wrong one half-way."""
    linter = Path(sys.executable).with_name("cfn-lint")
    template = packaged(stage) / "sam.json"

    done = subprocess.run(
        [linter, template, "-r", "eu-central-2", "eu-central-1"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "")


def test_cfn_lint_accepts_the_second_regions_vault() -> None:
    """It is deployed on its own, before the main stack."""
    linter = Path(sys.executable).with_name("cfn-lint")
    template = ROOT / "infra" / "template" / "second_region" / "vault.json"

    done = subprocess.run([linter, template, "-r", "eu-central-1"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_the_lock_file_pins_every_dependency_and_leaves_chalice_out() -> None:
    """Chalice would bring its command line along."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith((" ", "#"))]

    assert all(re.fullmatch(r"[a-z0-9-]+==\S+ \\", pin) for pin in pins)
    assert not [pin for pin in pins if pin.startswith("chalice==")]


def test_a_dependency_without_a_hash_stops_the_build(tmp_path: Path) -> None:
    """And leaves nothing in the cache that a later run would take for whole."""
    lock = tmp_path / "requirements.txt"
    lock.write_text("./not-a-package\n")

    with pytest.raises(dependencies.DependencyError):
        dependencies.site_packages(lock, cache=tmp_path / "cache")

    assert list((tmp_path / "cache").iterdir()) == []


def test_an_app_that_chalice_cannot_package_stops_the_build(tmp_path: Path) -> None:
    """What Chalice printed is in the error."""
    merge = tmp_path / "merge.json"
    merge.write_text("{}")

    with pytest.raises(chalice_runner.ChaliceFailedError, match="chalice package ended with"):
        chalice_runner.run(project=tmp_path, stage="prod", merge_template=merge, out=tmp_path / "out")


def test_pruning_keeps_what_runs(tmp_path: Path) -> None:
    """Of the services' descriptions those that are called, and the files beside them."""
    kept = {"boto3/x.py", "botocore/data/kms/2014/s.json.gz", "botocore/data/endpoints.json", "a/data/ec2/x.json"}
    kept |= {"PIL/_imaging.cpython-311.so", "PIL/_webp.cpython-311.so", "pillow.libs/libjpeg-1.so", "PIL/_avif.py"}
    gone = {"PIL/_avif.cpython-311.so", "PIL/_imagingft.cpython-311.so", "pillow.libs/libavif-1.so"}
    kept |= {"holidays/holiday_base.py", "holidays/groups/x.py", "holidays/countries/austria.py"}
    kept |= {"holidays/locale/de/LC_MESSAGES/AT.mo"}
    gone |= {"holidays/__init__.py", "holidays/countries/__init__.py", "holidays/countries/japan.py"}
    gone |= {"holidays/locale/de/LC_MESSAGES/JP.mo", "holidays/locale/uk/LC_MESSAGES/AT.mo", "holidays/financial/x.py"}
    gone |= {"botocore/data/ec2/2016/s.json.gz", "x-1.dist-info/METADATA", "a/tests/t.py", "a/b.pyi", "cffi/api.py"}
    for name in kept | gone:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")

    dependencies.prune(tmp_path)

    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()} == kept


def test_the_order_and_times_of_files_do_not_count(tmp_path: Path) -> None:
    """A zip file has a time and a place for every file; both are fixed."""
    written: list[bytes] = []
    for names in (("a.py", "b.py"), ("b.py", "a.py")):
        folder = tmp_path / "-".join(names)
        folder.mkdir()
        program = folder / "program.zip"
        with zipfile.ZipFile(program, "w") as archive:
            for name in names:
                archive.writestr(zipfile.ZipInfo(name, (2020 + len(written), 1, 1, 0, 0, 0)), name)
        (folder / "site").mkdir()
        bundle.write(folder / "joined.zip", program=program, site_packages=folder / "site")
        written.append((folder / "joined.zip").read_bytes())

    assert written[0] == written[1]


def test_a_fragment_cannot_overrule_another(tmp_path: Path) -> None:
    """Which of two values counts must not depend on the files' names."""
    folder = tmp_path / "infra" / "template"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text('{"Resources": {"One": {"Type": "A"}}}')
    (folder / "b.json").write_text('{"Resources": {"One": {"Type": "B"}}}')

    with pytest.raises(ValueError, match="Type is said twice"):
        fragments.merged(tmp_path, stage="prod")
