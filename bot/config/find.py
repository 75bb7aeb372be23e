"""Where the configuration file is: found without importing what reads and checks it, which takes long."""

from collections.abc import Mapping
from pathlib import Path

DEFAULT_FILES = ("config/bot.toml", "bot.toml")
_FILE_VARIABLE = "RELEASE_BOT_CONFIG"


def find_file(option: str | None, environment: Mapping[str, str]) -> Path | None:
    """Return the path of the configuration file, None if no file is named and there is none at a default path.

    The given one, else $RELEASE_BOT_CONFIG, else config/bot.toml, else bot.toml.
    """
    if named := option or environment.get(_FILE_VARIABLE):
        return Path(named)
    return next((path for path in map(Path, DEFAULT_FILES) if path.exists()), None)
