"""No secret is ever shown: each is put where one can be, and all that is said, logged, posted and kept is searched."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from bot.app import now
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.gitlab import RecordedGitLab
from bot.demo.recorded.history import load
from bot.demo.recorded.server import LoopbackServer, Request, Response
from tests.chats.notify.fakes import TOKEN as MATTERMOST_TOKEN
from tests.chats.notify.fakes import FakeMattermost
from tests.chats.slack.fake_slack import APP_TOKEN, Failure, FakeSlack
from tests.chats.slack.fake_slack import TOKEN as SLACK_TOKEN
from tests.cli.conftest import CTADIRAC, Product, configuration
from tests.config.files import BASE, DIGEST, GITHUB
from tests.histories import a_part_of
from tests.worker.test_worker import lines_until, running, stopped

SECRETS = {
    "GITHUB_TOKEN": "gh-s3cret-1f0e",
    "GITLAB_TOKEN": "gl-s3cret-2a9b",
    "SLACK_BOT_TOKEN": SLACK_TOKEN,
    "SLACK_APP_TOKEN": APP_TOKEN,
    "SLACK_SIGNING_SECRET": "sign-s3cret-3c7d",
}
# Apprise's address of a place, and what of it is a secret by itself.
ADDRESS = "mmost://{host}/hooks-s3cret/" + MATTERMOST_TOKEN + "?cto=2&rto=2"
ADDRESS_SECRETS = ["hooks-s3cret", MATTERMOST_TOKEN]
ALL_SECRETS = [*SECRETS.values(), *ADDRESS_SECRETS]
COMMANDS = (
    ("poll",),
    ("poll", "--full"),
    ("status",),
    ("status", "--format", "json"),
    ("doctor",),
    ("doctor", "--format", "json"),
    ("digest", "weekly"),
    ("digest", "weekly", "--post", "--as-of", "2021-02-22"),
    ("deliveries", "list", "--all"),
    ("watch", "list"),
    ("watch", "check", "github:DIRACGrid/COMDIRAC"),
    ("config", "check"),
    ("config", "show"),
    ("config", "show", "--format", "json"),
    ("ask", "how many releases in 2020?"),
    ("db", "export", "-"),
)


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as server:
        yield server


@pytest.fixture
def forges() -> Iterator[tuple[RecordedGitHub, RecordedGitLab]]:
    with ExitStack() as stack:
        on_github = [a_part_of("DIRACGrid/DIRAC", 20), load("DIRACGrid/COMDIRAC")]
        github = RecordedGitHub(on_github, tokens=[SECRETS["GITHUB_TOKEN"]], now=now)
        gitlab = RecordedGitLab([a_part_of(CTADIRAC, 20)], tokens=[SECRETS["GITLAB_TOKEN"]], now=now)
        yield stack.enter_context(github), stack.enter_context(gitlab)


@pytest.fixture
def whole(
    product: Product,
    forges: tuple[RecordedGitHub, RecordedGitLab],
    slack: FakeSlack,
    mattermost: FakeMattermost,
    monkeypatch: pytest.MonkeyPatch,
) -> Product:
    github, gitlab = forges
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    monkeypatch.setenv("MATTERMOST_URL", ADDRESS.format(host=mattermost.host))
    more = (
        f'[forges.cta]\nkind = "gitlab"\nbase_url = "{gitlab.url}"\ntoken_env = "GITLAB_TOKEN"\n'
        f'[[repositories]]\nforge = "cta"\npath = "{CTADIRAC}"\n[slack]\nbase_url = "{slack.url}/"\n'
        '[places.mattermost]\nurl_env = "MATTERMOST_URL"\n'
        '[[digests]]\nname = "weekly"\nchannel = "#dirac-releases"\nalso = ["mattermost"]\n'
        'schedule = "0 9 * * mon"\nperiod = "last-week"\n'
    )
    product.configure(configuration(github, product.folder, more=more))
    return product


def kept(folder: Path) -> str:
    """Return everything that was written to the folder but the configuration, the database's rows among it."""
    with closing(sqlite3.connect(folder / "bot.db")) as database:
        rows = "\n".join(database.iterdump())
    files = (path for path in folder.iterdir() if path.name.startswith("bot.db"))
    return rows + "".join(path.read_bytes().decode("latin-1") for path in files)


def shown(text: str, secrets: Sequence[str]) -> list[str]:
    return [secret for secret in secrets if secret in text]


def echo(status: int) -> "object":
    """Answer with everything that was sent, as a proxy that wants to help."""

    def answer(request: Request) -> Response:
        told = " ".join([request.path, *request.headers.values(), *request.query.values()])
        return Response.json(status, {"message": told, "error": told, "errors": [{"message": told}]})

    return answer


