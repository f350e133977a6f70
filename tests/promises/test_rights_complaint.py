"""rights, `complaint-art77`: every answer about data says which authority takes complaints, by the country."""

from html import escape

import pytest

from chalicelib.domain.authorities import AUTHORITIES, LIST
from chalicelib.messages.notice_words import NOTICE_LANGUAGES
from chalicelib.records.publications import published
from infra.local.paths import PARAMETERS
from tests.deployed.people import Person
from tests.deployed.stack import Stack

pytestmark = [pytest.mark.deployed, pytest.mark.promise("complaint-art77")]

# Whose authority is in charge, by what the law says and not by what the program does.
IN_CHARGE = {
    "CH": ("https://www.edoeb.admin.ch", "Feldeggweg 1, 3003 Bern"),
    "LI": ("https://www.datenschutzstelle.li", "Städtle 38, 9490 Vaduz"),
    "AT": ("https://www.dsb.gv.at", "Barichgasse 40-42, 1030 Wien"),
    "DE": ("https://www.bfdi.bund.de", "Graurheindorfer Str. 153, 53117 Bonn"),
    "FR": ("https://www.cnil.fr", "3 place de Fontenoy, TSA 80715, 75334 Paris Cedex 07"),
    "IT": ("https://www.garanteprivacy.it", "Piazza Venezia 11, 00187 Roma"),
    "IE": ("https://www.dataprotection.ie", LIST),
}
OWN_PLACE = {
    "en": "the place where you live or work",
    "de": "des Ortes wenden, an dem Sie wohnen oder arbeiten",
    "fr": "du lieu où vous habitez ou travaillez",
    "it": "del luogo in cui vive o lavora",
}
ARTICLES = {
    "en": ("Art. 77 GDPR", "Art. 49 FADP"),
    "de": ("Art. 77 DSGVO", "Art. 49 DSG"),
    "fr": ("art. 77 RGPD", "art. 49 LPD"),
    "it": ("art. 77 RGPD", "art. 49 LPD"),
}


POSTAL_CODES = {"LI": "9490", "DE": "53117", "FR": "75334", "IT": "00187", "IE": "D02 RD28"}


def business(stack: Stack, country: str) -> str:
    """A business there."""
    postal_code = POSTAL_CODES.get(country, "8002")
    opened = stack.client.register(**Person().owner(country=country, postal_code=postal_code))
    return str(opened["tenant"])


def check(stack: Stack, path: str, language: str, country: str) -> None:
    """The text of a notice and its page name the authority of the country, one's own, and the Swiss one."""
    web, postal = IN_CHARGE[country]
    told = stack.client.ask("GET", f"{path}?language={language}", wanted=200)
    page = stack.cloud.call("GET", f"{path}?language={language}").text

    said = told["authority"]
    assert told["supervisor"]["web"] == web
    for part in (web, postal, told["supervisor"]["name"], OWN_PLACE[language], LIST, *ARTICLES[language]):
        assert part in said
    assert "Feldeggweg 1, 3003 Bern" in said
    assert f"<p>{escape(said)}</p>" in page


@pytest.mark.parametrize("country", IN_CHARGE)
def test_a_business_names_the_authority_of_its_country(stack: Stack, country: str) -> None:
    """In every language, and in every version that was ever published."""
    tenant = business(stack, country)

    for language in NOTICE_LANGUAGES:
        check(stack, f"/tenants/{tenant}/notice", language, country)
    for version in published():
        check(stack, f"/tenants/{tenant}/notice/versions/{version.version}", "de", country)


def test_a_business_beyond_europe_names_that_of_the_operator(stack: Stack) -> None:
    """There is always one that takes a complaint."""
    tenant = business(stack, "GB")

    check(stack, f"/tenants/{tenant}/notice", "en", "CH")


@pytest.mark.parametrize("language", NOTICE_LANGUAGES)
def test_the_operator_names_its_own(stack: Stack, language: str) -> None:
    """By the country that it was deployed for."""
    assert '"ControllerCountry": "CH"' in PARAMETERS.read_text()
    check(stack, "/notice", language, "CH")


def test_whoever_builds_an_answer_gets_it(stack: Stack) -> None:
    """Name, postal address and page, for forms and letters."""
    told = stack.client.ask("GET", "/contact", wanted=200)["supervisor"]

    assert told == {"name": AUTHORITIES["CH"].name, "postal": "Feldeggweg 1, 3003 Bern", "web": IN_CHARGE["CH"][0]}
