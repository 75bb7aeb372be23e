"""How a git server is asked: what may go wrong over http, and what never leaves the bot."""

from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from shlex import quote
from time import monotonic

import pytest

from bot.demo.recorded.server import Drop, Fault, LoopbackServer, Request, Response, Truncate
from bot.forges.git.forge import GitForge
from bot.services.ports import (
    ForgeError,
    ForgeUnavailable,
    PollAnswer,
    PollRequest,
    RateLimited,
    RepositoryNotFound,
    TokenRefused,
)
from tests.forges.conftest import NOW, after, slow_server
from tests.forges.git_places import GIT, MADE, VARIABLES, GitOverHttp, GitSide, Repository, run_git, tool, who

TOOL = PollRequest("team/tool")
HTML = {"content-type": "text/html"}
ADVERTISED = {"content-type": "application/x-git-upload-pack-advertisement"}
RESULT = {"content-type": "application/x-git-upload-pack-result"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitOverHttp]:
    root = tmp_path / "served"
    tool(root)
    with GitOverHttp(root) as served:
        yield served


@pytest.fixture
def side(server: GitOverHttp) -> GitSide:
    return GitSide(server.root, server.url)


@dataclass(frozen=True)
class Watched:
    """Stands before git, and notes what it is called with and what lies around then."""

    notes: Path
    variables: Mapping[str, str]

    @classmethod
    def make(cls, folder: Path, secret: str) -> "Watched":
        notes, program = folder / "notes", folder / "bin" / "git"
        program.parent.mkdir()
        program.write_text(
            f'#!/bin/sh\n{{ printf "%s\\n" "$@"; cat /proc/$$/cmdline; grep -rl {secret} . && echo FOUND; }}'
            f' >>{quote(str(notes))} 2>&1\nexec {quote(GIT)} "$@"\n'
        )
        program.chmod(0o755)
        return cls(notes, {"PATH": f"{program.parent}:{VARIABLES['PATH']}"})

    def told(self) -> str:
        return self.notes.read_text(encoding="utf-8", errors="replace")


@pytest.mark.parametrize(
    ("token", "accepted"),
    [("s3cret", "git:s3cret"), ("ada:s3cret", "ada:s3cret"), ("ada:s3:cret", "ada:s3:cret")],
)
def test_a_token_is_a_password_or_a_user_with_one(
    server: GitOverHttp, side: GitSide, token: str, accepted: str
) -> None:
    server.passwords = (accepted,)
    [answer] = side.ask(TOOL, token=token)
    assert (answer.error, len(answer.details)) == (None, 10)


def test_a_token_stands_in_no_list_of_processes_and_on_no_disk(
    server: GitOverHttp, side: GitSide, tmp_path: Path
) -> None:
    server.passwords = ("ada:s3cret",)
    encoded = b64encode(b"ada:s3cret").decode()
    watched = Watched.make(tmp_path, encoded)
    [answer] = side.ask(TOOL, token="ada:s3cret", variables=watched.variables)
    assert len(answer.details) == 10
    assert "ls-remote" in watched.told()
    assert not any(word in watched.told() for word in ("s3cret", encoded, "FOUND"))


def test_a_refused_token_is_told_and_not_shown(server: GitOverHttp, side: GitSide) -> None:
    server.passwords = ("ada:right",)
    [answer] = side.ask(TOOL, token="ada:s3cret")
    assert isinstance(answer.error, TokenRefused)
    assert "rejected the token" in str(answer.error)
    assert "s3cret" not in str(answer.error)


def test_without_a_token_nobody_is_asked_for_one(server: GitOverHttp, side: GitSide, tmp_path: Path) -> None:
    server.passwords = ("ada:right",)
    asked = tmp_path / "asked"
    prompt = tmp_path / "prompt"
    prompt.write_text(f"#!/bin/sh\ntouch {quote(str(asked))}\necho right\n")
    prompt.chmod(0o755)
    (tmp_path / ".gitconfig").write_text(
        f"[credential]\nhelper = !{prompt}\nusername = ada\n[core]\naskPass={prompt}\n"
    )
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ada password right\n")
    hostile = {"HOME": str(tmp_path), "GIT_ASKPASS": str(prompt), "SSH_ASKPASS": str(prompt), "DISPLAY": ":0"}
    [answer] = side.ask(TOOL, variables={**VARIABLES, **hostile})
    assert isinstance(answer.error, TokenRefused)
    assert "requires a token" in str(answer.error)
    assert not asked.exists()


