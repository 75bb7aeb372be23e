"""``release-bot doctor``: everything that the bot needs is tried, and what is wrong is said with the mend."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app import now
from bot.cli.doctor import database_checks
from bot.demo.recorded.clock_text import http_date
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.gitlab import RecordedGitLab
from bot.demo.recorded.history import RecordedRepository
from bot.demo.recorded.server import Drop, Request, Response
from bot.services.doctor import Severity
from bot.store.stats import DatabaseHealth
from bot.store.store import Store
from bot.store.upgrade import REVISIONS
from tests.chats.contract.matrix import MatrixWorld
from tests.chats.matrix.fake_matrix import FakeMatrix
from tests.chats.mattermost.fake_mattermost import TOKEN as MATTERMOST_TOKEN
from tests.chats.mattermost.fake_mattermost import FakeMattermost
from tests.chats.slack.fake_slack import APP_TOKEN, FakeSlack
from tests.chats.slack.fake_slack import TOKEN as SLACK_TOKEN
from tests.cli.conftest import CTADIRAC, TOKEN, Product, configuration
from tests.forges.git_places import Repository

DIGEST = '[[digests]]\nname = "weekly"\nchannel = "{}"\nschedule = "0 9 * * mon"\nperiod = "last-week"\n'


@pytest.fixture
def whole(
    product: Product,
    github: RecordedGitHub,
    gitlab: RecordedGitLab,
    slack: FakeSlack,
    monkeypatch: pytest.MonkeyPatch,
) -> Product:
    """A bot with a GitHub, a GitLab, a digest and a Slack, where all is well."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", SLACK_TOKEN)
    monkeypatch.setenv("SLACK_APP_TOKEN", APP_TOKEN)
    more = (
        f'[forges.cta]\nkind = "gitlab"\nbase_url = "{gitlab.url}"\ntoken_env = "GITLAB_TOKEN"\n'
        f'[[repositories]]\nforge = "cta"\npath = "{CTADIRAC}"\n'
        f'[slack]\nbase_url = "{slack.url}/"\n{DIGEST.format("#dirac-releases")}'
    )
    product.configure(configuration(github, product.folder, more=more))
    assert product("db", "upgrade").code == 0
    return product


def checks(product: Product) -> dict[str, list[str]]:
    """Return what is not fine, by verdict."""
    told = product("doctor", "--format", "json").json
    found: dict[str, list[str]] = {"warning": [], "fault": []}
    for each in told["findings"]:
        if each["verdict"] != "fine":
            found[each["verdict"]].append(f"{each['where']}: {each['what']}; {each['hint']}")
    assert told["is_fine"] == (not found["fault"])
    return found


def test_where_all_is_well_every_thing_is_named(whole: Product) -> None:
    said = whole("doctor")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert all(line.startswith("ok       ") for line in lines[:-1])
    assert lines[-1] == "0 errors, 0 warnings"
    assert f"ok       {whole.config}: 2 repositories, 2 forges, 1 digest" in lines
    up_to_date = rf"ok       {re.escape(str(whole.folder))}/bot\.db: up to date \(schema {REVISIONS[-1]}, 0\.\d MB\)"
    assert any(re.fullmatch(up_to_date, line) for line in lines)
    assert "ok       cta: token in $GITLAB_TOKEN is valid; scopes: read_api" in lines
    assert "ok       github: token in $GITHUB_TOKEN is valid; scopes: none" in lines
    assert "ok       github: 1 of 1 repositories accessible" in lines
    assert "ok       slack: connected as release-bot in DIRAC" in lines
    assert "ok       slack #dirac-releases: the bot is a member" in lines
    assert "ok       slack: questions in chat can be answered" in lines
    assert TOKEN not in said.out


