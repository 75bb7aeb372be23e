"""The kinds of release that a text names, and what it brings in or leaves out: "excluding pre-releases"."""

from collections.abc import Callable, Sequence

from bot.domain.filters import KindWord
from bot.queries.language import lexicon
from bot.queries.language.matching import after_any, longest

_JOINS = {"and", "or", "nor"}
_NOUNS = {"releases", "versions"}
_ONE_OR_MORE = _NOUNS | {"release", "version"}
_COMPARED = {word for phrase in lexicon.PHRASES for word in phrase if word.startswith("compar")}


def kind_at(words: Sequence[str], at: int) -> tuple[KindWord, int] | None:
    """Return the kind that begins at a place, with the place after it."""
    return longest(lexicon.KINDS, words, at)


def left_out_at(words: Sequence[str], at: int, is_name: Callable[[int], bool]) -> int | None:
    """Return the place after ``without pre-releases``, None where no such words begin.

    What else is left out ("and v7r0") is not known, so that nothing is heard then; ``is_name`` tells the places where
    a name begins.
    """
    end = _pre_releases_after(lexicon.WITHOUT, words, at)
    if end is None:
        return None
    after = end + (words[end : end + 1] in _AS_LISTS)
    return None if is_name(after) or kind_at(words, after) else end


def brought_in_at(words: Sequence[str], at: int) -> int | None:
    """Return the place after ``including pre-releases``, and after the latter half of ``releases and pre-releases``."""
    end = _pre_releases_after(lexicon.WITH, words, at)
    if end is not None:
        return end
    if words[at] in _JOINS and words[at - 1] in _NOUNS and at:
        return _pre_releases_at(words, at + 1)
    # "Pre-releases and releases"
    end = _pre_releases_at(words, at)
    is_joined = end is not None and words[end : end + 1] in _AS_LISTS and words[end + 1 : end + 2] in _AS_NOUNS
    return end + 2 if is_joined and end is not None else None


def restricts(words: Sequence[str], at: int) -> bool:
    """Return whether a preposition at a place restricts as no filter can: "with patches", "by version".

    Of other words, "with" and "by" say nothing.
    """
    kind = kind_at(words, at + 1)
    if words[at] == "with":
        return kind is not None and brought_in_at(words, at) is None and _COMPARED.isdisjoint(words)
    return words[at] == "by" and (kind is not None or words[at + 1 : at + 2] in [[noun] for noun in _ONE_OR_MORE])


def _pre_releases_after(markers: set[tuple[str, ...]], words: Sequence[str], at: int) -> int | None:
    place = after_any(markers, words, at)
    if place is None:
        return None
    return _pre_releases_at(words, place + (words[place : place + 1] in (["any"], ["the"], ["all"])))


def _pre_releases_at(words: Sequence[str], at: int) -> int | None:
    found = kind_at(words, at)
    return found[1] if found is not None and found[0] is KindWord.PRE_RELEASE else None


_AS_LISTS = [[word] for word in _JOINS]
_AS_NOUNS = [[word] for word in _NOUNS]
