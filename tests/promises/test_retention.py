"""retention: what only a hold or the law keeps is out of sight, and ends with it.

`legal-retention-blocks` over HTTP, `invoices-ten-years` with a trial kind on the deployed tables and keys. Years pass,
so both run on a local cloud of their own.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.asking import Asked, Ground
from chalicelib.domain.errors import KeyDestroyedError
from chalicelib.domain.ids import INSTALLATION, new_id
from chalicelib.domain.periods import end_of_financial_year
from chalicelib.records._tables import TABLES
from chalicelib.records.exceptions import fetch_excepted
from chalicelib.records.keys import SubjectKey, TenantKey
from chalicelib.records.legal_year import LegalYear
from chalicelib.records.reading import Ref, client, fetch, key_of
from chalicelib.records.writing import Transaction
from chalicelib.services.people import new_person
from chalicelib.wiring import Services
from infra.bench.emulated import services_on
from infra.local.client import Business
from infra.local.cloud import LocalCloud
from tests.deployed.clouds import driven_cloud
from tests.deployed.people import Person
from tests.deployed.stack import Stack, instant, written
from tests.fakes import DrivenClock
from tests.services.privacy_builders import ZURICH, YearlyInvoice

pytestmark = pytest.mark.deployed

SECOND = timedelta(seconds=1)
BILLED_TO = "Jürg Caduff"


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """A cloud whose time these checks may move by years."""
    with driven_cloud() as running:
        yield running


# legal-retention-blocks


class Desk:
    """An admin who looks after one customer, and whoever looks behind them."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.owner, self.who = stack, Person(), Person()
        self.of: Business = stack.business(self.owner)
        self.signed_in = self.of.signed_in
        self.booked = stack.book(self.of, self.who)
        (seen,) = self.agenda()
        self.customer = str(seen["customer"])
        self.pk = f"TENANT#{self.of.tenant}#SUBJECT#{self.customer}"

    def ask(self, method: str, path: str, *, wanted: int, json: Any = None) -> Any:
        """A request of the admin's."""
        return self.stack.client.ask(method, path, wanted=wanted, json=json, headers=self.signed_in)

    def agenda(self) -> list[dict[str, Any]]:
        """The list of the day on which the appointment was."""
        start = instant(self.booked["starts_at"])
        asked = f"from={written(start - timedelta(hours=1))}&to={written(start + timedelta(hours=1))}"
        found: list[dict[str, Any]] = self.ask("GET", f"/appointments?{asked}", wanted=200)["appointments"]
        return found

    def seen_otherwise(self) -> list[str]:
        """The ids of customers that the list, each kind of search and the export show."""
        who = self.who
        asked = ({"email": who.email}, {"phone": who.phone}, {"name": who.family_name[:4]})
        shown = [self.ask("GET", "/customers", wanted=200)["customers"]]
        shown += [self.ask("POST", "/customer-search", wanted=200, json=each)["customers"] for each in asked]
        taken = self.ask("GET", "/tenant/export", wanted=200)["records"]
        # What is left out is counted in an export, with its reason and without a word of it.
        told = [each["person"] for each in taken if each["kind"] == "Customer" and each["fields"]]
        return [*(each["id"] for found in shown for each in found), *told]

    def sign_in(self) -> None:
        """Anew, after a long time."""
        self.stack.client.ask("POST", "/sign-in-links", wanted=202, json={"email": self.owner.email})
        self.stack.wake()
        token = self.stack.mail(self.owner, "Anmeldung")["text"].partition("/sign-in#")[2].split()[0]
        opened = self.stack.client.ask("POST", "/sessions", wanted=201, json={"token": token})
        self.signed_in = {"Authorization": f"Bearer {opened['token']}"}

    def lying(self) -> set[str]:
        """The kinds of records that physically lie with the customer."""
        return {item["kind"] for item in self.stack.stored("records", pk=self.pk)}

    def has_key(self) -> bool:
        """Whether the customer's key is there."""
        return bool(self.stack.stored("keys", sk=f"SUBJECT#{self.customer}"))

    def noted(self, action: str) -> list[dict[str, Any]]:
        """The entries of the ledger about the customer with this action."""
        return self.stack.stored("ledger", about=self.customer, action=action)


