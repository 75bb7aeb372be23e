"""Commands of the bot that are really run, and what they said."""

import io
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.cli.main import run as run_command

_ENVIRONMENT = os.environ  # noqa: TID251 - the commands read it


@dataclass(frozen=True)
class Said:
    """What a command left: its exit code and what it printed, without what differs from run to run."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(folder: Path, environment: dict[str, str], *arguments: str) -> Said:
    """Run a command with the configuration in a folder."""
    out, err = io.StringIO(), io.StringIO()
    with variables(environment), redirect_stdout(out), redirect_stderr(err):
        code = run_command(["--config", str(folder / "bot.toml"), *arguments])
    return Said(code, _steady(out.getvalue(), str(folder)), _steady(err.getvalue(), str(folder)))


@contextmanager
def variables(only: dict[str, str]) -> Iterator[None]:
    """Let these be all the environment."""
    kept = dict(_ENVIRONMENT)
    _ENVIRONMENT.clear()
    _ENVIRONMENT.update(only)
    try:
        yield
    finally:
        _ENVIRONMENT.clear()
        _ENVIRONMENT.update(kept)


def _steady(text: str, folder: str) -> str:
    """Take out what differs from run to run: the folder, ports, and request numbers."""
    text = text.replace(folder, "/srv/release-bot")
    text = re.sub(r"port \d+", "port PORT", text)
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
