"""Notes of anybody's writing: bounded, in linear time, and never another version's."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.notes.blocks import MOST_OF_BLOCK, MOST_OF_FILE
from bot.domain.notes.entries import LONGEST_KIND, LONGEST_TEXT, MOST_ENTRIES, Notes
from bot.domain.notes.formats import FORMATS, read_notes
from bot.domain.versions.dirac import DiracScheme

SCHEME = DiracScheme()
NAMES = st.sampled_from(sorted(FORMATS))
FILES = st.sampled_from(sorted(FORMATS.keys() - {"release"}))
HEADS = {"dirac": "[{}]", "keepachangelog": "## [{}] - 2021-02-15", "markdown": "# {} (2021-02-15)"}
PIECES = st.sampled_from([
    *("#", "##", "###", "* ", "- ", "+", "```", "~~~", "<!--", "-->", "[", "]", "(#1)", "FIX:", "NEW", "v7r1p28"),
    *("===", "---", "1.", "text", "https://x/pull/3", "![x](y)", "|", ">", "\n", " ", "\t", "\r", "\0", "\u202e"),
    *("é", "\ud800", "*"),
])  # fmt: skip
TEXTS = st.lists(PIECES, max_size=60).map("".join)
LINES = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=30)


def assert_bounded(notes: Notes) -> None:
    assert len(notes.entries) + notes.propagated <= MOST_ENTRIES
    for entry in notes.entries:
        assert len(entry.text) <= LONGEST_TEXT
        assert len(entry.kind) <= LONGEST_KIND
        assert "\n" not in entry.text


@given(TEXTS, NAMES)
def test_whatever_is_written_is_read_within_bounds(text: str, name: str) -> None:
    block = FORMATS[name].block(text, "7.1.28", SCHEME)
    assert len(block) <= MOST_OF_BLOCK
    block.encode()
    assert "\0" not in block
    assert_bounded(read_notes(block, name))


@given(st.lists(st.tuples(st.integers(0, 9), st.lists(LINES, max_size=4)), max_size=8), FILES, st.integers(0, 9))
def test_no_line_of_another_versions_block_is_ever_taken(
    blocks: list[tuple[int, list[str]]], name: str, wanted: int
) -> None:
    """Whatever stands between heads: fences that do not end, headings, comments."""
    lines = [
        line
        for patch, body in blocks
        for line in (HEADS[name].format(f"v7r1p{patch}"), *(f"{patch}| {each}" for each in body))
    ]
    block = FORMATS[name].block("\n".join(lines), f"7.1.{wanted}", SCHEME)
    assert all(line.startswith(f"{wanted}| ") for line in block.split("\n") if line.strip())


@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize(
    "piece",
    [
        *("a", "#", "[", "[]", "`", "<!--", "-->", "(#1", "-", "=", ">", "1."),
        *("* a\n", "FIX: a\n", "\n", "FIX: (#", "fixes from v1, ", "# 1.2\n", "[v7r1p1]\n", "\n  - a", "~~~\n"),
        " in https://x/pull/1",
    ],
)
def test_four_megabytes_are_read_in_linear_time(name: str, piece: str) -> None:
    head = HEADS.get(name, "{}").format("v7r1p28")
    text = f"{head}\n{piece * (MOST_OF_FILE // len(piece))}"
    began = time.monotonic()
    block = FORMATS[name].block(text, "7.1.28", SCHEME)
    assert_bounded(read_notes(block, name))
    assert len(block) <= MOST_OF_BLOCK
    assert time.monotonic() - began < 30


def test_what_is_cut_says_so() -> None:
    assert read_notes("FIX: a\n" * (MOST_ENTRIES + 1), "dirac").is_cut
    assert read_notes(FORMATS["release"].block("x" * 1_000_000, "", SCHEME), "release").is_cut
    assert not read_notes("FIX: a\n" * MOST_ENTRIES, "dirac").is_cut


def test_a_format_that_is_not_known_any_more_has_no_entries() -> None:
    assert read_notes("FIX: a", "somebody's") == Notes()
