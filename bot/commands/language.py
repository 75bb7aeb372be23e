"""The language of commands: ``move final certification of v7r2 to 11 March: too early``, ``undo 3``.

A command begins with its verb, or says that a milestone is done. What comes after a colon is the note, and a text in
quotes the title, both as they are written.
"""

import re
from collections.abc import Sequence
from dataclasses import field
from datetime import date, timedelta

from bot.domain.periods.phrases import Viewpoint, read_days
from bot.domain.periods.tokens import Token, tokens_of
from bot.domain.values import dataclass
from bot.queries.language.vocabulary import Vocabulary

_POLITE = {"please", "pls", "could", "can", "you", "bot", "hi", "hello", "hey", "certification", "now", "kindly"}
# Words that name nothing.
JOINING = {"a", "an", "the", "of", "for", "to", "on", "in", "as", "at", "from", "until", "milestone", "please", "now"}
JOINING |= {"planned", "new", "another", "day", "with", "it", "was", "is", "has", "been", "by", "its", "title", "be"}
_NOTE = re.compile(r":\s+|:$")
_QUOTED = re.compile(r"[\"“”]([^\"“”]+)[\"“”]")


@dataclass(frozen=True, slots=True)
class Instruction:
    """A text taken apart: its words without the polite ones, the title in quotes, and the note after a colon."""

    text: str
    tokens: tuple[Token, ...]
    title: str
    note: str
    is_question: bool

    @property
    def verb(self) -> str:
        """The first word, empty where there is none."""
        return self.tokens[0].text if self.tokens else ""


def read_instruction(text: str) -> Instruction:
    """Take a text apart."""
    head, note = _split_note(text)
    quoted = _QUOTED.search(head)
    tokens = tokens_of(_QUOTED.sub(" ", head))
    while tokens and tokens[0].text in _POLITE:
        tokens = tokens[1:]
    return Instruction(text, tuple(tokens), quoted[1].strip() if quoted else "", note, "?" in head)


def _split_note(text: str) -> tuple[str, str]:
    found = _NOTE.search(text)
    return (text[: found.start()], text[found.end() :].strip()) if found else (text, "")


@dataclass
class Parts:
    """What the words of a command name; ``rest`` are those that name nothing else."""

    series: list[str] = field(default_factory=list)
    repositories: list[str] = field(default_factory=list)
    day: date | None = None
    rest: list[str] = field(default_factory=list)


def parts_of(tokens: Sequence[Token], vocabulary: Vocabulary, viewpoint: Viewpoint) -> Parts:
    """Return what words name; the first day is taken, seen as from ``viewpoint``."""
    parts, words = Parts(), [token.text for token in tokens]
    at = 0
    while at < len(words):
        days = read_days(words, at, viewpoint) if parts.day is None else None
        name = next((n for n in vocabulary.names if tuple(words[at : at + len(n)]) == n), None)
        if days is not None and days[0].after - days[0].first == timedelta(days=1):
            parts.day, at = days[0].first, days[1]
        elif name is not None:
            parts.repositories.append(vocabulary.names[name])
            at += len(name)
        else:
            _take_word(words[at], vocabulary, parts)
            at += 1
    return parts


def _take_word(word: str, vocabulary: Vocabulary, parts: Parts) -> None:
    series = vocabulary.series_of(word, parts.repositories)
    if series is not None:
        parts.series += [] if series in parts.series else [series]
    elif word not in JOINING:
        parts.rest.append(word)
