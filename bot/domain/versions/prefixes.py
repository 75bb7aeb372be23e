"""Which prefixes the tags of a repository have: what they begin with, up to the version."""

import re
from collections import Counter
from collections.abc import Iterable

# A beginning that fewer tags have is not tried, nor are more beginnings than these.
_LEAST = 2
_MOST_TRIED = 8
_LONGEST = 80
# "v" belongs to the version that follows it.
_BEFORE_V = re.compile(r"(?:(?<=[^a-z])|^)v$", re.IGNORECASE)
# Up to the first digit (pgbouncer_), and up to the last mark before a digit, for names with digits (log4j-, k8s/v).
_BEGINNINGS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (r"[^0-9]*", r".*[/@](?=v?[0-9])", r"[a-z]{2,}[0-9][a-z0-9]*[-_](?=v?[0-9])")
)


def likely_prefixes(names: Iterable[str]) -> list[str]:
    """Return what several tags begin with, the most frequent first; the empty prefix is always among them."""
    found: Counter[str] = Counter()
    for name in names:
        found.update(_beginnings(name[:_LONGEST]))
    found.pop("", None)
    return ["", *(prefix for prefix, count in found.most_common(_MOST_TRIED) if count >= _LEAST)]


def _beginnings(name: str) -> set[str]:
    begun = (found[0] for pattern in _BEGINNINGS if (found := pattern.match(name)) is not None)
    return {_BEFORE_V.sub("", each) for each in begun if len(each) < len(name)}
