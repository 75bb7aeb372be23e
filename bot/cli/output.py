"""Results on standard output: as text with tables that fit the terminal, as JSON, or as CSV."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from bot.cli.context import Options, print_json
from bot.domain.errors import BotError
from bot.queries.base import Result, answer_of
from bot.render.markup import TEXT
from bot.render.table import Cell, Style, Table
from bot.render.table_text import filled_columns, plain_lines
from bot.render.words import listed, printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_GAP = 2
_STYLES = {Style.PLAIN: "", Style.OK: "green", Style.WARNING: "yellow", Style.ERROR: "red", Style.FAINT: "dim"}

list_format_option = click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "text", "json", "csv"]),
    default="table",
    show_default=True,
    help="Output format; table and text are the same.",
)


def print_result(options: Options, result: Result, output_format: str, *, part: str | None = None) -> None:
    """Print a result: the answer in a sentence, its tables and its notes.

    ``part`` is the key of the only part of the data to print as JSON.
    """
    if output_format == "json":
        print_json(result.data() if part is None else result.data()[part])
        return
    if output_format == "csv":
        print_csv(result.sheet())
        return
    answer = answer_of(result, TEXT)
    options.print_line(answer.sentence, "bold")
    for table in result.tables():
        print_table(options, table)
    for note in answer.notes:
        options.print_line(note, "dim")


def print_tables(options: Options, tables: Sequence[Table], output_format: str, data: object) -> None:
    """Print tables, or ``data`` as JSON, or the last table as CSV."""
    if output_format == "json":
        print_json(data)
    elif output_format == "csv":
        print_csv(next(reversed(tables), None))
    else:
        for table in tables:
            print_table(options, table)


def print_csv(table: Table | None) -> None:
    """Print a table as CSV, nothing for none."""
    from bot.render.csv_form import csv_text

    click.echo(csv_text(table), nl=False)


def print_table(options: Options, table: Table) -> None:
    """Print a table with its title and footer, without empty columns and, in a terminal, those that do not fit."""
    lines = None if options.is_styled else plain_lines(table)
    if lines is None:
        print_styled_table(options.out, table)
    else:
        click.echo("\n".join(lines))


def print_styled_table(console: "Console", table: Table) -> None:
    """Print a table in styles, without empty columns and those that do not fit the console."""
    from rich import table as rich_table
    from rich.text import Text

    if table.title:
        _print_line(console, table.title, "bold")
    for line in table.lines:
        _print_line(console, line)
    shown, left_out = _fitting(table, console.width)
    grid = rich_table.Table(box=None, header_style="bold", pad_edge=False)
    for at in shown:
        column = table.columns[at]
        grid.add_column(Text(column.name), justify="right" if column.is_number else "left", overflow="fold")
    for row in table.rows:
        grid.add_row(*(_text(row[at]) for at in shown))
    console.print(grid)
    for line in table.footer:
        _print_line(console, line, "dim")
    if left_out:
        names = listed([table.columns[at].name for at in left_out])
        _print_line(console, f"columns that do not fit: {names} (use --format csv)", "dim")


def print_error(error: BotError) -> None:
    """Print an error of a command that goes on, on standard error."""
    click.echo(f"error: {printable(error.for_command)}", err=True)


def _print_line(console: "Console", line: str, style: str = "") -> None:
    """Print a line as it is: in a string, rich would replace names such as ``:bug:`` by emoji."""
    from rich.text import Text

    console.print(Text(printable(line), style=style), soft_wrap=True)


def print_lines(console: "Console", lines: Iterable[Sequence[Cell]]) -> None:
    """Print lines of styled cells, without wrapping them."""
    from rich.text import Text

    for line in lines:
        console.print(Text.assemble(*map(_text, line)), soft_wrap=True)


def _text(cell: Cell) -> "Text":
    from rich.text import Text

    return Text(printable(cell.text), style=_STYLES[cell.style])


def _fitting(table: Table, width: int) -> tuple[list[int], list[int]]:
    """Return the indexes of the columns that are shown, and of those that do not fit."""
    filled = filled_columns(table)
    widths = {at: max(len(table.columns[at].name), *(len(row[at].text) for row in table.rows), 0) for at in filled}

    def needed(columns: Sequence[int]) -> int:
        return sum(widths[at] + _GAP for at in columns) - _GAP

    shown = list(filled)
    while needed(shown) > width:
        least = max(shown, key=lambda at: table.columns[at].rank)
        if not table.columns[least].rank:
            break
        shown.remove(least)
    # A narrow column may fit in the place of a wide one of a lower rank.
    for at in sorted(set(filled) - set(shown), key=lambda at: table.columns[at].rank):
        if needed([*shown, at]) <= width:
            shown.append(at)
    return sorted(shown), [at for at in filled if at not in shown]
