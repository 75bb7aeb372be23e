"""Text from outside in Slack's mrkdwn."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chats.slack.mrkdwn import cut, escaped, link, plain_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("v7r0p49", "v7r0p49"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("<@U012AB3CD>", "&lt;\u2060@\u2060U012AB3CD&gt;"),
        ("a & <https://evil.example|v7r1>", "a &amp; &lt;https://evil.example|v7r1&gt;"),
        ("@channel", "\u2060@\u2060channel"),
        ("pkg@1.0", "pkg@1.0"),
        ("release_bot", "release_bot"),
        ("_x_", "\u2060_\u2060x\u2060_\u2060"),
        ("*bold*", "\u2060*\u2060bold\u2060*\u2060"),
        ("`code`", "\u2060`\u2060code\u2060`\u2060"),
        (":tada:", "\u2060:\u2060tada:"),
        ("10:30", "10:30"),
        ("a\x1b[31m\u202eb\n", "a\ufffd[31m\ufffdb\ufffd"),
    ],
)
def test_nothing_from_outside_works(text: str, shown: str) -> None:
    assert escaped(text) == shown


@given(st.text())
def test_no_text_can_open_a_mention_or_a_link(text: str) -> None:
    assert not set(escaped(text)) & {"<", ">", "\n", "\r", "\x00"}


@pytest.mark.parametrize("url", [None, "", "javascript:alert(1)", "ftp://x/y", "//x"])
def test_only_web_addresses_are_linked(url: str | None) -> None:
    assert link(url, "v7r1") == "v7r1"


@given(st.text(), st.text())
def test_a_link_cannot_be_broken_out_of(end: str, text: str) -> None:
    made = link(f"https://github.com/{end}", text)
    assert made.startswith("<https://github.com/")
    assert made.endswith(">")
    assert not set(made[1:-1]) & {"<", ">"}
    assert made.count("|") == 1 + escaped(text).count("|")


pieces = st.one_of(
    st.text("&<>ab*;", max_size=9).map(escaped),
    st.builds(link, st.just("https://github.com/x?a&b"), st.text("&<>ab|", max_size=9)),
)


@given(st.lists(pieces, max_size=9).map("".join), st.integers(2, 90))
def test_cut_text_is_short_and_whole(text: str, longest: int) -> None:
    shown = cut(text, longest)
    assert len(shown) <= longest
    assert shown == text or (shown.endswith("…") and text.startswith(shown[:-1]))
    assert not re.search(r"[<>]", re.sub(r"<https://[^<>]*>", "", shown))
    for part in shown.split("&")[1:]:
        assert part.startswith(("amp;", "lt;", "gt;"))


def test_cut_text_keeps_what_is_whole() -> None:
    assert cut("one, <https://x.example|two>, three", 30) == "one, <https://x.example|two>,…"
    assert cut("one, <https://x.example|two>, three", 25) == "one, …"


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
