"""Text from outside in Mattermost's Markdown: shown as it is, and never a mention, a link or a format."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.chats.mattermost.markdown import cut, escaped, link, mentions, plain_text, strong
from bot.render.words import printable
from tests.chats.contract.world import without_joiners

_READER = MarkdownIt("commonmark").enable("strikethrough").enable("table")
_HOSTILE = st.text(st.sampled_from("ab1 *_~`[]()<>#!|\\@:$&.-/\n") | st.characters(codec="utf-8"), max_size=60)


def shown(text: str) -> list[str]:
    """Read a line as an independent reader does, and give its texts; fail where anything is more than text."""
    [inline] = [each for each in _READER.parse(f"x{text}x") if each.type == "inline"]
    children = inline.children or []
    assert {each.type for each in children} <= {"text", "text_special", "softbreak"}, children
    return [each.content for each in children]


@given(_HOSTILE)
@example("**bold** _it_ `code` ~~no~~ [a](http://b) <b> http://c.example www.d.example @all ~town :smile: #tag $x$")
def test_an_escaped_text_is_read_as_it_was_written(text: str) -> None:
    assert without_joiners("".join(shown(escaped(text)))) == without_joiners(f"x{printable(text)}x")


@pytest.mark.parametrize("text", ["@all", "@channel x", "~town-square", "#hashtag", ":tada:", "http://evil.example"])
def test_what_mattermost_makes_of_plain_text_is_broken(text: str) -> None:
    assert not re.search(r"@\w|~\w|#[a-z]|:[\w+-]+:|://|www\.", escaped(text))


def test_a_link_has_its_address_and_its_text() -> None:
    assert link("https://x.example/a(b)c d", "v1.0_[x]") == r"[v1.0\_\[x\]](https://x.example/a%28b%29c%20d)"
    assert link("javascript:alert(1)", "v1") == link(None, "v1") == "v1"


@given(_HOSTILE, st.integers(10, 60))
def test_what_is_cut_is_short_enough_and_is_still_text(text: str, longest: int) -> None:
    made = cut(escaped(text), longest)
    assert len(made) <= longest
    shown(made)


@given(st.integers(20, 90))
def test_neither_a_link_nor_what_is_bold_is_cut_in_two(longest: int) -> None:
    whole = f"{strong('bold words')} and {link('https://x.example/release', 'v1.0')} and {link(None, 'more_text')}"
    [inline] = [each for each in _READER.parse(cut(whole, longest)) if each.type == "inline"]
    assert all(not re.search(r"[*\[\]]", each.content) for each in inline.children or [] if each.type == "text")


@pytest.mark.parametrize(
    ("text", "is_meant"),
    [
        ("@release-bot latest", True),
        ("hey @Release-Bot, latest?", True),
        ("thanks, @release-bot.", True),
        ("@all latest", False),
        ("@channel latest", False),
        ("@release-bot2 latest", False),
        ("@release-bot.old latest", False),
        ("mail me at x@release-bot", False),
    ],
)
def test_a_mention_is_of_the_bots_name_alone(text: str, *, is_meant: bool) -> None:
    assert mentions(text, "release-bot") is is_meant


def test_a_message_is_read_without_the_mention() -> None:
    assert plain_text("@release-bot  how many\nreleases?", "release-bot") == "how many releases?"
