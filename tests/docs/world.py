"""What stands around the commands of a page: a checkout of the project, recorded forges, a Slack and a Mattermost.

Whatever a page says to reach outside the machine is reached on loopback instead, and what is printed of
that is turned back. The clock of everything begins at ``NOON``.
"""

import re
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import tomlkit

from bot.app import now as real_now
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.gitlab import RecordedGitLab
from bot.demo.recorded.history import NAMES, RecordedRepository, RecordedTag, load
from bot.demo.recorded.index import RecordedIndex, load_project
from bot.demo.serve import PYPI, TOKEN, with_addresses
from tests.chats.notify.fakes import FakeMattermost
from tests.chats.slack import fake_slack
from tests.docs.door import door, write_program
from tests.programs import Program

ROOT = Path(__file__).parents[2]
# Ten in the morning in Paris; the demo was polled five minutes before.
NOON = datetime(2026, 11, 24, 9, tzinfo=UTC)
_POLLED = NOON - timedelta(minutes=5)
# Where the pages have the reader's folder.
_HOME = "/srv/bot"
_GITLAB = "https://gitlab.cta-observatory.org"
# What is another in every run: times of today, durations, what is left of a limit, sizes, ports, versions.
_MASKS = {
    rf"({NOON:%Y-%m-%d}|{NOON:%-d %b}(?: {NOON:%Y})?)(T| )\d\d:\d\d(:\d\d)?(\.\d+)?": r"\1\2HH:MM",
    r"\bin \d+\.\d s\b": "in N s",
    r"[\d,]+ of ([\d,]+ (?:left|requests left|requests are left))": r"N of \1",
    r"\b\d+\.\d MB\b": "N MB",
    r"127\.0\.0\.1:\d+": "127.0.0.1:PORT",
    r"(schema |\"revision\":\")\d{4}": r"\1NNNN",
    r"release-bot \d+\.\d+\.\d+\S*": "release-bot VERSION",
}


def masked(line: str) -> str:
    """Return a line without what is another in every run."""
    for pattern, mask in _MASKS.items():
        line = re.sub(pattern, mask, line)
    return line


def make_demo(folder: Path) -> Path:
    """Run the demo on the pages' day; return the folder that it leaves."""
    left = folder / "demo"
    arguments = [str(_until(_POLLED)), "demo", "--folder", str(left)]
    with (folder / "printed").open("w") as printed:
        program = Program("tests.docs.travelled", arguments, env={}, stdout=printed.fileno())
        assert program.wait() == 0
    return left


def _until(begins: datetime) -> float:
    """Return by how many seconds the clock is ahead that begins then."""
    return (begins - real_now()).total_seconds()


@dataclass(frozen=True)
class World:
    """The folder that a page's commands run in, and who answers them."""

    folder: Path
    demo: Path
    github: RecordedGitHub
    gitlab: RecordedGitLab
    index: RecordedIndex
    slack: fake_slack.FakeSlack
    mattermost: FakeMattermost

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment to begin with."""
        path = f"{self.folder}/.venv/bin:{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
        return {"PATH": path, "HOME": str(self.folder), "LOGNAME": "chris", "LANG": "C.UTF-8"}

    def typed(self, command: str) -> str:
        """Return a command with secrets and addresses that the stand-ins accept."""
        for shown, meant in {
            "GITHUB_TOKEN=...": f"GITHUB_TOKEN={TOKEN}",
            "ghp_...": TOKEN,
            "xoxb-...": fake_slack.TOKEN,
            "xapp-...": fake_slack.APP_TOKEN,
            "mmosts://chat.example.org/1a2b3c4d5e6f7g8h9i0j1k2l3m": self.mattermost.address,
        }.items():
            command = command.replace(shown, meant)
        # What it asks and writes has no other addresses than the reader's.
        return f"{self._exported()}; {command}" if command.startswith("release-bot init") else command

    def _exported(self) -> str:
        """Return the command that has a configuration's services answered by the stand-ins from now on."""
        keys = {
            "FORGES__GITHUB__KIND": "github",
            "FORGES__GITHUB__BASE_URL": self.github.url,
            "SLACK__BASE_URL": f"{self.slack.url}/",
        }
        return "export " + " ".join(f"RELEASE_BOT_{key}={value}" for key, value in keys.items())

    def read(self, line: str) -> str:
        """Return a printed line with the real services' names in place of the stand-ins' addresses."""
        for printed, shown in {
            str(self.folder): _HOME,
            # The pages of a GitHub are at another host than its API.
            **{f"{self.github.url}/{owner}/": f"https://github.com/{owner}/" for owner in ("DIRACGrid", "my-lab")},
            self.github.url: "https://api.github.com",
            self.gitlab.url: _GITLAB,
            self.index.base_url: "https://pypi.org/simple/",
            self.slack.url: "https://slack.com/api",
        }.items():
            line = line.replace(printed, shown)
        return line

    def write(self, name: str, text: str) -> None:
        """Write a file of the reader's; a configuration gets the stand-ins' addresses."""
        if name.endswith(".toml"):
            text = with_addresses(text, {"github": self.github.url, PYPI: self.index.base_url}).replace(
                _GITLAB, self.gitlab.url
            )
            table = "" if re.search(r"^\[slack\]$", text, re.MULTILINE) else "\n[slack]\n"
            text = re.sub(
                r"^\[slack\]\n", f'[slack]\nbase_url = "{self.slack.url}"\n', text + table, flags=re.MULTILINE
            )
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def merge(self, name: str, text: str) -> None:
        """Put tables into a TOML file in place of those of the same names."""
        path = self.folder / name
        path.write_text(tomlkit.dumps({**tomllib.loads(path.read_text()), **tomllib.loads(text)}))

    def give(self, what: str) -> None:
        """Let something of ``_GIVEN`` happen."""
        _GIVEN[what](self)


