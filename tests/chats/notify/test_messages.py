"""A digest that is too long for a place is cut at a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chats.notify.messages import fitted

TOLD = "digest weekly shows the whole"


def fit(body: str, most: int, language: str = "text") -> str:
    return fitted(body.split("\n"), language, TOLD, lambda text: len(text) <= most).body


def test_what_fits_is_left_as_it_is() -> None:
    assert fit("a\nb", 3) == "a\nb"


def test_as_many_lines_stay_as_fit() -> None:
    body = "\n".join(f"line {number:02}" for number in range(30))
    cut = fit(body, 95)
    assert cut == f"line 00\nline 01\nline 02\nline 03\nline 04\n\n… and 25 more lines; {TOLD}"
    assert len(cut) + len("\nline 05") > 95


def test_lines_that_say_nothing_are_not_counted() -> None:
    body = "<p>a</p>\n<ul>\n" + "<li>b</li>\n" * 20 + "</ul>\n<footer>c</footer>"
    cut = fit(body, 120, "html")
    assert cut.endswith(f"</ul>\n<p><em>… and {21 - cut.count('<li>')} more lines; {TOLD}</em></p>")
    assert cut.count("<ul>") == cut.count("</ul>") == 1


def test_the_first_line_may_be_too_long_already() -> None:
    assert fit("x" * 200, 80) == f"… and 1 more line; {TOLD}"


@given(st.lists(st.text(st.sampled_from("ab <"), max_size=20), max_size=60), st.integers(80, 400))
@pytest.mark.parametrize("language", ["markdown", "text"])
def test_it_always_fits_and_is_made_of_whole_lines(language: str, lines: list[str], most: int) -> None:
    cut = fit("\n".join(lines), most, language)
    assert len(cut) <= most
    if cut != "\n".join(lines):
        shown = cut.rpartition("\n\n")[0].split("\n")
        assert [line.rstrip() for line in lines[: len(shown)]][:-1] == [line.rstrip() for line in shown][:-1]
