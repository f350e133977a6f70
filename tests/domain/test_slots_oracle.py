"""The slot rules against the oracle, on random questions.

The suite asks the same questions on every run. To ask new ones: `python -m tests.domain.test_slots_oracle 10000`.
"""

import sys
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.slots import blocked, bookable, is_start, starts, timing
from chalicelib.domain.wall_time import ceil_minute, instant_of
from tests.domain.slots_cases import Case, month_case
from tests.domain.slots_oracle import Oracle
from tests.domain.slots_strategies import cases

FEW = settings(max_examples=250, deadline=None, derandomize=True)
FEWER = settings(max_examples=120, deadline=None, derandomize=True)


def check(case: Case) -> None:
    """Compare both answers to one question."""
    offer, availability, busy, now, frm, to, groups = case

    found = starts(offer, availability, busy, now=now, frm=frm, to=to, groups=groups)

    assert found == Oracle(offer, availability, busy, groups).starts(now=now, frm=frm, to=to)
    assert all(start.utcoffset() == timedelta(0) for start in found)


@FEW
@given(cases())
def test_the_starts_are_the_oracles(case: Case) -> None:
    """Around clock changes, midnights and odd offsets both implementations agree."""
    check(case)


def test_a_whole_month_is_the_oracles() -> None:
    """The month that the benchmark takes its time for has 533 starts, the right ones."""
    case = month_case()

    found = starts(case.offer, case.availability, case.busy, now=case.now, frm=case.frm, to=case.to)

    assert len(found) == 533
    assert len(case.busy) == 60
    check(case)


@FEWER
@given(cases(), st.data())
def test_a_single_start_is_judged_as_in_the_list(case: Case, data: st.DataObject) -> None:
    """`is_start` says of any second, in whatever zone it is written, what `starts` says."""
    offer, availability, busy, now, frm, to, groups = case
    found = starts(offer, availability, busy, now=now, frm=frm, to=to, groups=groups)
    probes = found[:3] + [start + timedelta(seconds=shift) for start in found[-2:] for shift in (-60, -1, 1, 60)]
    seconds = data.draw(st.integers(0, max(0, int((to - frm).total_seconds()) - 1)))
    probes.append(frm + timedelta(seconds=seconds))

    for probe in probes:
        local = probe.astimezone(ZoneInfo(availability.zone))
        judged = is_start(offer, availability, busy, now=now, start=local, groups=groups)
        if frm <= probe < to:
            assert judged == (probe in found)


@FEWER
@given(cases())
def test_what_is_offered_blocks_only_free_time(case: Case) -> None:
    """The interval that a booking takes touches no busy interval, and once taken the start is gone."""
    offer, availability, busy, now, frm, to, groups = case

    for start in starts(offer, availability, busy, now=now, frm=frm, to=to, groups=groups)[:5]:
        taken = blocked(offer, start)
        assert all(taken.end <= one.start or one.end <= taken.start for one in busy)
        assert not is_start(offer, availability, [*busy, taken], now=now, start=start)


@FEWER
@given(cases(), st.integers(0, 1800))
def test_two_halves_make_the_whole(case: Case, cut: int) -> None:
    """Asking for a range in two parts gives the same starts as asking once: the grid knows nothing of the question."""
    offer, availability, busy, now, frm, to, groups = case
    middle = min(frm + timedelta(minutes=cut), to) if frm < to else frm

    first = starts(offer, availability, busy, now=now, frm=frm, to=middle, groups=groups)
    second = starts(offer, availability, busy, now=now, frm=middle, to=to, groups=groups)

    assert first + second == starts(offer, availability, busy, now=now, frm=frm, to=to, groups=groups)


@FEWER
@given(cases(), st.integers(0, 60))
def test_off_the_grid_every_minute_is_one(case: Case, shift: int) -> None:
    """What obeys all rules but the grid is what a grid of single minutes offers."""
    offer, availability, busy, now, frm, to, groups = case
    every_minute = starts(replace(offer, step=1), availability, busy, now=now, frm=frm, to=to, groups=groups)
    instants = [instant_of(minute) for minute in range(ceil_minute(frm) + shift, ceil_minute(to), 7)]

    found = bookable(offer, availability, busy, instants, now=now, groups=groups)

    assert found == [each for each in instants if each in set(every_minute)]


@FEWER
@given(cases(), st.integers(0, 1800))
def test_the_rules_one_by_one_come_to_the_same(case: Case, shift: int) -> None:
    """Where nothing is busy, a time is a start if, and only if, hours, grid, notice and horizon say so each."""
    offer, availability, _, now, frm, to, _ = case
    free = starts(offer, availability, [], now=now, frm=frm, to=to)

    for probe in (*free[:2], instant_of(ceil_minute(frm) + shift), frm):
        told = timing(offer, availability, now=now, start=probe)
        judged = told.fits and told.on_grid is True and told.notice_kept and told.within_horizon
        assert judged == is_start(offer, availability, [], now=now, start=probe)


def explore(count: int) -> dict[str, int]:
    """Check `count` random questions that no run asked before, and say what they were like."""
    seen = {"questions": 0, "with starts": 0, "starts": 0}

    @settings(max_examples=count, deadline=None, database=None)
    @given(cases())
    def ask(case: Case) -> None:
        check(case)
        found = starts(case.offer, case.availability, case.busy, now=case.now, frm=case.frm, to=case.to)
        seen["questions"] += 1
        seen["with starts"] += bool(found)
        seen["starts"] += len(found)

    ask()
    return seen


if __name__ == "__main__":
    sys.stdout.write(f"{explore(int(sys.argv[1]))}: no difference\n")
