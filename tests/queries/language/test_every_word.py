"""Every word is accounted for: one that is not known never yields the number without it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue import understand
from bot.queries.language.lexer import known_words
from tests.builders import as_of
from tests.examples import part_of
from tests.queries.language.corpus import VOCABULARY
from tests.queries.language.dictionary import english

NOW = as_of("2021-02-22T14:00")


def unknown() -> list[str]:
    return sorted(word for word in english() if word.isascii() and word.isalpha() and word not in known_words())


@pytest.mark.parametrize(
    "question", ["how many {} releases in 2020", "how many releases in 2020 are {}", "latest {} release of DIRAC"]
)
@settings(max_examples=part_of(120))
@given(word=st.deferred(lambda: st.sampled_from(unknown())))
def test_a_word_outside_the_language_is_never_passed_over(question: str, word: str) -> None:
    understanding = understand(question.format(word), VOCABULARY, NOW)
    assert understanding.asked is None, word


@pytest.mark.parametrize(
    "word", ["broken", "gone", "production", "used", "still", "same", "stable", "finished", "complete", "current"]
)
def test_a_word_that_may_restrict_is_refused_before_releases(word: str) -> None:
    assert understand(f"how many {word} releases in 2020", VOCABULARY, NOW).asked is None
