"""Release notes in brief, for digests."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.notes.brief import brief_of
from bot.domain.notes.entries import KINDS, LONGEST_TEXT, Entry, Notes, cut_at_word

TEXTS = st.text(st.characters(codec="utf-8"), max_size=80)
ENTRIES = st.builds(Entry, st.sampled_from([*KINDS, "", "Removed"]), TEXTS, st.none() | st.integers(1, 9999))


def test_kinds_are_counted_and_the_first_entries_come_in_their_order() -> None:
    kinds = ("FIX", "FIX", "CHANGE", "NEW", "Removed", "FIX", "NEW", "")
    notes = Notes(tuple(Entry(kind, f"{kind} {at}") for at, kind in enumerate(kinds)), propagated=2)
    brief = brief_of(notes, 50)
    assert brief.words == "2 new, 1 change, 3 fixes, 2 others"
    assert [entry.text for entry in brief.shown] == ["NEW 3", "NEW 6", "CHANGE 2"]
    assert (brief.more, brief.propagated) == (5, 2)


def test_one_of_a_kind_is_in_the_singular_and_nothing_is_no_words() -> None:
    assert brief_of(Notes((Entry("FIX", "a"), Entry("CHANGE", "b"))), 50).words == "1 change, 1 fix"
    assert brief_of(Notes(propagated=1), 50).words == ""


def test_a_text_is_cut_after_a_word() -> None:
    assert cut_at_word("one two three", 13) == "one two three"
    assert cut_at_word("one two three", 12) == "one two…"
    assert cut_at_word("one two three", 8) == "one two…"
    assert cut_at_word("onetwothree", 5) == "onet…"


@given(TEXTS, st.integers(1, 100))
def test_what_is_cut_is_a_beginning_and_within_its_length(text: str, longest: int) -> None:
    cut = cut_at_word(text, longest)
    assert len(cut) <= longest
    assert cut == text or text.startswith(cut.removesuffix("…"))


@given(st.lists(ENTRIES, max_size=20), st.integers(1, LONGEST_TEXT))
def test_every_entry_is_counted_once_and_is_shown_or_more(entries: list[Entry], longest: int) -> None:
    brief = brief_of(Notes(tuple(entries)), longest)
    assert sum(count for _, count in brief.counts) == len(entries) == len(brief.shown) + brief.more
    assert all(len(entry.text) <= longest for entry in brief.shown)
    assert len(brief.shown) == min(3, len(entries))
