"""Tells the story of a practice on the deployed stack: two sites, twelve experts, three rooms, four languages.

Every step says what it did and what was checked; the first one that does not hold ends the story with exit code 1.
"""

import sys
from datetime import timedelta

from infra.local.cloud import LocalCloud
from infra.local.demo.practice import booking, calendars, changing, days, money, opening, people
from infra.local.demo.steps import StepFailedError
from infra.local.errors import LocalCloudError
from infra.local.paths import PACKAGE, ROOT
from infra.tools.package import package


def main() -> int:
    """Runs the story."""
    try:
        print("Packaging the program and starting the local cloud ...", flush=True)
        package(root=ROOT, stage="local", out=PACKAGE)
        with LocalCloud() as cloud:
            tell(cloud)
    except (StepFailedError, LocalCloudError) as problem:
        print(f"\nThe story does not hold. {problem}", file=sys.stderr)
        return 1
    print("\nThe story holds.")
    return 0


def tell(cloud: LocalCloud) -> None:
    """From the first invitation to the clock change in spring."""
    morning = (cloud.now() + timedelta(days=1)).replace(hour=7, minute=0, second=0, microsecond=0)
    cloud.move_time(to=morning)
    practice = opening.practice_opens(cloud)
    opening.team_joins(practice)
    opening.hours_are_set(practice)
    opening.services_are_published(practice)
    days.holidays_differ(practice)
    days.one_expert_travels(practice)
    days.clocks_change(practice)
    booking.four_languages(practice)
    booking.rooms_are_few(practice)
    booking.anybody_will_do(practice)
    booking.a_time_is_kept(practice)
    booking.a_series(practice)
    booking.two_services_in_a_visit(practice)
    booking.what_is_shown_can_be_booked(practice)
    changing.a_first_visit_is_confirmed(practice)
    changing.a_course_is_full(practice)
    changing.an_expert_is_away(practice)
    changing.times_are_proposed(practice)
    changing.why_not(practice)
    money.a_consultation_is_paid(practice)
    calendars.a_calendar_is_linked(practice)
    people.customers_are_imported(practice)
    people.one_person_twice(practice)
    people.the_list_of_the_week(practice)


if __name__ == "__main__":
    sys.exit(main())
