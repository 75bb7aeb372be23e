"""The formats of release notes by name: those of files, which the configuration names, and that of release texts."""

from collections.abc import Mapping

from bot.domain.notes.base import NotesFormat
from bot.domain.notes.blocks import MOST_OF_BLOCK
from bot.domain.notes.dirac import DiracNotes
from bot.domain.notes.entries import Notes, notes_of
from bot.domain.notes.keepachangelog import KeepAChangelog
from bot.domain.notes.markdown import MarkdownNotes, ReleaseText

FORMATS: Mapping[str, NotesFormat] = {
    each.name: each for each in (DiracNotes(), KeepAChangelog(), MarkdownNotes(), ReleaseText())
}
RELEASE_TEXT = ReleaseText.name


def read_notes(block: str, format_name: str) -> Notes:
    """Return the entries of a block in a format; nothing for a format that is not known any more."""
    found = FORMATS.get(format_name)
    # The end of a line may be what was left out.
    is_cut = len(block) >= MOST_OF_BLOCK - 1
    return Notes() if found is None else notes_of(found.entries(block), is_cut=is_cut)