def test_whether_webhooks_arrive_is_told(whole: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    text = whole.config.read_text().replace('kind = "github"', 'kind = "github"\nwebhook_secret_env = "HOOK_SECRET"')
    whole.configure(f'{text}[web]\naddress = "127.0.0.1:0"\n')
    assert whole("db", "upgrade").code == 0
    [unset] = checks(whole)["warning"]
    assert unset.startswith("github: $HOOK_SECRET is not set: webhooks are not taken; ")
    monkeypatch.setenv("HOOK_SECRET", "s3cret")
    [silent] = checks(whole)["warning"]
    assert silent.startswith("github: webhooks: none has arrived yet; send a test from the settings of the webhook")
    assert "  webhooks: none has arrived yet\n" in whole("status").out
    with Store.open(f"sqlite:///{whole.folder}/bot.db") as store:
        store.hooks.arrived("github", "github:DIRACGrid/DIRAC", is_news=True)
    assert checks(whole)["warning"] == []
    [line] = [line for line in whole("status").out.splitlines() if "webhooks" in line]
    assert re.fullmatch(r"  webhooks: last one .+, from 1 repository in 7 days, polled every 60 min", line)
    status = whole("status", "--format", "json").json
    [hooks] = [forge["webhooks"] for forge in status["forges"] if forge["forge"] == "github"]
    assert (hooks["repositories"], hooks["every_seconds"]) == (1, 3600.0)
    assert {each["repository"]: each["webhook_at"] for each in status["repositories"]} == {
        "github:DIRACGrid/DIRAC": hooks["last_at"],
        f"cta:{CTADIRAC}": None,
    }
    assert [forge["webhooks"] for forge in status["forges"] if forge["forge"] == "cta"] == [None]


def test_nothing_is_recorded(whole: Product) -> None:
    whole("doctor")
    assert whole("tags", "--format", "json").json == []


def test_a_repository_that_cannot_be_seen(product: Product, github: RecordedGitHub) -> None:
    product.configure(configuration(github, product.folder, "DIRACGrid/DIRAC", "DIRACGrid/Nowhere"))
    assert product("db", "upgrade").code == 0
    said = product("doctor")
    assert said.code == 1
    assert "error    github:DIRACGrid/Nowhere: repository not found on GitHub; check the path" in said.out
    assert "ok       github: 1 of 2 repositories accessible" in said.out
    assert "ok       slack: not used: no digests" in said.out
    assert said.out.endswith("1 error, 0 warnings\n")


@pytest.mark.parametrize("token", ["token_env", "# token_env"], ids=["token", "public"])
def test_another_repository_at_a_watched_path_is_a_fault(
    polled: Product, dirac: RecordedRepository, token: str
) -> None:
    polled.configure(polled.config.read_text().replace("token_env", token))
    dirac.identity = "another"
    for tags in (dirac.tags, {}):
        dirac.tags = dict(tags)
        [fault] = checks(polled)["fault"]
        assert fault.startswith("github:DIRACGrid/DIRAC: another repository is now at this path (id ")
        assert "to watch the new one: release-bot watch accept github:DIRACGrid/DIRAC; " in fault
    dirac.identity = ""
    assert checks(polled)["fault"] == []


def test_another_project_at_a_watched_path_is_a_fault(whole: Product, ctadirac: RecordedRepository) -> None:
    assert whole("poll").code == 0
    ctadirac.identity = "another"
    [fault] = checks(whole)["fault"]
    assert fault.startswith(f"cta:{CTADIRAC}: another repository is now at this path (id ")


def test_a_token_that_is_refused(whole: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "revoked")
    monkeypatch.setenv("GITLAB_TOKEN", "revoked")
    told = checks(whole)["fault"]
    assert "github: GitHub rejected the token (401); expired or wrong: set a new one in the environment" in told
    assert any(line.startswith("cta: GitLab rejected the token (401); ") for line in told)


@pytest.mark.parametrize(("days", "verdict"), [(3, "warning"), (300, "ok")])
def test_a_token_that_expires_soon(
    whole: Product, github: RecordedGitHub, gitlab: RecordedGitLab, days: int, verdict: str
) -> None:
    end = now() + timedelta(days=days)
    github.of_tokens = {"github-authentication-token-expiration": f"{end:%Y-%m-%d %H:%M:%S} UTC"}
    gitlab.of_tokens = {"scopes": ["api"], "expires_at": f"{end:%Y-%m-%d}"}
    lines = whole("doctor").out.splitlines()
    told = f"is valid; expires on {end:%d %b %Y}"
    assert any(line.startswith(f"{verdict:<9}github: token in $GITHUB_TOKEN {told}") for line in lines)
    assert any(line.startswith(f"{verdict:<9}cta: ") and f"api; expires on {end:%d %b %Y}" in line for line in lines)


def test_a_forge_without_a_token_is_no_fault(whole: Product) -> None:
    whole.configure(whole.config.read_text().replace("token_env", "# token_env"))
    said = whole("doctor")
    assert said.code == 0
    assert "ok       github: no token configured (token_env)" in said.out
    assert "ok       cta: no token configured (token_env)" in said.out


def test_nothing_is_said_of_tokens_for_a_git_server_that_needs_none(product: Product) -> None:
    local = Repository.make(product.folder / "own" / "tool.git")
    local.put(v1r0=local.commit(now()))
    product.configure(
        f'[database]\nurl = "sqlite:///{product.folder}/bot.db"\n'
        f'[forges.local]\nkind = "git"\nbase_url = "file://{product.folder}/own/"\n'
        '[[repositories]]\nforge = "local"\npath = "tool.git"\n'
    )
    assert product("db", "upgrade").code == 0
    lines = product("doctor").out.splitlines()
    assert [line for line in lines if " local: " in line] == ["ok       local: 1 of 1 repositories accessible"]


def test_a_token_that_is_named_and_not_set_is_a_warning(whole: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITLAB_TOKEN")
    whole.configure(whole.config.read_text().replace('"GITHUB_TOKEN"', '"GITHUB_TOKNE"'))
    said = whole("doctor")
    assert said.code == 0
    near = "did you mean $GITHUB_TOKEN, which is set?"
    assert f"warning  github: $GITHUB_TOKNE is not set: requests are sent without a token; {near}\n" in said.out
    assert "warning  cta: $GITLAB_TOKEN is not set: requests are sent without a token; " in said.out
    assert "is asked without a token\n" not in said.out


def test_a_file_that_watches_nothing_is_told(product: Product) -> None:
    product.configure(f'[database]\nurl = "sqlite:///{product.folder}/bot.db"\n')
    assert product("db", "upgrade").code == 0
    [warning] = checks(product)["warning"]
    assert warning.startswith(f"{product.config}: nothing is watched: ")


def test_repositories_that_watch_add_recorded_are_counted(product: Product, github: RecordedGitHub) -> None:
    product.configure(configuration(github, product.folder).partition("[[repositories]]")[0])
    assert product("watch", "add", "github:DIRACGrid/COMDIRAC", "--yes").code == 0
    assert f"{product.config}: 1 repository, 1 forge, 0 digests" in product("doctor").out


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_a_forge_that_nothing_is_watched_on_is_tried_too(product: Product, kind: str) -> None:
    product.configure(
        f'[database]\nurl = "sqlite:///{product.folder}/bot.db"\n'
        f'[forges.f]\nkind = "{kind}"\nbase_url = "http://127.0.0.1:1"\n'
    )
    assert product("db", "upgrade").code == 0
    told = checks(product)
    [fault] = told["fault"]
    assert fault.startswith("f: cannot reach Git")
    assert fault.endswith("connection refused; run it again")
    assert "f: no watched repository on this forge; watch one, or remove [forges.f]" in told["warning"]


def test_a_channel_that_no_chat_can_have_is_a_fault(product: Product, github: RecordedGitHub) -> None:
    more = DIGEST.format("#Release Notes")
    product.configure(configuration(github, product.folder, more=more))
    [fault] = checks(product)["fault"]
    assert fault.startswith(f'{product.config}: digest "weekly", channel "#Release Notes": invalid channel name: ')
    assert fault.endswith('; example: "#release-notes"')


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (-10, "is 10 min ahead of the server's"),
        (10, "is 10 min behind the server's"),
        (-3_030_685, "is 2,105 days ahead of the server's"),
    ],
)
def test_a_clock_that_is_wrong(whole: Product, github: RecordedGitHub, ahead: int, words: str) -> None:
    date = http_date(now() + timedelta(minutes=ahead))

    def answer(request: Request) -> Response | None:
        if request.path != "/rate_limit":
            return None
        return Response.json(200, {}, {"date": date})

    github.interceptor = answer
    [warning] = checks(whole)["warning"]
    assert warning == f"github: this machine's clock {words}; set this machine's clock, for example with NTP"


