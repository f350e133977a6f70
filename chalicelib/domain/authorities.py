"""Who supervises data protection where: the authority that is in charge of whoever is responsible for data.

Only what is surely so stands here. Where the postal address is not, it is left empty, and the notice points to the
list of the European Data Protection Board, which keeps all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

LIST = "https://www.edpb.europa.eu/about-edpb/about-edpb/members_en"


@dataclass(frozen=True)
class Authority:
    """One authority, in its own language; `by_land` where a country leaves it to its Länder which one it is."""

    name: str
    postal: str
    web: str
    by_land: bool = False


AUTHORITIES: Mapping[str, Authority] = {
    "CH": Authority(
        "Eidgenössischer Datenschutz- und Öffentlichkeitsbeauftragter (EDÖB, FDPIC)",
        "Feldeggweg 1, 3003 Bern",
        "https://www.edoeb.admin.ch",
    ),
    "LI": Authority("Datenschutzstelle", "Städtle 38, 9490 Vaduz", "https://www.datenschutzstelle.li"),
    "AT": Authority("Österreichische Datenschutzbehörde", "Barichgasse 40-42, 1030 Wien", "https://www.dsb.gv.at"),
    "BE": Authority(
        "Autorité de protection des données / Gegevensbeschermingsautoriteit",
        "Rue de la Presse 35, 1000 Bruxelles",
        "https://www.dataprotectionauthority.be",
    ),
    "BG": Authority(
        "Commission for Personal Data Protection", "2 Prof. Tsvetan Lazarov Blvd., 1592 Sofia", "https://www.cpdp.bg"
    ),
    "CY": Authority("Commissioner for Personal Data Protection", "", "https://www.dataprotection.gov.cy"),
    "CZ": Authority("Úřad pro ochranu osobních údajů", "Pplk. Sochora 27, 170 00 Praha 7", "https://www.uoou.gov.cz"),
    "DE": Authority(
        "Bundesbeauftragte für den Datenschutz und die Informationsfreiheit (BfDI)",
        "Graurheindorfer Str. 153, 53117 Bonn",
        "https://www.bfdi.bund.de",
        by_land=True,
    ),
    "DK": Authority("Datatilsynet", "Carl Jacobsens Vej 35, 2500 Valby", "https://www.datatilsynet.dk"),
    "EE": Authority("Andmekaitse Inspektsioon", "Tatari 39, 10134 Tallinn", "https://www.aki.ee"),
    "ES": Authority("Agencia Española de Protección de Datos", "C/ Jorge Juan 6, 28001 Madrid", "https://www.aepd.es"),
    "FI": Authority("Tietosuojavaltuutetun toimisto", "Lintulahdenkuja 4, 00530 Helsinki", "https://tietosuoja.fi"),
    "FR": Authority(
        "Commission nationale de l'informatique et des libertés (CNIL)",
        "3 place de Fontenoy, TSA 80715, 75334 Paris Cedex 07",
        "https://www.cnil.fr",
    ),
    "GR": Authority("Hellenic Data Protection Authority", "Kifissias 1-3, 115 23 Athens", "https://www.dpa.gr"),
    "HR": Authority("Agencija za zaštitu osobnih podataka", "", "https://azop.hr"),
    "HU": Authority(
        "Nemzeti Adatvédelmi és Információszabadság Hatóság",
        "Falk Miksa utca 9-11, 1055 Budapest",
        "https://www.naih.hu",
    ),
    "IE": Authority("Data Protection Commission", "", "https://www.dataprotection.ie"),
    "IS": Authority("Persónuvernd", "", "https://www.personuvernd.is"),
    "IT": Authority(
        "Garante per la protezione dei dati personali", "Piazza Venezia 11, 00187 Roma", "https://www.garanteprivacy.it"
    ),
    "LT": Authority(
        "Valstybinė duomenų apsaugos inspekcija", "L. Sapiegos g. 17, 10312 Vilnius", "https://vdai.lrv.lt"
    ),
    "LU": Authority(
        "Commission nationale pour la protection des données", "15 boulevard du Jazz, 4370 Belvaux", "https://cnpd.lu"
    ),
    "LV": Authority("Datu valsts inspekcija", "Elijas iela 17, Rīga, LV-1050", "https://www.dvi.gov.lv"),
    "MT": Authority("Office of the Information and Data Protection Commissioner", "", "https://idpc.org.mt"),
    "NL": Authority(
        "Autoriteit Persoonsgegevens", "Postbus 93374, 2509 AJ Den Haag", "https://autoriteitpersoonsgegevens.nl"
    ),
    "NO": Authority("Datatilsynet", "Postboks 458 Sentrum, 0105 Oslo", "https://www.datatilsynet.no"),
    "PL": Authority("Urząd Ochrony Danych Osobowych", "", "https://uodo.gov.pl"),
    "PT": Authority(
        "Comissão Nacional de Proteção de Dados", "Av. D. Carlos I 134, 1200-651 Lisboa", "https://www.cnpd.pt"
    ),
    "RO": Authority(
        "Autoritatea Națională de Supraveghere a Prelucrării Datelor cu Caracter Personal",
        "B-dul G-ral. Gheorghe Magheru 28-30, Sector 1, 010336 București",
        "https://www.dataprotection.ro",
    ),
    "SE": Authority("Integritetsskyddsmyndigheten", "Box 8114, 104 20 Stockholm", "https://www.imy.se"),
    "SI": Authority("Informacijski pooblaščenec", "Dunajska cesta 22, 1000 Ljubljana", "https://www.ip-rs.si"),
    "SK": Authority("Úrad na ochranu osobných údajov Slovenskej republiky", "", "https://dataprotection.gov.sk"),
}
"""Switzerland and every country of the European Economic Area, by ISO 3166-1 code."""


def authority_of(country: str, *, otherwise: str) -> Authority:
    """The authority for who is established in `country`; for a country that is not listed, that of `otherwise`.

    A business beyond Europe has its data processed by an operator in it, and that one's authority will do.
    """
    return AUTHORITIES.get(country, AUTHORITIES[otherwise])
