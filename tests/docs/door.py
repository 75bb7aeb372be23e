"""The program ``release-bot`` of a page: it knocks at a door, behind which the real one is begun in its place."""

import os
import signal
import socket
import stat
import sys
from ast import literal_eval
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from tests.programs import Program

_KNOCKING = """\
#!{python} -IS
import os, signal, socket, sys

door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
door.connect({door!r})
signal.signal(signal.SIGINT, lambda *_: door.send(b"interrupted"))
request = repr((sys.argv[1:], dict(os.environ), os.getcwd()))
socket.send_fds(door, [request.encode()], [0, 1, 2])
sys.exit(int(door.recv(20)))
"""
_LONGEST = 200_000


@contextmanager
def door(ahead: float) -> Iterator[Path]:
    """Begin programs whose clock is so many seconds ahead; give the address for ``write_program``."""
    with TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        address = Path(folder) / "door"
        listener.bind(str(address))
        listener.listen()
        Thread(target=_open_to_all, args=(listener, ahead), daemon=True).start()
        yield address
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def write_program(path: Path, address: Path) -> None:
    """Write the program that knocks at an address."""
    path.write_text(_KNOCKING.format(python=sys.executable, door=str(address)))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def _open_to_all(listener: socket.socket, ahead: float) -> None:
    with suppress(OSError):
        while True:
            Thread(target=_attend, args=(listener.accept()[0], ahead), daemon=True).start()


def _attend(visitor: socket.socket, ahead: float) -> None:
    """Begin the program in the visitor's place, hand on Ctrl-C, and tell how it ended."""
    with visitor:
        request, streams, _, _ = socket.recv_fds(visitor, _LONGEST, 3)
        arguments, environment, folder = literal_eval(request.decode())
        stdin, stdout, stderr = streams
        program = Program(
            "tests.docs.travelled",
            [str(ahead), *arguments],
            env=environment,
            folder=Path(folder),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
        )
        for stream in streams:
            os.close(stream)
        Thread(target=_hand_on, args=(visitor, program), daemon=True).start()
        code = program.wait()
        with suppress(OSError):
            visitor.send(str(code if code >= 0 else 128 - code).encode())


def _hand_on(visitor: socket.socket, program: Program) -> None:
    """Interrupt the program whenever the visitor is, and end it when the visitor is gone."""
    with suppress(OSError):
        while visitor.recv(20):
            program.send_signal(signal.SIGINT)
        program.kill()
