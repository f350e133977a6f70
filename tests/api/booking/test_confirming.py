"""Appointments that wait for several experts, over HTTP: how they stand, and who has agreed."""

from tests.api.appointments.test_appointments import desk
from tests.services.colleagues import BEAT, working
from tests.services.together_builders import asked, mailed


def test_staff_see_who_has_agreed() -> None:
    """By link nobody but how it stands; in the answer and in lists all who take part."""
    with desk() as at:
        beat = working(at.on, at.of).staff
        held = asked(at.on, at.of, at.of.expert, beat)
        token = {"token": mailed(at.on, BEAT)}
        path = f"/customers/{held.subject}/appointments/{held.id}"

        once, twice = (at.call("POST", "/pending/confirmation", token) for _ in range(2))
        assert once == twice == (200, {"state": "pending", "starts_at": "2026-11-09T09:00:00Z"})
        told = at.call("GET", path)[1]
        assert (told["state"], told["agreed"], told["others"]) == ("pending", [beat], [beat])

        status, told = at.call("POST", f"{path}/confirmation")
        assert (status, told["state"]) == (200, "confirmed")
        assert (told["experts"], told["agreed"]) == ([at.of.expert, beat], sorted([at.of.expert, beat]))


def test_who_declines_is_told_who_had_agreed() -> None:
    """It is over for all of them."""
    with desk() as at:
        beat = working(at.on, at.of).staff
        held = asked(at.on, at.of, at.of.expert, beat)
        at.call("POST", "/pending/confirmation", {"token": mailed(at.on, BEAT)})

        status, told = at.call("POST", f"/customers/{held.subject}/appointments/{held.id}/refusal")

        assert (status, told["state"], told["agreed"]) == (200, "declined", [beat])