def test_settings_of_the_user_and_of_the_environment_change_nothing(side: GitSide, tmp_path: Path) -> None:
    (tmp_path / ".gitconfig").write_text('[url "file:///nowhere/"]\ninsteadOf = http://\n')
    hostile = {
        "HOME": str(tmp_path),
        "GIT_CONFIG_PARAMETERS": "'http.proxy'='http://127.0.0.1:1'",
        "GIT_DIR": "/nowhere",
        "GIT_TRACE": str(tmp_path / "trace"),
        "LC_ALL": "de_DE.UTF-8",
    }
    [answer] = side.ask(TOOL, variables={**VARIABLES, **hostile})
    assert (answer.error, len(answer.details)) == (None, 10)
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize(
    ("sent", "kind", "words"),
    [
        (Response(500, HTML, b"<html>"), ForgeUnavailable, "server error (5xx)"),
        (Response(502, HTML, b"<html>"), ForgeUnavailable, "server error (5xx)"),
        (Response(200, HTML, b"<html>maintenance</html>"), ForgeUnavailable, "not a git server; check base_url"),
        (Response(200, HTML, b"<html>\n\t<p>back\tsoon\n</html>\n"), ForgeUnavailable, ""),
        (Response(200, HTML, b""), ForgeUnavailable, "not a git server; check base_url"),
        (Response(200, ADVERTISED, b""), ForgeUnavailable, ""),
        (Response(200, ADVERTISED, b"zzzz"), ForgeUnavailable, ""),
        (Response(403, HTML, b"no"), TokenRefused, "requires a token"),
        (Response(404, HTML, b"no"), RepositoryNotFound, "repository not found"),
        (Response(410, HTML, b"no"), RepositoryNotFound, "repository not found"),
        (Response(429, {**HTML, "retry-after": "90"}, b"no"), RateLimited, "rate limit exceeded"),
        (Response(301, {"location": "/elsewhere"}), ForgeUnavailable, "redirected to another address"),
        (Drop(), ForgeUnavailable, "connection closed"),
        (Truncate(20), ForgeUnavailable, ""),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)[:40]) if not isinstance(value, str) else "",
)
def test_each_trouble_is_an_error_of_its_kind_and_never_a_list_without_tags(
    server: GitOverHttp, side: GitSide, sent: Response | Fault, kind: type[ForgeError], words: str
) -> None:
    server.interceptor = lambda _: sent
    [answer] = side.ask(TOOL)
    assert isinstance(answer.error, kind)
    assert words in str(answer.error)
    assert "\n" not in str(answer.error)
    assert answer.refs is None
    assert answer.requests >= 1


def test_a_passing_fault_is_got_over(server: GitOverHttp, side: GitSide) -> None:
    answers = iter([Response(503, HTML)])
    server.interceptor = lambda _: next(answers, None)
    assert side.ask(TOOL)[0].error is None


def test_after_a_spent_limit_the_server_is_left_alone(server: GitOverHttp, side: GitSide) -> None:
    server.interceptor = lambda _: Response(429, HTML)
    forge = side.forge()
    [first] = forge.poll([TOOL])
    asked = len(server.requests)
    [second] = forge.poll([PollRequest("team/other")])
    assert isinstance(first.error, RateLimited)
    assert isinstance(second.error, RateLimited)
    assert second.error.where == "forge:team/other"
    assert (second.requests, len(server.requests)) == (0, asked)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_token_goes_to_another_address(side: GitSide, server: GitOverHttp, status: int, tmp_path: Path) -> None:
    with GitOverHttp(tmp_path / "served") as elsewhere:
        server.interceptor = lambda request: Response(status, {"location": f"{elsewhere.url}{request.path}"})
        [answer] = side.ask(TOOL, token="s3cret")
        assert isinstance(answer.error, ForgeUnavailable)
        assert elsewhere.requests == []


