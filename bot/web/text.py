"""Outside text for feeds, calendars and badges: printable, and no longer than a line should be."""

from urllib.parse import urlsplit

from bot.render.words import printable

LONGEST = 300


def brief(text: str, longest: int = LONGEST) -> str:
    """Return a text without characters that control a program, cut where it is longer than ``longest``."""
    shown = printable(text[: longest + 1])
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def web_address(url: str | None) -> str | None:
    """Return an address if it is one of the web, else None: a forge gives what it likes."""
    return url if url and url.isprintable() and urlsplit(url).scheme in {"http", "https"} else None
