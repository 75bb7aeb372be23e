"""Real git repositories made for a test, and the ways to serve them."""

import os
import shutil
import socket
import subprocess
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from select import select

from bot.demo.recorded.server import LoopbackServer, Request, Response
from bot.forges.git.forge import GitForge
from bot.services.ports import PollAnswer, PollRequest
from tests.forges.conftest import NOW

GIT = shutil.which("git") or "git"
VARIABLES = {"PATH": f"{Path(GIT).parent}:{os.defpath}"}
_QUIET = {
    **VARIABLES,
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
}
MADE = datetime(2021, 2, 15, 19, 19, 54, tzinfo=UTC)


def run_git(folder: Path, *arguments: str, given: bytes = b"", check: bool = True, **more: str) -> bytes:
    done = subprocess.run(
        [GIT, *arguments], cwd=folder, input=given, env={**_QUIET, **more}, capture_output=True, check=check
    )
    return done.stdout


@dataclass(frozen=True)
class Repository:
    """A bare repository, written object by object, so that every date and every oddity is chosen."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, *options: str) -> "Repository":
        folder.mkdir(parents=True)
        run_git(folder, "init", "--quiet", "--bare", "--template=", *options, ".")
        return cls(folder)

    def write(self, kind: str, content: str) -> str:
        arguments = ("hash-object", "-w", "--literally", "-t", kind, "--stdin")
        return run_git(self.folder, *arguments, given=content.encode()).decode().strip()

    def blob(self, text: str) -> str:
        return self.write("blob", text)

    def tree(self, text: str) -> str:
        line = f"100644 blob {self.blob(text)}\tfile\n"
        return run_git(self.folder, "mktree", given=line.encode()).decode().strip()

    def write_at(self, tag: str, file: str, content: bytes) -> str:
        """Move a tag to a commit with a file, beside another one; give the commit."""
        oid = run_git(self.folder, "hash-object", "-w", "--stdin", given=content).decode().strip()
        kind = "blob"
        for name in reversed(file.split("/")):
            mode = "100644" if kind == "blob" else "040000"
            lines = f"{mode} {kind} {oid}\t{name}\n100644 blob {self.blob('other')}\tother\n"
            oid, kind = run_git(self.folder, "mktree", given=lines.encode()).decode().strip(), "tree"
        commit = self.write("commit", f"tree {oid}\nauthor {who(MADE)}\ncommitter {who(MADE)}\n\nnotes\n")
        self.put_all({tag: commit})
        return commit

    def commit(self, at: datetime, message: str = "a change") -> str:
        return self.write(
            "commit", f"tree {self.tree(message)}\nauthor {who(MADE)}\ncommitter {who(at)}\n\n{message}\n"
        )

    def tag_object(self, target: str, kind: str, at: datetime | None) -> str:
        tagger = f"tagger {who(at)}\n" if at else ""
        return self.write("tag", f"object {target}\ntype {kind}\ntag x\n{tagger}\na tag\n")

    def put(self, **tags: str) -> None:
        self.put_all(tags)

    def put_all(self, tags: dict[str, str]) -> None:
        lines = "".join(f"update refs/tags/{name} {oid}\n" for name, oid in tags.items())
        run_git(self.folder, "update-ref", "--stdin", given=lines.encode())

    def drop(self, name: str) -> None:
        run_git(self.folder, "update-ref", "-d", f"refs/tags/{name}")

    def configure(self, key: str, value: str) -> None:
        run_git(self.folder, "config", key, value)

    def spoil(self, oid: str) -> None:
        """Make an object unreadable though it is there."""
        path = self.folder / "objects" / oid[:2] / oid[2:]
        path.chmod(0o644)
        path.write_bytes(b"spoilt")


def who(at: datetime) -> str:
    local = at.astimezone(timezone(timedelta(hours=1)))
    return f"Äda > <ada@example.org> {int(local.timestamp())} {local:%z}"


@dataclass
class GitOverHttp(LoopbackServer):
    """Serves the repositories below a folder as web servers do: by ``git http-backend``, a CGI program.

    With ``passwords`` (``USER:PASSWORD``) it is asked by name only.
    """

    root: Path
    passwords: tuple[str, ...] = ()
    authorizations: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def answer(self, request: Request) -> Response:
        if self.passwords and request.headers.get("authorization") not in self._accepted():
            return Response(401, {"www-authenticate": 'Basic realm="git"'}, b"who are you?")
        variables = {
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": request.path,
            "QUERY_STRING": "&".join(f"{name}={value}" for name, value in request.query.items()),
            "REQUEST_METHOD": request.method,
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
            "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        }
        # What it says of a repository that it cannot read is an answer too.
        said = run_git(self.root, "http-backend", given=request.body, check=False, **variables)
        head, _, body = said.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(fields.pop("Status", "200").split()[0])
        return Response(status, {name.lower(): value for name, value in fields.items()}, body)

    def _accepted(self) -> set[str]:
        return {f"Basic {b64encode(password.encode()).decode()}" for password in self.passwords}


@contextmanager
def git_daemon(root: Path) -> Iterator[str]:
    """Serve the repositories below a folder by ``git daemon``."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [GIT, "daemon", "--verbose", "--export-all", "--reuseaddr", "--listen=127.0.0.1", f"--port={port}"]
    with subprocess.Popen([*command, f"--base-path={root}"], env=_QUIET, stderr=subprocess.PIPE) as process:
        try:
            assert process.stderr is not None
            assert select([process.stderr], [], [], 10)[0]  # "Ready to rumble"
            yield f"git://127.0.0.1:{port}"
        finally:
            process.terminate()


@dataclass
class GitSide:
    """A git server with its repositories, and the forge that asks it."""

    root: Path
    base_url: str

    def forge(
        self, token: str | None = None, timeout: float = 10, variables: Mapping[str, str] = VARIABLES
    ) -> GitForge:
        return GitForge("forge", self.base_url, token, timeout=timeout, now=lambda: NOW, variables=variables)

    def ask(
        self, *requests: PollRequest, token: str | None = None, variables: Mapping[str, str] = VARIABLES
    ) -> list[PollAnswer]:
        """Ask, and give the answers in the order of the requests."""
        forge = self.forge(token, variables=variables)
        try:
            answers = {answer.path: answer for answer in forge.poll(requests)}
        finally:
            forge.close()
        return [answers[request.path] for request in requests]


def tool(root: Path) -> Repository:
    """Make one tag of each sort: light, annotated, without tagger, nested, on a blob and on a tree."""
    made = Repository.make(root / "team" / "tool.git")
    first, second = made.commit(MADE, "one"), made.commit(MADE + timedelta(days=1), "two")
    annotated = made.tag_object(second, "commit", MADE + timedelta(days=2))
    made.put_all({
        "v1r0": first,
        "v1r1": annotated,
        "rel/v1r2": second,
        "größe+1": first,
        "untold": made.tag_object(first, "commit", None),
        "nested": made.tag_object(annotated, "tag", MADE + timedelta(days=3)),
        "logo": made.blob("logo"),
        "signed-logo": made.tag_object(made.blob("logo"), "blob", MADE + timedelta(days=4)),
        "files": made.tree("files"),
        "signed-files": made.tag_object(made.tree("files"), "tree", MADE + timedelta(days=5)),
    })  # fmt: skip
    return made
