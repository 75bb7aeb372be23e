"""Changes in words: ``move final certification of v7r2 to 11 March: too early``, ``undo 3``, ``post digest weekly``.

A change begins with its verb, or says that a milestone is done. What comes after a
colon is the note, and a text in quotes the title, both as they are written.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from bot.domain.dates.phrases import Look, read_days
from bot.domain.dates.tokens import Token, tokens_of
from bot.domain.milestones import ChangeKind
from bot.domain.periods import AsOf
from bot.domain.questions.asked import AcceptAsked, Changing, MilestoneAsked, PostAsked, Refusal, UndoAsked
from bot.domain.questions.vocabulary import Vocabulary

_VERBS = {
    ChangeKind.ADD: "add, plan, schedule",
    ChangeKind.DONE: "done, finish, finished, complete, completed, mark, close",
    ChangeKind.MOVE: "move, postpone, reschedule, delay, shift",
    ChangeKind.DROP: "drop, cancel, remove, abandon",
    ChangeKind.UNDO: "undo, revert",
}
_KIND_OF = {verb: kind for kind, verbs in _VERBS.items() for verb in verbs.split(", ")}
_WATCHING = {"watch", "unwatch", "watching"}
_ACCEPT, _POST = {"accept"}, {"post", "publish"}
_POLITE = {"please", "pls", "could", "can", "you", "bot", "hi", "hello", "hey", "certification", "now", "kindly"}
_JOINING = {"a", "an", "the", "of", "for", "to", "on", "in", "as", "at", "from", "until", "milestone", "please", "now"}
_JOINING |= {"planned", "new", "another", "day", "with", "it", "was", "is", "has", "been", "by", "its", "title", "be"}
_ENDINGS = (
    ("is", "done"),
    ("was", "done"),
    ("is", "finished"),
    ("took", "place"),
    ("is", "over"),
    ("has", "been", "done"),
)
_QUESTIONING = {"is", "was", "has", "did", "when", "which", "what", "how", "if", "are", "were", "do", "does", "will"}
_NOTE = re.compile(r":\s+|:$")
_QUOTED = re.compile(r"[\"“”]([^\"“”]+)[\"“”]")


@dataclass
class _Parts:
    """What the words of a change name; ``rest`` are those that name nothing else."""

    series: list[str] = field(default_factory=list)
    repositories: list[str] = field(default_factory=list)
    day: date | None = None
    rest: list[str] = field(default_factory=list)


def read_change(text: str, vocabulary: Vocabulary, as_of: AsOf) -> Changing | Refusal | None:
    """Read a change, looking from a moment; None for a text that asks for none, a Refusal for one that is unclear."""
    head, note = _split_note(text)
    quoted = _QUOTED.search(head)
    tokens = tokens_of(_QUOTED.sub(" ", head))
    while tokens and tokens[0].text in _POLITE:
        tokens = tokens[1:]
    if not tokens:
        return None
    verb = tokens[0].text
    title = quoted[1].strip() if quoted else ""
    if verb in _KIND_OF:
        return _commanded(_KIND_OF[verb], tokens[1:], _Said(title, note, vocabulary, as_of))
    if verb in _ACCEPT:
        return _accepted(_parts(tokens[1:], vocabulary, Look(as_of.day)))
    if verb in _POST:
        return _posted(tokens[1:], vocabulary)
    return None if "?" in head else _told_done(tokens, _Said(title, note, vocabulary, as_of))


@dataclass(frozen=True)
class _Said:
    """What goes with every milestone's change: its title and note as written, and what it is read with."""

    title: str
    note: str
    vocabulary: Vocabulary
    as_of: AsOf


def _split_note(text: str) -> tuple[str, str]:
    found = _NOTE.search(text)
    return (text[: found.start()], text[found.end() :].strip()) if found else (text, "")


def _commanded(kind: ChangeKind, tokens: Sequence[Token], said: _Said) -> Changing | Refusal:
    if kind is ChangeKind.UNDO:
        return _undone(tokens)
    if kind is ChangeKind.DONE and tokens and tokens[-1].text in {"done", "finished", "complete", "completed"}:
        tokens = tokens[:-1]
    return _milestone(kind, [token for token in tokens if not _is_done_word(kind, token)], said)


def _is_done_word(kind: ChangeKind, token: Token) -> bool:
    return kind is ChangeKind.DONE and token.text in {"done", "finished"}


