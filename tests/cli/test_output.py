"""Tables in a terminal: which columns are left out where not all fit."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from bot.cli.output import print_styled_table
from bot.domain.tags import DateSource, Tag, TagDetails, TagState
from bot.render.table import Cell, Column, Table
from bot.render.table_text import plain_lines
from bot.render.tag_table import tags_table
from bot.services.observations import ObservedTag
from tests.builders import MONDAY, PARIS

COLUMNS = (Column("name"), Column("wide", rank=1), Column("narrow", rank=2), Column("last", rank=3))
ROW = ("a name", "w" * 40, "n" * 10, "l" * 10)
LEFT_OUT = "columns that do not fit: {} (use --format csv)"


def printed(table: Table, width: int) -> list[str]:
    console = Console(file=StringIO(), width=width, highlight=False)
    print_styled_table(console, table)
    assert isinstance(console.file, StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_columns_are_left_out_by_rank() -> None:
    table = Table.of(COLUMNS, [ROW])
    assert printed(table, 72)[0].split() == ["name", "wide", "narrow", "last"]
    assert printed(table, 71)[-1] == LEFT_OUT.format("last")


def test_a_narrow_column_is_shown_where_a_wide_one_does_not_fit() -> None:
    heads, row, note = printed(Table.of(COLUMNS, [ROW]), 30)
    assert heads.split() == ["name", "narrow", "last"]
    assert row.split() == ["a", "name", "n" * 10, "l" * 10]
    assert note == LEFT_OUT.format("wide")


def test_names_of_emoji_are_printed_as_they_are() -> None:
    name = ":bug: [red]v1[/]"
    table = Table((Column(name),), ((Cell(name),),), title=name, lines=(name,), footer=(name,))
    assert printed(table, 60) == [name] * 5


def test_a_table_of_tags_names_the_repository_before_the_times_of_observation() -> None:
    key = "gitlab.cta-observatory.org:cta-computing/dpps/workload/CTADIRAC"
    details = TagDetails(commit="c" * 40, tagger=MONDAY, committed=MONDAY)
    tag = Tag(
        "v1r30p5-bup",
        "c" * 40,
        annotated=True,
        details=details,
        first_seen=MONDAY,
        last_seen=MONDAY,
        backfilled=True,
        state=TagState.CURRENT,
    )
    seen = ObservedTag(key, tag, None, is_unclassified=True, dated=(MONDAY, DateSource.TAGGER), doubts={})
    heads, row, *_ = printed(tags_table([seen], PARIS), 140)
    assert heads.split()[:3] == ["repository", "tag", "release"]
    assert row.startswith(key)


@pytest.mark.parametrize(
    "table",
    [
        Table.of(COLUMNS, [ROW, ("b", "", "", "")]),
        Table.of(
            (Column("series"), Column("empty"), Column("count", is_number=True)), [("v7r1", "", "12"), ("v8", "", "3")]
        ),
        replace(Table.of((Column("tag"),), [("a\x1bb",)], "Title\n"), lines=("above",), footer=("below",)),
        Table.of(COLUMNS, []),
    ],
)
def test_a_table_is_written_to_a_file_as_to_a_wide_terminal(table: Table) -> None:
    assert plain_lines(table) == printed(table, 1_000)


def test_the_widths_of_other_letters_are_left_to_what_knows_them() -> None:
    assert plain_lines(Table.of((Column("tag"),), [("\u7248",)])) is None
