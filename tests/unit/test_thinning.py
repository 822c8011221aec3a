"""Which moments of a timeline are let go."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from jupyter_live.log.thinning import DAY, HOUR, RECENT, Sketch, thin

NOW = 1_800_000_000.0
MANY = 2**40  # bytes

ages = st.lists(st.floats(0, 40 * DAY), max_size=60).map(lambda ages: sorted(ages, reverse=True))
sizes = st.integers(1, 1000)


@st.composite
def timelines(draw: st.DrawFn) -> list[Sketch]:
    return [Sketch(n, NOW - age, draw(sizes)) for n, age in enumerate(draw(ages))]


def left(moments: Sequence[Sketch], limit: int = MANY, oldest: float | None = None, now: float = NOW) -> list[Sketch]:
    gone = thin(moments, now, limit, oldest)
    return [moment for moment in moments if moment.id not in gone]


@given(timelines())
def test_all_of_the_last_hour_stay(moments: list[Sketch]) -> None:
    recent = [moment for moment in moments if NOW - moment.at <= HOUR]
    assert [moment for moment in left(moments) if NOW - moment.at <= HOUR] == recent[-RECENT:]


@given(timelines())
def test_of_an_hour_and_of_a_day_the_last_stays(moments: list[Sketch]) -> None:
    for span, youngest, eldest in ((HOUR, HOUR, DAY), (DAY, DAY, 50 * DAY)):
        old = [moment for moment in moments if youngest < NOW - moment.at <= eldest]
        last = {int(moment.at // span): moment for moment in old}
        assert [moment for moment in left(moments) if moment in old] == [*last.values()]


@given(timelines(), st.integers(1, 5000), st.none() | st.floats(NOW - 40 * DAY, NOW))
def test_it_stays_within_its_bounds_and_the_newest_stays(
    moments: list[Sketch], limit: int, oldest: float | None
) -> None:
    kept = left(moments, limit, oldest)
    assert kept[-1:] == moments[-1:]
    assert len(kept) <= 1 or sum(moment.bytes for moment in kept) <= limit
    assert oldest is None or all(moment.at >= oldest for moment in kept[:-1])


@given(timelines(), st.integers(1, 5000), st.floats(0, 40 * DAY))
def test_what_stays_does_not_depend_on_how_often_it_is_thinned(moments: list[Sketch], limit: int, later: float) -> None:
    once = left(moments, limit)
    assert left(once, limit) == once
    assert left(left(moments), now=NOW + later) == left(moments, now=NOW + later)


def test_a_program_that_writes_every_second_does_not_fill_it() -> None:
    kept: list[Sketch] = []
    for second in range(4000):
        kept = left([*kept, Sketch(second, NOW + second, 1)], now=NOW + second)
    assert len(kept) <= RECENT + 2


def test_what_stays_of_too_much_reaches_far_back() -> None:
    """A minute apart for ten hours, with room for 20."""
    kept: list[Sketch] = []
    for minute in range(600):
        now = NOW + 60 * minute
        kept = left([*kept, Sketch(minute, now, 50)], limit=1000, now=now)
    span = [(kept[-1].at - moment.at) / 60 for moment in kept]
    assert len(kept) == 20 and span[0] > 8 * 60 and span[-5] <= 8
