"""One record's trouble is not the others': all else is ended first, and then the sweep fails."""

import pytest
from pynamodb.exceptions import AttributeDeserializationError

from chalicelib.domain.actions import Action
from chalicelib.records._base import BLOCK
from chalicelib.records._tables import RecordsTable
from chalicelib.records.reading import client
from tests.records.record_builders import ANNA, BEN, NOW, OTHER, TENANT, person
from tests.records.trial_kinds import TrialInvoice, note, where
from tests.services.looking import ledger, raw
from tests.services.trial_sweeps import at_key, put, sweeping
from tests.stage import stage


def test_a_record_that_nobody_can_read_keeps_no_other_from_its_end() -> None:
    """It is left as it is, and whoever hears of the failure finds it."""
    with stage() as on:
        person(on)
        key = where(TENANT, ANNA, "INVOICE")
        broken = TrialInvoice(*key, issued_at=NOW, payer="Anna Muster")
        beside = TrialInvoice(*where(TENANT, ANNA, "INVOICE", 2), issued_at=NOW, payer="Anna Muster")
        put(broken, beside, note(NOW, tenant=OTHER, person=BEN))
        item = at_key(raw(RecordsTable), *key)
        client().put_item(TableName=RecordsTable.Meta.table_name, Item=item | {"amount": {"S": "much"}})
        assert broken.blocked_since is not None
        on.clock.now = broken.blocked_since

        with pytest.raises(AttributeDeserializationError):
            sweeping(on).run()

        assert at_key(raw(RecordsTable), *key)["due_shard"]["S"].startswith(BLOCK)
        assert {item["sk"]["S"] for item in raw(RecordsTable)} == {broken.sk, beside.sk}
        assert [entry.counts for entry in ledger(Action.BLOCKED)] == [{"INVOICE": 1}]
        assert [entry.counts for entry in ledger(Action.SWEPT)] == [{"NOTE": 1}]
