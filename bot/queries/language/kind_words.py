"""The kinds of release that a text names, and what it brings in or leaves out: "excluding pre-releases"."""

import re
from collections.abc import Callable, Sequence

from bot.domain.filters import KindWord
from bot.queries.language import lexicon
from bot.queries.language.phrase_match import after_any, longest

_FINAL_KINDS = {KindWord.PATCH, KindWord.MINOR, KindWord.MAJOR}
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
    # "Had no pre-release" is a condition, "were there no pre-releases" a question.
    if end is None or (words[at] == "no" and words[max(0, at - 1) : at] in _AS_VERBS):
        return None
    after = end + (words[end : end + 1] in _AS_LISTS)
    return None if is_name(after) or kind_at(words, after) else end


def brought_in_at(words: Sequence[str], at: int) -> int | None:
    """Return the place after ``including pre-releases``, and after the latter half of ``releases and pre-releases``."""
    end = _pre_releases_after(lexicon.WITH, words, at)
    if end is not None:
        return end
    if words[at] in _JOINS and words[max(0, at - 1) : at] in _AS_NOUNS:
        return _pre_releases_at(words, at + 1)
    # "Pre-releases and releases"
    end = _pre_releases_at(words, at)
    is_joined = end is not None and words[end : end + 1] in _AS_LISTS and words[end + 1 : end + 2] in _AS_NOUNS
    return end + 2 if is_joined and end is not None else None


def narrowed_at(words: Sequence[str], at: int) -> int | None:
    """Return the place of the kind that "final" before it adds nothing to, None where it stands otherwise."""
    first = kind_at(words, at)
    second = None if first is None else kind_at(words, first[1])
    if first is None or second is None or first[0] is not KindWord.FINAL:
        return None
    return first[1] if second[0] in _FINAL_KINDS else None


def restricts(words: Sequence[str], at: int) -> bool:
    """Return whether a word at a place restricts as no filter can: "with patches", "by version", "minor patches".

    So does "from pre-release to release"; of other words, "with", "from" and "by" say nothing. "Releases and patches"
    leaves open what else is meant.
    """
    kind = kind_at(words, at + 1)
    if words[at] in _JOINS:
        is_of_nouns = words[max(0, at - 1) : at] in _AS_NOUNS and (at == 1 or kind_at(words, at - 2) is None)
        if is_of_nouns and kind is not None:
            return kind[0] is not KindWord.PRE_RELEASE
        return _ends_a_kind(words, at) and words[at + 1 : at + 2] in _AS_NOUNS
    if _is_adjective(words, at):
        return True
    if words[at] in _FROM:
        return _is_from_kind(words, at + 1)
    if words[at] == "with":
        return kind is not None and brought_in_at(words, at) is None and _COMPARED.isdisjoint(words)
    return words[at] == "by" and (kind is not None or words[at + 1 : at + 2] in [[noun] for noun in _ONE_OR_MORE])


def asks_several(turns: str) -> bool:
    """Return whether a text asks two questions: "patches of v7r1 and minors of v7r0" are not both of both.

    Nor is the series of "DIRAC v7r1 and WebAppDIRAC", or of "WebAppDIRAC and DIRAC v7r1", one of both; nor is "2020"
    the interval of both sides of "DIRAC in 2020 versus v7r1". ``turns`` has a letter for each kind ("k"), repository
    ("r"), series ("s"), interval ("i") and word that compares ("c"), and a dot for each "and", in their order.
    """
    if re.search("r(?!s)[^s]*rs", turns) or re.search("k[rs]+k+[rs]|[rs]k+[rs]+k|rs+r+$", re.sub("[ic.]", "", turns)):
        return True
    compared = re.search("ic([krs.]+)$", turns)
    return compared is not None and all(turns.count(letter) == 1 for letter in compared[1].replace(".", ""))


def _is_from_kind(words: Sequence[str], at: int) -> bool:
    """Return whether from a place on there are two kinds: "a pre-release to the release", "patches and minors"."""
    first = kind_at(words, at + (words[at : at + 1] in _ARTICLES))
    if first is None or words[first[1] : first[1] + 1] not in _JOINS_OF_TIME:
        return False
    second = first[1] + 1
    second += words[second : second + 1] in _ARTICLES
    return kind_at(words, second) is not None or words[second : second + 1] in _AS_ANY_NOUNS


def _is_adjective(words: Sequence[str], at: int) -> bool:
    """Return whether a kind stands before another one that it would restrict, and not in a list of kinds."""
    first = kind_at(words, at)
    second = None if first is None else kind_at(words, first[1])
    if first is None or second is None or second[0] is first[0] or narrowed_at(words, at) is not None:
        return False
    is_list = words[second[1] : second[1] + 1] in _AS_LISTS and kind_at(words, second[1] + 1) is not None
    return not (is_list or words[first[1] - 1].endswith("s") or first[0] is KindWord.ALL)


def _ends_a_kind(words: Sequence[str], at: int) -> bool:
    kind = kind_at(words, at - 1) if at else None
    return kind is not None and kind[1] == at and kind[0] is not KindWord.PRE_RELEASE


def _pre_releases_after(markers: set[tuple[str, ...]], words: Sequence[str], at: int) -> int | None:
    place = after_any(markers, words, at)
    if place is None:
        return None
    return _pre_releases_at(words, place + (words[place : place + 1] in (["any"], ["the"], ["all"])))


def _pre_releases_at(words: Sequence[str], at: int) -> int | None:
    found = kind_at(words, at)
    return found[1] if found is not None and found[0] is KindWord.PRE_RELEASE else None


_AS_LISTS = [[word] for word in _JOINS]
_AS_VERBS = [[word] for word in ("had", "have", "has", "having", "is", "are", "was", "were", "there", "be", "been")]
_AS_NOUNS = [[word] for word in _NOUNS]
_AS_ANY_NOUNS = [[word] for word in _ONE_OR_MORE]
_ARTICLES = [[word] for word in ("a", "an", "the", "one", "each", "every", "its")]
_FROM = {"from", "between"}
_JOINS_OF_TIME = [["to"], ["until"], ["till"], ["and"]]
