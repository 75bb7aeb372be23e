"""The database's location: a relative path in a configuration file is relative to that file."""

import re
from dataclasses import field
from pathlib import Path
from urllib.parse import quote, unquote

from bot.domain.errors import UsageError
from bot.domain.values import dataclass

_SQLITE = re.compile(r"(?P<scheme>sqlite(?:\+[a-z0-9]+)?:///)(?P<path>[^?]*)(?P<query>(?:\?.*)?)")
_URI = "file:"
_IN_MEMORY = ("", ":memory:")


@dataclass(frozen=True, slots=True)
class DatabaseLocation:
    """A database's URL; where the file names it by a relative path, that is ``named``, ``file`` the absolute one."""

    url: str = field(repr=False)
    named: Path | None = None
    file: Path | None = None


def locate(url: str, config: Path) -> DatabaseLocation:
    """Return the location of a configuration file's database; a symbolic link to it is kept."""
    found = _SQLITE.fullmatch(url)
    path = unquote(found["path"]) if found else ""
    is_uri = path.startswith(_URI)
    named = unquote(path.removeprefix(_URI)) if is_uri else path
    if found is None or named in _IN_MEMORY or named.startswith("/"):
        return DatabaseLocation(url)
    beside = config.parent.resolve() / named
    file = beside.parent.resolve() / beside.name
    written = quote(f"{_URI}{quote(str(file))}" if is_uri else str(file), safe="/:")
    return DatabaseLocation(f"{found['scheme']}{written}{found['query']}", Path(named), file)


def require_not_passed_over(location: DatabaseLocation, folder: Path) -> None:
    """Raise UsageError if the database is missing beside the configuration file, but present in ``folder``.

    The path was once relative to the working directory: a new empty database would count 0 of everything.
    """
    file, named = location.file, location.named
    if file is None or named is None or file.exists():
        return
    for old in dict.fromkeys((folder / named, folder / named.name)):
        if old.is_file():
            what = f"no database here, but one of that name is in the working directory: {old}"
            hint = f'move it (mv {old}* {file.parent}/), or set its path: database.url = "sqlite:///{old}"'
            raise UsageError(str(file), what, hint)
