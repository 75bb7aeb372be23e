"""Where a database is: a relative path in the configuration is relative to the file that it stands in."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from bot.domain.errors import UsageError

_SQLITE = re.compile(r"(?P<scheme>sqlite(?:\+[a-z0-9]+)?:///)(?P<path>[^?]*)(?P<query>(?:\?.*)?)")
_URI = "file:"
_IN_MEMORY = ("", ":memory:")


@dataclass(frozen=True, slots=True)
class DatabaseLocation:
    """A database's URL; where the file names it by a relative path, that is ``named``, ``file`` the absolute one."""

    url: str
    named: Path | None = None
    file: Path | None = None


def locate(url: str, config: Path) -> DatabaseLocation:
    """Return where the database of a configuration file is; the path's last part may be a link and stays one."""
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
    """Raise UsageError where no database is beside the configuration file, but one of its name in a folder.

    Before, the path was relative to the working directory: a new empty database would count 0 of everything.
    """
    file, named = location.file, location.named
    if file is None or named is None or file.exists():
        return
    for old in dict.fromkeys((folder / named, folder / named.name)):
        if old.is_file():
            what = f"there is no such database, but one of that name in the working directory: {old}"
            hint = f'move it there (mv {old}* {file.parent}/), or write its path: database.url = "sqlite:///{old}"'
            raise UsageError(str(file), what, hint)
