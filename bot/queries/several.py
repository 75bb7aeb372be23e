"""Texts that ask two questions at once: "how many releases in 2020, and when was v7r1 released?"."""

import re
from collections.abc import Callable, Iterator, Sequence

from bot.domain.periods.tokens import Token, tokens_of
from bot.queries.base import Query
from bot.queries.one_series import OneSeries

# Not after a short word with a full stop: "jan. 2021", "3. Februar".
_SENTENCE = re.compile(r"(?<=[?!;])\s+|(?<=[a-z]{5}\.)\s+|(?<=[0-9]{4}\.)\s+|\n+")
_JOINERS = {"and", "then", "also", "plus", "but"}
# What begins a question after a joiner.
_OPENERS = {
    "how",
    "which",
    "what",
    "when",
    "where",
    "who",
    "is",
    "are",
    "was",
    "were",
    "do",
    "does",
    "did",
    "has",
    "have",
}
_OPENERS |= {"list", "show", "count", "give", "can", "could", "will", "tell"}
_INTERVAL = "interval"


def two_questions(text: str, read: Callable[[Sequence[Token]], Query | None]) -> tuple[Query, Query] | None:
    """Return the two questions that a text asks, None where it asks one.

    ``read`` gives the question that some words ask by themselves, None where they ask none.
    """
    for parts in _halves(text):
        first, second = map(read, parts)
        if first is not None and second is not None and not _is_one(first, second):
            return first, second
    return None


def _halves(text: str) -> Iterator[tuple[list[Token], list[Token]]]:
    tokens, begin = tokens_of(text), 0
    for sentence in _SENTENCE.split(text):
        begin += len(tokens_of(sentence))
        if 0 < begin < len(tokens):
            yield tokens[:begin], tokens[begin:]
    words = [token.text for token in tokens]
    for at in range(1, len(words) - 1):
        if words[at] in _JOINERS and words[at + 1] in _OPENERS:
            yield tokens[:at], tokens[at + 1 :]


def _is_one(first: Query, second: Query) -> bool:
    """Return whether the two are one question with two names: "how many of v7r0 and how many of v7r1 in 2020"."""
    if first.is_aside or second.is_aside or isinstance(second, OneSeries) or first == second:
        return True
    if first.intent != second.intent:
        return False
    before, after = first.parameters(), second.parameters()
    differing = [key for key in before if before[key] != after[key]]
    divided = [key for key in differing if before[key] and after[key]]
    return len(divided) <= 1 and all(key in divided or (key == _INTERVAL and not before[key]) for key in differing)
