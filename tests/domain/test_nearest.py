"""The nearest known names: by slips of typing, and by the numbers of versions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import filters
from bot.domain.filters import names_of, nearest_repositories
from bot.domain.nearest import MOST, distance, fewest_slips, nearest
from tests.builders import a_repository

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


@given(words, words)
def test_a_word_is_never_nearer_than_the_fewest_slips(one: str, other: str) -> None:
    assert fewest_slips(one, other) <= distance(one, other)


@given(st.text("abr17_-/", max_size=8), st.lists(st.tuples(words, words), max_size=12))
def test_the_nearest_repositories_are_those_that_comparing_every_name_gives(
    word: str, paths: list[tuple[str, str]]
) -> None:
    watched = [a_repository("/".join(parts)) for parts in paths]
    slips = [(min(distance(word, name) for name in names_of(each)), at) for at, each in enumerate(watched)]
    assert nearest_repositories(word, watched) == [(far, watched[at]) for far, at in sorted(slips)[:MOST]]


def test_names_of_other_letters_or_lengths_are_not_compared_letter_by_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def noted(word: str, name: str) -> float:
        compared.append(name)
        return distance(word, name)

    monkeypatch.setattr(filters, "distance", noted)
    near = [a_repository(f"x/pilot{number}") for number in range(MOST)]
    others = [a_repository(f"group{number}/another-project{number}") for number in range(100)]
    assert next(each for _, each in nearest_repositories("piolt1", [*near, *others])) is near[1]
    assert len(compared) <= 3 * len(near)