def test_a_forge_that_cannot_be_reached_does_not_hide_the_others(whole: Product, github: RecordedGitHub) -> None:
    github.interceptor = lambda _: Drop()
    told = checks(whole)
    assert all(line.startswith("github") for line in told["fault"])
    assert len(told["fault"]) == 2


def test_what_is_wrong_in_slack(whole: Product, slack: FakeSlack) -> None:
    slack.workspace.scopes.remove("groups:history")
    whole.configure(whole.config.read_text() + DIGEST.format("#elsewhere").replace("weekly", "other"))
    lacks, channel = checks(whole)["fault"]
    assert lacks.startswith("slack: missing scopes: groups:history; give the app the scopes of config/")
    assert (
        channel == "slack #elsewhere: no such channel, or the bot is not a member; invite the bot: /invite @release-bot"
    )


@pytest.mark.parametrize(("name", "where"), [("SLACK_BOT_TOKEN", "slack: "), ("SLACK_APP_TOKEN", "slack: $SLACK_APP")])
def test_a_slack_token_that_is_refused(whole: Product, monkeypatch: pytest.MonkeyPatch, name: str, where: str) -> None:
    monkeypatch.setenv(name, "xoxb-revoked")
    faults = checks(whole)["fault"]
    assert any(line.startswith(where) and "(invalid_auth)" in line for line in faults)


