"""What a business may lay down about a service: the terms make sense, and what they name is there."""

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

from chalicelib.domain.errors import InvalidInputError
from chalicelib.domain.questions import check_questions
from chalicelib.domain.terms import Payment, Place, Terms
from chalicelib.records.payment import PaymentAccount
from chalicelib.records.premises import Premises, Resource
from chalicelib.records.reading import Found, fetch_all
from chalicelib.records.staff import Staff

CURRENCIES = ("CHF", "EUR")
WHOLE = 100  # percent
NO_ACCOUNT = "Set the account for payments of the business first, or choose another way to pay."
Problem = tuple[bool, str, str]  # whether it is so, the field, the remedy


def check_terms(tenant: str, terms: Terms) -> PaymentAccount | None:
    """InvalidInputError, naming the field, for terms that contradict themselves or what the business has.

    Gives the account for payments where it must not go while these terms hold.
    """
    wrong = next((each for each in _problems(terms) if each[0]), None)
    if wrong:
        raise InvalidInputError(wrong[2], field=wrong[1])
    check_questions(terms.questions)
    return _check_named(tenant, terms)


def _problems(terms: Terms) -> Iterator[Problem]:
    yield from _lengths(terms)
    yield from _people(terms)
    yield from _money(terms)
    rooms = list(chain.from_iterable(terms.resources))
    yield not all(terms.resources), "resources", "Name at least one room or device in each set."
    yield len(set(rooms)) < len(rooms), "resources", "Name each room or device once: it can't be in two sets."
    link = terms.meeting_link
    yield link is not None and terms.place is not Place.VIDEO, "meeting_link", "Give a link for video only."
    yield link is not None and not link.startswith("https://"), "meeting_link", "Give a link that begins with https://."
    yield terms.site is not None and terms.place is not Place.ON_SITE, "site", "Name a site for what takes place there."


def _lengths(terms: Terms) -> Iterator[Problem]:
    lengths = terms.durations
    yield bool(lengths) and terms.duration not in lengths, "durations", "Name the usual duration among them."
    yield not _rising(lengths), "durations", "Name each duration once, the shortest first."
    yield len({cap.each for cap in terms.caps}) < len(terms.caps), "caps", "Name each of day, week and month once."
    longest = max((terms.duration, *lengths))
    short = any(cap.minutes is not None and cap.minutes < longest for cap in terms.caps)
    yield short, "caps", "Leave room for one appointment of the longest duration."


def _people(terms: Terms) -> Iterator[Problem]:
    yield terms.together and len(terms.experts) < 2, "together", "Name two experts or more who do it together."
    yield terms.together and terms.seats > 1, "seats", "Offer seats with one expert at a time."
    named = {expert for expert, _ in terms.weights}
    yield len(named) < len(terms.weights), "weights", "Name each expert once."
    yield not named <= terms.experts, "weights", "Weigh experts of this service only."
    yield bool(named) and terms.together, "weights", "Weigh experts only where one of them does it."
    idle = named == terms.experts and not any(weight for _, weight in terms.weights)
    yield bool(named) and idle, "weights", "Give one expert at least a share."


def _money(terms: Terms) -> Iterator[Problem]:
    yield (terms.price or 0) < 0, "price", "Give a price of zero or more."
    yield terms.currency not in CURRENCIES, "currency", f"Choose one of {', '.join(CURRENCIES)}."
    online = terms.payment is Payment.ONLINE
    yield online and not terms.price, "price", "Give a price to pay online."
    yield bool(terms.refunds) and not online, "refunds", "Refunds are for what is paid online."
    minutes, shares = [each.minutes for each in terms.refunds], [each.percent for each in terms.refunds]
    yield not _rising(minutes), "refunds", "Order refunds by minutes, the fewest first, each once."
    yield shares != sorted(shares), "refunds", "Refund no less to who cancels earlier."
    yield any(not 0 <= share <= WHOLE for share in shares), "refunds", "Refund from 0 to 100 percent."


def _rising(numbers: Sequence[int]) -> bool:
    return all(one < two for one, two in pairwise(numbers))


def _check_named(tenant: str, terms: Terms) -> PaymentAccount | None:
    """What is named is read in one round trip; gives the account, if it is to be paid online."""
    staff = [Staff.ref(tenant, each) for each in sorted(terms.experts)]
    rooms = [Resource.ref(tenant, each) for each in chain.from_iterable(terms.resources)]
    premises = [Premises.ref(tenant)] if terms.site else []
    accounts = [PaymentAccount.ref(tenant)] if terms.payment is Payment.ONLINE else []
    found = fetch_all([*staff, *rooms, *premises, *accounts], consistent=True)
    if any(found.get(ref) is None for ref in staff):
        raise InvalidInputError("Name staff members of this business.", field="experts")
    if terms.site and terms.site not in _sites(found, tenant):
        raise InvalidInputError("Name a site of this business.", field="site")
    held = [found.get(ref) for ref in rooms]
    if any(room is None or room.archived_at for room in held):
        raise InvalidInputError("Name rooms and devices of this business that are in use.", field="resources")
    if any(room and room.site and room.site != terms.site for room in held):
        raise InvalidInputError("Name rooms and devices of the service's site.", field="resources")
    account = next(map(found.get, accounts), None)
    if accounts and account is None:
        raise InvalidInputError(NO_ACCOUNT, field="payment")
    return account


def _sites(found: Found, tenant: str) -> set[str]:
    premises = found.get(Premises.ref(tenant))
    return {each["id"] for each in premises.sites} if premises else set()
