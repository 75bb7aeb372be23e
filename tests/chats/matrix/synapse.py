"""Synapse, Matrix's own homeserver, on a free port of loopback with a database of its own in a folder.

It is installed into a folder of its own, by ``make matrix``: its packages are not those of the bot.
"""

import hashlib
import hmac
import json
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
import requests

from bot.demo.recorded.server import LoopbackServer, Request, Response
from tests.chats.matrix.account import Account, Json

ROOT = Path(__file__).parents[3]
PYTHON = ROOT / ".synapse" / "bin" / "python"
SERVER = "matrix.test"
_SECRET = "registers-accounts"
_STARTING = 60
_LIMITS = ("rc_message", "rc_registration", "rc_admin_redaction", "rc_joins_per_room", "rc_room_creation")
_HOP_BY_HOP = {"connection", "content-length", "transfer-encoding", "date"}


class Synapse(LoopbackServer):
    """The homeserver behind a proxy at ``.url``, which fails when told to; people connect to ``.direct``."""

    name = SERVER

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__()
        self.direct = f"http://127.0.0.1:{port}"
        self._folder = folder
        self._config = folder / "homeserver.yaml"
        # YAML is a superset of JSON.
        self._config.write_text(json.dumps(_config(folder, port)))
        self._read: dict[tuple[str, str], tuple[list[Json], Json]] = {}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        command: list[str | Path] = [PYTHON, "-m", "synapse.app.homeserver", "--config-path", self._config]
        environment = {"SYNAPSE_CACHE_FACTOR": "0.5", "PATH": "/usr/bin:/bin"}
        subprocess.run([*command, "--generate-keys"], check=True, capture_output=True, env=environment)
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        self._await()
        return super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def answer(self, request: Request) -> Response:
        """Pass a request on."""
        headers = {name: value for name, value in request.headers.items() if name not in {"host", "connection"}}
        address = self.direct + request.path
        try:
            came = requests.request(
                request.method, address, params=request.query, data=request.body, headers=headers, timeout=60
            )
        except requests.ConnectionError:  # the end has come during a long poll
            return Response.json(502, {})
        kept = {name: value for name, value in came.headers.items() if name.lower() not in _HOP_BY_HOP}
        return Response(came.status_code, kept | {"date": came.headers["date"]}, came.content)

    def account(self, name: str) -> Account:
        """Return an account with a device of its own; it is registered if there is none of this name."""
        with suppress(requests.HTTPError):
            self._register(name)
        asked: Any = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": name},
            "password": _SECRET,
        }
        came = requests.post(f"{self.direct}/_matrix/client/v3/login", json=asked, timeout=30)
        came.raise_for_status()
        return Account(self.direct, came.json()["user_id"], came.json()["access_token"])

    def events(self, room: str, reader: Account) -> list[Json]:
        """Return the events of a room that an account may see, oldest first; each is read once."""
        read, after = self._read.setdefault((room, reader.user), ([], {}))
        while True:
            page = reader.call("GET", "rooms", room, "messages", dir="f", limit=1000, **after)
            read += page["chunk"]
            after |= {"from": page["end"]} if "end" in page else {}
            if not page["chunk"]:
                return list(read)

    def set_time(self, at: datetime) -> None:
        """Skip the test."""
        pytest.skip(f"Synapse's clock is the machine's, and cannot be set to {at}")

    def wait(self, is_so: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is so."""
        until = time.monotonic() + seconds
        while not (found := is_so()) and time.monotonic() < until:
            time.sleep(0.2)
        return found

    def _register(self, name: str) -> None:
        address = f"{self.direct}/_synapse/admin/v1/register"
        nonce = requests.get(address, timeout=30).json()["nonce"]
        signed = b"\0".join(part.encode() for part in (nonce, name, _SECRET, "notadmin"))
        mac = hmac.new(_SECRET.encode(), signed, hashlib.sha1).hexdigest()
        asked = {"nonce": nonce, "username": name, "password": _SECRET, "admin": False, "mac": mac}
        requests.post(address, json=asked, timeout=30).raise_for_status()

    def _await(self) -> None:
        until = time.monotonic() + _STARTING
        while time.monotonic() < until:
            assert self._process is not None
            assert self._process.poll() is None, (self._folder / "log").read_text()
            with suppress(requests.ConnectionError):
                if requests.get(f"{self.direct}/_matrix/client/versions", timeout=5).ok:
                    return
            time.sleep(0.1)
        raise TimeoutError((self._folder / "log").read_text())


def _config(folder: Path, port: int) -> dict[str, Any]:
    """Return a configuration without federation, mail, previews and rate limits."""
    high = {"per_second": 100_000, "burst_count": 100_000}
    return {
        "server_name": SERVER,
        "report_stats": False,
        "listeners": [
            {"port": port, "bind_addresses": ["127.0.0.1"], "type": "http", "resources": [{"names": ["client"]}]}
        ],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "media_store_path": str(folder / "media"),
        "signing_key_path": str(folder / "signing.key"),
        "pid_file": str(folder / "pid"),
        "trusted_key_servers": [],
        "federation_domain_whitelist": [],
        "registration_shared_secret": _SECRET,
        "macaroon_secret_key": _SECRET,
        "form_secret": _SECRET,
        "bcrypt_rounds": 4,
        "presence": {"enabled": False},
        **dict.fromkeys(_LIMITS, high),
        "rc_login": dict.fromkeys(("address", "account", "failed_attempts"), high),
        "rc_joins": dict.fromkeys(("local", "remote"), high),
        "rc_invites": dict.fromkeys(("per_room", "per_user", "per_issuer"), high),
    }
