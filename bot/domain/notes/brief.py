"""Release notes in brief, for digests: how many entries of each kind, the first ones, and how many more there are."""

from collections import Counter
from dataclasses import replace

from bot.domain.notes.entries import KINDS, Entry, Notes, cut_at_word
from bot.domain.values import dataclass

_MOST_SHOWN = 3
_NOUNS = {"NEW": ("new", "new"), "CHANGE": ("change", "changes"), "FIX": ("fix", "fixes"), "": ("other", "others")}


@dataclass(frozen=True, slots=True)
class Brief:
    """``counts`` has each kind that there is and its number, NEW, CHANGE and FIX first, all others as an empty kind.

    ``shown`` are the first entries in that order, ``more`` the number of the others. Lines that only say that fixes
    were merged are in ``propagated`` alone. ``is_cut`` says that there are more entries than are counted.
    """

    counts: tuple[tuple[str, int], ...]
    shown: tuple[Entry, ...]
    more: int
    propagated: int
    is_cut: bool

    @property
    def words(self) -> str:
        """Return the counts in words: ``2 new, 1 change, 5 fixes``; empty if there are no entries."""
        return ", ".join(f"{count} {_NOUNS[kind][count > 1]}" for kind, count in self.counts)


def brief_of(notes: Notes, longest: int) -> Brief:
    """Return notes in brief: three entries, each verbatim and cut at a word to ``longest`` characters."""
    counted = Counter(entry.kind if entry.kind in KINDS else "" for entry in notes.entries)
    order = {kind: place for place, kind in enumerate((*KINDS, ""))}
    ordered = sorted(notes.entries, key=lambda entry: order.get(entry.kind, len(KINDS)))
    shown = tuple(replace(entry, text=cut_at_word(entry.text, longest)) for entry in ordered[:_MOST_SHOWN])
    return Brief(
        counts=tuple((kind, counted[kind]) for kind in order if counted[kind]),
        shown=shown,
        more=len(notes.entries) - len(shown),
        propagated=notes.propagated,
        is_cut=notes.is_cut,
    )
