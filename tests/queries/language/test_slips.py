"""Slips of typing are corrected, words of the language never are."""

import pytest

from bot.queries.language.slips import correction_of
from tests.queries.language.dictionary import NEAR_WORDS, english, near_words


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("relases", "releases"),
        ("releaes", "releases"),
        ("pacth", "patch"),
        ("janury", "january"),
        ("hwo", "how"),
        ("montsh", "months"),
        ("weeek", "week"),
    ],
)
def test_a_slip_is_corrected(typed: str, meant: str) -> None:
    assert correction_of(typed) == meant


@pytest.mark.parametrize("word", ["sprint", "hour", "blocking", "late", "moth", "least", "exciting"])
def test_a_word_of_the_language_is_not_a_slip_of_one_that_it_looks_like(word: str) -> None:
    assert correction_of(word) is None


@pytest.mark.parametrize("word", ["lst1", "v7r1", "las", "gaudi", "zebra", "2020", "février", "withuot"])
def test_what_may_be_another_word_is_not_corrected(word: str) -> None:
    assert correction_of(word) is None


def test_no_english_word_is_ever_corrected() -> None:
    # Only those that are one letter away from a word of questions can be: they are the list that is shipped.
    assert NEAR_WORDS.read_text(encoding="ascii") == near_words(), "run: make words"
    assert not [word for word in near_words().split() if correction_of(word) is not None]
    assert len(english()) > 300_000
