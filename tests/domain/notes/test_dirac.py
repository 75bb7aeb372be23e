"""The format of DIRAC's release.notes."""

from bot.domain.notes.dirac import DiracNotes
from bot.domain.notes.entries import Entry, Notes
from bot.domain.notes.formats import read_notes
from bot.domain.versions.dirac import DiracScheme

FORMAT, SCHEME = DiracNotes(), DiracScheme()
# As at the tag v7r1p29, with the beginning of the block before it.
FILE = """[v7r1p29]

FIX: Fixes from v7r0p49 patch release

*Core
CHANGE: (#4954) using argparse for a few scripts instead of getopt

*WMS
FIX: (#4923) The StalledJobAgent's behaviour changed (for bad) as only jobs stalled
     for more than 24.5 hours were checked

[v7r1p28]

CHANGE: Revert #4919 - absolute imports in several modules
"""


def block(version: str, text: str = FILE) -> str:
    return FORMAT.block(text, version, SCHEME)


def entries(text: str) -> list[Entry]:
    return list(FORMAT.entries(text))


def test_the_block_is_that_of_the_version_alone_whatever_its_spelling() -> None:
    assert block("7.1.29").startswith("FIX: Fixes from v7r0p49")
    assert "v7r1p28" not in block("7.1.29")
    assert block("7.1.28") == "CHANGE: Revert #4919 - absolute imports in several modules"
    assert block("7.2.1", "[v7.2.1]\nNEW: a\n[v7r2]\nNEW: b\n") == "NEW: a"
    assert block("7.2.0", "[v7.2.1]\nNEW: a\n[v7r2]\nNEW: b\n") == "NEW: b"
    assert block("7.2.0a34", "[v7r2-pre34]\nNEW: a") == "NEW: a"


def test_a_version_without_a_head_has_no_block() -> None:
    assert block("7.1.30") == block("7.1.2") == block("7.1.0") == ""
    assert block("7.1.29", "the notes of [v7r1p29] say\nFIX: x") == ""


def test_a_head_that_comes_twice_gives_both_blocks() -> None:
    assert block("8.1.0a11", "[v8.1.0a11]\nFIX: a\n[v8.0.1]\nFIX: b\n[v8.1.0a11]\nFIX: c") == "FIX: a\nFIX: c"


def test_any_head_ends_the_block_whether_it_is_a_version_or_not() -> None:
    assert block("7.1.29", "[v7r1p29]\nFIX: a\n[unreleased]\nFIX: b") == "FIX: a"


def test_entries_have_kind_pull_request_and_text_with_continuation_lines() -> None:
    assert entries(block("7.1.29")) == [
        Entry("FIX", "Fixes from v7r0p49 patch release"),
        Entry("CHANGE", "using argparse for a few scripts instead of getopt", 4954),
        Entry(
            "FIX",
            "The StalledJobAgent's behaviour changed (for bad) as only jobs stalled for more than 24.5 hours were "
            "checked",
            4923,
        ),
    ]


def test_lines_that_say_what_was_merged_are_counted_apart() -> None:
    notes = read_notes(block("7.1.29"), "dirac")
    assert ([entry.kind for entry in notes.entries], notes.propagated) == (["CHANGE", "FIX"], 1)
    merged = (
        "FIX: fixes from v7r0p56, v7r1p39\n\nIncludes fixes from v6r22p30, v7r0p26\n\nFixes from v7r0p32\n\n"
        "FIX: changes from v6r22p15 included\n\nFIX: incorporated fixes from v6r15p25\n"
    )
    assert read_notes(merged, "dirac") == Notes(propagated=5)
    kept = (
        "FIX: ProcessPool - fixes in the locking\nFIX: (#1) fixes from the review\nNEW: import fixes from v7r0 tests\n"
    )
    assert read_notes(kept, "dirac").propagated == 0


def test_slips_of_the_file_are_read_as_they_were_meant() -> None:
    text = "*CHANGE: a\nFix: b\nFIX : c\nFIX; d\nCHANGE (#5051) (Agent): e\nBUGFIX: f\nFEAT: (#6886) g\nCHANGE/FIX: h\n"
    assert [(entry.kind, entry.text) for entry in entries(text)] == [
        ("CHANGE", "a"),
        ("FIX", "b"),
        ("FIX", "c"),
        ("FIX", "d"),
        ("CHANGE", "(Agent): e"),
        ("FIX", "f"),
        ("NEW", "g"),
        ("CHANGE/FIX", "h"),
    ]


def test_text_that_follows_its_keyword_on_the_next_line_belongs_to_it() -> None:
    assert entries("NEW: (#7113)\nImplement a finer grained model\n") == [
        Entry("NEW", "Implement a finer grained model", 7113)
    ]
    assert entries("NEW: (#7812)\n") == [Entry("NEW", "", 7812)]


def test_the_number_is_that_of_the_beginning_alone() -> None:
    assert entries("CHANGE: Revert #4919 - absolute imports") == [Entry("CHANGE", "Revert #4919 - absolute imports")]


def test_systems_and_the_template_are_no_entries_and_other_lines_are_kept() -> None:
    text = "*Core\n\nData\n\nPlease follow the template:\n\nAlign the manual with the changes.\n\n*WMS:\nNEW: x\n   y\n"
    assert entries(text) == [Entry("", "Align the manual with the changes."), Entry("NEW", "x y")]
