"""Release notes as HTML: readable, and without effect."""

import pytest

from bot.render.notes_html import notes_html


def test_markdown_is_read() -> None:
    made = notes_html("# Fixes\n\n- *one* in `code`\n- [two](https://example.org/2)\n\n| a |\n|---|\n| 1 |")
    assert "<h3>Fixes</h3>" in made
    assert "<em>one</em> in <code>code</code>" in made
    assert 'href="https://example.org/2"' in made
    assert "<td>1</td>" in made


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "![x](https://tracker.example/i.png)",
        "[x](javascript:alert(1))",
        "<a href='javascript:alert(1)' onclick=x>x</a>",
        "<img src=x onerror=alert(1)>",
        "[x](data:text/html,x)",
        "> " * 3_000,
        "a\u202eb\x00c",
    ],
)
def test_nothing_in_it_is_run_or_loaded(hostile: str) -> None:
    made = notes_html(hostile)
    assert not any(
        mark in made for mark in ("<script", "<img", 'href="javascript', 'href="data', "<a onclick", "\u202e", "\x00")
    )
