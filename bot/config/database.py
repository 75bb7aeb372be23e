"""Where a database is: a relative path in the configuration is relative to the file that it stands in."""

import re
from pathlib import Path
from urllib.parse import quote, unquote

from bot.domain.errors import UsageError

_SQLITE = re.compile(r"(?P<scheme>sqlite(?:\+[a-z0-9]+)?:///)(?P<path>[^?]*)(?P<query>(?:\?.*)?)")
_URI = "file:"
_IN_MEMORY = ("", ":memory:")


def relative_path(url: str) -> Path | None:
    """Return the relative path in a database's URL, None for an absolute one, PostgreSQL and a database in memory."""
    found = _SQLITE.fullmatch(url)
    path = unquote(found["path"]) if found else ""
    if path.startswith(_URI):
        path = unquote(path.removeprefix(_URI))
    return None if path in _IN_MEMORY or path.startswith("/") else Path(path)


def at_file(url: str, file: Path) -> str:
    """Return the URL of a SQLite database with another path in it."""
    found = _SQLITE.fullmatch(url)
    if found is None:
        return url
    is_uri = unquote(found["path"]).startswith(_URI)
    path = f"{_URI}{quote(str(file))}" if is_uri else str(file)
    return f"{found['scheme']}{quote(path, safe='/:')}{found['query']}"


def beside(file: Path, relative: Path) -> Path:
    """Return the absolute path of what is named relative to a file; the last part may be a link and stays one."""
    path = file.parent.resolve() / relative
    return path.parent.resolve() / path.name


def require_not_passed_over(database: Path, relative: Path, folder: Path) -> None:
    """Raise UsageError where no database is beside the configuration file, but one of its name in a folder.

    Before, the path was relative to the working directory: a new empty database would count 0 of everything.
    """
    if database.exists():
        return
    for old in dict.fromkeys((folder / relative, folder / relative.name)):
        if old.is_file():
            what = f"there is no such database, but one of that name in the working directory: {old}"
            hint = f'move it there (mv {old}* {database.parent}/), or write its path: database.url = "sqlite:///{old}"'
            raise UsageError(str(database), what, hint)
