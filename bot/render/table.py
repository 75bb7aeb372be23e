"""Tables, independent of the output format."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Self

from bot.domain.values import dataclass


class Style(StrEnum):
    """The style of a cell."""

    PLAIN = ""
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    FAINT = "faint"


@dataclass(frozen=True, slots=True)
class Cell:
    """A text as received; the renderer escapes it."""

    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Column:
    """A column; if not all fit, the columns of the highest ``rank`` are dropped first."""

    name: str
    is_number: bool = False
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows of cells; ``title`` and ``lines`` come above them, ``footer`` below."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: str = ""
    lines: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()

    @classmethod
    def of(cls, columns: Sequence[Column], rows: Iterable[Iterable[str | Cell]], title: str = "") -> Self:
        """Return a table of strings and cells."""
        cells = (tuple(each if isinstance(each, Cell) else Cell(each) for each in row) for row in rows)
        return cls(tuple(columns), tuple(cells), title)
