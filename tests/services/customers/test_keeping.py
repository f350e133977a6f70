"""Staff enter, read and change customers, and note things about them."""

from datetime import timedelta

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.asking import Asked, Ground
from chalicelib.domain.errors import ConflictError, NotAllowedError, NotFoundError, VersionMismatchError
from chalicelib.records.customer import Customer, CustomerAddress, CustomerName
from chalicelib.records.customer_note import CustomerNote
from chalicelib.services.repeating import Repeatable
from tests.builders import MONDAY_10, NETWORK, booked, business
from tests.services.colleagues import colleague
from tests.services.customers.customer_builders import entered, named, nobody, person
from tests.services.looking import ledger, now_of, stored, the
from tests.stage import stage

ANNA = "anna.muster@kundin.example"


def test_an_address_belongs_to_one_customer_and_a_number_to_any() -> None:
    """Who books with the address of somebody whom staff entered is that person, and stays as long as they come."""
    with stage() as on:
        of = business(on)
        zoe = entered(on, of)
        child = entered(on, of, nobody("Lena", "Müller", phone="+41795550777"))
        with pytest.raises(ConflictError):
            entered(on, of, person(email="ZOE@kundin.example"))

        held = booked(on, of, email="zoe@kundin.example", starts_at=MONDAY_10)

        assert (held.subject, child.phone_index) == (zoe.subject, zoe.phone_index)
        ends = {each.last_appointment_at for kind in (CustomerName, CustomerAddress) for each in stored(kind)}
        assert ends == {held.ends_at, child.last_appointment_at}
        assert (
            next(each for each in stored(Customer) if each.subject == zoe.subject).last_appointment_at == held.ends_at
        )


def test_a_repeated_request_enters_nobody_twice() -> None:
    """The same answer, of the same person."""
    with stage() as on:
        of = business(on)
        repeat = Repeatable.of("a-key-of-one", scope="customers", content="the same")
        keeping = on.services.keeping

        ids = {keeping.enter(of.session, person(), network=NETWORK, repeat=repeat).subject for _ in range(2)}

        assert (len(ids), len(stored(Customer)), len(ledger(Action.CUSTOMER_ENTERED))) == (1, 1, 1)


def test_a_changed_address_moves_claim_names_and_upcoming_messages() -> None:
    """In one step: the old address leads nowhere, the new one here; the old version is refused afterwards."""
    with stage() as on:
        of = business(on)
        held = booked(on, of)
        before = int(the(Customer).version or 0)
        new = person(given_name="Anna", family_name="Roth", email="anna.roth@kundin.example")

        on.services.keeping.change(of.session, held.subject, new, version=before, network=NETWORK)

        assert (named(on, of, "must"), named(on, of, "rot")) == ([], ["Anna Roth"])
        assert the(CustomerAddress).of_customer == held.subject
        on.vault.preload(of.tenant, [held.subject])
        assert now_of(held).email == "anna.roth@kundin.example"
        assert on.services.customers.by_email(of.session, ANNA, network=NETWORK).customers == []
        with pytest.raises(VersionMismatchError):
            on.services.keeping.change(of.session, held.subject, new, version=before, network=NETWORK)
        entered(on, of, person(email=ANNA))
        with pytest.raises(ConflictError):
            on.services.keeping.change(of.session, held.subject, person(email=ANNA), version=None, network=NETWORK)
        assert one_of(held.subject).family_name == "Roth"


def one_of(customer: str) -> Customer:
    """What is stored of somebody."""
    return next(each for each in stored(Customer) if each.subject == customer)


def test_the_access_answer_says_where_the_data_comes_from() -> None:
    """From the business where staff entered it (Art. 14 GDPR), with who did and when; notes are part of it."""
    with stage() as on:
        of = business(on)
        zoe = entered(on, of)
        on.services.noting.write(of.session, zoe.subject, "Braucht viel Zeit", network=NETWORK, repeat=None)

        asked = Asked(ground=Ground.SUBJECT_REQUEST, actor=of.session.staff)
        told = {each.kind: each for each in on.services.viewing.of_customer(of.tenant, zoe.subject, asked)}

        fields = {each.name: each.value for each in told["Customer"].fields}
        assert (told["Customer"].source, fields["source"]) == ("the business", "the business")
        assert (fields["entered_by"], fields["created_at"]) == (of.session.staff, "2026-11-02T08:00:00Z")
        assert {each.name: each.value for each in told["CustomerNote"].fields}["text"] == "Braucht viel Zeit"
        assert [each.subject for each in (booked(on, of),)] != [zoe.subject]
        own = next(each for each in stored(Customer) if each.subject != zoe.subject)
        assert own.came_from().value == "the person"


def test_notes_are_changed_by_their_author_or_an_admin() -> None:
    """Nobody else; each change is noted, about the person."""
    with stage() as on:
        of = business(on)
        beat, carla = colleague(on, of), colleague(on, of, "carla@praxis-brunner.example")
        own = entered(on, beat, nobody("Max", "Muster"))
        note = on.services.noting.write(beat, own.subject, "Erste", network=NETWORK, repeat=None)

        with pytest.raises(NotFoundError):
            on.services.noting.change(carla, own.subject, note.id, "Nein", version=None, network=NETWORK)
        on.services.noting.change(of.session, own.subject, note.id, "Zweite", version=None, network=NETWORK)
        notes, _ = on.services.history.notes(beat, own.subject, after="", network=NETWORK)
        assert [each.text for each in notes] == ["Zweite"]
        admins = on.services.noting.write(of.session, own.subject, "Dritte", network=NETWORK, repeat=None)
        with pytest.raises(NotAllowedError):
            on.services.noting.delete(beat, own.subject, admins.id, network=NETWORK)
        on.services.noting.delete(beat, own.subject, note.id, network=NETWORK)

        assert the(CustomerNote).id == admins.id
        about = {each.about for each in ledger(Action.CUSTOMER_NOTED, Action.NOTE_CHANGED, Action.NOTE_DELETED)}
        assert about == {own.subject}


def test_a_note_never_outlives_the_customer_and_stays_while_it_is_read() -> None:
    """It counts from the last appointment as it was known when somebody last worked with the customer."""
    with stage() as on:
        of = business(on)
        zoe = entered(on, of)
        on.services.noting.write(of.session, zoe.subject, "Notiz", network=NETWORK, repeat=None)
        assert the(CustomerNote).expires_at == zoe.expires_at
        held = booked(on, of, email="zoe@kundin.example")

        on.services.history.notes(of.session, zoe.subject, after="", network=NETWORK)

        assert the(CustomerNote).expires_at == one_of(zoe.subject).expires_at
        assert the(CustomerNote).last_appointment_at == held.ends_at
        assert held.ends_at - zoe.created_at > timedelta(days=7)
