"""Where the configuration file is: found without importing what reads and checks it, which takes long."""

from collections.abc import Mapping
from pathlib import Path

DEFAULT_FILES = ("config/bot.toml", "bot.toml")
FILE_VARIABLE = "RELEASE_BOT_CONFIG"


def find_file(option: str | None, environment: Mapping[str, str]) -> Path | None:
    """Return the path of the configuration file, None if no file is named and there is none at a default path.

    The given one, else $RELEASE_BOT_CONFIG, else config/bot.toml, else bot.toml.
    """
    return named_file(option, environment) or next((path for path in map(Path, DEFAULT_FILES) if path.exists()), None)


def named_file(option: str | None, environment: Mapping[str, str]) -> Path | None:
    """Return the path that an option or $RELEASE_BOT_CONFIG names, None if neither does."""
    named = option or environment.get(FILE_VARIABLE)
    return Path(named) if named else None
