"""What a tenant offers for booking."""

from dataclasses import asdict, fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any, get_type_hints

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.expressions.condition import Condition

from chalicelib.domain.handling import Basis, Category, Handling, Keep, Purpose, Source, Subject, Then
from chalicelib.domain.periods import months
from chalicelib.domain.terms import Answer, Cap, Each, Payment, Place, Question, Refund, Terms
from chalicelib.records._binding import binding
from chalicelib.records._fields import EnumAttribute, InstantAttribute, plain, pseudonym
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import Ref, query


class Service(RecordsTable, discriminator="Service"):
    """A bookable service: how long it takes, what lies around it, how early and late it can be booked, who does it."""

    handling = Handling(
        category=Category.MASTER,
        purposes=(Purpose.APPOINTMENT,),
        basis=Basis.CONTRACT,
        source=Source.TENANT,
        about=Subject.NOBODY,
        recipients=(),
        keep=(Keep(months(12), "ended_at"),),
        then=Then.DELETE,
    )

    name = plain(UnicodeAttribute())
    duration = plain(NumberAttribute())
    step = plain(NumberAttribute())
    buffer_before = plain(NumberAttribute(default=0))
    buffer_after = plain(NumberAttribute(default=0))
    notice = plain(NumberAttribute(default=0))
    horizon_days = plain(NumberAttribute())
    reminder_minutes = plain(NumberAttribute())
    experts = pseudonym(UnicodeSetAttribute(null=True, default=set))  # the last one may have left
    description = plain(UnicodeAttribute(default=""))
    durations = plain(JSONAttribute(default=list))
    bookable_until = plain(UnicodeAttribute(null=True))
    together = plain(BooleanAttribute(default=False))
    weights = pseudonym(JSONAttribute(default=dict))
    seats = plain(NumberAttribute(default=1))
    resources = plain(JSONAttribute(default=list))
    site = plain(UnicodeAttribute(null=True))
    place = plain(EnumAttribute(Place, default=lambda: Place.ON_SITE))
    meeting_link = plain(UnicodeAttribute(null=True))
    price = plain(NumberAttribute(null=True))
    currency = plain(UnicodeAttribute(default="CHF"))
    payment = plain(EnumAttribute(Payment, default=lambda: Payment.NONE))
    pay_within = plain(NumberAttribute(default=30))
    refunds = plain(JSONAttribute(default=list))
    caps = plain(JSONAttribute(default=list))
    questions = plain(JSONAttribute(default=list))
    confirm_within = plain(NumberAttribute(null=True))
    cancel_until = plain(NumberAttribute(default=0))
    move_until = plain(NumberAttribute(default=0))
    occurrences = plain(NumberAttribute(default=1))
    offer_minutes = plain(NumberAttribute(null=True))
    joined = pseudonym(JSONAttribute(default=dict))  # since when each of the experts does it, in epoch seconds
    archived_at = plain(InstantAttribute(null=True))
    created_at = plain(InstantAttribute())
    ended_at = plain(InstantAttribute(null=True))

    @classmethod
    def ref(cls, tenant: str, service: str) -> "Ref[Service]":
        """Where it lies."""
        return Ref(cls, f"TENANT#{tenant}", f"SERVICE#{service}")

    @classmethod
    def all_of(cls, tenant: str, *, consistent: bool = False) -> "list[Service]":
        """What the tenant offers, the oldest first."""
        begins: Condition = cls.sk.startswith("SERVICE#")
        return query(cls, f"TENANT#{tenant}", begins, consistent=consistent)

    def apply(self, terms: Terms) -> None:
        """Takes over new terms."""
        now = int(binding.now().timestamp())
        self.joined = {each: self.joined.get(each, now) for each in sorted(terms.experts)}
        for name, value in vars(terms).items():
            setattr(self, name, dict(value) if name == "weights" else _stored(value))

    def terms(self) -> Terms:
        """The terms, as the rules of booking take them."""
        held = {each.name: getattr(self, each.name) for each in fields(Terms)}
        numbers = {name: int(value) for name, value in held.items() if name in _NUMBERS and value is not None}
        lists = {
            "durations": tuple(self.durations),
            "experts": frozenset(self.experts or ()),
            "weights": tuple(sorted(self.weights.items())),
            "resources": tuple(map(tuple, self.resources)),
            "bookable_until": date.fromisoformat(self.bookable_until) if self.bookable_until else None,
            "refunds": tuple(Refund(**each) for each in self.refunds),
            "caps": tuple(Cap(**{**each, "each": Each(each["each"])}) for each in self.caps),
            "questions": tuple(map(_question, self.questions)),
        }
        return Terms(**{**held, **numbers, **lists})

    def lasts(self, minutes: int) -> bool:
        """Whether that is one of the lengths it can be booked for."""
        return minutes in {int(self.duration), *map(int, self.durations)}

    @property
    def id(self) -> str:
        """The service's id."""
        return self.sk.removeprefix("SERVICE#")


_NUMBERS = frozenset(name for name, kind in get_type_hints(Terms).items() if kind in {int, int | None})


def _stored(value: object) -> object:
    """A value of the terms as its attribute takes it."""
    if isinstance(value, frozenset):
        return set(value)
    if isinstance(value, date):
        return value.isoformat()
    return [_listed(each) for each in value] if isinstance(value, tuple) else value


def _listed(value: Any) -> Any:
    if not is_dataclass(value):
        return list(value) if isinstance(value, tuple) else value
    items = asdict(value).items()  # type: ignore[arg-type]
    return {name: each.value if isinstance(each, Enum) else each for name, each in items}


def _question(held: dict[str, Any]) -> Question:
    when = tuple(held["when"]) if held["when"] else None
    return Question(**{**held, "answer": Answer(held["answer"]), "options": tuple(held["options"]), "when": when})
