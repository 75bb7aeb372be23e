"""How fast one person may ask."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.pacing import MOST_IN_A_WINDOW, WINDOW, Pace, Verdict
from tests.builders import MONDAY


def test_a_flood_is_asked_to_wait_once_and_then_passed_over_until_it_ends() -> None:
    pace, told = Pace(), []
    for _ in range(MOST_IN_A_WINDOW + 3):
        pace, verdict = pace.after(MONDAY)
        told.append(verdict)
    assert told[:MOST_IN_A_WINDOW] == [Verdict.ANSWER] * MOST_IN_A_WINDOW
    assert told[MOST_IN_A_WINDOW:] == [Verdict.ASK_TO_WAIT, Verdict.SILENCE, Verdict.SILENCE]
    assert pace.after(MONDAY + WINDOW)[1] is Verdict.ANSWER


@given(st.lists(st.integers(0, 300), max_size=200).map(sorted))
def test_no_window_has_more_answers_than_are_allowed(seconds: list[int]) -> None:
    pace, answered = Pace(), []
    for second in seconds:
        moment = MONDAY + timedelta(seconds=second)
        pace, verdict = pace.after(moment)
        answered += [moment] if verdict is Verdict.ANSWER else []
    for moment in answered:
        assert sum(1 for other in answered if moment <= other < moment + WINDOW) <= MOST_IN_A_WINDOW
