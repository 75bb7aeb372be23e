"""Regular expressions from the configuration, matched in time linear in the text, whatever the text is.

A stranger chooses the names of tags. Python's own engine tries every way to match: a pattern
such as ``^([a-z0-9]+-?)+$`` takes hours for a name of forty letters. RE2 never tries twice.
"""

import re
import warnings
from collections.abc import Mapping
from dataclasses import field
from typing import Any

import re2

from bot.domain.values import dataclass

# No line of git's protocol is longer (gitprotocol-common), and so no name of a tag; a longer text matches nothing.
_LONGEST = 65_516
_NO_REGEX = (re.error, OverflowError, RecursionError)
_SYNTAX = "see https://github.com/google/re2/wiki/Syntax"

# What is in a pattern one after the other: escapes, sets, the beginnings of groups, repetitions.
_PART = re.compile(
    r"""\\(?:N\{[^}]*\}|.)
    |\[\^?\]?(?:\\.|[^\]\\])*\]
    |\(\?(?:[aiLmsux-]+[:)]|P=|<?[=!]|[>(\#])?
    |\{,[0-9]+\}
    |[*+?}]\+
    """,
    re.DOTALL | re.VERBOSE,
)
# What Python's engine reads and RE2 does not, or reads otherwise: what it is, and what to write instead.
_UNLIKE = tuple(
    (re.compile(pattern, re.DOTALL), what, hint)
    for pattern, what, hint in (
        (r"\(\?=|\(\?!", "a look-ahead", "use the include and exclude filters instead"),
        (r"\(\?<[=!]", "a look-behind", "use the include and exclude filters instead"),
        (r"\\[1-9]|\(\?P=", "a back-reference", "write the group's own pattern there again"),
        (r"\(\?\(", "a condition on a group", "write both cases with | between them"),
        (r"\(\?>", "an atomic group", "write (?: in its place"),
        (r"[*+?}]\+", "a possessive repetition", "leave its second + out"),
        (r"\(\?#", "a comment", "leave it out"),
        (r"\(\?[^:)]*[aLux][^:)]*[:)]", "flags other than i, m and s", "leave the others out"),
        (r"\\Z", r"the escape \Z", "write $ in its place"),
        (r"\\[NuU].*", "a character by its name or number", "write the character itself"),
        (r"\{,.*", "a repetition without its least number", "write {0, in place of {,"),
        (r"\[.*\[:\^?\w+:\].*", "a set named as in [:alpha:]", "write the characters, such as a-z"),
    )
)


class PatternError(Exception):
    """A text is not a pattern that can be used; ``hint`` says what to write instead."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Pattern:
    r"""A regular expression that Python and RE2 read alike; ``\w``, ``\d``, ``\s`` and ``\b`` know ASCII alone.

    Raises PatternError for a text that is none.
    """

    text: str
    groups: Mapping[str, int] = field(init=False, repr=False, compare=False)
    _compiled: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        compiled = _compiled(self.text)
        object.__setattr__(self, "_compiled", compiled)
        # The library asks RE2 for them anew each time.
        object.__setattr__(self, "groups", {name.decode(): number for name, number in compiled.groupindex.items()})

    def is_in(self, text: str) -> bool:
        """Whether the pattern is found anywhere in a text."""
        return len(text) <= _LONGEST and self._compiled.search(text.encode("utf-8", "replace")) is not None

    def read_whole(self, text: str) -> dict[str, str] | None:
        """Return the named groups of a whole text that matches, empty ones left out; None of one that does not."""
        found = self._compiled.fullmatch(text.encode("utf-8", "replace")) if len(text) <= _LONGEST else None
        if found is None:
            return None
        read = {name: found[number] for name, number in self.groups.items()}
        return {name: part.decode("utf-8", "replace") for name, part in read.items() if part}


def _compiled(text: str) -> Any:
    try:
        # Python warns of sets that a later version may read otherwise; that is no mistake of the pattern's.
        with warnings.catch_warnings(action="ignore"):
            re.compile(text)
    except _NO_REGEX as error:
        reason = " ".join(str(error).split())
        raise PatternError(reason, "fix or remove the regular expression") from error
    for part in _PART.findall(text):
        for unlike, what, hint in _UNLIKE:
            if unlike.fullmatch(part):
                raise PatternError(f"RE2 does not support {what}", hint)
    options = re2.Options()
    options.log_errors = False
    try:
        # Of bytes, since the library counts characters at every match of a text.
        return re2.compile(text.encode("utf-8", "replace"), options=options)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace")
        raise PatternError(f"not supported by RE2 ({reason})", f"rewrite it; {_SYNTAX}") from error
