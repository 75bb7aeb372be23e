"""A mail server on loopback, as small as can be: it takes one mail after the other, or does not."""

import contextlib
import socketserver
import threading
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from threading import Event
from types import TracebackType
from typing import Self, cast


@dataclass
class Mail:
    """A mail as it came: from whom, to whom, and what."""

    sender: str
    receivers: list[str]
    content: EmailMessage


@dataclass
class Behaviour:
    """What the server answers to the commands that it would take; ``drop`` names the one after which it hangs up."""

    answers: dict[str, bytes] = field(default_factory=dict)
    drop: str = ""
    silence: Event | None = None


class FakeMailServer:
    """Serves on a free port of 127.0.0.1, as a context."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.behaviour = Behaviour()
        self._server = _Server(("127.0.0.1", 0), _Session)
        self._server.owner = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.port: int = self._server.server_address[1]

    @property
    def address(self) -> str:
        return f"mailto://127.0.0.1:{self.port}?from=bot@example.org&to=dirac@example.org&mode=insecure"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    owner: FakeMailServer


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            self._talk()

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()

    def _talk(self) -> None:
        owner = cast("_Server", self.server).owner
        sender, receivers = "", list[str]()
        self._say(b"220 fake ESMTP")
        while line := self.rfile.readline():
            verb = line[:4].upper().decode().strip()
            refused = owner.behaviour.answers.get(verb)
            if verb == "MAIL":
                sender = _address(line)
            elif verb == "RCPT":
                receivers.append(_address(line))
            elif verb == "DATA" and refused is None:
                self._say(b"354 go on")
                owner.mails.append(Mail(sender, receivers, self._content()))
                refused = owner.behaviour.answers.get("END")
            if owner.behaviour.silence is not None and verb == "DATA":
                owner.behaviour.silence.wait(10)
            if verb in {owner.behaviour.drop, "QUIT"}:
                return
            self._say(refused or b"250 ok")

    def _content(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return message_from_bytes(b"".join(lines), policy=default)

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")
        self.wfile.flush()


def _address(line: bytes) -> str:
    return line.decode().partition("<")[2].partition(">")[0]
