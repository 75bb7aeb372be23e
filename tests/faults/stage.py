"""A bot with its forges, its Slack and its folder, whose commands are really run, in a time of its own."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from bot.app import open_app
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.gitlab import RecordedGitLab
from bot.demo.recorded.history import RecordedRepository, RecordedTag, load
from bot.store.schema import repositories, tags
from bot.store.store import Store
from tests.chats.slack.fake_slack import MAINTAINER, FakeSlack
from tests.chats.slack.fake_slack import TOKEN as SLACK_TOKEN
from tests.faults.clock import CLOCK, MONDAY
from tests.faults.commands import Said, run, variables

TOKEN = "t0ken-of-the-tests"
COMDIRAC, VMDIRAC = "DIRACGrid/COMDIRAC", "DIRACGrid/VMDIRAC"
CTADIRAC = "cta-computing/dpps/workload/CTADIRAC"
NEW = "v9r9"


@dataclass
class Stage:
    """Two repositories on GitHub and one on GitLab, watched by a bot that has polled them once."""

    folder: Path
    github: RecordedGitHub
    gitlab: RecordedGitLab
    slack: FakeSlack
    repositories: dict[str, RecordedRepository]
    environment: dict[str, str] = field(default_factory=dict)
    more: str = ""

    @property
    def file(self) -> Path:
        return self.folder / "bot.db"

    def run(self, *arguments: str) -> Said:
        """Run a command of the bot."""
        return run(self.folder, self.environment, *arguments)

    def deliver(self) -> None:
        """Do what the worker does every minute with the digests on their way."""
        with variables(self.environment), redirect_stderr(io.StringIO()):
            app = open_app(str(self.folder / "bot.toml"))
            with app.store() as store:
                app.delivery_sender(store).deliver_all()

    def configure(self, **changed: str) -> None:
        """Write the configuration, with other addresses, another access or database where they are named."""
        urls = {"database": f"sqlite:///{self.file}", "github": self.github.url, "gitlab": self.gitlab.url}
        urls |= {"slack": f"{self.slack.url}/", "access": 'token_env = "GITHUB_TOKEN"'} | changed
        (self.folder / "bot.toml").write_text(
            f'time_zone = "Europe/Paris"\n[database]\nurl = "{urls["database"]}"\n'
            f'[forges.github]\nkind = "github"\nbase_url = "{urls["github"]}"\n{urls["access"]}\n'
            f'[forges.cta]\nkind = "gitlab"\nbase_url = "{urls["gitlab"]}"\ntoken_env = "GITLAB_TOKEN"\n'
            f'[[repositories]]\nforge = "github"\npath = "{COMDIRAC}"\n'
            f'[[repositories]]\nforge = "github"\npath = "{VMDIRAC}"\n'
            f'[[repositories]]\nforge = "cta"\npath = "{CTADIRAC}"\n'
            f'[slack]\nbase_url = "{urls["slack"]}"\nmaintainers = ["{MAINTAINER}"]\n'
            '[[digests]]\nname = "weekly"\nchannel = "#dirac-releases"\n'
            f'schedule = "0 9 * * mon"\nperiod = "last-week"\n{self.more}'
        )

    def tag(self, *names: str, path: str = COMDIRAC) -> None:
        """Let somebody make tags, each on a commit of its own."""
        for name in names:
            self.repositories[path].put(RecordedTag(name, name.encode().hex().ljust(40, "0"), CLOCK()))

    def held(self) -> dict[str, tuple[str, str]]:
        """Return what the bot holds: each tag's commit and state."""
        columns = (tags.c.name, tags.c.commit, tags.c.state)
        query = sa.select(repositories.c.key, *columns).join_from(repositories, tags)
        with Store.open(f"sqlite:///{self.file}") as store, store.database.reading() as connection:
            return {f"{key} {name}": (commit, state) for key, name, commit, state in connection.execute(query)}


@contextmanager
def stage() -> Iterator[Stage]:
    """Set a stage on which the bot has polled once."""
    with _unpolled() as made:
        made.file.write_bytes(_polled())
        made.file.chmod(0o600)
        yield made


@cache
def _polled() -> bytes:
    """Return the database that the first poll leaves: the same on every stage."""
    with _unpolled() as made:
        assert made.run("poll").code == 0
        return made.file.read_bytes()


@contextmanager
def _unpolled() -> Iterator[Stage]:
    CLOCK.at = MONDAY
    repositories = {path: load(path) for path in (COMDIRAC, VMDIRAC, CTADIRAC)}
    on_github = [repositories[COMDIRAC], repositories[VMDIRAC]]
    with (
        TemporaryDirectory() as folder,
        RecordedGitHub(on_github, tokens=[TOKEN], now=CLOCK) as github,
        RecordedGitLab([repositories[CTADIRAC]], tokens=[TOKEN], now=CLOCK) as gitlab,
        FakeSlack(socket_mode=False) as slack,
    ):
        slack.workspace.clock = lambda: CLOCK().timestamp()
        made = Stage(Path(folder), github, gitlab, slack, repositories)
        made.environment = {"GITHUB_TOKEN": TOKEN, "GITLAB_TOKEN": TOKEN, "SLACK_BOT_TOKEN": SLACK_TOKEN}
        made.configure()
        yield made
