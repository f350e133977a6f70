"""Hand-overs in the ledger: one entry with the name of the processor for each call that gave them data, or may have."""

from chalicelib.domain.actions import Action
from chalicelib.domain.errors import OutcomeUnknownError, ProviderUnavailableError, RecipientRefusedError
from chalicelib.services.ledger.tallying import Tallying
from tests.builders import booked
from tests.services.ledgers import DAY, raw, stream
from tests.services.prepared import open_business
from tests.stage import Stage

ACCEPTED, DOUBT = Action.NOTIFICATION_HANDED_OVER.value, Action.NOTIFICATION_IN_DOUBT.value
NOT_SENT = Action.NOTIFICATION_NOT_SENT.value
KINDS = {ACCEPTED, DOUBT, NOT_SENT}


def handed(on: Stage) -> list[tuple[str, str | None]]:
    """The entries about messages: kind and processor, in the order in which they were written."""
    found = [item for item in raw() if item["action"]["S"] in KINDS and item["at"]["N"] > _before(on)]
    return [(item["action"]["S"], item.get("processor", {}).get("S")) for item in found]


def _before(on: Stage) -> str:
    return str(int(_STARTED[id(on)]))


_STARTED: dict[int, float] = {}


def send(on: Stage, of: object) -> None:
    """Books, and delivers what follows; what was before is not looked at."""
    _STARTED[id(on)] = on.clock.now.timestamp()
    on.clock.move(seconds=1)
    booked(on, of)  # type: ignore[arg-type]
    on.pump()


def test_what_was_accepted_names_who_took_it() -> None:
    """One call, one entry."""
    with open_business() as (on, of):
        send(on, of)

        assert handed(on) == [(ACCEPTED, "mailgun")]


def test_what_the_recipients_side_refused_was_handed_over() -> None:
    """The provider had the address, to find out that it takes nothing."""
    with open_business() as (on, of):
        on.mailgun.failures = [RecipientRefusedError("mailgun", "refused")]
        send(on, of)

        assert handed(on) == [(NOT_SENT, "mailgun")]


def test_what_is_in_doubt_may_have_been_handed_over() -> None:
    """And the one that took it in the end was handed it, too."""
    with open_business() as (on, of):
        on.mailgun.failures = [OutcomeUnknownError("mailgun", "timeout")]
        send(on, of)
        on.clock.move(minutes=5)
        on.pump()

        assert handed(on) == [(DOUBT, "mailgun"), (ACCEPTED, "mailgun")]


def test_what_is_found_at_the_provider_was_handed_over_once() -> None:
    """By the call that was in doubt."""
    with open_business() as (on, of):
        on.mailgun.failures = [OutcomeUnknownError("mailgun", "timeout")]
        send(on, of)
        sent = [item for item in raw() if item["action"]["S"] == DOUBT]
        on.mailgun.known = _AnyReference()
        on.clock.move(minutes=5)
        on.pump()

        assert len(sent) == 1
        assert handed(on) == [(DOUBT, "mailgun"), (ACCEPTED, None)]


class _AnyReference(dict[str, str]):
    """A provider that knows every message."""

    def get(self, key: str, default: object = None) -> str:  # type: ignore[override]
        """Its id."""
        return "found"


def test_who_surely_took_nothing_is_not_named() -> None:
    """The next provider is."""
    with open_business() as (on, of):
        on.mailgun.failures = [ProviderUnavailableError("mailgun", "connect")]
        send(on, of)

        assert handed(on) == [(ACCEPTED, "ses")]


def test_each_is_counted_per_processor_and_day() -> None:
    """From the stream, as they were written."""
    with open_business() as (on, of):
        before = len(list(raw()))
        on.mailgun.failures = [OutcomeUnknownError("mailgun", "timeout")]
        send(on, of)
        on.mailgun.failures = [ProviderUnavailableError("mailgun", "connect")] * 2
        on.clock.move(minutes=5)
        on.pump()

        Tallying().take(stream())
        assert before
        counted = Tallying().handed_over(of.tenant, DAY, DAY)
        assert counted["ses"] == {DAY: 1}
        assert counted["mailgun"][DAY] == 1 + sum(
            item.get("processor", {}).get("S") == "mailgun" for item in _early(on)
        )


def _early(on: Stage) -> list[dict[str, dict[str, str]]]:
    return [item for item in raw() if item["at"]["N"] <= _before(on)]
