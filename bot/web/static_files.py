"""The files that pages load: each with a name of its contents in its address, so that browsers may keep it."""

from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from importlib.resources import files

from bot.domain.values import dataclass

_KINDS = {"style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file, its media type, and what names its contents."""

    body: bytes
    kind: str
    tag: str


class StaticFiles:
    """The files of ``bot/web/static``, read once."""

    @cached_property
    def _files(self) -> Mapping[str, StaticFile]:
        folder = files("bot.web") / "static"
        bodies = {name: (folder / name).read_bytes() for name in _KINDS}
        return {name: StaticFile(body, _KINDS[name], sha256(body).hexdigest()[:16]) for name, body in bodies.items()}

    def find(self, name: str) -> StaticFile | None:
        """Return a file by its name, None if there is none."""
        return self._files.get(name)

    def address(self, name: str) -> str:
        """Return the address of a file, another one whenever its contents change."""
        return f"/static/{name}?{self._files[name].tag}"


STATIC = StaticFiles()
