"""What is recorded of a release's notes: the block as it was found, where, and the tries that failed."""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.clocks import is_future
from bot.domain.notes.entries import Notes
from bot.domain.notes.formats import read_notes
from bot.domain.values import dataclass

# How long after each failure the next try comes; after the last one it is given up.
_GAPS = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
LONGEST_WAIT = max(_GAPS)


class NotesSource(StrEnum):
    """Where release notes were found; NONE if there are none."""

    FILE = "file"
    RELEASE = "release"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class NotesRecord:
    """The notes of one release, known by its repository's key and its normalized version.

    ``source`` is None while they have not been read; ``next_try`` is then when they are tried again, None if that was
    given up. ``error`` says why the last of the ``tries`` failed. ``text`` is the release's own block in a ``format``.
    """

    repository: str
    normalized: str
    source: NotesSource | None = None
    format: str = ""
    text: str = ""
    read_at: datetime | None = None
    tries: int = 0
    next_try: datetime | None = None
    error: str = ""

    @property
    def notes(self) -> Notes:
        """Return the entries, read from the block anew."""
        return read_notes(self.text, self.format)

    def found(self, source: NotesSource, format_name: str, text: str, at: datetime) -> "NotesRecord":
        """Return the record of notes that were read: without text there are none."""
        is_there = bool(text.strip())
        return NotesRecord(
            self.repository,
            self.normalized,
            source if is_there else NotesSource.NONE,
            format_name if is_there else "",
            text if is_there else "",
            at,
            self.tries + 1,
        )

    def failed(self, error: str, at: datetime) -> "NotesRecord":
        """Return the record after a try that failed, with the next one after a longer gap; what was read stays."""
        if self.source is not None:
            return self
        gap = _GAPS[self.tries] if self.tries < len(_GAPS) else None
        return replace(self, tries=self.tries + 1, next_try=None if gap is None else at + gap, error=error)

    def postponed(self, until: datetime, error: str = "") -> "NotesRecord":
        """Return the record of notes that were not asked for now, and are to be at a moment; what was read stays."""
        return self if self.source is not None else replace(self, next_try=until, error=error)

    def is_due(self, at: datetime) -> bool:
        """Return whether they are to be asked for: a moment too far ahead was written by a wrong clock."""
        if self.source is not None or self.next_try is None:
            return False
        return self.next_try <= at or is_future(self.next_try - LONGEST_WAIT, at)