def test_a_server_that_speaks_of_other_protocols_gets_none(side: GitSide, server: GitOverHttp, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    server.interceptor = lambda _: Response(301, {"location": f"ext::sh -c touch% {marker}"})
    [answer] = side.ask(TOOL)
    assert isinstance(answer.error, ForgeUnavailable)
    assert not marker.exists()


def test_a_server_that_does_not_answer_in_time_is_left() -> None:
    begun = monotonic()
    with slow_server(b"", b"") as url:
        [answer] = GitSide(Path(), url).forge(timeout=0.4).poll([TOOL])
    assert isinstance(answer.error, ForgeUnavailable)
    assert ": timed out" in str(answer.error)
    assert monotonic() - begun < 10


def test_an_answer_that_drips_in_is_left_though_it_never_pauses_for_long() -> None:
    begun = monotonic()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-git-upload-pack-advertisement\r\n\r\n"
    with slow_server(head, b"0") as url:
        [answer] = GitSide(Path(), url).forge(timeout=0.2).poll([TOOL])
    assert isinstance(answer.error, ForgeUnavailable)
    assert monotonic() - begun < 10


def test_a_server_that_cannot_be_reached_is_told() -> None:
    [answer] = GitSide(Path(), "http://127.0.0.1:1").ask(TOOL)
    assert isinstance(answer.error, ForgeUnavailable)
    assert "connection refused" in str(answer.error)


def line(text: bytes) -> bytes:
    return b"%04x%s" % (len(text) + 4, text)


def listing(*lines: bytes) -> Callable[[Request], Response]:
    """Speak version 2 of git's protocol, with such lines for tags."""
    head = line(b"# service=git-upload-pack\n") + b"0000" + line(b"version 2\n") + line(b"ls-refs\n") + b"0000"
    refs = b"".join(map(line, lines)) + b"0000"
    return lambda request: Response(200, ADVERTISED, head) if request.method == "GET" else Response(200, RESULT, refs)


OID = b"1" * 40


def test_a_listing_is_read_as_it_comes(side: GitSide, server: GitOverHttp) -> None:
    server.interceptor = listing(OID + b" refs/tags/v1\n", b"2" * 40 + b" refs/tags/v2 peeled:" + OID + b"\n")
    [answer] = side.ask(TOOL)
    assert [(ref.name, ref.annotated) for ref in answer.refs or ()] == [("v1", False), ("v2", True)]


@pytest.mark.parametrize(
    "bad",
    [
        OID + b" refs/tags/a\nb\n",
        OID + b" refs/tags/a\x1b[31m\n",
        OID + b" refs/tags/\n",
        OID + b" refs/tags/v0\n",
        b"nonsense\n",
        b"1" * 39 + b"z refs/tags/v1\n",
    ],
    ids=range(6),
)
def test_a_listing_with_a_line_that_is_no_tag_is_refused_whole(side: GitSide, server: GitOverHttp, bad: bytes) -> None:
    server.interceptor = listing(OID + b" refs/tags/v0\n", bad)
    [answer] = side.ask(TOOL)
    assert isinstance(answer.error, ForgeUnavailable)
    assert answer.refs is None
    assert answer.error.what.isprintable()


def test_the_token_is_not_told_by_a_server_that_shows_it(side: GitSide, server: GitOverHttp) -> None:
    def echo(request: Request) -> Response:
        words = f"fatal: {request.headers.get('authorization', '')} s3cret".encode()
        return Response(400, {"content-type": "text/plain"}, words)

    server.interceptor = echo
    [answer] = side.ask(TOOL, token="s3cret")
    assert isinstance(answer.error, ForgeUnavailable)
    assert "s3cret" not in str(answer.error)
    assert b64encode(b"git:s3cret").decode() not in str(answer.error)


def test_tags_whose_objects_do_not_come_are_known_all_the_same(side: GitSide, server: GitOverHttp) -> None:
    def refuse(request: Request) -> Response | None:
        return Response(500, HTML) if b"command=fetch" in request.body else None

    server.interceptor = refuse
    [answer] = side.ask(TOOL)
    assert answer.error is None
    assert len(answer.refs or ()) == 10
    assert answer.details == {}
    assert answer.notice.startswith("dates of 10 tags not fetched yet (cannot query the git server: ")
    server.interceptor = None
    [again] = side.ask(after(answer))
    assert again.refs is None
    assert len(again.details) == 10


class Files(LoopbackServer):
    """Serves a folder as any web server does, which git can read too."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._root = root

    def answer(self, request: Request) -> Response:
        path = self._root / request.path.lstrip("/")
        return Response(200, {}, path.read_bytes()) if path.is_file() else Response(404)


class Stingy(GitForge):
    """A forge that takes a megabyte at most of a server that sends more than is asked for."""

    most = 1_000_000


def answer_of(forge: GitForge, request: PollRequest) -> PollAnswer:
    [answer] = forge.poll([request])
    return answer


def stingy(base_url: str, now: list[datetime]) -> Stingy:
    return Stingy("forge", base_url, None, timeout=10, now=lambda: now[0], variables=VARIABLES)


def test_a_server_of_mere_files_tells_every_date(tmp_path: Path) -> None:
    made = tool(tmp_path)
    run_git(made.folder, "update-server-info")
    with Files(tmp_path) as files:
        [answer] = GitSide(tmp_path, files.url).ask(PollRequest("team/tool.git"))
    assert (len(answer.refs or ()), len(answer.details), answer.notice) == (10, 10, "")
    assert answer.details["v1r1"].tagger == MADE + timedelta(days=2)


def heavy(root: Path) -> Repository:
    """Make two tags: the newer one's tree holds more than a megabyte that no compression makes smaller."""
    made = Repository.make(root / "team" / "tool.git")
    noise = "".join(sha256(f"{number}".encode()).hexdigest() for number in range(50_000))
    newer = made.write("commit", f"tree {made.tree(noise)}\nauthor {who(MADE)}\ncommitter {who(MADE)}\n\nnewer\n")
    made.put_all({"v2": newer, "v1": made.commit(MADE, "small")})
    return made


@pytest.mark.parametrize("is_dumb", [True, False])
def test_a_server_that_sends_more_than_is_asked_for_is_bounded_and_left_for_hours(
    tmp_path: Path, *, is_dumb: bool
) -> None:
    made = heavy(tmp_path)
    run_git(made.folder, "update-server-info")
    now = [NOW]
    with Files(tmp_path) if is_dumb else GitOverHttp(tmp_path) as server:
        forge = stingy(server.url, now)
        request = PollRequest("team/tool.git", rank=str)
        first = answer_of(forge, request)
        assert (len(first.refs or ()), dict(first.details)) == (2, {})
        assert "sends whole trees, of more than 1 MB; set uploadpack.allowFilter" in first.notice
        asked, now[0] = len(server.requests), NOW + timedelta(hours=5)
        again = answer_of(forge, request)
        assert (again.requests, again.notice) == (1, first.notice)
        now[0] = NOW + timedelta(hours=7)
        assert answer_of(forge, request).requests > 1
        assert len(server.requests) > asked


def test_a_server_that_filters_is_asked_for_heavy_repositories_too(tmp_path: Path) -> None:
    heavy(tmp_path).configure("uploadpack.allowFilter", "true")
    with GitOverHttp(tmp_path) as server:
        answer = answer_of(stingy(server.url, [NOW]), PollRequest("team/tool.git"))
    assert (len(answer.details), answer.notice) == (2, "")


@pytest.fixture
def ssh(tmp_path: Path) -> Mapping[str, str]:
    """Stands in for ssh: notes how it is called, and runs the command here."""
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" >{quote(str(tmp_path / "notes"))}\n'
        'for last; do :; done\ncase "$last" in *denied*) echo "Permission denied (publickey)." >&2; exit 255;; esac\n'
        'case "$last" in *unknown*) echo "Host key verification failed." >&2; exit 255;; esac\nexec sh -c "$last"\n'
    )
    program.chmod(0o755)
    return {"PATH": f"{program.parent}:{VARIABLES['PATH']}"}


