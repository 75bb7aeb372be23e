"""An answer as plain text, for a terminal."""

from collections.abc import Sequence

from bot.render.answers import told
from bot.render.markup import TEXT
from bot.services.answers import Answer


def answer_text(answer: Answer, mended: Sequence[tuple[str, str]] = ()) -> str:
    """Write an answer as lines: the sentence, what is behind it, and what to know about it."""
    words = told(answer, TEXT, mended)
    lines = [words.sentence]
    for section in words.sections:
        indent = "    " if section.heading else "  "
        lines += [f"  {section.heading}"] if section.heading else []
        lines += [f"{indent}{line}" for line in section.lines]
    asks = [f"{each.label}: “{each.question}”" for each in words.follow_ups if each.label.startswith("List all")]
    return "\n".join([*lines, *(f"  ({note})" for note in (*asks, *words.notes))])
