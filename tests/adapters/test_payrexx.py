"""Payrexx: what goes over the line, and what each way to fail is read as."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.request import Request, urlopen

import pytest

from chalicelib.adapters._http import Http
from chalicelib.adapters.payrexx import Payrexx
from chalicelib.domain.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
)
from chalicelib.domain.paying import Credentials, Transfer
from infra.local.providers.payrexx import API_KEY
from infra.local.providers.server import SimulatorServer
from infra.local.providers.setup import Setup
from infra.local.providers.simulator import Simulator
from tests.adapters.provider_builders import now
from tests.adapters.provider_server import Behaviour, answers, provider, resets
from tests.services.paying.paying_builders import PRICE, an_order

ACCOUNT = Credentials(instance="praxis-brunner", api_key=API_KEY)


@contextmanager
def simulated() -> Iterator[Payrexx]:
    """The adapter before a simulated Payrexx."""
    server = SimulatorServer(Simulator(Setup(clock=now)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Payrexx(base_url=f"{server.url}/payrexx", http=Http("payrexx"))
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()


def pay(link: str) -> None:
    """What the payer does there, without a report to anybody."""
    with urlopen(Request(f"{link}?report=none", data=b"", method="POST")) as answer:
        assert answer.status == 200


def test_from_a_page_to_a_refund() -> None:
    """A page, a payment on it, a part given back, and the page closed."""
    with simulated() as payrexx:
        page = payrexx.open(ACCOUNT, an_order(back_to="http://127.0.0.1:9/"))
        assert payrexx.look(ACCOUNT, page.id) == page
        with pytest.raises(OSError, match="refused"):
            pay(page.link)  # the payer is sent on to where nobody is

        seen = payrexx.look(ACCOUNT, page.id)
        assert seen is not None
        (paid,) = seen.transfers
        assert paid.pays(PRICE, "CHF", "Ab-_" * 16)
        assert payrexx.transfer(ACCOUNT, paid.id) == paid
        payrexx.refund(ACCOUNT, paid.id, 50)
        refunded = payrexx.transfer(ACCOUNT, paid.id)
        assert refunded == Transfer(
            id=paid.id, status="partially-refunded", amount=PRICE, currency="CHF", reference="Ab-_" * 16, refunded=50
        )
        for _ in range(2):
            payrexx.close(ACCOUNT, page.id)
        assert payrexx.look(ACCOUNT, page.id) is None
        assert payrexx.transfer(ACCOUNT, "99") is None


def test_what_goes_over_the_line() -> None:
    """Amount, currency, the service's name, our reference, and nothing of the payer; the key in a header."""
    page = json.dumps({"status": "success", "data": [{"id": 7, "link": "https://praxis.payrexx.com/pay?tid=1"}]})
    with provider(answers(200, page)) as server:
        Payrexx(base_url=server.url, http=server.http()).open(ACCOUNT, an_order())

    (seen,) = server.seen
    assert (seen.path, seen.query) == ("/v1.14/Gateway/", {"instance": "praxis-brunner"})
    assert seen.headers["x-api-key"] == API_KEY
    assert seen.form == {
        "amount": str(PRICE),
        "currency": "CHF",
        "purpose": "Physiotherapie",
        "referenceId": "Ab-_" * 16,
        "language": "de",
        "validity": "30",
        "skipResultPage": "1",
        **dict.fromkeys(
            ("successRedirectUrl", "failedRedirectUrl", "cancelRedirectUrl"), "https://api.example.ch/appointment"
        ),
    }


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        pytest.param(answers(403), ProviderUnavailableError, id="firewall-403"),
        pytest.param(answers(405), ProviderUnavailableError, id="firewall-405"),
        pytest.param(answers(403, '{"status":"error","message":"x"}'), ProviderMisconfiguredError, id="wrong-key"),
        pytest.param(answers(422, '{"status":"error"}'), ProviderMisconfiguredError, id="refused"),
        pytest.param(answers(200, '{"status":"error","message":"x"}'), ProviderMisconfiguredError, id="refused-200"),
        pytest.param(answers(429), ProviderUnavailableError, id="too-often"),
        pytest.param(answers(503), ProviderUnavailableError, id="down"),
        pytest.param(answers(200, "<<<"), OutcomeUnknownError, id="nonsense"),
        pytest.param(answers(200, '{"status":"success","data":[]}'), OutcomeUnknownError, id="empty"),
        pytest.param(
            answers(200, '{"status":"success","data":[{"id":1,"link":"javascript:1"}]}'), OutcomeUnknownError, id="link"
        ),
        pytest.param(resets, OutcomeUnknownError, id="reset"),
    ],
)
def test_ways_to_fail(behaviour: Behaviour, error: type[ProviderError]) -> None:
    """Whether there may be a page now is what matters."""
    with provider(behaviour) as server, pytest.raises(error):
        Payrexx(base_url=server.url, http=server.http()).open(ACCOUNT, an_order())


@pytest.mark.parametrize(
    "ask", [lambda it: it.look(ACCOUNT, "1"), lambda it: it.transfer(ACCOUNT, "1")], ids=["page", "one"]
)
def test_a_look_that_fails_changed_nothing(ask: Callable[[Payrexx], object]) -> None:
    """So it can be taken again."""
    with provider(resets) as server, pytest.raises(ProviderUnavailableError):
        ask(Payrexx(base_url=server.url, http=server.http()))