def test_over_ssh_nobody_is_asked_either(tmp_path: Path, ssh: Mapping[str, str]) -> None:
    made = Repository.make(tmp_path / "tool.git")
    made.put(v1=made.commit(MADE))
    [answer] = GitSide(tmp_path, f"ssh://git@host:22{tmp_path}").ask(PollRequest("tool"), variables=ssh)
    assert answer.details["v1"].committed == MADE
    options = (tmp_path / "notes").read_text().splitlines()
    assert {"-oBatchMode=yes", "-oConnectTimeout=10", "git@host"} <= set(options)


@pytest.mark.parametrize(("path", "kind"), [("denied", TokenRefused), ("unknown", ForgeUnavailable)])
def test_what_ssh_refuses_is_told(tmp_path: Path, ssh: Mapping[str, str], path: str, kind: type[ForgeError]) -> None:
    [answer] = GitSide(tmp_path, "ssh://git@host").ask(PollRequest(path), variables=ssh)
    assert isinstance(answer.error, kind)


def test_a_machine_that_cannot_run_git_is_an_error_of_each_repository(side: GitSide, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    # The folder to work in vanishes between two commands.
    program.write_text(f'#!/bin/sh\nrmdir "$PWD"\nexec {quote(GIT)} version\n')
    program.chmod(0o755)
    path = {"PATH": f"{program.parent}:{VARIABLES['PATH']}"}
    answers = side.ask(TOOL, PollRequest("team/other"), variables=path)
    assert [type(answer.error) for answer in answers] == [ForgeUnavailable, ForgeUnavailable]
    assert "cannot run git: No such file or directory; check free disk space" in str(answers[0].error)


def test_nothing_that_was_fetched_is_left_behind(
    side: GitSide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    [answer] = side.ask(TOOL)
    assert len(answer.details) == 10
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("has_commits", [False, True])
@pytest.mark.parametrize("form", ["loose", "chunked", "detached"])
def test_a_repository_without_tags_on_a_server_of_mere_files_is_empty(
    tmp_path: Path, form: str, *, has_commits: bool
) -> None:
    made = Repository.make(tmp_path / "team" / "tool.git")
    commit = made.commit(MADE)
    if has_commits:
        run_git(made.folder, "update-ref", "refs/heads/main", commit)
    if form == "detached":
        (made.folder / "HEAD").write_text(f"{commit}\n")
    run_git(made.folder, "update-server-info")
    with Files(tmp_path) as server:
        if form == "chunked":
            head = (made.folder / "HEAD").read_bytes()
            chunk = Response(200, {"transfer-encoding": "chunked"}, b"%x\r\n%s\r\n0\r\n\r\n" % (len(head), head))
            server.interceptor = lambda request: chunk if request.path.endswith("/HEAD") else None
        [answer] = GitSide(tmp_path, server.url).ask(PollRequest("team/tool.git"))
    assert (answer.error, answer.refs) == (None, ())


@pytest.mark.parametrize(
    "page", [b"", b"ref: refs/heads/main", b"<html>ref: refs/heads/main 15 pkt-line.c:1 packet: x"]
)
def test_a_page_that_stands_for_every_file_is_no_repository(tmp_path: Path, page: bytes) -> None:
    with Files(tmp_path) as server:
        server.interceptor = lambda request: Response(200, HTML, b"" if request.path.endswith("HEAD") else page)
        [answer] = GitSide(tmp_path, server.url).ask(PollRequest("team/tool.git"))
    assert "not a git server; check base_url" in str(answer.error)
    assert answer.refs is None
