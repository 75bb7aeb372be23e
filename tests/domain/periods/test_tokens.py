"""Texts as words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.periods.tokens import tokens_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("How many patch releases?", ["how", "many", "patch", "releases"]),
        ("what's new, since v7r1p25!", ["what", "is", "new", "since", "v7r1p25"]),
        ("v7r2's status", ["v7r2", "status"]),
        ("DIRAC,WebAppDIRAC & Pilot", ["dirac", "webappdirac", "and", "pilot"]),
        ("1-15 March", ["1", "-", "15", "march"]),
        ("2012-2014", ["2012", "-", "2014"]),
        ("jan-mar 2020", ["jan", "-", "mar", "2020"]),
        ("v7r1p28..v7r1p29", ["v7r1p28", "-", "v7r1p29"]),
        ("non-final", ["non-final"]),
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
