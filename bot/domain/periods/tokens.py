"""A text as words: lower case, without the punctuation around them."""

import re

from bot.domain.periods.numbers import MONTHS
from bot.domain.values import dataclass

# Quotation marks and dashes come curled and long from chats and phones.
_AROUND = "?!.,;:\"'`()[]{}<>*_~…“”„«»"
_BETWEEN = re.compile(r"[\s,;]+")
_IS = re.compile(r"(what|when|where|how|which|that|it|there|who)['\u2019]?s")
_POSSESSIVE = re.compile(r"(?<=\w)['\u2019]s?$")
_SHORT_YEAR = re.compile(r"['\u2019]([0-9]{2})[?!.,;:)]*")
_DAY_AND_MONTH = re.compile(r"([0-9]{1,2})-([^\W\d_]{3,9})(?:-([0-9]{4}))?")
_MONTH_AND_YEAR = re.compile(r"([^\W\d_]{3,9})-([0-9]{4})")
_PARTS = re.compile(r"([qh][1-4])-([qh][1-4])")
_LAST_SHORT_YEAR = 69
_RANGE = re.compile(r"([0-9]{1,2})-([0-9]{1,2})")
_JOINED = {"&": "and", "\u2013": "-", "\u2014": "-"}
# "1-15 March", "2012-2014", "jan-mar 2020", "v7r1p28..v7r1p29"
_YEARS = re.compile(r"((?:19|20)[0-9]{2})[-/]((?:19|20)[0-9]{2})")
_NAMES = re.compile(r"([^\W\d_]{3,9})-([^\W\d_]{3,9})")
_DOTS = re.compile(r"(.*[0-9].*?)\.{2,3}(.*[0-9].*)")


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is read, and as it was written."""

    text: str
    written: str


def tokens_of(text: str) -> list[Token]:
    """Split a text into words; commas separate as spaces do, ``what's`` is two words, ``1-15`` three."""
    return [token for chunk in _BETWEEN.split(text) for token in _tokens(chunk)]


def _tokens(chunk: str) -> list[Token]:
    if found := _SHORT_YEAR.fullmatch(chunk):
        return [Token(f"{20 if int(found[1]) <= _LAST_SHORT_YEAR else 19}{found[1]}", found[0])]
    written = _JOINED.get(chunk, chunk).strip(_AROUND)
    word = written.casefold()
    if word.endswith("s") and (asked := _IS.fullmatch(word)):
        return [Token(asked[1], written), Token("is", "")]
    if (ends := _ends_of(word)) is not None:
        return [Token(ends[0], ends[0]), Token("-", ""), Token(ends[1], ends[1])]
    if (found := _DAY_AND_MONTH.fullmatch(word)) and found[2] in MONTHS:
        return [Token(part, written if part == found[1] else "") for part in found.groups() if part]
    if (found := _MONTH_AND_YEAR.fullmatch(word)) and found[1] in MONTHS:
        return [Token(found[1], written), Token(found[2], "")]
    word = _POSSESSIVE.sub("", word)
    return [Token(word, written)] if word else []


def _ends_of(word: str) -> tuple[str, str] | None:
    """Return the two ends of an interval that is written as one word."""
    for pattern in (_RANGE, _YEARS, _PARTS, _DOTS):
        if found := pattern.fullmatch(word):
            return found[1], found[2]
    found = _NAMES.fullmatch(word)
    return (found[1], found[2]) if found and found[1] in MONTHS and found[2] in MONTHS else None
