"""What people write in Slack, as plain text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.questions import plain_text


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("<@U0B0T> latest v7r1", "latest v7r1"),
        ("hello <@U0B0T>, latest", "hello , latest"),
        ("<@U0B0T|release-bot> latest", "latest"),
        ("is 1 &lt; 2 &amp;&amp; 3 &gt; 2?", "is 1 < 2 && 3 > 2?"),
        ("releases of <https://github.com/DIRACGrid/DIRAC|DIRAC>", "releases of DIRAC"),
        ("in <#C0123|dirac-releases>", "in dirac-releases"),
        ("ask <@U012AB3CD>", "ask @U012AB3CD"),
        ("<!channel> latest", "!channel latest"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("  many \n lines\tof  it ", "many lines of it"),
        ("&amp;lt;!channel&amp;gt;", "&lt;!channel&gt;"),
    ],
)
def test_entities_mentions_and_links_are_undone(written: str, plain: str) -> None:
    assert plain_text(written, bot_user="U0B0T") == plain


@given(st.text(max_size=200))
def test_any_text_is_taken(text: str) -> None:
    assert plain_text(text, bot_user="U0B0T") == " ".join(plain_text(text, bot_user="U0B0T").split())
