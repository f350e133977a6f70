"""The services about customers, as staff use them."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring._accounts import Accounts

if TYPE_CHECKING:
    from chalicelib.services.customers.doubling import Doubling
    from chalicelib.services.customers.finding import Finding
    from chalicelib.services.customers.history import History
    from chalicelib.services.customers.keeping import Keeping
    from chalicelib.services.customers.merging import Merging
    from chalicelib.services.customers.noting import Noting
    from chalicelib.services.customers.searching import Searching
    from chalicelib.services.customers.splitting import Splitting
    from chalicelib.services.customers.tables import Workbooks
    from chalicelib.services.customers.taking_over import TakingOver


@dataclass(frozen=True)
class Customers(Accounts):
    """Imported when they are needed."""

    @cached_property
    def finding(self) -> "Finding":
        """Who somebody is."""
        from chalicelib.services.customers.finding import Finding  # noqa: PLC0415 (as said above)

        return Finding(self.vault)

    @cached_property
    def customers(self) -> "Searching":
        """Lists of customers."""
        from chalicelib.services.customers.searching import Searching  # noqa: PLC0415 (as said above)

        return Searching(self.vault, self.clock, self.finding)

    @cached_property
    def keeping(self) -> "Keeping":
        """Customers, one at a time."""
        from chalicelib.services.customers.keeping import Keeping  # noqa: PLC0415 (as said above)

        return Keeping(self.vault, self.clock, self.finding)

    @cached_property
    def history(self) -> "History":
        """What staff read about one customer."""
        from chalicelib.services.customers.history import History  # noqa: PLC0415 (as said above)

        return History(self.vault, self.clock)

    @cached_property
    def noting(self) -> "Noting":
        """Notes about customers."""
        from chalicelib.services.customers.noting import Noting  # noqa: PLC0415 (as said above)

        return Noting(self.vault, self.clock)

    @cached_property
    def doubling(self) -> "Doubling":
        """Who may have been entered twice."""
        from chalicelib.services.customers.doubling import Doubling  # noqa: PLC0415 (as said above)

        return Doubling(self.vault, self.clock)

    @cached_property
    def merging(self) -> "Merging":
        """Two entries of one person."""
        from chalicelib.services.customers.merging import Merging  # noqa: PLC0415 (as said above)

        return Merging(self.vault, self.clock, self.finding, self.holding)

    @cached_property
    def splitting(self) -> "Splitting":
        """One entry of two people."""
        from chalicelib.services.booking.pending import ask  # noqa: PLC0415 (as said above)
        from chalicelib.services.customers.splitting import Splitting  # noqa: PLC0415 (as said above)

        return Splitting(self.vault, self.clock, self.finding, ask)

    @cached_property
    def workbooks(self) -> "Workbooks":
        """What reads workbooks."""
        from chalicelib.adapters.workbooks import OpenpyxlWorkbooks  # noqa: PLC0415 (its library is loaded for them only)

        return OpenpyxlWorkbooks()

    @cached_property
    def taking_over(self) -> "TakingOver":
        """Customers brought along from elsewhere."""
        from chalicelib.services.customers.taking_over import TakingOver  # noqa: PLC0415 (as said above)

        return TakingOver(self.vault, self.clock, self.finding, lambda: self.workbooks)
