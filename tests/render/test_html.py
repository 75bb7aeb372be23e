"""What all pages share: values are escaped and say nothing unseen, and Jinja2 is loaded for pages alone."""

import subprocess
import sys

import pytest
from jinja2 import UndefinedError

from bot.render.html import filled, marked_up

LINES = {
    "headline": "<b> @here \x1b",
    "is_headed": True,
    "period": "1 & 2",
    "sections": [],
    "rule": marked_up("<i>"),
    "page": "",
}


def test_every_value_is_escaped_and_shown_unless_it_is_marked_up() -> None:
    assert filled("digest_lines.html", LINES) == (
        "<h1>&lt;b&gt; @\u2060here \\x1b</h1>\n<p>1 &amp; 2</p>\n<footer><i></footer>"
    )


def test_a_value_that_is_missing_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="rule"):
        filled("digest_lines.html", {name: value for name, value in LINES.items() if name != "rule"})


def test_digests_in_other_formats_load_no_templates() -> None:
    code = "import sys, bot.chats.notify.messages, bot.render.digest_html; sys.exit('jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
