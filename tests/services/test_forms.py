"""Forms on real records: handed out, used once, refused with an entry in the ledger; and what the first uses do."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import FormRefusedError, InvalidInputError, NotFoundError, SlotTakenError
from chalicelib.domain.forms import FORMS, Returned
from chalicelib.domain.ids import INSTALLATION
from chalicelib.records.appointment import Appointment
from chalicelib.records.form_use import UsedForm
from chalicelib.records.tenant import Tenant
from chalicelib.services.forms import FormUse
from chalicelib.services.repeating import Repeatable
from tests.builders import MONDAY_10, NETWORK, Business, application, wish
from tests.services.looking import ledger, stored, the
from tests.services.meddling import before_commit, calls
from tests.services.prepared import open_business
from tests.stage import Stage, stage


def fixed(of: Business) -> dict[str, str]:
    """What a booking form fixes."""
    return {"tenant": of.tenant, "service": of.service.id}


def booking_form(on: Stage, of: Business, token: str = "") -> FormUse:
    """A form that came back as it was handed out."""
    token = token or on.services.forms.hand_out("booking", fixed(of)).token
    back = Returned(fields=FORMS["booking"].fields, fixed=fixed(of))
    return on.services.forms.check("booking", token, back, network=NETWORK)


def registration_form(on: Stage) -> FormUse:
    """Another one."""
    token = on.services.forms.hand_out("registration", {}).token
    back = Returned(fields=FORMS["registration"].fields, fixed={})
    return on.services.forms.check("registration", token, back, network=NETWORK)


def book(on: Stage, of: Business, form: FormUse, key: str = "", **changes: Any) -> Appointment:
    """Books with a form."""
    repeat = Repeatable.of(key, scope="book", content=repr(changes)) if key else None
    return on.services.booking.book(wish(of, **changes), network=NETWORK, repeat=repeat, form=form)


def grounds() -> list[str]:
    """What the ledger says of refusals."""
    return [str(each.ground) for each in ledger(Action.FORM_REFUSED)]


def test_a_description_says_what_has_to_come_back() -> None:
    """Fields, fixed values, token and end; nothing is stored for it."""
    with open_business() as (on, of):
        told = on.services.forms.hand_out("booking", fixed(of))

        assert told.form.fields == FORMS["booking"].fields
        assert told.fixed == fixed(of)
        assert told.expires_at == on.clock.now + timedelta(minutes=120)
        assert stored(UsedForm) == []


@pytest.mark.parametrize("given", [{}, {"tenant": "t"}, {"tenant": "t", "service": "s", "page": "p"}], ids=len)
def test_a_form_fixes_what_it_declares(given: dict[str, str]) -> None:
    """No less, and no more."""
    with open_business() as (on, _), pytest.raises(InvalidInputError):
        on.services.forms.hand_out("booking", given)


def test_unknown_forms_and_businesses_have_none() -> None:
    """And nothing is noted anywhere in the name of a business that does not exist."""
    with open_business() as (on, of):
        with pytest.raises(NotFoundError):
            on.services.forms.hand_out("petition", {})
        nowhere = {"tenant": "f" * 32, "service": of.service.id}
        with pytest.raises(NotFoundError):
            on.services.forms.hand_out("booking", nowhere)
        with pytest.raises(NotFoundError):
            on.services.forms.check("booking", "", Returned(fields=frozenset(), fixed=nowhere), network=NETWORK)
        assert grounds() == []


def test_a_refusal_is_noted_where_it_belongs() -> None:
    """With the form and the reason, and nothing that was sent."""
    with open_business() as (on, of):
        with pytest.raises(FormRefusedError):
            on.services.forms.check("booking", "", Returned(fields=frozenset(), fixed=fixed(of)), network=NETWORK)
        with pytest.raises(FormRefusedError):
            on.services.forms.check("reset", "x", Returned(fields=frozenset(), fixed={}), network=NETWORK)

        noted = {each.tenant: each for each in ledger(Action.FORM_REFUSED)}
        assert (noted[of.tenant].ground, noted[INSTALLATION].ground) == ("booking:missing", "reset:forged")
        assert (noted[of.tenant].network, noted[of.tenant].actor) == (NETWORK, None)


def test_a_link_is_no_form_and_a_form_no_link() -> None:
    """Both are signed for the same tenant, under keys of their own."""
    with open_business() as (on, of):
        link = on.services.linking.self_service(book(on, of, booking_form(on, of)))["cancel"]

        with pytest.raises(FormRefusedError):
            booking_form(on, of, link)


def test_a_booking_uses_the_form_in_its_own_transaction() -> None:
    """The same number of round trips as without one: one read more in the batch, one write more."""
    with open_business() as (on, of):
        form = booking_form(on, of)
        with calls() as made:
            book(on, of, form)

        used = the(UsedForm)
        assert (used.form, used.valid_until) == ("booking", on.clock.now + timedelta(minutes=120))
        assert made.count("TransactWriteItems") == 1
        assert len([name for name in made if name != "GetItem"]) <= 3


def test_a_form_works_once() -> None:
    """The second time is refused before anything else is looked at, and noted."""
    with open_business() as (on, of):
        token = on.services.forms.hand_out("booking", fixed(of)).token
        book(on, of, booking_form(on, of, token))

        for at in (MONDAY_10, MONDAY_10 + timedelta(hours=3)):
            with pytest.raises(FormRefusedError):
                book(on, of, booking_form(on, of, token), starts_at=at)

        assert len(stored(Appointment)) == 1
        assert grounds() == ["booking:used"] * 2


def test_a_refused_wish_leaves_the_form_as_it_was() -> None:
    """Whoever was too late picks another time in the same form."""
    with open_business() as (on, of):
        book(on, of, booking_form(on, of))
        form = booking_form(on, of)
        with pytest.raises(SlotTakenError):
            book(on, of, form)

        book(on, of, form, starts_at=MONDAY_10 + timedelta(hours=3))

        assert len(stored(Appointment)) == 2


def test_a_repeated_request_gets_the_first_answer() -> None:
    """With the same key and the same form, which was used by then."""
    with open_business() as (on, of):
        token = on.services.forms.hand_out("booking", fixed(of)).token
        first = book(on, of, booking_form(on, of, token), "key-0001")
        again = booking_form(on, of, token)

        assert book(on, of, again, "key-0001").id == first.id
        assert again.settled
        assert grounds() == []


def test_of_two_who_send_the_same_form_at_once_one_books() -> None:
    """Whoever loses reads again, and is told."""
    with open_business() as (on, of):
        token = on.services.forms.hand_out("booking", fixed(of)).token

        def faster() -> None:
            book(on, of, booking_form(on, of, token), starts_at=MONDAY_10 + timedelta(hours=3))

        with before_commit(faster), pytest.raises(FormRefusedError):
            book(on, of, booking_form(on, of, token))

        assert len(stored(Appointment)) == 1
        assert grounds() == ["booking:used"]


def test_a_registration_uses_its_form() -> None:
    """Also for an address that is known: nothing tells one from the other."""
    with stage() as on:
        form = registration_form(on)
        on.services.registering.register(application(), network=NETWORK, repeat=None, form=form)
        known = registration_form(on)
        on.services.registering.register(application(), network=NETWORK, repeat=None, form=known)

        assert {each.form for each in stored(UsedForm)} == {"registration"}
        assert len(stored(UsedForm)) == 2
        with pytest.raises(FormRefusedError):
            on.services.registering.register(
                application(email="neu@praxis.example"), network=NETWORK, repeat=None, form=form
            )


def test_a_registration_repeated_by_its_key_needs_no_second_form() -> None:
    """The same answer, and no refusal."""
    with stage() as on:
        repeat = Repeatable.of("key-0001", scope="registration", content="x")
        form, again = registration_form(on), registration_form(on)
        on.services.registering.register(application(), network=NETWORK, repeat=repeat, form=form)
        on.services.registering.register(application(), network=NETWORK, repeat=repeat, form=again)

        assert again.settled
        assert len(stored(Tenant)) == 1


def test_of_two_registrations_by_one_form_one_counts() -> None:
    """Even when they come at the same moment."""
    with stage() as on:
        form = registration_form(on)
        on.vault.tenant_ready(INSTALLATION)

        def faster() -> None:
            twin = FormUse(form.name, form.ref, form.valid_until, form.refused)
            other = application(email="neu@praxis.example")
            on.services.registering.register(other, network=NETWORK, repeat=None, form=twin)

        with before_commit(faster), pytest.raises(FormRefusedError):
            on.services.registering.register(application(), network=NETWORK, repeat=None, form=form)

        assert len(stored(Tenant)) == 1


def test_of_two_registrations_of_one_address_both_are_told_the_same() -> None:
    """Each by a form of its own: the slower one's has nothing left to do."""
    with stage() as on:
        form, other = registration_form(on), registration_form(on)
        on.vault.tenant_ready(INSTALLATION)

        def faster() -> None:
            on.services.registering.register(application(), network=NETWORK, repeat=None, form=other)

        with before_commit(faster):
            on.services.registering.register(application(), network=NETWORK, repeat=None, form=form)

        assert form.settled
        assert len(stored(Tenant)) == 1
