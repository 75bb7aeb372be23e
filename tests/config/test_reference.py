"""The page on configuration says what the models say."""

from pathlib import Path

from bot.config.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "CONFIGURATION.md"


def test_the_page_holds_the_table_of_keys_as_it_is() -> None:
    assert reference() in PAGE.read_text(encoding="utf-8"), "run: python -m bot.config.reference, and paste it"