def test_each_chat_is_looked_at(whole: Product, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    other = (
        f'[chats.other]\nkind = "slack"\nbase_url = "{slack.url}/"\nbot_token_env = "OTHER"\napp_token_env = "OTHER"\n'
    )
    more = DIGEST.format("other:#elsewhere").replace("weekly", "other")
    whole.configure(whole.config.read_text() + other + more)
    [warning] = checks(whole)["warning"]
    assert warning.startswith("chats.other: $OTHER is not set: digests are not posted; set it to the bot token")
    monkeypatch.setenv("OTHER", SLACK_TOKEN)
    said = whole("doctor")
    assert said.code == 1
    assert "ok       slack #dirac-releases: the bot is a member" in said.out
    assert "ok       chats.other: connected as release-bot in DIRAC" in said.out
    assert "error    chats.other #elsewhere: no such channel, or the bot is not a member" in said.out


def test_slack_tokens_that_are_missing_are_warnings(whole: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLACK_APP_TOKEN")
    [warning] = checks(whole)["warning"]
    assert warning.startswith("slack: questions in chat are not answered: $SLACK_APP_TOKEN not set; ")
    monkeypatch.delenv("SLACK_BOT_TOKEN")
    [warning] = checks(whole)["warning"]
    assert warning.startswith("slack: $SLACK_BOT_TOKEN is not set: digests are not posted; ")


def test_a_database_that_cannot_be_opened(whole: Product) -> None:
    (whole.folder / "bot.db").write_bytes(b"no database" * 1000)
    [fault] = checks(whole)["fault"]
    assert fault.startswith(f"{whole.folder}/bot.db: not a SQLite database; ")


def test_a_database_that_everybody_may_read_is_told() -> None:
    found = DatabaseHealth("bot.db", "0001", size=1, free=None, is_exposed=True)
    [_, warning] = database_checks(found)
    assert (warning.verdict, warning.hint) == (Severity.WARNING, "as its owner, run: chmod 600 bot.db")
    assert len(list(database_checks(replace(found, is_exposed=False)))) == 1


@pytest.fixture
def mattermost() -> Iterator[FakeMattermost]:
    with FakeMattermost() as server:
        server.state.clock = lambda: now().timestamp()
        yield server


def with_mattermost(product: Product, mattermost: FakeMattermost, more: str = "", channel: str = "releases") -> None:
    text = (
        product.config.read_text()
        + f'[chats.cern]\nkind = "mattermost"\nbase_url = "{mattermost.address}"\n{more}'
        + DIGEST.format(f"cern:diracx/{channel}").replace("weekly", "other")
    )
    product.configure(text)


def test_a_mattermost_where_all_is_well(
    whole: Product, mattermost: FakeMattermost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATTERMOST_TOKEN", MATTERMOST_TOKEN)
    with_mattermost(whole, mattermost, 'maintainers = ["jdoe"]\n')
    said = whole("doctor")
    assert said.code == 0, said.out
    for line in (
        "ok       chats.cern: connected as release-bot in diracx",
        "ok       chats.cern diracx/releases: the bot is a member",
        "ok       chats.cern: questions in chat can be answered",
        (
            "ok       chats.cern: no slash command and no buttons; to have them, set command_token_env, and [web] "
            "(docs/MATTERMOST.md)"
        ),
        (
            f"ok       chats.cern: maintainer jdoe is {mattermost.maintainer.id}; where people may change their user "
            f'names, write "{mattermost.maintainer.id}"'
        ),
    ):
        assert line in said.out


def test_what_is_wrong_in_mattermost(
    whole: Product, mattermost: FakeMattermost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATTERMOST_TOKEN", MATTERMOST_TOKEN)
    monkeypatch.setenv("COMMAND_TOKEN", "c0mmand-token")
    people = 'command_token_env = "COMMAND_TOKEN"\nmaintainers = ["nobody", "visitor"]\n'
    with_mattermost(whole, mattermost, people, channel="party")
    found = checks(whole)
    assert found["fault"] == [
        "chats.cern diracx/party: no such channel, or the bot is not a member; invite the bot: /invite @release-bot"
    ]
    assert found["warning"] == [
        "chats.cern: the slash command and buttons are not answered: no [web] address; set address in [web]",
        'chats.cern: maintainer "nobody" not found; check the user name',
        'chats.cern: maintainer "visitor" is a guest or a bot, and may change nothing; ',
    ]
    monkeypatch.setenv("MATTERMOST_TOKEN", "wr0ng-t0ken")
    refused, unheard = checks(whole)["fault"]
    assert refused.startswith("chats.cern: Mattermost rejected the request (401 api.context.session_expired.app_error)")
    assert "refused the token on the web socket" in unheard
    assert "wr0ng" not in refused + unheard


def test_each_room_of_matrix_is_looked_at(whole: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeMatrix() as matrix:
        world = MatrixWorld(matrix)
        maintainer = matrix.account("maintainer")
        encrypted = maintainer.create_room(preset="public_chat")
        world.bot.join(encrypted)
        maintainer.encrypt(encrypted)
        file = whole.folder / "bot.toml"
        chat = f'[chats.home]\nkind = "matrix"\nbase_url = "{matrix.url}"\n'
        digests = [
            DIGEST.format(f"home:{room}").replace("weekly", name)
            for name, room in (("in", world.channel_name), ("locked", encrypted), ("out", "#nowhere:matrix.test"))
        ]
        file.write_text(file.read_text() + chat + "".join(digests))
        assert "chats.home: $MATRIX_TOKEN is not set: digests are not posted" in " ".join(checks(whole)["warning"])
        monkeypatch.setenv("MATRIX_TOKEN", world.bot.token)
        lines = whole("doctor").out.splitlines()
        assert f"ok       chats.home: connected as {world.bot.user}" in lines
        assert f"ok       chats.home {world.channel_name}: the bot is a member" in lines
        assert "ok       chats.home: questions in chat can be answered" in lines
        assert checks(whole)["fault"] == [
            (
                f"chats.home {encrypted}: the room is encrypted, and the bot does not support that; "
                "use a room without encryption"
            ),
            (
                "chats.home #nowhere:matrix.test: the homeserver rejected the request (M_NOT_FOUND): "
                "Room alias #nowhere:matrix.test not found; check the room's alias or id"
            ),
        ]
        monkeypatch.setenv("MATRIX_TOKEN", "syt_wrong")
        assert checks(whole)["fault"] == [
            (
                "chats.home: the homeserver rejected the request (M_UNKNOWN_TOKEN): Invalid access token passed.; "
                "the token is invalid or was revoked; set a new one"
            )
        ]
