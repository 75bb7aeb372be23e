"""Tables before any rendering: what terminals, pages and spreadsheets have in common."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Style(StrEnum):
    """What a cell says beside its text."""

    PLAIN = ""
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    FAINT = "faint"


@dataclass(frozen=True, slots=True)
class Cell:
    """A text from wherever, as it is: whoever renders it makes it safe."""

    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True)
class Column:
    """A column; where there is no room for all, those of the highest ``rank`` go first."""

    name: str
    is_number: bool = False
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells below columns; ``title`` and ``lines`` stand above them."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: str = ""
    lines: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()

    @classmethod
    def of(cls, columns: Sequence[Column], rows: Iterable[Iterable[str | Cell]], title: str = "") -> Self:
        """Make a table of strings and cells."""
        cells = (tuple(each if isinstance(each, Cell) else Cell(each) for each in row) for row in rows)
        return cls(tuple(columns), tuple(cells), title)
