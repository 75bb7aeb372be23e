"""The nearest known names: by slips of typing, and by the numbers of versions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.nearest import distance, nearest

SERIES = ["v6r22", "v7r0", "v7r1", "v7r2", "v7r3", "v8r0", "v9r0"]
words = st.text("abr17_-", max_size=8)


@pytest.mark.parametrize(
    ("word", "first"),
    [("v7r9", "v7r3"), ("v77r1", "v7r1"), ("V7R1x", "v7r1"), ("v7r12", "v7r2"), ("v10r0", "v9r0"), ("7r2", "v7r2")],
)
def test_the_nearest_comes_first(word: str, first: str) -> None:
    assert first in nearest(word, SERIES)[:2]


def test_of_many_five_are_named_at_most() -> None:
    assert len(nearest("v7r9", SERIES)) == 5
    assert nearest("v7r9", ["v7r1"]) == ["v7r1"]
    assert nearest("v7r9", []) == []


def test_the_next_versions_are_near_though_their_letters_are_not() -> None:
    patches = [f"v7r1p{number}" for number in range(1, 67)]
    assert {"v7r1p66", "v7r1p65"} < set(nearest("v7r1p101", patches))


def test_a_name_that_holds_the_word_is_near() -> None:
    assert nearest("charts", ["diracx-charts", "chats-x", "DIRAC"])[0] == "diracx-charts"


@given(words, words)
def test_only_a_name_itself_is_no_slip_away(one: str, other: str) -> None:
    assert (distance(one, other) == 0) == (one == other)
    assert distance(one.upper(), one) == 0


@given(words, st.integers(0, 7), st.sampled_from("xyz"))
def test_one_slip_is_at_most_one_away(word: str, at: int, letter: str) -> None:
    assert distance(word, word[:at] + letter + word[at:]) <= 1
    assert distance(word, word[:at] + letter + word[at + 1 :]) <= 1
    swapped = word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
    assert distance(word, swapped) <= 1


@given(words, st.lists(words, max_size=9))
def test_a_known_name_is_its_own_nearest(word: str, others: list[str]) -> None:
    assert nearest(word, [word, *others])[0] == word
