"""The register of promises: complete, in two languages, and never ahead of its checks."""

import ast
from pathlib import Path

import pytest

from chalicelib.messages.promises import Promise, promises, read_register
from infra.tools.promises import CHECKS, Seen, judge, table

pytest_plugins = ["pytester"]

AREAS = {
    "accounts": 11,
    "booking": 6,
    "conversations": 5,
    "notifications": 5,
    "consent": 10,
    "website": 7,
    "rights": 8,
    "retention": 5,
    "exports": 5,
    "records": 2,
    "billing": 2,
    "accountability": 7,
    "continuity": 2,
}


def marked(module: Path) -> set[str]:
    """The ids that a module of checks names."""
    calls = [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call)]
    return {
        str(arg.value)
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "promise"
        for arg in call.args
        if isinstance(arg, ast.Constant)
    }


def a_promise(*, checked: bool = True) -> Promise:
    """A promise."""
    return Promise(id="a-promise", area="accounts", checked=checked, en="We do.", de="Wir tun es.")


def seen(*, passed: int = 0, failed: int = 0) -> Seen:
    """What a run of checks led to."""
    outcomes = Seen()
    for kind, count in ((outcomes.passed, passed), (outcomes.not_passed, failed)):
        if count:
            kind["a-promise"] = [f"passed: check {number}" for number in range(count)]
    return outcomes


def test_all_promises_are_there() -> None:
    """Each area with its number of promises, each id once."""
    assert {area: sum(1 for one in promises() if one.area == area) for area in AREAS} == AREAS
    assert len({one.id for one in promises()}) == len(promises()) == 75


@pytest.mark.parametrize("language", ["en", "de"])
def test_each_is_one_sentence_of_its_own(language: str) -> None:
    """No two say the same."""
    sentences = [one.says(language) for one in promises()]

    assert all(sentence.endswith(".") and ". " not in sentence and len(sentence) > 20 for sentence in sentences)
    assert len(set(sentences)) == len(sentences)


def test_what_is_said_to_be_kept_has_checks_and_the_other_way_round() -> None:
    """So nothing is claimed that nobody looks at, and nothing that is looked at is kept quiet."""
    with_checks = {promise for module in CHECKS.glob("test_*.py") for promise in marked(module)}

    assert {one.id for one in promises() if one.checked} == with_checks


def test_a_state_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """A slip of the pen must not turn into a promise that nobody looks at."""
    register = tmp_path / "promises.json"
    register.write_text('{"accounts": {"a-promise": {"state": "kept", "en": "We do.", "de": "Wir tun es."}}}')

    with pytest.raises(ValueError, match="a-promise"):
        read_register(register)


def test_there_are_two_languages() -> None:
    """The governing text is English; a third language is not made up."""
    with pytest.raises(LookupError):
        a_promise().says("fr")


@pytest.mark.parametrize(
    ("checked", "passed", "failed", "status"),
    [
        (True, 2, 0, "kept"),
        (True, 1, 1, "broken"),
        (True, 0, 1, "broken"),
        (True, 0, 0, "broken"),
        (False, 0, 0, "open"),
        (False, 1, 0, "open"),
        (False, 1, 1, "broken"),
    ],
)
def test_a_promise_is_kept_only_when_all_its_checks_passed(
    checked: bool, passed: int, failed: int, status: str
) -> None:
    """One that failed, or none at all, breaks it."""
    promise = a_promise(checked=checked)

    standing = judge(promise, seen(passed=passed, failed=failed))

    assert standing.status == status
    assert f"1 {status}" in table([promise], [standing])


def test_a_run_is_read_by_its_marks(pytester: pytest.Pytester) -> None:
    """What fails in any phase, or is skipped, counts against the promise."""
    pytester.makeconftest("def pytest_configure(config): config.addinivalue_line('markers', 'promise(id): x')")
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def broken():
            yield
            raise RuntimeError

        @pytest.mark.promise("good")
        def test_good():
            '''It holds.'''

        @pytest.mark.promise("skipped")
        def test_skipped():
            pytest.skip("x")

        @pytest.mark.promise("bad")
        def test_bad(broken):
            '''Its end fails.'''

        def test_of_nobody():
            pass
        """
    )
    outcomes = Seen()

    pytester.inline_run("-p", "no:cacheprovider", plugins=[outcomes])

    assert set(outcomes.passed) == {"good", "bad"}
    assert set(outcomes.not_passed) == {"skipped", "bad"}
    assert outcomes.passed["good"] == ["passed: test_a_run_is_read_by_its_marks.py::test_good: It holds."]
