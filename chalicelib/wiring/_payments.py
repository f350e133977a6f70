"""Paying in advance."""

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring._self_service import SelfService

if TYPE_CHECKING:
    from chalicelib.adapters.payrexx import Payrexx
    from chalicelib.services.paying.accounts import PaymentAccounts
    from chalicelib.services.paying.paying import Paying
    from chalicelib.services.paying.reports import PaymentReports
    from chalicelib.services.paying.settling import Payments
    from chalicelib.services.paying.viewing import PaymentViews


@dataclass(frozen=True)
class Payers(SelfService):
    """Imported when they are needed: few calls are about money."""

    @cached_property
    def payrexx(self) -> "Payrexx":
        """The payment provider. TypeError when it declares more than the register of processors allows."""
        from chalicelib.adapters.payrexx import NAME, build  # noqa: PLC0415 (as said above)
        from chalicelib.adapters.registry import Outside  # noqa: PLC0415
        from chalicelib.adapters.ses import CLIENT_CONFIG  # noqa: PLC0415
        from chalicelib.records.processors import processor  # noqa: PLC0415

        held = processor(NAME)
        outside = Outside(clock=self.clock, ses=lambda: self.client("ses", CLIENT_CONFIG), hosts=held.hosts)
        provider = build(asdict(self.settings), outside)
        held.check_disclosure(provider.discloses())
        return provider

    @cached_property
    def payment_accounts(self) -> "PaymentAccounts":
        """Businesses' accounts."""
        from chalicelib.services.paying.accounts import PaymentAccounts  # noqa: PLC0415 (as said above)

        return PaymentAccounts(self.vault, self.clock)

    @cached_property
    def paying(self) -> "Paying":
        """Customers' way to the page."""
        from chalicelib.services.paying.paying import Paying  # noqa: PLC0415 (as said above)

        return Paying(self.clock, self.linking, self.payment_accounts, lambda: self.payrexx)

    @cached_property
    def payments(self) -> "Payments":
        """What becomes of the money."""
        from chalicelib.services.paying.settling import Payments  # noqa: PLC0415 (as said above)

        return Payments(self.clock, self.payment_accounts, lambda: self.payrexx, self.settling)

    @cached_property
    def payment_reports(self) -> "PaymentReports":
        """The provider's reports."""
        from chalicelib.adapters.webhooks.payrexx import transfer_in  # noqa: PLC0415 (as said above)
        from chalicelib.services.paying.reports import PaymentReports  # noqa: PLC0415

        return PaymentReports(self.payment_accounts, self.payments, transfer_in)

    @cached_property
    def payment_views(self) -> "PaymentViews":
        """What staff see of payments."""
        from chalicelib.services.paying.viewing import PaymentViews  # noqa: PLC0415 (as said above)

        return PaymentViews(self.clock)
