"""Appointments as they are made of a wish."""

from datetime import datetime

from chalicelib.domain.ids import new_id
from chalicelib.domain.terms import Place
from chalicelib.records.appointment import Appointment
from chalicelib.services.booking._beginning import begin
from chalicelib.services.booking.wishing import Wish
from chalicelib.services.door.choosing import Chosen


def made(wish: Wish, chosen: Chosen, customer: str, *, series: str | None, agreed: bool, now: datetime) -> Appointment:
    """The appointment; where the expert has `agreed` already, it waits only for others who take part."""
    service = chosen.asked.service
    ref = Appointment.ref(wish.tenant, customer, new_id(now))
    appointment = Appointment(
        ref.pk,
        ref.sk,
        zone=service.zone,
        service=service.id,
        booked_at=now,
        changed_at=now,
        sequence=0,
        series=series,
        price=service.price,
        currency=service.currency if service.price is not None else None,
        place=service.place,
        language=wish.language,
        customer_zone=wish.zone,
        sms_wanted=wish.sms_wanted,
        given_name=wish.given_name,
        family_name=wish.family_name,
        email=wish.email,
        phone=wish.phone if wish.sms_wanted or service.place is Place.PHONE else None,
        address=wish.address if service.place is Place.CUSTOMER else None,
    )
    chosen.put(appointment)
    begin(appointment, service, agreed=agreed, now=now)
    return appointment
