"""Texts as words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.periods.tokens import mended, tokens_of

KNOWN = ["releases", "month", "patch", "january", "how", "last"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("How many patch releases?", ["how", "many", "patch", "releases"]),
        ("what's new, since v7r1p25!", ["what", "is", "new", "since", "v7r1p25"]),
        ("v7r2's status", ["v7r2", "status"]),
        ("DIRAC,WebAppDIRAC & Pilot", ["dirac", "webappdirac", "and", "pilot"]),
        ("1-15 March", ["1", "-", "15", "march"]),
        ("“last\u2019s”  \u2014 *bold*", ["last", "-", "bold"]),
        ("???", []),
        ("\x00\x1b[31m", ["\x00\x1b[31m"]),
    ],
)
def test_a_text_is_split_into_words(text: str, words: list[str]) -> None:
    assert [token.text for token in tokens_of(text)] == words


@given(st.text(max_size=100))
def test_any_text_is_split_into_words_without_spaces(text: str) -> None:
    assert all(token.text and not token.text.isspace() for token in tokens_of(text))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("relases", "releases"), ("moth", "month"), ("pacth", "patch"), ("janury", "january"), ("hwo", "how")],
)
def test_a_slip_is_mended(typed: str, meant: str) -> None:
    assert mended(typed, KNOWN) == meant


@pytest.mark.parametrize("word", ["lst1", "v7r1", "las", "weather", "zebra", "2020"])
def test_what_may_be_another_word_is_not_mended(word: str) -> None:
    assert mended(word, KNOWN) is None
