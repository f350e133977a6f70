"""Tells the product's story on the deployed stack, a year of time included.

Every step says what it did and what was checked; the first one that does not hold ends the story with exit code 1.
"""

import sys
from datetime import timedelta

from infra.local.client import Client
from infra.local.cloud import LocalCloud
from infra.local.demo import accountability, accounts, booking, exceptions
from infra.local.demo.scene import OWNER, Scene
from infra.local.demo.steps import StepFailedError, step
from infra.local.errors import LocalCloudError
from infra.local.paths import PACKAGE, ROOT
from infra.tools.package import package


def main() -> int:
    """Runs the story."""
    try:
        print("Packaging the program and starting the local cloud ...", flush=True)
        package(root=ROOT, stage="local", out=PACKAGE)
        with LocalCloud(opened=False) as cloud:
            tell(cloud)
    except (StepFailedError, LocalCloudError) as problem:
        print(f"\nThe story does not hold. {problem}", file=sys.stderr)
        return 1
    print("\nThe story holds.")
    return 0


def tell(cloud: LocalCloud) -> None:
    """A practice, three customers, and a year."""
    # It begins in a morning, so that the first chapters are one day of the ledger at whatever time it is told.
    morning = (cloud.now() + timedelta(days=1)).replace(hour=7, minute=0, second=0, microsecond=0)
    cloud.move_time(to=morning)
    accounts.installation_opens(cloud)
    with step("A practice registers, confirms its address and publishes a service"):
        scene = Scene(cloud, Client(cloud).business(email=OWNER))
        booking.practice_opens(scene)
    accounts.regula_signs_in(scene)
    accounts.ben_joins(scene)
    accountability.notice_tells(scene)
    accountability.record_opens(scene)
    booked = booking.anna_books(scene)
    booking.she_is_told(scene, booked)
    booking.providers_report(scene)
    booking.provider_is_down(scene)
    accounts.form_is_changed(scene)
    people = accountability.staff_look(scene, booked)
    accounts.server_calls(scene)
    held_until = exceptions.beat_is_held(scene, people["Beat"])
    of_clara = exceptions.clara_is_restricted(scene)
    moved = booking.she_moves(scene)
    accountability.day_is_closed(scene)
    accountability.audit_runs(scene)
    booking.she_is_reminded(scene, moved)
    exceptions.clara_is_not_reminded(scene, of_clara)
    booking.she_cancels(scene, moved)
    exceptions.nothing_is_in_the_clear(scene)
    exceptions.a_year_later(scene, people)
    exceptions.beat_is_out_of_sight(scene, people["Beat"], morning)
    exceptions.the_hold_ends(scene, people["Beat"], held_until)
    accounts.operator_looks(scene)
    accounts.a_trial_ends(scene)


if __name__ == "__main__":
    sys.exit(main())
