"""The services of accountability, on top of the adapters."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring._adapters import Adapters

if TYPE_CHECKING:
    from chalicelib.services.auditing.auditing import Auditing
    from chalicelib.services.auditing.trusting import Trusting
    from chalicelib.services.ledger.closing import Closing
    from chalicelib.services.ledger.tallying import Tallying
    from chalicelib.services.ledger.telling import Telling
    from chalicelib.services.ledger.verifying import Verifying
    from chalicelib.services.linking import Linking
    from chalicelib.services.notice.accepting import Accepting
    from chalicelib.services.notice.announcing import Announcing
    from chalicelib.services.notice.processing_record import ProcessingRecording
    from chalicelib.services.notice.publishing import Publishing
    from chalicelib.services.operator.accessing import Accessing
    from chalicelib.services.operator.operating import Operating
    from chalicelib.services.operator.pledging import Pledging
    from chalicelib.services.retention.expiring import Expiring
    from chalicelib.services.retention.legal_years import LegalYears
    from chalicelib.services.retention.restamping import Restamping
    from chalicelib.services.retention.sweeping import Sweeping
    from chalicelib.services.rights.holding import Holding
    from chalicelib.services.rights.restricting import Restricting
    from chalicelib.services.rights.viewing import Viewing
    from chalicelib.services.running import Running


@dataclass(frozen=True)
class Accountability(Adapters):
    """The services that show and keep what is promised: notice, ledger, states, endings, audit.

    Imported when they are needed: most requests are about appointments, and shall not pay for them.
    """

    @cached_property
    def linking(self) -> "Linking":
        """Capability links."""
        from chalicelib.services.linking import Linking  # noqa: PLC0415 (functions without people need no links)

        return Linking(self.vault, self.clock, self.settings.public_base_url)

    @cached_property
    def publishing(self) -> "Publishing":
        """The privacy notice."""
        from chalicelib.services.notice.publishing import Party, Publishing  # noqa: PLC0415 (few requests ask for it)

        held = self.settings
        operator = Party(name=held.controller_name, postal=held.controller_postal, mail=held.controller_mail)
        officer = Party(name=held.dpo_name, postal=held.dpo_postal, mail=held.dpo_mail)
        return Publishing(self.clock, held.operator_name, operator, officer, held.controller_country)

    @cached_property
    def accepting(self) -> "Accepting":
        """What staff accept of terms and notice."""
        from chalicelib.services.notice.accepting import Accepting  # noqa: PLC0415 (few requests ask for it)

        return Accepting(self.clock)

    @cached_property
    def announcing(self) -> "Announcing":
        """New versions of the notice, told to staff."""
        from chalicelib.services.notice.announcing import Announcing  # noqa: PLC0415 (one function announces)

        return Announcing(self.clock)

    @cached_property
    def operating(self) -> "Operating":
        """The door for the operator."""
        from chalicelib.services.operator.operating import Operating  # noqa: PLC0415 (few requests are the operator's)

        return Operating(self.clock)

    @cached_property
    def accessing(self) -> "Accessing":
        """The operator's accesses to tenants' data."""
        from chalicelib.services.operator.accessing import Accessing  # noqa: PLC0415 (as above)

        return Accessing(self.vault, self.clock)

    @cached_property
    def pledging(self) -> "Pledging":
        """Data secrecy."""
        from chalicelib.services.operator.pledging import Pledging  # noqa: PLC0415 (as above)

        return Pledging(self.clock)

    @cached_property
    def processing_record(self) -> "ProcessingRecording":
        """The record of processing activities."""
        from chalicelib.services.notice.processing_record import (  # noqa: PLC0415 (few requests ask for it)
            ProcessingRecording,
            Responsible,
        )

        held = self.settings
        controller = Responsible(name=held.controller_name, postal=held.controller_postal, mail=held.controller_mail)
        officer = Responsible(name=held.dpo_name, postal=held.dpo_postal, mail=held.dpo_mail)
        return ProcessingRecording(self.clock, controller, officer)

    @cached_property
    def holding(self) -> "Holding":
        """Legal holds."""
        from chalicelib.services.rights.holding import Holding  # noqa: PLC0415 (few requests are about privacy states)

        return Holding(self.vault, self.clock)

    @cached_property
    def restricting(self) -> "Restricting":
        """Restrictions."""
        from chalicelib.services.rights.restricting import Restricting  # noqa: PLC0415 (as above)

        return Restricting(self.clock)

    @cached_property
    def viewing(self) -> "Viewing":
        """Everything held about a person."""
        from chalicelib.services.rights.viewing import Viewing  # noqa: PLC0415 (as above)

        return Viewing(self.vault, self.clock)

    @cached_property
    def legal_years(self) -> "LegalYears":
        """The keys of financial years."""
        from chalicelib.services.retention.legal_years import LegalYears  # noqa: PLC0415 (whoever keeps by a legal duty)

        return LegalYears(self.vault, self.clock)

    @cached_property
    def running(self) -> "Running":
        """Which job ran when."""
        from chalicelib.services.running import Running  # noqa: PLC0415 (scheduled functions only)

        return Running(self.clock, self.settings.stage)

    @cached_property
    def trusting(self) -> "Trusting":
        """Where each promise stands."""
        from chalicelib.services.auditing.trusting import Trusting  # noqa: PLC0415 (few requests ask for it)

        return Trusting(self.clock)

    @cached_property
    def auditing(self) -> "Auditing":
        """The nightly audit."""
        from chalicelib.adapters.stack import DescribedStack  # noqa: PLC0415 (one function audits)
        from chalicelib.services.auditing.auditing import Auditing  # noqa: PLC0415

        held = self.settings
        return Auditing(
            clock=self.clock,
            look=lambda: DescribedStack(self.client, rest_api=held.rest_api_id, domain=held.domain_name),
            stage=held.stage,
            tenant_key=held.tenant_key_arn,
            data_key=held.data_key_arn,
            copy_vault=held.backup_copy_vault_arn,
        )

    @cached_property
    def sweeping(self) -> "Sweeping":
        """The sweep."""
        from chalicelib.services.retention.sweeping import Sweeping  # noqa: PLC0415 (one function sweeps)

        return Sweeping(self.clock, lambda: self.files)

    @cached_property
    def expiring(self) -> "Expiring":
        """What DynamoDB's own deletion leaves to do."""
        from chalicelib.services.retention.expiring import Expiring  # noqa: PLC0415 (rarely needed)

        return Expiring(self.clock, lambda: self.files)

    @cached_property
    def restamping(self) -> "Restamping":
        """New stamps after a declared period changed."""
        from chalicelib.services.retention.restamping import Restamping  # noqa: PLC0415 (one function stamps anew)

        return Restamping(self.clock)

    @cached_property
    def tallying(self) -> "Tallying":
        """The ledger's counts."""
        from chalicelib.services.ledger.tallying import Tallying  # noqa: PLC0415 (few requests ask for it)

        return Tallying()

    @cached_property
    def closing(self) -> "Closing":
        """The closing of the ledger's days."""
        from chalicelib.services.ledger.closing import Closing  # noqa: PLC0415 (one function closes)

        return Closing(self.clock, self.roots)

    @cached_property
    def verifying(self) -> "Verifying":
        """The ledger against its proofs."""
        from chalicelib.services.ledger.verifying import Verifying  # noqa: PLC0415 (few requests ask for it)

        return Verifying(self.clock, self.roots)

    @cached_property
    def telling(self) -> "Telling":
        """What people see of the ledger."""
        from chalicelib.services.ledger.telling import Telling  # noqa: PLC0415 (few requests ask for it)

        return Telling(self.clock, self.linking)
