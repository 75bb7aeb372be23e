"""The Simple API over HTTP: what it says is read, and every trouble is one error that names the project."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.demo.recorded.index import RecordedFile, RecordedIndex
from bot.demo.recorded.messages import Drip, Drop, Response, Truncate
from bot.domain.package_index import IndexVersion
from bot.forges.index.simple import SimpleIndex
from bot.services.ports import IndexUnavailable

UPLOADED = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
FILES = [
    RecordedFile("dirac-9.1.4-py3-none-any.whl", UPLOADED),
    RecordedFile("dirac-9.1.5-py3-none-any.whl", UPLOADED, "Buggy"),
    RecordedFile("dirac-9.1.5.tar.gz", UPLOADED.replace(hour=8), yanked=True),
]
MEDIA = "application/vnd.pypi.simple.v1+json"


@pytest.fixture
def server() -> Iterator[RecordedIndex]:
    with RecordedIndex({"DIRAC": FILES}) as server:
        yield server


@pytest.fixture
def index(server: RecordedIndex) -> Iterator[SimpleIndex]:
    made = SimpleIndex("pypi", server.base_url, timeout=0.5)
    yield made
    made.close()


def test_versions_have_their_first_upload_and_the_reason_of_a_yank(index: SimpleIndex) -> None:
    assert index.read("DIRAC").versions == [
        IndexVersion("9.1.4", UPLOADED),
        IndexVersion("9.1.5", UPLOADED.replace(hour=8), "Buggy"),
    ]


def test_the_json_of_a_normalized_name_is_requested(server: RecordedIndex, index: SimpleIndex) -> None:
    server.projects["my-tool"] = []
    assert index.read("My_.Tool").versions == []
    [request] = server.requests
    assert (request.path, request.headers["accept"]) == ("/simple/my-tool/", MEDIA)


def test_a_page_that_did_not_change_is_not_read_again(server: RecordedIndex, index: SimpleIndex) -> None:
    first = index.read("DIRAC")
    assert index.read("DIRAC", first.validator).versions is None
    server.projects["dirac"].append(RecordedFile("dirac-9.1.6.tar.gz", UPLOADED))
    changed = index.read("DIRAC", first.validator)
    assert changed.versions is not None
    assert changed.versions[-1].version == "9.1.6"


def test_a_project_that_the_index_does_not_know_is_an_error(index: SimpleIndex) -> None:
    with pytest.raises(IndexUnavailable) as raised:
        index.read("DIRACX")
    assert str(raised.value) == "pypi:DIRACX: no such project on the index; correct index in [[repositories]]"


def test_files_whose_names_tell_no_version_are_left_out(server: RecordedIndex, index: SimpleIndex) -> None:
    server.projects["dirac"] = [RecordedFile("dirac-1.0.linux-x86_64.exe"), RecordedFile("dirac-1.1.tar.gz")]
    assert index.read("DIRAC").versions == [IndexVersion("1.1")]


@pytest.mark.parametrize(
    ("sent", "what"),
    [
        (Response(503), "the index returned HTTP 503"),
        (Response(304), "the index returned HTTP 304"),
        (Response.text(200, "<html>"), "answered with text/html, not the JSON of the Simple API; check base_url"),
        (Response(200, {"content-type": MEDIA}, b"{"), "cannot read the index's response"),
        (Response(200, {"content-type": MEDIA}, b'{"files": {}}'), "cannot read the index's response"),
        (
            Response(200, {"content-type": MEDIA}, b'{"files": [], "meta": {"api-version": "2.0"}}'),
            "unknown version '2.0' of the Simple API",
        ),
        (Response(302, {"location": "http://127.0.0.1:9/simple/dirac/"}), "redirected to another address"),
        (Drop(), "cannot reach the index: connection closed"),
        (Truncate(40), "cannot reach the index: the response was cut short"),
        (Drip(0.1), "cannot reach the index: timed out"),
    ],
)
def test_every_trouble_is_an_error_of_the_project(
    server: RecordedIndex, index: SimpleIndex, sent: Response | Drop | Truncate | Drip, what: str
) -> None:
    server.interceptor = lambda _: sent
    with pytest.raises(IndexUnavailable) as raised:
        index.read("DIRAC")
    assert str(raised.value).startswith("pypi:DIRAC: ")
    assert what in str(raised.value)


def test_strange_values_of_a_file_are_passed_over(server: RecordedIndex, index: SimpleIndex) -> None:
    body = b'{"meta": {"api-version": "1.0"}, "files": [7, {"filename": 7}, {"filename": "a-1.0.tar.gz", "yanked": 7}]}'
    server.interceptor = lambda _: Response(200, {"content-type": MEDIA}, body)
    assert index.read("DIRAC").versions == [IndexVersion("1.0")]
