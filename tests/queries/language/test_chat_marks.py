"""What chats put between the words is set aside; whom a question is about is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.queries.language.chat_marks import without_marks


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("<@U1> latest", "latest"),
        ("@release-bot: latest", "latest"),
        ("hi <@U1>, latest", "hi latest"),
        ("latest <@U1>", "latest"),
        ("latest cc <@U1>", "latest"),
        (":wave: latest :rocket:", "latest"),
        ("latest 🚀👍🏽", "latest"),
        ("> a quoted line\nlatest", "latest"),
        ("<https://x.org/y|a label> latest", "https://x.org/y latest"),
        ("[a label](https://x.org/y) latest", "https://x.org/y latest"),
        ("releases by @anna", "releases by @anna"),
        ("releases by <@U1>", "releases by <@U1>"),
        ("releases <@U1> made", "releases <@U1> made"),
        ("@scope/pkg@1.2.3", "@scope/pkg@1.2.3"),
        ("since 18:00 or 19:00:30", "since 18:00 or 19:00:30"),
        ("> only a quoted line", "> only a quoted line"),
    ],
)
def test_only_noise_is_set_aside(written: str, said: str) -> None:
    assert without_marks(written).split() == said.split()


@given(st.text(max_size=200))
def test_nothing_is_added_to_any_text(text: str) -> None:
    assert len(without_marks(text)) <= len(text) + text.count("<") + text.count("[")
