"""The Simple API of a package index as JSON: PEP 691, with the upload times of PEP 700 and the yanks of PEP 592."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from bot.domain.package_index import IndexFile, versions_of
from bot.forges.http import ForgeAdapter
from bot.forges.payload import one_line, read_date, read_json, text_of
from bot.forges.unreachable import hint_for, why_unreachable
from bot.services.ports import IndexAnswer, IndexUnavailable

_JSON = "application/vnd.pypi.simple.v1+json"
_OK, _NOT_MODIFIED, _NOT_FOUND = 200, 304, 404


class SimpleIndex:
    """A package index at ``base_url``, called ``name`` in errors; ``timeout`` is in seconds.

    ``ca_file`` holds certificate authorities to trust beside the system's.
    """

    def __init__(self, name: str, base_url: str, *, timeout: float = 5, ca_file: Path | None = None) -> None:
        self._name = name
        self._base_url = base_url.rstrip("/")
        self._adapter = ForgeAdapter(self._base_url, timeout, ca_file)
        self._session = requests.Session()
        self._session.mount("https://", self._adapter)
        self._session.mount("http://", self._adapter)

    def read(self, project: str, validator: str | None = None) -> IndexAnswer:
        """Read the versions of a project, if they changed since ``validator``. Raises IndexUnavailable."""
        where = f"{self._name}:{project}"
        response = self._get(where, project, validator)
        if response.status_code == _NOT_MODIFIED and validator is not None:
            return IndexAnswer(None, validator)
        if response.status_code == _NOT_FOUND:
            raise IndexUnavailable(where, "no such project on the index", "correct index in [[repositories]]")
        if response.status_code != _OK:
            raise IndexUnavailable(where, f"the index returned HTTP {response.status_code}")
        page = _page_of(response, where)
        files = page["files"]
        return IndexAnswer(versions_of(_files(files)), response.headers.get("ETag"))

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _get(self, where: str, project: str, validator: str | None) -> requests.Response:
        headers = {"Accept": _JSON, "User-Agent": "release-bot"}
        if validator is not None:
            headers["If-None-Match"] = validator
        self._adapter.begin()
        try:
            return self._session.get(f"{self._base_url}/{canonicalize_name(project)}/", headers=headers)
        except (requests.RequestException, OSError, ValueError) as error:
            what = f"cannot reach the index: {why_unreachable(error, self._adapter.host)}"
            raise IndexUnavailable(where, what, hint_for(error, where, "indexes")) from error


def _page_of(response: requests.Response, where: str) -> dict[str, Any]:
    """Return the project's page. Raises IndexUnavailable for anything but the Simple API's JSON, version 1."""
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != _JSON:
        what = f"the index answered with {one_line(kind) or 'no content type'}, not the JSON of the Simple API"
        raise IndexUnavailable(where, what, "check base_url")
    page = read_json(response.content)
    if not isinstance(page, dict) or not isinstance(page.get("files"), list):
        raise IndexUnavailable(where, "cannot read the index's response")
    version = text_of(page.get("meta"), "api-version")
    if version.partition(".")[0] != "1":
        raise IndexUnavailable(where, f"unknown version {one_line(version)!r} of the Simple API")
    return page


def _files(listed: list[Any]) -> Iterator[IndexFile]:
    """Yield the files whose names tell a version: wheels and source distributions."""
    for file in listed:
        version = _version_in(text_of(file, "filename"))
        if version is not None:
            yield IndexFile(version, read_date(file.get("upload-time")), _yanked(file.get("yanked", False)))


def _version_in(filename: str) -> str | None:
    try:
        parts = parse_wheel_filename(filename) if filename.endswith(".whl") else parse_sdist_filename(filename)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None
    return str(parts[1])


def _yanked(value: Any) -> str | None:
    """Return the reason of PEP 592: an empty string where none is given, None where the file is not yanked."""
    if isinstance(value, str):
        return one_line(value)
    return "" if value is True else None
