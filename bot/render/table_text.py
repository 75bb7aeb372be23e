"""A table as lines of text with its columns side by side, as it is written to a file or a pipe."""

from collections.abc import Iterable, Sequence

from bot.render.table import Column, Table
from bot.render.words import printable

_GAP = "  "


def filled_columns(table: Table) -> list[int]:
    """Return the indexes of the columns that are not empty, all of a table without rows."""
    return [at for at in range(len(table.columns)) if not table.rows or any(row[at].text for row in table.rows)]


def plain_lines(table: Table) -> list[str] | None:
    """Return the lines of a table of ASCII with its title and footer; None for others, whose widths are not known."""
    columns = [_cells(table, at) for at in filled_columns(table)]
    if not all(text.isascii() for column in columns for text in column):
        return None
    above = [table.title] if table.title else []
    grid = (_GAP.join(row).rstrip() for row in zip(*columns, strict=True))
    return [*map(printable, [*above, *table.lines]), *grid, *map(printable, table.footer)]


def _cells(table: Table, at: int) -> Sequence[str]:
    """Return the head and the cells of a column, all as wide as its widest."""
    column = table.columns[at]
    return _aligned(column, [column.name, *(printable(row[at].text) for row in table.rows)])


def _aligned(column: Column, texts: Iterable[str]) -> list[str]:
    cells = list(texts)
    width = max(map(len, cells))
    return [cell.rjust(width) if column.is_number else cell.ljust(width) for cell in cells]
