"""The recorded forges and package index on loopback, and the demo's configuration with their addresses."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from shlex import quote

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.gitlab import RecordedGitLab
from bot.demo.recorded.history import NAMES, load
from bot.demo.recorded.index import RecordedIndex, load_project

# The recorded forges accept it; it opens nothing.
TOKEN = "demo-token"  # noqa: S105 - as said
VARIABLES = {"GITHUB_TOKEN": TOKEN, "GITLAB_CTA_TOKEN": TOKEN}
PYPI = "pypi"
_ON_GITHUB = "DIRACGrid/"


@contextmanager
def serve_forges(now: Callable[[], datetime]) -> Iterator[Mapping[str, str]]:
    """Serve every recorded repository as its forge would, and DIRAC's files as PyPI; yield the base URL of each."""
    on_github = [load(name) for name in NAMES if name.startswith(_ON_GITHUB)]
    on_gitlab = [load(name) for name in NAMES if not name.startswith(_ON_GITHUB)]
    with (
        RecordedGitHub(on_github, tokens=[TOKEN], now=now) as github,
        RecordedGitLab(on_gitlab, tokens=[TOKEN], now=now) as gitlab,
        RecordedIndex({"DIRAC": load_project("DIRAC")}) as index,
    ):
        yield {"github": github.url, "gitlab": gitlab.url, PYPI: index.base_url}


def with_addresses(configuration: str, addresses: Mapping[str, str]) -> str:
    """Return a configuration with the base URL of each forge of a kind in ``addresses`` replaced, or added.

    So is that of the package index ``pypi``, where it has a table.
    """
    for kind, address in addresses.items():
        head = rf"\[indexes\.{kind}\]" if kind == PYPI else f'kind = "{kind}"'
        pattern = rf"^({head}\n)(?:base_url = .*\n)?"
        configuration = re.sub(pattern, rf'\g<1>base_url = "{address}"\n', configuration, flags=re.MULTILINE)
    return configuration


def how_to_use(config: Path, program: str) -> str:
    """Return what to type in another terminal to run commands against the served forges."""
    variables = " ".join(f"{name}={quote(value)}" for name, value in VARIABLES.items())
    commands = ("poll", "watch check github:DIRACGrid/diracx", "doctor")
    lines = [f"export RELEASE_BOT_CONFIG={quote(str(config.resolve()))}", f"export {variables}"]
    return "\n".join(f"  {line}" for line in (*lines, *(f"{program} {command}" for command in commands)))
