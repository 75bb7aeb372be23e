"""Any spelling that people type for a series or a release, in every scheme and in any case.

A series may be written as another project writes it (``7.1`` for ``v7r1``), with leading zeros (``24.03``), or as the
project's tags begin (``R_2_8``, ``REL_16``); a release by its tag's name, without its prefix, or by its numbers alone.
"""

import re
from collections.abc import Iterator

from bot.domain.versions.base import SINGLE, Scheme, without_prefix
from bot.domain.versions.dirac import DiracScheme
from bot.domain.versions.numbered import NumberedScheme
from bot.domain.versions.regex import RegexScheme
from bot.domain.versions.version import ReleaseKind

_NUMBER = r"[0-9]{1,10}"
_SERIES = re.compile(rf"v?(?P<major>{_NUMBER})[r._-](?P<minor>{_NUMBER})", re.IGNORECASE)
_NUMBERS = re.compile(rf"v?{_NUMBER}(?:[r._-]{_NUMBER}){{1,3}}", re.IGNORECASE)
_ONLY_NUMBERS = re.compile(rf"v?{_NUMBER}", re.IGNORECASE)
# What would make a version of a series' name, in one scheme or another.
_ENDINGS = ("", ".0", "_0", "-0", ".00", "_00", "-00", "p0")
_ONE_NUMBER_MORE = re.compile(rf"(?<![0-9]){_NUMBER}(?![0-9!])")
_IS_NUMERIC = re.compile(r"v?[0-9]", re.IGNORECASE)
_NO_PATCH = (ReleaseKind.MAJOR, ReleaseKind.MINOR)


def read_series(text: str, scheme: Scheme) -> str | None:
    """Return the series that a text names, as the scheme shows it; None if it names none."""
    word = text.strip()
    if found := _SERIES.fullmatch(_without(scheme.prefix, word)):
        return scheme.read_series(f"{int(found['major'])}.{int(found['minor'])}")
    return scheme.read_series(word) or _completed(word, scheme)


def _completed(word: str, scheme: Scheme) -> str | None:
    """Read what a project's tags begin with: the series of the version that an ending makes of it."""
    if _ONLY_NUMBERS.fullmatch(word):
        # "16" may mean 16.0 or every 16.x.
        return None
    for form in _forms(word, scheme.prefix):
        for ending in _ENDINGS:
            version = scheme.read(form + ending)
            # A date is a release, and the beginning of no other.
            if version is not None and version.kind in _NO_PATCH and version.series != SINGLE:
                return version.series
    return None


def read_versions(text: str, scheme: Scheme) -> list[str]:
    """Return the normalized versions that a text may mean, the surest first; those that no release has too."""
    word = text.strip()
    read = [version.normalized for form in _forms(word, scheme.prefix) if (version := scheme.read(form)) is not None]
    if not read and _NUMBERS.fullmatch(word):
        numbers = [str(int(number)) for number in re.findall(_NUMBER, word)]
        read = [".".join([*numbers, "0", "0"][: max(3, len(numbers))])]
    return list(dict.fromkeys(read))


def spelled_series(series: str, tag_name: str, scheme: Scheme) -> str:
    """Return a series as a tag of it begins, ``REL_16`` of ``REL_16_2``, ``24.03`` of ``24.03.1``.

    It is as the scheme shows it where the tag does not differ from that by more than a ``v``, and always in ``dirac``.
    """
    rest = without_prefix(tag_name, scheme.prefix)
    if isinstance(scheme, DiracScheme) or not rest:
        return series
    ends = [found.end() for found in _ONE_NUMBER_MORE.finditer(rest)]
    # A series has two numbers, or else as many as it takes.
    tried = (rest[:end] for end in (*ends[1:2], *reversed([end for end in ends if end < len(rest)])))
    begun = next((each for each in tried if read_series(each, scheme) == series), series)
    return series if begun.lower().removeprefix("v") == series else tag_name[: -len(rest)] + begun


def has_own_words(text: str) -> bool:
    """Return whether a text begins with more than a number or a ``v``, as ``R_2_8_2`` does: only a tag's name does."""
    return not _IS_NUMERIC.match(text.strip())


def is_own_name(text: str, scheme: Scheme) -> bool:
    """Return whether a text is spelled as the tags of one project are: with its prefix, or by its own pattern."""
    if scheme.prefix:
        return text.lower().startswith(scheme.prefix.lower())
    return isinstance(scheme, RegexScheme) and bool(read_versions(text, scheme) or read_series(text, scheme))


def keeps_leading_zeros(scheme: Scheme) -> bool:
    """Return whether a scheme's versions may have a zero before a number, as ``24.03`` has."""
    return isinstance(scheme, NumberedScheme)


def _forms(word: str, prefix: str) -> Iterator[str]:
    """Return a word as it is typed and in either case, with the prefix if it lacks it."""
    whole = [word] if not prefix else [word, prefix + word]
    yield from dict.fromkeys(form for each in whole for form in (each, each.lower(), each.upper()))


def _without(prefix: str, word: str) -> str:
    return word[len(prefix) :] if prefix and word.lower().startswith(prefix.lower()) else word
