"""A table as CSV (RFC 4180) that a spreadsheet takes for nothing but text and numbers."""

import csv
from io import StringIO

from bot.render.table import Table
from bot.render.words import printable

# What begins a formula in a spreadsheet, the wide forms of East Asian keyboards included.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_text(table: Table | None) -> str:
    """Return a table as CSV with a header; an empty string for none."""
    if table is None:
        return ""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in table.columns])
    writer.writerows([_harmless(cell.text) for cell in row] for row in table.rows)
    return text.getvalue()


def _harmless(text: str) -> str:
    """Return a text that a spreadsheet does not take for a formula."""
    shown = printable(text)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
