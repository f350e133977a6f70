"""Two who do the same at the same moment, and one who asks twice."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from infra.local.client import behind_hash
from infra.local.http_calls import HttpAnswer
from tests.deployed.people import Person
from tests.deployed.stack import BOOKED, CANCELLED, MOVED, Stack, kind_of

pytestmark = pytest.mark.deployed


def at_once(*calls: Callable[[], HttpAnswer]) -> list[HttpAnswer]:
    """The answers to calls that begin at the same moment."""
    start = Barrier(len(calls))

    def run(call: Callable[[], HttpAnswer]) -> HttpAnswer:
        start.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def statuses(answers: Sequence[HttpAnswer]) -> list[int]:
    """The statuses, sorted."""
    return sorted(answer.status for answer in answers)


def test_the_same_request_four_times_at_once_books_once(stack: Stack) -> None:
    """With an Idempotency-Key all get the same appointment, and one confirmation goes out."""
    anna, practice = Person(), stack.business()
    start = stack.free(practice)[0]

    def book() -> HttpAnswer:
        return stack.client.try_to_book(practice, starts_at=start, key=f"key-{anna.mark}", **anna.customer())

    answers = at_once(book, book, book, book)
    later = book()
    stack.mail(anna, BOOKED)
    stack.cloud.move_time(minutes=3)
    stack.wake()

    assert statuses([*answers, later]) == [201] * 5
    assert len({answer.json()["id"] for answer in [*answers, later]}) == 1
    stack.settled(later.json()["id"], "accepted", message="appointment-confirmed")
    assert len(stack.mails(anna, BOOKED)) == 1


def test_a_key_is_not_for_another_request(stack: Stack) -> None:
    """The second request is refused; the same key at another business, or a day later, is a new one."""
    anna, practice, other = Person(), stack.business(), stack.business()
    free = stack.free(practice)
    key = f"key-{anna.mark}"
    first = stack.client.try_to_book(practice, starts_at=free[0], key=key, **anna.customer())

    refused = stack.client.try_to_book(practice, starts_at=free[-1], key=key, **anna.customer())
    elsewhere = stack.client.try_to_book(other, starts_at=free[0], key=key, **anna.customer())
    stack.cloud.move_time(hours=24, seconds=2)
    next_day = stack.client.try_to_book(practice, starts_at=free[-1], key=key, **anna.customer())

    assert kind_of(refused) == (422, "idempotency-mismatch")
    assert [answer.status for answer in (first, elsewhere, next_day)] == [201, 201, 201]


def test_one_person_with_two_wishes_at_once_stays_one_person(stack: Stack) -> None:
    """Both are booked, for one customer."""
    anna, practice = Person(), stack.business()
    free = stack.free(practice)

    answers = at_once(
        lambda: stack.client.try_to_book(practice, starts_at=free[0], **anna.customer()),
        lambda: stack.client.try_to_book(practice, starts_at=free[-1], **anna.customer()),
    )

    held = [item for item in stack.stored("records", kind="Appointment") if practice.tenant in item["pk"]]
    assert statuses(answers) == [201, 201]
    assert len({item["pk"] for item in held}) == 1
    assert len([item for item in stack.stored("keys") if practice.tenant in item["pk"]]) == 4


def test_a_link_that_is_used_twice_at_once_works_once(stack: Stack) -> None:
    """For cancelling; there is one message about it."""
    anna, practice = Person(), stack.business()
    booked = stack.book(practice, anna)
    link = stack.links(anna)["cancel"]

    answers = at_once(*[lambda: stack.call("POST", "/appointment/cancellation", headers=link)] * 3)

    stack.mail(anna, CANCELLED)
    assert statuses(answers) == [200, 410, 410]
    assert len(stack.notifications(booked["id"], message="appointment-cancelled")) == 1


def test_moving_and_cancelling_at_once_leaves_one_truth(stack: Stack) -> None:
    """Whoever was first; the sheets of both times agree with it."""
    anna, practice = Person(), stack.business()
    booked = stack.book(practice, anna)
    links, before = stack.links(anna), stack.free(practice)
    new = {"starts_at": before[-1]}

    answers = at_once(
        lambda: stack.call("POST", "/appointment/cancellation", headers=links["cancel"]),
        lambda: stack.call("POST", "/appointment/rescheduling", json=new, headers=links["reschedule"]),
    )

    cancelled, moved = (answer.status == 200 for answer in answers)
    after = stack.free(practice)
    assert statuses(answers) == [200, 410]
    assert (booked["starts_at"] in after, new["starts_at"] in after) == (True, cancelled)
    assert (len(stack.mails(anna, CANCELLED)), len(stack.mails(anna, MOVED))) in [(0, 0), (cancelled, moved)]


def test_two_who_want_to_move_to_the_same_time(stack: Stack) -> None:
    """One gets it; the other keeps what they had."""
    anna, beat, practice = Person(), Person(), stack.business()
    held = [stack.book(practice, each)["starts_at"] for each in (anna, beat)]
    links = [stack.links(each)["reschedule"] for each in (anna, beat)]
    new = {"starts_at": stack.free(practice)[-1]}

    def move(link: dict[str, str]) -> Callable[[], HttpAnswer]:
        return lambda: stack.call("POST", "/appointment/rescheduling", json=new, headers=link)

    answers = at_once(*map(move, links))

    loser = [answer.status for answer in answers].index(409)
    assert statuses(answers) == [200, 409]
    assert stack.call("GET", "/appointment", headers=links[loser]).json()["starts_at"] == held[loser]
    assert stack.free(practice).count(held[1 - loser]) == 1


def test_one_address_registers_twice_at_once(stack: Stack) -> None:
    """One business comes of it, and its link can be used once, however often at once."""
    owner = Person()
    given = owner.owner(**stack.client.ask("GET", "/registrations", wanted=200))

    def register() -> HttpAnswer:
        return stack.call("POST", "/registrations", json=given, headers=stack.client.form("registration"))

    answers = at_once(*[register] * 3)
    token = behind_hash(stack.mail(owner, "bestätigen")["text"])
    confirmed = at_once(*[lambda: stack.call("POST", "/registrations/confirmation", json={"token": token})] * 3)

    assert statuses(answers) == [202, 202, 202]
    assert statuses(confirmed) == [201, 410, 410]
    assert tenants_of(stack, confirmed) == 1


def tenants_of(stack: Stack, answers: Sequence[HttpAnswer]) -> int:
    """How many businesses were confirmed; each has its own session."""
    opened: list[dict[str, Any]] = [answer.json() for answer in answers if answer.status == 201]
    return len({one["tenant"] for one in opened})


def test_two_members_of_staff_change_the_same_service(stack: Stack) -> None:
    """Who read an older version is told so, instead of undoing the other's change."""
    practice = stack.business()
    (service,) = stack.client.ask("GET", "/services", wanted=200, headers=practice.signed_in)["services"]

    def change(name: str) -> Callable[[], HttpAnswer]:
        headers = {**practice.signed_in, "If-Match": '"1"'}
        return lambda: stack.call("PUT", f"/services/{service['id']}", json={**service, "name": name}, headers=headers)

    answers = at_once(change("Massage"), change("Beratung"))

    winner = next(answer for answer in answers if answer.status == 200)
    (now,) = stack.client.ask("GET", "/services", wanted=200, headers=practice.signed_in)["services"]
    assert statuses(answers) == [200, 412]
    assert winner.headers["etag"] == '"2"'
    assert now["name"] == winner.json()["name"]
