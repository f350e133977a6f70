"""The pages when something is wrong: a link of no use, another link in the same tab, waiting, questions not asked."""

import pytest

from tests.browser.chromium import Page
from tests.deployed.stack import Stack

pytestmark = pytest.mark.deployed

STATUS = "document.getElementById('status').textContent"
REFUSED = """
(async () => {
  const { Refused, doing, words } = await import(new URL("assets/page.js", document.baseURI));
  const chosen = words({ de: { title: "x" }, en: { title: "x" } });
  await doing(chosen, () => { throw new Refused("too-many-attempts", "%s"); });
  return document.getElementById("status").textContent;
})()
"""
ASKED = """
(async () => {
  const { ask } = await import(new URL("assets/questions.js", document.baseURI));
  const common = { purpose: "Vorbereitung", required: true };
  const questions = [
    { ...common, id: "new", label: "Neu?", answer: "yes-no" },
    { ...common, id: "who", label: "Von wem?", answer: "text", when: { question: "new", answer: "yes" } },
    { ...common, id: "where", label: "Wo?", answer: "choices", options: ["Knie", "Fuss"], required: false },
  ];
  const words = { yes: "Ja", no: "Nein", optional: "freiwillig" };
  window.answers = ask(document.getElementById("questions"), questions, words);
})()
"""
ANSWER = """
(() => {
  const asked = document.getElementById("question-new");
  asked.value = "%s";
  asked.dispatchEvent(new Event("input", { bubbles: true }));
  return document.getElementById("form").checkValidity();
})()
"""


@pytest.mark.parametrize("path", ["sign-in", "reset"])
def test_a_link_of_no_use_is_no_dead_end(stack: Stack, page: Page, path: str) -> None:
    """Whoever comes with it can ask for another one on the same page, and the link is out of the address."""
    page.open(f"{stack.cloud.api_base}/{path}#{'A' * 120}")
    for field in ("#new", "#again") if path == "reset" else ():
        page.fill(field, "vier Woerter die niemand kennt")
    page.run("document.querySelector('form:not([hidden])').requestSubmit()")

    page.until(f"{STATUS}.startsWith('Dieser Link gilt nicht')")
    assert page.sees("#email")
    assert page.run("location.hash") == ""


def test_another_link_in_the_same_tab_is_another_page(stack: Stack, page: Page) -> None:
    """Though the addresses differ behind the # only, for which browsers load nothing by themselves."""
    page.open(f"{stack.cloud.api_base}/confirm")
    assert not page.sees("#go")

    page.run("void (location.hash = '#a-token')")

    page.until("(e => e && e.checkVisibility())(document.getElementById('go'))")


def test_waiting_is_told_as_people_say_it(stack: Stack, page: Page) -> None:
    """One second is no seconds, and a quarter of an hour is told in minutes."""
    page.open(f"{stack.cloud.api_base}/confirm")

    said = [page.run(REFUSED % seconds) for seconds in ("1", "30", "900")]

    assert [each.rpartition("warten Sie ")[2] for each in said] == ["1 Sekunde.", "30 Sekunden.", "15 Minuten."]


def test_a_question_that_is_not_asked_stops_nobody(stack: Stack, page: Page) -> None:
    """One that has to be answered does; and what several boxes are about is told to those who do not see them."""
    page.open(f"{stack.cloud.api_base}/place")
    page.run(ASKED)

    assert [page.run(ANSWER % answer) for answer in ("", "no", "yes")] == [False, True, False]
    assert page.run("answers().map((each) => each.question)") == ["new"]
    assert page.run("document.querySelector('#question-where').closest('fieldset').querySelector('legend').textContent")


def test_no_connection_is_told_before_a_password_is_judged(stack: Stack, page: Page) -> None:
    """The list that passwords are checked against comes from the server, too."""
    page.open(f"{stack.cloud.api_base}/reset#{'A' * 120}")
    page.send("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=-1, uploadThroughput=-1)

    page.fill("#new", "vier Woerter die niemand kennt")
    page.click("#go")

    page.until(f"{STATUS}.startsWith('Keine Verbindung')")
