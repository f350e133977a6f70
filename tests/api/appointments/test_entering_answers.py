"""What staff know of the answers to a service's questions goes with the appointment that they enter, over HTTP."""

from chalicelib.domain.terms import Answer
from tests.api.appointments.test_appointments import desk
from tests.services.waiting_builders import offer, pain


def test_answers_go_with_the_appointment() -> None:
    """As a customer would send them; shown where staff look at the appointment."""
    with desk() as at:
        offer(at.on, at.of, questions=(pain(), pain(id="since", answer=Answer.DATE, required=True)))

        status, told = at.entered(answers=[{"question": "pain", "answer": "in the left knee"}])

        assert (status, told["answered"]) == (201, ["pain"])
        seen = at.call("GET", f"/customers/{told['customer']}/appointments/{told['id']}")[1]
        assert seen["answers"] == [{"question": "Where does it hurt?", "answer": "in the left knee"}]


def test_one_answer_a_question_and_one_that_fits() -> None:
    """The problem names which does not."""
    with desk() as at:
        offer(at.on, at.of, questions=(pain(id="since", answer=Answer.DATE),))
        wrong = {"question": "since", "answer": "yesterday"}

        refused = [at.entered(answers=each) for each in ([wrong], [wrong, wrong])]

        assert [status for status, _ in refused] == [422, 422]
        assert [told["errors"][0]["field"] for _, told in refused] == ["answers.since", "answers"]