@contextmanager
def made_world(folder: Path, demo: Path) -> Iterator[World]:
    """Serve everything for a page whose folder this is, with the demo that was made."""
    begins = NOON - real_now()

    def now() -> datetime:
        return real_now() + begins

    with ExitStack() as stack:
        on_github = [load(name) for name in NAMES if name.startswith("DIRACGrid/")]
        on_gitlab = [load(name) for name in NAMES if not name.startswith("DIRACGrid/")]
        world = World(
            folder,
            demo,
            stack.enter_context(RecordedGitHub(on_github, tokens=[TOKEN], now=now)),
            stack.enter_context(RecordedGitLab(on_gitlab, tokens=[TOKEN], now=now)),
            stack.enter_context(RecordedIndex({"DIRAC": load_project("DIRAC")})),
            stack.enter_context(fake_slack.FakeSlack()),
            stack.enter_context(FakeMattermost()),
        )
        world.slack.workspace.clock = lambda: now().timestamp()
        _check_out(world, stack.enter_context(door(_until(NOON))))
        yield world


def _check_out(world: World, address: Path) -> None:
    """Lay out a checkout that is set up."""
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy2(ROOT / name, world.folder)
    world.write("config/bot.toml", (ROOT / "config" / "bot.toml").read_text())
    programs = world.folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    write_program(programs / "release-bot", address)
    (world.folder / ".venv" / ".stamp").touch()


def _serve_demo(world: World) -> None:
    _GIVEN["the demo"](world)
    world.write("demo/bot.toml", (world.demo / "bot.toml").read_text())


def _copy_database(world: World) -> None:
    shutil.copy2(world.demo / "release-bot.db", world.folder)


def _expire_token(world: World) -> None:
    expires = NOON + timedelta(days=3)
    world.github.of_tokens["github-authentication-token-expiration"] = f"{expires:%Y-%m-%d %H:%M:%S} UTC"


def _replace_vmdirac(world: World) -> None:
    path = "DIRACGrid/VMDIRAC"
    world.github.repositories.remove(path)
    world.github.repositories.add(replace(load("DIRACGrid/COMDIRAC"), path=path, identity="another"))


def _rename_comdirac(world: World) -> None:
    path = "DIRACGrid/COMDIRAC"
    world.github.repositories.remove(path)
    world.github.repositories.add(replace(load(path), path=f"{path}-old", identity=path))


def _repository(path: str, **tags: str) -> Callable[[World], None]:
    """Return what makes a repository on GitHub, with tags on commits of these days."""

    def make(world: World) -> None:
        repository = RecordedRepository(path)
        for number, (name, day) in enumerate(tags.items(), 1):
            at = datetime.fromisoformat(f"{day}T09:00:00+00:00")
            repository.put(RecordedTag(name.replace("_", ".").replace("..", "-"), f"{number:040x}", at))
        world.github.repositories.add(repository)

    return make


_GIVEN: dict[str, Callable[[World], Any]] = {
    "the demo": lambda world: shutil.copytree(world.demo, world.folder / "demo"),
    "the demo is served": _serve_demo,
    "a database": _copy_database,
    "the token expires": _expire_token,
    "DIRACOS2 is deleted": lambda world: world.github.repositories.remove("DIRACGrid/DIRACOS2"),
    "another repository is made at the path of VMDIRAC": _replace_vmdirac,
    "COMDIRAC is renamed to COMDIRAC-old": _rename_comdirac,
    "DIRACGrid/Pilot": _repository("DIRACGrid/Pilot", v1="2021-03-01"),
    "my-lab/analysis-tool": _repository(
        "my-lab/analysis-tool",
        v1_0_0="2026-04-02",
        v1_0_1="2026-05-08",
        v1_1_0="2026-08-26",
        v1_1_1="2026-10-15",
        v1_2_0__rc_1="2026-11-15",
        v1_2_0="2026-11-18",
        v1_2_1="2026-11-19",
        nightly="2026-11-23",
    ),
}
