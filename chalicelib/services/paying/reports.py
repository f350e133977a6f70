"""Reports of the payment provider, each on the account of one business."""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain.errors import NotFoundError, ProviderError, TryAgainError
from chalicelib.services._attempts import persist
from chalicelib.services.paying.accounts import PaymentAccounts
from chalicelib.services.paying.settling import Payments
from chalicelib.services.ports import Answer, WebhookRequest


@dataclass(frozen=True)
class PaymentReports:
    """Takes them in. `read` proves a report with the account's key and gives the number of the transaction in it."""

    accounts: PaymentAccounts
    payments: Payments
    read: Callable[[WebhookRequest, str], str | None]

    def take(self, tenant: str, request: WebhookRequest) -> Answer:
        """SignatureInvalidError when it is not genuine; TryAgainError, so that it comes again, when we can't look."""
        transfer = self.read(request, self.accounts.signing_key(tenant))
        if transfer is not None:
            try:
                persist(lambda: self.payments.report(tenant, transfer))
            except ProviderError:
                raise TryAgainError(retry_after=60) from None
            except NotFoundError:
                return Answer()  # the account was removed this very moment
        return Answer()