@pytest.mark.promise("legal-retention-blocks")
def test_what_only_a_hold_keeps_is_out_of_sight_and_ends_with_it(stack: Stack) -> None:
    """Placed over HTTP; the period ends, and the sweep runs; then the hold ends, too."""
    desk = Desk(stack)
    ends = stack.cloud.now().replace(microsecond=0) + timedelta(days=500)
    hold = {"ground": "legal-claim", "reason": f"{desk.who.family_name} sues", "ends_at": written(ends)}
    (placed,) = desk.ask("POST", f"/customers/{desk.customer}/holds", wanted=201, json=hold)["holds"]
    assert {"Customer", "Appointment", "Notification", "Holds"} <= desk.lying()
    before = desk.lying()
    assert desk.seen_otherwise() == [desk.customer] * 5

    stack.cloud.move_time(to=instant(desk.booked["ends_at"]) + timedelta(days=370))
    stack.cloud.invoke("Sweep")
    desk.sign_in()

    assert desk.agenda() == []
    assert desk.seen_otherwise() == []
    asked = {"ground": "unlawful"}
    desk.ask("PUT", f"/customers/{desk.customer}/restriction", wanted=404, json=asked)
    again = stack.book(desk.of, desk.who)
    assert again["id"] not in str(stack.stored("records", pk=desk.pk))
    assert desk.lying() == before
    assert desk.has_key()
    assert [each for each in desk.seen_otherwise() if each == desk.customer] == []

    view = desk.ask("POST", f"/customers/{desk.customer}/legal-view", wanted=200, json={"ground": "legal-claim"})
    held = {record["kind"]: record for record in view["records"]}
    told = {field["name"]: field["value"] for field in held["Customer"]["fields"]}
    assert {held[name]["standing"] for name in ("Customer", "Appointment")} == {"blocked"}
    assert (told["family_name"], told["email"]) == (desk.who.family_name, desk.who.email)
    assert [entry["ground"] for entry in desk.noted("staff:person:viewed")] == ["legal-claim"]
    assert [entry["ground"] for entry in desk.noted("staff:exception:read")] == ["legal-claim"]
    assert [entry["thing"] for entry in desk.noted("staff:hold:placed")] == [placed["id"]]

    stack.cloud.move_time(to=ends - timedelta(minutes=2))
    stack.cloud.invoke("Sweep")
    assert desk.lying() == before
    stack.cloud.move_time(to=ends + SECOND)
    stack.cloud.invoke("Sweep")
    assert desk.lying() == set()
    assert not desk.has_key()


# invoices-ten-years


@pytest.fixture
def clock(cloud: LocalCloud) -> DrivenClock:
    """The clock of this process; that of the deployed functions is moved with it."""
    return DrivenClock(cloud.now())


@pytest.fixture
def services(cloud: LocalCloud, clock: DrivenClock) -> Iterator[Services]:
    """The services in this process, on the deployed tables and keys; afterwards records speak to nobody's cloud."""
    metas: list[Any] = [table.Meta for table in TABLES]
    before = [dict(vars(meta)) for meta in metas]
    yield services_on(cloud, clock, connections=4)
    for meta, held in zip(metas, before, strict=True):
        for name in set(vars(meta)) - set(held):
            delattr(meta, name)
        for name in ("max_pool_connections", "read_timeout_seconds", "table_name"):
            setattr(meta, name, held[name])


def lies(ref: Ref[Any]) -> bool:
    """Whether something physically lies there."""
    return "Item" in client().get_item(TableName=ref.table, Key=key_of(ref.pk, ref.sk), ConsistentRead=True)


@pytest.mark.promise("invoices-ten-years")
def test_an_invoice_stays_readable_for_ten_years_whatever_becomes_of_the_account(
    cloud: LocalCloud, services: Services, clock: DrivenClock
) -> None:
    """Issued ten years ago; the account and its keys are gone; it ends with its year, and so does the year's key."""
    year = clock().astimezone(ZURICH).year - 10
    ends = end_of_financial_year(year + 10, ZURICH, ends=(12, 31))
    year_ends = LegalYear.of(year).expiry()
    assert year_ends is not None
    tenant, person = new_id(clock()), new_id(clock())
    asked = Asked(ground=Ground.LEGAL_DUTY, actor=person)
    services.legal_years.year_ready(year)
    services.vault.tenant_ready(tenant)
    transaction = Transaction()
    new_person(services.vault, transaction, tenant=tenant, now=clock(), person=person)
    invoice = YearlyInvoice.to(tenant, person, at=datetime(year, 12, 31, 12, tzinfo=UTC), billed_to=BILLED_TO)
    transaction.create(invoice)
    transaction.commit()
    kept = invoice.serialize()

    gone = Transaction()
    gone.discard(SubjectKey.ref(tenant, person))
    gone.discard(TenantKey.ref(tenant))
    gone.commit()
    services.vault.forget(tenant)
    where, key = YearlyInvoice.ref(tenant, person), SubjectKey.ref(INSTALLATION, f"legal-{year}")

    clock.now = ends - SECOND
    cloud.move_time(to=ends - timedelta(minutes=2))
    cloud.invoke("Sweep")
    last = fetch_excepted(where, asked)
    assert last is not None
    assert last.billed_to == BILLED_TO
    assert fetch(where) is None

    clock.now = ends
    cloud.move_time(to=ends + SECOND)
    assert fetch_excepted(where, asked) is None
    cloud.invoke("Sweep")
    assert (lies(where), lies(key)) == (False, True)

    clock.now = year_ends
    cloud.move_time(to=year_ends - timedelta(minutes=2))
    cloud.invoke("Sweep")
    assert lies(key)
    cloud.move_time(to=year_ends + SECOND)
    cloud.invoke("Sweep")
    assert (lies(key), lies(LegalYear.ref(year))) == (False, False)
    services.vault.forget(INSTALLATION)
    with pytest.raises(KeyDestroyedError):
        assert YearlyInvoice.from_raw_data(kept).billed_to
