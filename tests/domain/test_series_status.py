"""The status of a series: whose word counts, and at which moment."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.series_status import MarkedSeries, SeriesStatus, StatusChange, marked_series
from tests.builders import a_repository, paris

AT = paris("2021-02-22T13:00")
DIRAC = replace(a_repository(), statuses=(("v7r0", "maintained"), ("v7r1", "recommended")))
_KEY = DIRAC.key

changes_made = st.lists(
    st.tuples(st.sampled_from(["v7r0", "v7r1", "v7r2"]), st.sampled_from(SeriesStatus), st.booleans()), max_size=8
)


def _change(number: int, series: str, status: SeriesStatus, undoes: int | None = None) -> StatusChange:
    return StatusChange(number, AT + timedelta(hours=number), "ann", _KEY, series, status, undoes=undoes)


def test_the_file_says_it_where_nobody_else_did() -> None:
    assert list(marked_series([DIRAC], []).values()) == [
        MarkedSeries(_KEY, "v7r0", SeriesStatus.MAINTAINED),
        MarkedSeries(_KEY, "v7r1", SeriesStatus.RECOMMENDED),
    ]


def test_the_last_word_of_a_person_wins_over_the_file_from_then_on() -> None:
    said = [_change(1, "v7r0", SeriesStatus.LAST), _change(2, "v7r0", SeriesStatus.END_OF_LIFE)]
    line = (_KEY, "v7r0")
    assert marked_series([DIRAC], said)[line].status is SeriesStatus.END_OF_LIFE
    assert marked_series([DIRAC], said, said[0].at)[line].status is SeriesStatus.LAST
    assert marked_series([DIRAC], said, AT)[line].status is SeriesStatus.MAINTAINED


def test_a_repository_that_is_not_asked_for_has_no_say() -> None:
    assert marked_series([], [_change(1, "v7r0", SeriesStatus.LAST)]) == {}


@given(changes_made, st.integers(0, 20))
def test_undone_changes_are_as_if_they_had_not_been_made_at_any_moment(
    made: list[tuple[str, SeriesStatus, bool]], hours: int
) -> None:
    changes = [_change(number, *each[:2]) for number, each in enumerate(made, 1)]
    undone = [change for change, each in zip(changes, made, strict=True) if each[2]]
    undos = [replace(each, number=each.number + 100, undoes=each.number) for each in undone]
    kept = [change for change in changes if change not in undone]
    until = AT + timedelta(hours=hours)
    assert marked_series([DIRAC], [*changes, *undos], until) == marked_series([DIRAC], kept, until)
