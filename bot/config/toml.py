"""From a file's bytes to TOML tables."""

import tomllib
from pathlib import Path
from typing import Any

from bot.config.errors import ConfigErrors
from bot.domain.errors import BotError


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file. Raises ConfigErrors with one line that says why it cannot be read."""
    try:
        # Some editors begin a file with a byte order mark; it is no part of the text.
        return tomllib.loads(_bytes(path).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _unreadable(path, f"is not UTF-8 text (byte {error.start})", "save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(path, f"is not TOML: {error}", "mend it there; texts stand in quotes") from error
    except RecursionError as error:
        raise _unreadable(path, "is nested too deeply", "no key takes a list within a list") from error
    except ValueError as error:  # Python reads no number of more than 4300 digits
        raise _unreadable(path, "holds a number that is too long", "no key takes such a number") from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        hint = "name one with --config FILE or RELEASE_BOT_CONFIG, or begin from config/bot.toml of the project"
        raise _unreadable(path, "there is no such file", hint) from error
    except IsADirectoryError as error:
        raise _unreadable(path, "is a folder", "name the file in it") from error
    except PermissionError as error:
        raise _unreadable(path, "may not be read", "give the user that the bot runs as the right to read it") from error
    except OSError as error:
        raise _unreadable(path, f"cannot be read ({error.strerror})", "name another file with --config") from error


def _unreadable(path: Path, what: str, hint: str) -> ConfigErrors:
    return ConfigErrors((BotError(str(path), what, hint),))
