"""Each promise that is said to be kept has one way to be broken on purpose, and that way still fits the program."""

from pathlib import Path

import pytest

from chalicelib.messages.promises import promises
from infra.local.paths import ROOT
from infra.tools.mutations import Mutation, Selected, read_mutations

pytest_plugins = ["pytester"]

MUTATIONS = read_mutations()


def a_mutation(**changes: str) -> Mutation:
    """Turns yes into no."""
    values = {"promise": "a-promise", "file": "said.txt", "text": "yes", "instead": "no", "breaks": "the word given"}
    return Mutation(**{**values, **changes})


def test_every_kept_promise_can_be_broken_on_purpose() -> None:
    """And nothing else is listed."""
    assert [one.promise for one in MUTATIONS] == list(dict.fromkeys(one.promise for one in MUTATIONS))
    assert {one.promise for one in MUTATIONS} == {one.id for one in promises() if one.checked}


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: each.promise)
def test_it_fits_the_program(mutation: Mutation) -> None:
    """The text stands once in a file of what is deployed: never in a test, which would prove nothing."""
    assert mutation.file.startswith(("app.py", "chalicelib/", "infra/template/", ".chalice/"))
    assert (ROOT / mutation.file).read_text(encoding="utf-8").count(mutation.text) == 1
    assert mutation.instead != mutation.text


def test_applying_breaks_the_copy(tmp_path: Path) -> None:
    """In the one place."""
    (tmp_path / "said.txt").write_text("yes, we do")

    a_mutation().apply(tmp_path)

    assert (tmp_path / "said.txt").read_text() == "no, we do"


@pytest.mark.parametrize("held", ["we do", "yes, yes"])
def test_a_text_that_does_not_stand_there_once_is_refused(tmp_path: Path, held: str) -> None:
    """Or something else would be broken, or nothing at all."""
    (tmp_path / "said.txt").write_text(held)

    with pytest.raises(ValueError, match="a-promise"):
        a_mutation().apply(tmp_path)


def test_only_the_calls_of_the_promise_s_own_checks_count(pytester: pytest.Pytester) -> None:
    """A stack that does not start shows nothing, and neither does the check of another promise."""
    pytester.makeconftest("def pytest_configure(config): config.addinivalue_line('markers', 'promise(id): x')")
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture
        def broken():
            raise RuntimeError

        @pytest.mark.promise("a-promise")
        def test_red():
            assert False

        @pytest.mark.promise("a-promise")
        def test_green():
            pass

        @pytest.mark.promise("a-promise")
        def test_without_a_stack(broken):
            pass

        @pytest.mark.promise("another")
        def test_of_another():
            assert False
        """
    )
    seen = Selected("a-promise")

    pytester.inline_run("-p", "no:cacheprovider", plugins=[seen])

    assert (seen.ran, [each.rpartition("::")[2] for each in seen.red]) == (2, ["test_red"])
