"""Check the container image from inside; ``tools.image`` copies this file into a build upon the image.

It needs the standard library alone. ``expected.json`` beside it has the image's configuration.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

UID = 10001
_DATA = Path("/data")
_ADDRESS = "RELEASE_BOT_MONITORING__ADDRESS"
# Seconds, on a slow machine.
_PATIENCE = 120
_STOPS_WITHIN = 20
_NAMES = frozenset({".git", ".venv", ".env", "bot.toml"})
_ENDINGS = (".db", ".db-wal", ".db-shm")
_SYSTEM = frozenset({"/proc", "/sys", "/dev", "/probe"})


class ProbeError(Exception):
    """What is wrong with the image."""


def unwanted(root: Path) -> Iterator[Path]:
    """Yield what does not belong into an image: a repository, an environment, tests, databases, a configuration."""
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if str(Path(folder, name)) not in _SYSTEM]
        found = [name for name in (*folders, *files) if name in _NAMES or name.endswith(_ENDINGS)]
        if Path(folder).name == "site-packages" and "tests" in folders:
            found.append("tests")
        yield from (Path(folder, name) for name in found)


def check_user(expected: Mapping[str, Any]) -> None:
    """Raise ProbeError unless the image's user has no rights, owns the volume and can write there."""
    if os.getuid() != UID or not expected.get("User"):
        raise ProbeError(f"runs as uid {os.getuid()}, not {UID}")
    if found := sorted(path.name for path in _DATA.iterdir()):
        raise ProbeError(f"{_DATA} is not empty: {', '.join(found)}")
    (_DATA / "written").write_text("by its user")
    (_DATA / "written").unlink()


def check_content(_: Mapping[str, Any]) -> None:
    """Raise ProbeError if the image has what does not belong into it."""
    if found := [str(path) for path in unwanted(Path("/"))]:
        raise ProbeError(f"has {', '.join(found)}")


def check_version(expected: Mapping[str, Any]) -> None:
    """Raise ProbeError unless the program runs, with the base's own Python."""
    print(_run(["release-bot", "--version"]).strip())
    python = ".".join(map(str, sys.version_info[:2]))
    if python != expected["Python"]:
        raise ProbeError(f"has Python {python}, not {expected['Python']}")


def check_demo(_: Mapping[str, Any]) -> None:
    """Raise ProbeError unless the demo prints its digest."""
    if "6 patch releases of DIRAC" not in (printed := _run(["release-bot", "demo"])):
        raise ProbeError(f"the demo printed:\n{printed}")


def check_worker(expected: Mapping[str, Any]) -> None:
    """Raise ProbeError unless the worker becomes healthy, by the image's own check, and ends at SIGTERM with 0."""
    # Without isolation of the network, the image's port may be taken.
    with socket.create_server(("127.0.0.1", 0)) as server:
        variables = {**os.environ, _ADDRESS: f"127.0.0.1:{server.getsockname()[1]}"}  # noqa: TID251
    check = _health_check(expected)
    if _is_healthy(check, variables):
        raise ProbeError("is healthy without a worker")
    worker = subprocess.Popen([*expected["Entrypoint"], *expected["Cmd"]], cwd="/", env=variables)
    try:
        _wait_until_healthy(check, variables, worker)
        worker.send_signal(signal.SIGTERM)
        if (code := worker.wait(_STOPS_WITHIN)) != 0:
            raise ProbeError(f"SIGTERM ends the worker with exit code {code}")
    except subprocess.TimeoutExpired as error:
        raise ProbeError(f"the worker runs {_STOPS_WITHIN} s after SIGTERM") from error
    finally:
        worker.kill()
    if not (_DATA / "bot.db").is_file():
        raise ProbeError("the worker has no database in /data")


def _health_check(expected: Mapping[str, Any]) -> list[str]:
    kind, *command = (expected.get("Healthcheck") or {}).get("Test") or ["NONE"]
    if kind != "CMD":
        raise ProbeError("has no health check: build it in Docker's format (--format docker)")
    return command


def _is_healthy(check: Sequence[str], variables: Mapping[str, str]) -> bool:
    return subprocess.run(check, env=variables, capture_output=True, timeout=_PATIENCE, check=False).returncode == 0


def _wait_until_healthy(check: Sequence[str], variables: Mapping[str, str], worker: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _PATIENCE
    while not _is_healthy(check, variables):
        if worker.poll() is not None or time.monotonic() > until:
            raise ProbeError(f"the worker is not healthy; its exit code: {worker.poll()}")
        time.sleep(0.2)


def _run(command: Sequence[str]) -> str:
    ran = subprocess.run(command, cwd="/tmp", capture_output=True, text=True, timeout=_PATIENCE, check=False)  # noqa: S108
    if ran.returncode != 0:
        raise ProbeError(f"{' '.join(command)}: exit code {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


CHECKS: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
    f"runs as uid {UID}, which can write to /data": check_user,
    "has no repository, environment, tests, database or configuration": check_content,
    "release-bot --version": check_version,
    "release-bot demo": check_demo,
    "the worker is healthy, and SIGTERM ends it with exit code 0": check_worker,
}


def main() -> int:
    """Make every check, print how each ends, and return the exit code."""
    expected = json.loads(Path(__file__).with_name("expected.json").read_text())
    code = 0
    for name, check in CHECKS.items():
        try:
            check(expected)
        except ProbeError as error:
            print(f"error: {name}: {error}", flush=True)
            code = 1
        else:
            print(f"ok: {name}", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
