"""A package index on loopback: the Simple API as JSON, as strict as PyPI's."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any

from bot.demo.recorded.messages import Request, Response
from bot.demo.recorded.server import LoopbackServer

_JSON = "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True)
class RecordedFile:
    """A file of a project: its name, when it was uploaded, and whether it is yanked, or why."""

    name: str
    uploaded: datetime | None = None
    yanked: bool | str = False


class RecordedIndex(LoopbackServer):
    """Serves projects by name; a page changes its ETag with its content."""

    def __init__(self, projects: Mapping[str, Sequence[RecordedFile]], *, latency: float = 0.0) -> None:
        super().__init__(latency=latency)
        self.projects = {_normalized(name): list(project) for name, project in projects.items()}

    @property
    def base_url(self) -> str:
        """Return the base URL of its Simple API."""
        return f"{self.url}/simple/"

    def answer(self, request: Request) -> Response:
        """Answer with a project's page, with a redirection from another spelling, or as PyPI refuses."""
        found = re.fullmatch(r"/simple/([^/]+)/?", request.path)
        if request.method not in {"GET", "HEAD"}:
            return Response.text(405, "405 Method Not Allowed")
        if found is None or _normalized(found[1]) not in self.projects:
            return Response.text(404, "404 Not Found")
        name = _normalized(found[1])
        if request.path != f"/simple/{name}/":
            return Response(301, {"location": f"/simple/{name}/"})
        if _JSON not in request.headers.get("accept", ""):
            return Response.text(200, "<!DOCTYPE html>")
        body = json.dumps(_page(name, self.projects[name])).encode()
        tag = f'"{sha256(body).hexdigest()[:32]}"'
        headers = {"etag": tag, "content-type": _JSON, "cache-control": "max-age=600, public"}
        if request.headers.get("if-none-match") == tag:
            return Response(304, headers)
        return Response(200, headers, body)


def load_project(name: str) -> list[RecordedFile]:
    """Read the files of a project that were recorded beside the histories."""
    lines = files("bot.demo.recorded").joinpath("data", f"pypi.{name}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [RecordedFile(row["file"], datetime.fromisoformat(row["uploaded"]), row["yanked"]) for row in rows]


def _normalized(name: str) -> str:
    """Return a project's name as PEP 503 normalizes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _page(name: str, project: Sequence[RecordedFile]) -> dict[str, Any]:
    return {
        "meta": {"api-version": "1.3"},
        "name": name,
        "versions": sorted({_version_in(file.name) for file in project}),
        "files": [_file(file) for file in project],
    }


def _file(file: RecordedFile) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "filename": file.name,
        "url": f"https://files.example/{file.name}",
        "hashes": {"sha256": sha256(file.name.encode()).hexdigest()},
        "size": 1,
        "yanked": file.yanked,
    }
    return entry if file.uploaded is None else entry | {"upload-time": file.uploaded.isoformat()}


def _version_in(filename: str) -> str:
    return filename.removesuffix(".tar.gz").split("-")[1]
