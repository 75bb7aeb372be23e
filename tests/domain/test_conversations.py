"""What is kept of a question that was not understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.conversations import impersonal


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("How many FOOS?", "how many foos"),
        ("<@U012AB3CD> ask @U012AB3CD, please", "ask please"),
        ("mail ann@example.org about https://example.org/x?token=1 and www.example.org", "mail about and"),
        ("a secret: " + "x" * 40, "a secret"),
        ("two\nlines\x1b[31m", "two lines [31m"),
        ("@U012AB3CD", ""),
    ],
)
def test_people_addresses_and_long_words_are_left_out(text: str, kept: str) -> None:
    assert impersonal(text) == kept


@given(st.text(max_size=2_000))
def test_any_text_is_short_and_printable(text: str) -> None:
    kept = impersonal(text)
    assert len(kept) <= 200
    assert "@" not in kept
    assert kept.isprintable()
