"""English words, from two packages; ``python -m tests.queries.language.dictionary`` writes the near ones."""

from functools import cache
from pathlib import Path

from english_words import get_english_words_set
from spellchecker import SpellChecker

import bot.queries.language
from bot.queries.language.slips import one_letter_away, slip_of, targets

NEAR_WORDS = Path(bot.queries.language.__path__[0]) / "near_words.txt"


@cache
def english() -> frozenset[str]:
    """Return some 350,000 words in lower case, with their inflections."""
    listed = get_english_words_set(["web2", "gcide"], lower=True)
    return frozenset(word.lower() for word in (*listed, *SpellChecker().word_frequency.words()))


def near_words() -> str:
    """Return the words that would be corrected if they were not known to be words, one a line."""
    # Only words one letter away from a target can be slips of it.
    near = english().intersection(word for target in targets() for word in one_letter_away(target))
    return "".join(f"{word}\n" for word in sorted(near) if slip_of(word) is not None)


if __name__ == "__main__":
    NEAR_WORDS.write_text(near_words(), encoding="ascii")