def test_nothing_shows_a_secret_where_all_is_well(whole: Product, slack: FakeSlack) -> None:
    said = [whole("--log-level", "debug", *command) for command in COMMANDS]
    assert [each.code for each in said[:2]] == [0, 0]
    told = "".join(each.out + each.err for each in said) + str(slack.messages)
    assert "DIRACGrid/DIRAC" in told
    assert shown(told + kept(whole.folder), ALL_SECRETS) == []


@pytest.mark.long
@pytest.mark.parametrize("status", [200, 401, 403, 404, 500])
def test_nothing_shows_a_secret_that_comes_back_from_a_forge_or_slack(
    whole: Product,
    forges: tuple[RecordedGitHub, RecordedGitLab],
    slack: FakeSlack,
    mattermost: FakeMattermost,
    status: int,
) -> None:
    servers: list[LoopbackServer] = [*forges, slack, mattermost]
    for server in servers:
        server.interceptor = echo(status)  # type: ignore[assignment]
    text = Response.json(status, {"ok": False, "error": f"bad {SLACK_TOKEN}"})
    slack.fail_next(*(Failure(text) for _ in range(3)))
    told = "".join(said.out + said.err for said in (whole("--log-level", "debug", *command) for command in COMMANDS))
    assert "error: github:DIRACGrid/DIRAC: " in told
    assert mattermost.requests != []
    assert shown(told + kept(whole.folder), ALL_SECRETS) == []


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_worker_logs_no_secret(whole: Product, log_format: str) -> None:
    environment = dict(SECRETS)
    environment["SLACK_BOT_TOKEN"] = "xoxb-another-s3cret"  # refused, so that there is something to say
    environment["MATTERMOST_URL"] = "mmosts://127.0.0.1:1/hooks-s3cret/" + MATTERMOST_TOKEN
    with running(whole.config, "--log-level", "debug", "--log-format", log_format, **environment) as process:
        log = lines_until(process, " of github: 20 new tags, 0 failed")
        log += stopped(process)
    assert shown(log + kept(whole.folder), [*environment.values(), *ADDRESS_SECRETS]) == []


@pytest.mark.parametrize(
    "text",
    [
        GITHUB + "token = 'ghp_s3cretS3cretS3cretS3cretS3cretS3cret'\n",
        GITHUB + "token_env = 'ghp_s3cretS3cretS3cretS3cretS3cretS3cret'\n",
        GITHUB + "base_url = 'https://me:s3cret@github.example'\n",
        GITHUB + "base_url = 'https://github.example/?private_token=s3cret'\n",
        BASE + "name = 7\naliases = 'glpat-s3cretS3cretS3cretS3'\n",
        BASE + "scheme = 'github_pat_s3cretS3cretS3cretS3cret'\n",
        "[database]\nurl = 'postgresql://bot:s3cret@host:port/name'\n",
        "[database]\nurl = 'oracle://bot:s3cret@host/name'\n",
        "[database]\nurl = 'postgresql://host/name?password=s3cret'\nxoxb-s3cret = 1\n",
        "[slack]\nbot_token = 'xoxb-s3cret'\n",
        "[places.chat]\nurl_env = 'mmosts://chat.example.org/s3cret'\n",
        "[slack]\nbot_token_env = 'xoxb-s3cret'\n",
        "[slack]\nmaintainers = ['xapp-1-s3cret']\n",
        BASE + DIGEST.replace('"#c"', '["xoxb-s3cret"]'),
        BASE + DIGEST.replace('"last-week"', '"xoxb-s3cret"'),
        "time_zone = 'xoxb-s3cret'\n",
    ],
)
def test_a_secret_in_a_wrong_place_of_the_configuration_is_not_shown(product: Product, text: str) -> None:
    product.configure(text)
    said = [product(*command) for command in (("config", "check"), ("config", "show"), ("doctor",))]
    assert said[0].code == 2
    assert shown("".join(each.out + each.err for each in said).lower(), ["s3cret"]) == []


@pytest.mark.parametrize("url", ["postgresql://bot:s3cret@127.0.0.1:1/x", "postgresql://127.0.0.1:1/x?password=s3cret"])
def test_a_database_password_is_not_shown(whole: Product, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    said = [whole("--log-level", "debug", *command) for command in COMMANDS]
    assert [each.code for each in said[:2]] == [1, 1]
    assert shown("".join(each.out + each.err for each in said), ["s3cret@", "=s3cret", ":s3cret"]) == []
