"""The entries of release notes: what each says, what kind of change it is, and its pull request."""

import re
from collections.abc import Iterable
from itertools import islice

from bot.domain.values import dataclass

NEW, CHANGE, FIX = "NEW", "CHANGE", "FIX"
KINDS = (NEW, CHANGE, FIX)
MOST_ENTRIES = 300
# In characters, as are all lengths here.
LONGEST_TEXT, LONGEST_KIND = 1_000, 40
ELLIPSIS = "…"

_VERSION = r"(?:rel-)?v?[0-9][0-9A-Za-z.-]{0,39}"
# "Fixes from v7r0p49 patch release", "included changes from v6r22p30, v7r0p26": a merge of what has notes of its own.
_PROPAGATED = re.compile(
    r"(?:[a-z]{2,12} )?(?:all )?(?:the )?(?:fixes|changes|patches)(?: [a-z]{2,12})? from (?:the )?"
    rf"{_VERSION}(?:(?:,| and|, and) {_VERSION}){{0,9}}(?: patch)?(?: releases?)?(?: included)?\.?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: its text, and its pull request's number if the notes name one.

    ``kind`` is NEW, CHANGE, FIX, what the notes call it otherwise, or empty where they name none.
    """

    kind: str
    text: str
    pull: int | None = None


@dataclass(frozen=True, slots=True)
class Notes:
    """The entries of a release's notes, in their order.

    ``propagated`` is the number of lines that only say that an older series was merged; ``is_cut`` says that there is
    more than is read.
    """

    entries: tuple[Entry, ...] = ()
    propagated: int = 0
    is_cut: bool = False


def notes_of(entries: Iterable[Entry], *, is_cut: bool = False) -> Notes:
    """Return the notes that entries make: at most 300, without those that only say that fixes were merged."""
    read = list(islice(entries, MOST_ENTRIES + 1))
    kept = read[:MOST_ENTRIES]
    own = tuple(entry for entry in kept if not is_propagation(entry))
    return Notes(own, len(kept) - len(own), is_cut or len(read) > MOST_ENTRIES)


def is_propagation(entry: Entry) -> bool:
    """Return whether an entry only says that the changes of other releases were merged."""
    return _PROPAGATED.fullmatch(entry.text) is not None


class TextBuilder:
    """Joins the lines of an entry, as far as they are kept."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._size = 0

    def add(self, line: str) -> None:
        """Add a line; what is far beyond the longest text is left out."""
        if line and self._size <= LONGEST_TEXT:
            self._lines.append(line[: LONGEST_TEXT + 1])
            self._size += len(line) + 1

    @property
    def text(self) -> str:
        """Return the lines as one, which may be longer than the longest text: ``cut_at_word`` ends it."""
        return " ".join(self._lines)


def cut_at_word(text: str, longest: int) -> str:
    """Return a text of at most ``longest`` characters, cut after a word and ended with an ellipsis if it is longer."""
    if len(text) <= longest:
        return text
    room = max(longest - len(ELLIPSIS), 0)
    # A word that ends exactly where the text is cut is whole.
    end = room if text[room].isspace() else text.rfind(" ", 0, room)
    return f"{text[: end if end > 0 else room].rstrip()}{ELLIPSIS}"
