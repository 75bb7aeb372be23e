"""Any spelling that people type for a series or a release, in every scheme and in any case.

A series may be written as another project writes it (``7.1`` for ``v7r1``), with leading zeros (``24.03``), or as the
project's tags begin (``R_2_8``, ``REL_16``); a release by its tag's name, without its prefix, or by its numbers alone.
"""

import re
from collections.abc import Iterator

from bot.domain.versions.base import Scheme
from bot.domain.versions.version import ReleaseKind

_NUMBER = r"[0-9]{1,10}"
_SERIES = re.compile(rf"v?(?P<major>{_NUMBER})[r._-](?P<minor>{_NUMBER})", re.IGNORECASE)
_NUMBERS = re.compile(rf"v?{_NUMBER}(?:[r._-]{_NUMBER}){{1,3}}", re.IGNORECASE)
_ONLY_NUMBERS = re.compile(rf"v?{_NUMBER}", re.IGNORECASE)
# What would make a version of a series' name, in one scheme or another.
_ENDINGS = ("", ".0", "_0", "-0", ".00", "_00", "-00", "p0")
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
            if version is not None and version.kind in _NO_PATCH:
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


def _forms(word: str, prefix: str) -> Iterator[str]:
    """Return a word as it is typed and in either case, with the prefix if it lacks it."""
    whole = [word] if not prefix else [word, prefix + word]
    yield from dict.fromkeys(form for each in whole for form in (each, each.lower(), each.upper()))


def _without(prefix: str, word: str) -> str:
    return word[len(prefix) :] if prefix and word.lower().startswith(prefix.lower()) else word
