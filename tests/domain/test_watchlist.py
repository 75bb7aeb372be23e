"""What stands of the changes to what is watched."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.watchlist import WatchChange, WatchKind, standing
from tests.builders import paris

AT = paris("2021-02-22T13:00")


def changes(*made: tuple[WatchKind, str] | int) -> list[WatchChange]:
    """Number what was made, a minute apart; a number stands for undoing that change."""
    return [
        WatchChange(number, AT + timedelta(minutes=number), "ann", WatchKind.UNDO, "", undoes=each)
        if isinstance(each, int)
        else WatchChange(number, AT + timedelta(minutes=number), "ann", *each)
        for number, each in enumerate(made, 1)
    ]


PILOT = "github:DIRACGrid/Pilot"
WATCH, UNWATCH = (WatchKind.WATCH, PILOT), (WatchKind.UNWATCH, PILOT.lower())


def test_the_last_word_on_a_target_counts_in_whatever_case_it_is_written() -> None:
    assert [each.kind for each in standing(changes(WATCH)).values()] == [WatchKind.WATCH]
    assert [each.kind for each in standing(changes(WATCH, UNWATCH)).values()] == [WatchKind.UNWATCH]


def test_an_undo_takes_back_what_it_names_and_leaves_the_word_before() -> None:
    assert standing(changes(WATCH, 1)) == {}
    assert [each.number for each in standing(changes(WATCH, UNWATCH, 2)).values()] == [1]


@given(st.lists(st.sampled_from([WATCH, UNWATCH]), max_size=8))
def test_undoing_every_change_leaves_nothing(made: list[tuple[WatchKind, str]]) -> None:
    assert standing(changes(*made, *range(1, len(made) + 1))) == {}
