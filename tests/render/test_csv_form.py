"""Tables as CSV, with names that somebody chose to be formulas."""

import csv
from io import StringIO

import pytest

from bot.render.csv_form import csv_text
from bot.render.table import Column, Table


@pytest.mark.parametrize("first", [*"=+-@", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_a_formula_is_text(first: str) -> None:
    text = csv_text(Table.of([Column("tag")], [[f'{first}HYPERLINK("http://x","y")']]))
    assert list(csv.reader(StringIO(text)))[1] == [f'\'{first}HYPERLINK("http://x","y")']


@pytest.mark.parametrize("first", ["\t", "\r", "\n", "\x00", "\u202e"])
def test_nothing_unprintable_stands_before_a_formula(first: str) -> None:
    text = csv_text(Table.of([Column("tag")], [[f"{first}=1+1"]]))
    assert text.startswith("tag\n\\")
    assert text.count("\n") == 2


def test_commas_and_quotes_stay_in_their_cell() -> None:
    assert csv_text(Table.of([Column("release")], [["a,b"], ['"c"']])) == 'release\n"a,b"\n"""c"""\n'
    assert csv_text(None) == ""
