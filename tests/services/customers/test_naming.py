"""Lists that know ids learn names."""

from chalicelib.domain.states import RestrictionGround
from chalicelib.services.customers.naming import contacts
from tests.builders import NETWORK, business
from tests.services.customers.customer_builders import entered, nobody
from tests.stage import stage


def test_ids_lead_to_names_and_merged_ones_to_who_remained() -> None:
    """Nobody who had it restricted, or whom nobody knows."""
    with stage() as on:
        of = business(on)
        zoe, other = entered(on, of), entered(on, of, nobody("Zoe", "Mueller"))
        hidden = entered(on, of, nobody("Max", "Still"))
        on.services.merging.merge(of.session, zoe.subject, other.subject, network=NETWORK, repeat=None)
        on.services.restricting.restrict(of.session, hidden.subject, RestrictionGround.UNLAWFUL, network=NETWORK)

        found = contacts(on.vault, of.tenant, [zoe.subject, other.subject, hidden.subject, "0" * 32])

        assert {one: (each.id, each.family_name, each.phone) for one, each in found.items()} == {
            zoe.subject: (zoe.subject, "Müller", "+41795550777"),
            other.subject: (zoe.subject, "Müller", "+41795550777"),
        }