def _milestone(kind: ChangeKind, tokens: Sequence[Token], said: _Said) -> MilestoneAsked | Refusal:
    look = Look(said.as_of.day, ahead=kind in {ChangeKind.ADD, ChangeKind.MOVE})
    parts = _parts(tokens, said.vocabulary, look)
    if len(parts.series) > 1:
        return Refusal(f"a change is for one series, and {' and '.join(parts.series)} are several")
    if kind in {ChangeKind.ADD, ChangeKind.MOVE} and parts.day is None:
        return Refusal("I miss the day that it is planned for", f"{kind.value} ... on 2021-03-04")
    words, title = " ".join(parts.rest), said.title
    milestone_kind = ""
    if kind is ChangeKind.ADD:
        milestone_kind = _kind_in(words, said.vocabulary)
        if not milestone_kind:
            kinds = ", ".join(said.vocabulary.milestone_kinds)
            return Refusal(f'I do not know the kind of milestone "{words}"; the kinds are {kinds}')
    elif not title:
        title = words
    if kind is not ChangeKind.ADD and not title:
        return Refusal("I miss the title of the milestone, or a part of it")
    return MilestoneAsked(
        kind=kind,
        series=parts.series[0] if parts.series else None,
        repositories=tuple(parts.repositories),
        title=title,
        milestone_kind=milestone_kind,
        day=parts.day,
        note=said.note,
    )


def _kind_in(words: str, vocabulary: Vocabulary) -> str:
    """Find the one kind that the words name; words beside it make it unclear."""
    wanted = words.replace("-", " ").removesuffix("s")
    return next((kind for kind in vocabulary.milestone_kinds if kind.replace("-", " ") == wanted), "")


def _parts(tokens: Sequence[Token], vocabulary: Vocabulary, look: Look) -> _Parts:
    parts, words = _Parts(), [token.text for token in tokens]
    at = 0
    while at < len(words):
        days = read_days(words, at, look) if parts.day is None else None
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


def _take_word(word: str, vocabulary: Vocabulary, parts: _Parts) -> None:
    series = vocabulary.series_of(word, parts.repositories)
    if series is not None:
        parts.series += [] if series in parts.series else [series]
    elif word not in _JOINING:
        parts.rest.append(word)


def _told_done(tokens: Sequence[Token], said: _Said) -> Changing | Refusal | None:
    """Read ``hackathon 4 of v7r2 is done``: a milestone is named, nothing is asked."""
    words = tuple(token.text for token in tokens)
    if words[0] in _QUESTIONING or not any(word.startswith("hack") or word == "certification" for word in words):
        return None
    for ending in _ENDINGS:
        for at in range(1, len(words) - len(ending) + 1):
            if words[at : at + len(ending)] == ending:
                return _milestone(ChangeKind.DONE, [*tokens[:at], *tokens[at + len(ending) :]], said)
    return None


def _undone(tokens: Sequence[Token]) -> UndoAsked | Refusal:
    said = [token.text for token in tokens if token.text not in _JOINING | {"change", "last", "that", "number"}]
    words = [word for word in said if word not in _WATCHING]
    watching = len(words) < len(said)
    if not words:
        return UndoAsked(watching=watching)
    if len(words) == 1 and re.fullmatch(r"#?[0-9]{1,9}", words[0]):
        return UndoAsked(int(words[0].lstrip("#")), watching)
    return Refusal("I do not see which change to undo", "undo 3")


def _accepted(parts: _Parts) -> AcceptAsked | Refusal:
    if parts.day is None or parts.rest or len(parts.series) > 1:
        return Refusal("I miss the day that pull requests speak for, or the series", "accept v7r2 2021-01-07")
    return AcceptAsked(parts.day, parts.series[0] if parts.series else None, tuple(parts.repositories))


def _posted(tokens: Sequence[Token], vocabulary: Vocabulary) -> PostAsked | Refusal:
    words = [token.text for token in tokens if token.text not in _JOINING | {"digest", "summary", "me", "us"}]
    names = {name.casefold(): name for name in vocabulary.digests}
    if not words:
        return PostAsked()
    if len(words) == 1 and words[0] in names:
        return PostAsked(names[words[0]])
    known = ", ".join(vocabulary.digests) or "none"
    return Refusal(f"I do not see which digest to post; the configured ones are: {known}")
