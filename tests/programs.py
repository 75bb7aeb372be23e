"""The program as a process of its own that is there at once: forked from one that has imported everything.

All that is left out is importing, which takes a second of processor time. Signals, exit codes, standard streams,
the environment and the folder are as of ``python -m bot``; the tests of importing itself start that.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import IO, Self

PIPE = subprocess.PIPE
_ENVIRONMENT = os.environ  # noqa: TID251 - that of the program
# A request is one datagram: the largest environment and command line that a test has are far smaller.
_LONGEST = 200_000


@cache
def _nursery() -> socket.socket:
    """Start the process that the programs are forked from; it ends with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", "tests.programs", str(theirs.fileno())]
    # Its end is that of the socket; nobody waits for it.
    # In a session of its own, no program reads a password from the terminal of whoever runs the tests.
    subprocess.Popen(command, pass_fds=[theirs.fileno()], start_new_session=True).returncode = 0
    theirs.close()
    return ours


class Program:
    """A running ``python -m MODULE``; what is here of subprocess.Popen does what it does there."""

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        env: Mapping[str, str],
        folder: Path | None = None,
        stdin: int | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> None:
        self.returncode: int | None = None
        self.stdin, inner_in = _piped(stdin, 0, is_input=True)
        self.stdout, inner_out = _piped(stdout, 1)
        self.stderr, inner_err = _piped(stderr, 2)
        self._told, tell = os.pipe()
        asked = {
            "module": module,
            "arguments": list(arguments),
            "env": dict(env),
            "folder": str(folder or Path.cwd()),
        }
        streams = [inner_in, inner_out, inner_err, tell]
        socket.send_fds(_nursery(), [json.dumps(asked).encode()], streams)
        for given, inner in ((stdin, inner_in), (stdout, inner_out), (stderr, inner_err), (PIPE, tell)):
            if given == PIPE:
                os.close(inner)
        self.pid = int(os.read(self._told, 20))

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code, or minus the number of the signal. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("the program", timeout or 0)
            self.returncode = os.waitstatus_to_exitcode(int(os.read(self._told, 20)))
            os.close(self._told)
        return self.returncode

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Read what it still prints, wait for its end, and close the streams. Raises subprocess.TimeoutExpired."""
        if self.stdin is not None:
            self.stdin.close()
        read = ["", ""]

        def read_all(number: int, stream: IO[str]) -> None:
            if not stream.closed:
                read[number] = stream.read()

        readers = [
            Thread(target=read_all, args=(number, stream), daemon=True)
            for number, stream in enumerate((self.stdout, self.stderr))
            if stream is not None
        ]
        for reader in readers:
            reader.start()
        self.wait(timeout)
        for reader in readers:
            reader.join()
        self._close()
        return read[0], read[1]

    def _close(self) -> None:
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        self.wait()


def _piped(asked: int | None, number: int, *, is_input: bool = False) -> tuple[IO[str] | None, int]:
    """Return our end of a stream, None where there is none, and the end of the program."""
    if asked is None:
        return None, number
    if asked != PIPE:
        return None, asked
    read, write = os.pipe()
    ours, theirs = (write, read) if is_input else (read, write)
    return os.fdopen(ours, "w" if is_input else "r", encoding="utf-8"), theirs


def _serve(requests: socket.socket) -> dict[str, object]:
    """Fork a process for each request, and return the request in that process."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        asked, streams, _, _ = socket.recv_fds(requests, _LONGEST, 4)
        if not asked:
            os._exit(0)
        if os.fork() == 0:
            requests.close()
            break
        for each in streams:
            os.close(each)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    tell = streams.pop()
    if pid := os.fork():
        # Between the nursery and the program: tells its number, and how it ended.
        for each in streams:
            os.close(each)
        os.write(tell, f"{pid}".ljust(20).encode())
        os.write(tell, f"{os.waitpid(pid, 0)[1]}".ljust(20).encode())
        os._exit(0)
    os.close(tell)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    request: dict[str, object] = json.loads(asked)
    return request


def _import_everything() -> None:
    import pkgutil
    from importlib import import_module

    import bot

    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if not module.name.startswith(("bot.__main__", "bot.store.migrations")):
            import_module(module.name)


def _main() -> None:
    import gc
    import runpy

    _import_everything()
    gc.freeze()
    request = _serve(socket.socket(fileno=int(sys.argv[1])))
    os.chdir(str(request["folder"]))
    _ENVIRONMENT.clear()
    _ENVIRONMENT.update(request["env"])  # type: ignore[call-overload]
    sys.argv = [str(request["module"]), *request["arguments"]]  # type: ignore[misc]
    sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    runpy.run_module(str(request["module"]), run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
