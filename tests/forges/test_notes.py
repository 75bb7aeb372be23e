"""The release notes that every forge gives: a file at a tag, or the text of a release."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.demo.recorded.server import Request, Response
from bot.domain.notes.blocks import MOST_OF_FILE
from bot.services.ports import ForgeUnavailable, NotesRequest, PollRequest, RateLimited
from tests.forges.conftest import MADE, Side, commit_id
from tests.forges.git_places import GitSide, Repository
from tests.forges.sides import KINDS, GitHost, Host, ask, made_host, notes_of

PATH, FILE = "team/tool", "docs/release notes.md"
JSON = {"content-type": "application/json"}
AT_V1 = NotesRequest(PATH, "v1", commit_id(1), commit_id(1))


@pytest.fixture(params=KINDS)
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    with made_host(request.param, tmp_path) as empty:
        yield made(empty)


def made(host: Host) -> Host:
    """Make a repository with two tags, one of which has a slash in its name."""
    host.make(PATH)
    host.put(PATH, "v1", 1, MADE)
    host.put(PATH, "rel/v2+1", 2, MADE)
    return host


def of_tag(host: Host, tag: str, file: str = "") -> NotesRequest:
    """Ask for what the forge itself tells of a tag."""
    [answer] = ask(host, PollRequest(PATH))
    [ref] = [ref for ref in answer.refs or () if ref.name == tag]
    return NotesRequest(PATH, tag, ref.target, answer.details[tag].commit, file)


@pytest.mark.parametrize("tag", ["v1", "rel/v2+1"])
@pytest.mark.parametrize("knows_commit", [True, False])
def test_a_file_is_the_one_at_the_tag(host: Host, tag: str, knows_commit: bool) -> None:  # noqa: FBT001
    for name in ("v1", "rel/v2+1"):
        host.write(PATH, name, FILE, f"[{name}]\r\né\n".encode())
    request = of_tag(host, tag, FILE)
    answer = notes_of(host, request if knows_commit else replace(request, commit=None))
    assert (answer.error, answer.text, answer.path) == (None, f"[{tag}]\r\né\n", PATH)


def test_one_request_is_made(host: Host) -> None:
    host.write(PATH, "v1", FILE, b"x")
    answer = notes_of(host, of_tag(host, "v1", FILE))
    assert answer.requests == 1


def test_a_file_that_is_not_there_is_no_error(host: Host) -> None:
    host.write(PATH, "v1", FILE, b"x")
    for file in ("CHANGELOG.md", "docs", "docs/release notes.md/x"):
        answer = notes_of(host, of_tag(host, "v1", file))
        assert (answer.error, answer.text) == (None, None), file


def test_bytes_that_are_no_text_are_replaced(host: Host) -> None:
    host.write(PATH, "v1", FILE, b"caf\xe9\n")
    assert notes_of(host, of_tag(host, "v1", FILE)).text == "caf\ufffd\n"


def test_a_large_file_is_cut(host: Host) -> None:
    host.write(PATH, "v1", FILE, b"FIX: x\n" * (MOST_OF_FILE // 7 + 1_000_000))
    text = notes_of(host, of_tag(host, "v1", FILE)).text
    assert text is not None
    assert MOST_OF_FILE - 512 <= len(text) <= MOST_OF_FILE


def test_the_text_of_a_release_is_its_own_and_a_git_server_has_none(host: Host) -> None:
    host.tell(PATH, "rel/v2+1", "* a change (#1)")
    request = of_tag(host, "rel/v2+1")
    is_told = not isinstance(host, GitHost)
    answer = notes_of(host, request)
    assert (answer.error, answer.text) == (None, "* a change (#1)" if is_told else None)
    assert answer.requests == int(is_told)
    other = notes_of(host, of_tag(host, "v1"))
    assert (other.error, other.text) == (None, None)


def test_a_release_without_text_has_no_notes(side: Side) -> None:
    forge = side.forge()
    assert forge.notes(NotesRequest(PATH, "v1.1.0", commit_id(2))).text is None
    forge.close()


@pytest.mark.parametrize("file", ["", FILE], ids=["release", "file"])
@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (Response(500, JSON, b"{}"), ForgeUnavailable),
        (Response(429, {**JSON, "retry-after": "60"}, b"{}"), RateLimited),
    ],
    ids=["500", "429"],
)
def test_trouble_is_an_error_in_the_answer(side: Side, sent: Response, kind: type[Exception], file: str) -> None:
    side.server.interceptor = lambda _: sent
    forge = side.forge()
    answer = forge.notes(replace(AT_V1, file=file))
    forge.close()
    assert isinstance(answer.error, kind)
    assert answer.text is None
    assert answer.requests >= 1


def test_hostile_answers_are_read_as_nothing(side: Side) -> None:
    forge = side.forge()
    for body in (b"[]", b"7", b'{"body": 7, "description": []}', b"null", b'{"body": ""}'):
        side.server.interceptor = lambda _, body=body: Response(200, JSON, body)
        answer = forge.notes(AT_V1)
        assert answer.text is None
    forge.close()


def test_a_renamed_repositorys_file_is_not_taken_from_its_default_branch(github: Side) -> None:
    github.repositories[PATH].files["v1r0", FILE] = b"x"

    def moved(request: Request) -> Response | None:
        if request.path.startswith("/repos/team/old/"):
            return Response(301, {**JSON, "location": github.server.url + request.path.replace("/old/", "/tool/")})
        return None

    github.server.interceptor = moved
    forge = github.forge()
    answer = forge.notes(NotesRequest("team/old", "v1r0", commit_id(1), commit_id(1), FILE))
    forge.close()
    assert isinstance(answer.error, ForgeUnavailable)
    assert "renamed" in answer.error.what


def test_what_github_describes_in_json_is_no_file(github: Side) -> None:
    github.server.interceptor = lambda _: Response(200, JSON, b'[{"type": "file"}]')
    forge = github.forge()
    assert forge.notes(replace(AT_V1, file="docs")).text is None
    forge.close()


def test_a_git_server_gives_the_file_of_an_annotated_tag_and_of_a_server_without_filters(tmp_path: Path) -> None:
    made = Repository.make(tmp_path / f"{PATH}.git")
    annotated = made.tag_object(made.write_at("light", FILE, b"notes"), "commit", MADE)
    made.put(v1=annotated)
    for setting in ("true", "false"):
        made.configure("uploadpack.allowFilter", setting)
        forge = GitSide(tmp_path, f"file://{tmp_path}").forge()
        answer = forge.notes(NotesRequest(PATH, "v1", annotated, None, FILE))
        assert (answer.error, answer.text) == (None, "notes")
        assert answer.requests == (2 if setting == "true" else 1)


def test_a_git_server_that_is_gone_is_an_error(tmp_path: Path) -> None:
    answer = GitSide(tmp_path, f"file://{tmp_path}").forge().notes(replace(AT_V1, file=FILE))
    assert answer.error is not None
    assert answer.text is None
