"""``release-bot init``: from nothing to the first digest, by answers or by options, and never a secret in the file."""

import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import now
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.gitlab import RecordedGitLab
from bot.demo.recorded.history import RecordedRepository, RecordedTag
from tests.chats.contract.matrix import MatrixWorld
from tests.chats.matrix.fake_matrix import FakeMatrix
from tests.chats.mattermost.fake_mattermost import TOKEN as MATTERMOST_TOKEN
from tests.chats.mattermost.fake_mattermost import FakeMattermost
from tests.chats.slack.fake_slack import APP_TOKEN, FakeSlack
from tests.chats.slack.fake_slack import TOKEN as SLACK_TOKEN
from tests.cli.conftest import CTADIRAC, TOKEN, Product
from tests.cli.terminal import Terminal
from tests.forges.git_places import GitOverHttp, Repository

LIB = "my-lab/lib"
# What people who have no token are asked.
ADDRESS, RULES, CHAT, DIGEST = "Repository (paste", "Scheme (", "Chat for digests", "Digest (daily"
OPTIONAL, NEEDED = "Token, optional", "Token with read access"


@pytest.fixture
def lib() -> RecordedRepository:
    """A repository with three releases, the last one of yesterday."""
    made = RecordedRepository(LIB)
    for number, name in enumerate(("v1.0.0", "v1.0.1", "v1.0.2", "nightly"), 1):
        made.put(RecordedTag(name, f"{number:040x}", now() - timedelta(days=5 - number)))
    return made


@pytest.fixture
def hub(lib: RecordedRepository) -> Iterator[RecordedGitHub]:
    with RecordedGitHub([lib, RecordedRepository("my-lab/empty")], tokens=[TOKEN], now=now) as server:
        yield server


@pytest.fixture
def fresh(product: Product, monkeypatch: pytest.MonkeyPatch) -> Product:
    """An empty folder, an environment without tokens, and a machine in Paris."""
    for name in ("GITHUB_TOKEN", "GITLAB_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("TZ", "Europe/Paris")
    monkeypatch.chdir(product.folder)
    return product


def on(server: RecordedGitHub) -> str:
    return f"{server.url}/{LIB}"


def of_hub(server: RecordedGitHub) -> dict[str, str]:
    """Let GitHub be this one, by the configuration's own variables."""
    return {"RELEASE_BOT_FORGES__GITHUB__KIND": "github", "RELEASE_BOT_FORGES__GITHUB__BASE_URL": server.url}


def in_terminal(folder: Path, *arguments: str, **variables: str) -> Terminal:
    return Terminal(folder, {"TZ": "Europe/Paris", **variables}, "init", *arguments)


def answer_until_chat(terminal: Terminal, chat: str) -> None:
    """Name the repository, take the rules that are proposed, and name a chat."""
    terminal.answer(ADDRESS, LIB)
    terminal.answer(RULES, "")
    terminal.answer(CHAT, chat)


def test_options_alone_make_a_file_that_works(fresh: Product, hub: RecordedGitHub) -> None:
    said = fresh("init", "--yes", on(hub), "--forge-kind", "github")
    assert (said.code, said.err) == (0, "")
    assert "semver: 3 of 4 tags match, 3 releases" in said.out
    assert f"Wrote {fresh.config}.\n" in said.out
    assert "The weekly digest, as it would have been posted last:" in said.out
    assert "\n  release-bot run " in said.out
    text = fresh.config.read_text()
    assert 'time_zone = "Europe/Paris"' in text
    assert 'scheme = "semver"                     # matches 3 of 4 tags\n' in text
    assert stat.S_IMODE(fresh.config.stat().st_mode) == 0o644
    assert fresh("config", "check").code == 0
    assert fresh("releases", "--format", "json").json[0]["repository"] == f"127.0.0.1:{LIB}"
    assert fresh("ask", "latest").code == 0
    assert sorted(each.name for each in fresh.folder.iterdir()) == ["bot.toml", "release-bot.db"]


def test_a_folder_is_no_file_to_write(fresh: Product) -> None:
    fresh.config.mkdir()
    said = fresh("init", "--yes", ".", "--force")
    assert (said.code, said.err) == (2, f"error: {fresh.config}: is a directory; name another file\n")


def test_the_same_answers_make_the_same_file(fresh: Product, hub: RecordedGitHub) -> None:
    arguments = ("init", "--yes", on(hub), "--forge-kind", "github", "--force")
    written = [fresh.config.read_bytes() for _ in range(2) if fresh(*arguments).code == 0]
    assert len(written) == 2
    assert written[0] == written[1]


def test_a_file_that_exists_is_replaced_only_by_force(fresh: Product, hub: RecordedGitHub) -> None:
    fresh.configure("# mine\n")
    said = fresh("init", "--yes", on(hub), "--forge-kind", "github")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        f"error: {fresh.config}: file exists; nothing was changed; use --force to replace it, or name another file\n"
    )
    assert fresh.config.read_text() == "# mine\n"
    assert fresh("init", "--yes", on(hub), "--forge-kind", "github", "--force").code == 0
    assert fresh.config.read_text() != "# mine\n"


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        ((LIB,), 2, "init: not a terminal; use --yes with options; see release-bot init --help"),
        (("--yes",), 2, "init: no repository; name one: release-bot init --yes https://github.com/OWNER/NAME"),
        (("--yes", "/nowhere"), 2, "/nowhere: no such folder; "),
        (("--yes", "/"), 2, "/: not a git repository; "),
        (("--yes", "https://github.com/my-lab"), 2, 'repository: "my-lab" is an owner, not a repository; '),
        (("--yes", ".", "--time-zone", "Mars"), 2, 'time zone "Mars": invalid time zone; examples: "Europe/Paris", '),
    ],
)
def test_what_cannot_be_is_one_line_and_nothing_is_written(
    fresh: Product, arguments: tuple[str, ...], code: int, error: str
) -> None:
    said = fresh("init", *arguments)
    assert (said.code, said.out) == (code, "")
    assert said.err.startswith(f"error: {error}")
    assert said.err.count("\n") == 1
    assert not list(fresh.folder.iterdir())


def test_a_repository_that_cannot_be_seen_says_which_token_would_help(fresh: Product, hub: RecordedGitHub) -> None:
    said = fresh("init", "--yes", f"{hub.url}/my-lab/nowhere", "--forge-kind", "github")
    assert said.code == 2
    what = "not found, or private and $FORGE_TOKEN is not set; check the address, or set a token with read access"
    assert said.err.startswith(f"error: 127.0.0.1:my-lab/nowhere: {what}")
    assert not list(fresh.folder.iterdir())


def test_a_server_that_does_not_answer_is_told(fresh: Product) -> None:
    said = fresh("init", "--yes", "http://127.0.0.1:1/a/b", "--forge-kind", "gitlab")
    assert said.code == 1
    assert said.err.startswith("error: 127.0.0.1:a/b: cannot reach GitLab: ")
    assert not list(fresh.folder.iterdir())


def test_a_repository_without_tags_is_watched_all_the_same(fresh: Product, hub: RecordedGitHub) -> None:
    said = fresh("init", "--yes", f"{hub.url}/my-lab/empty", "--forge-kind", "github", "--digest", "monthly")
    assert said.code == 0
    assert "  no tags yet; " in said.out
    assert 'scheme = "semver"                     # a guess: there are no tags yet' in fresh.config.read_text()
    assert fresh("config", "check").code == 0


def test_a_local_path_and_a_gitlab_project_are_found_as_such(fresh: Product, gitlab: RecordedGitLab) -> None:
    local = Repository.make(fresh.folder / "own" / "tool.git")
    local.put(v1r0=local.commit(now()), v1r1=local.commit(now()))
    addresses = (str(local.folder), f"{gitlab.url}/{CTADIRAC}/-/tags")
    said = fresh("init", "--yes", *addresses, "--digest", "none")
    assert (said.code, said.err) == (0, "")
    watched = fresh("watch", "list", "--format", "json").json
    assert {each["repository"] for each in watched} == {"local:tool.git", f"127.0.0.1:{CTADIRAC}"}
    text = fresh.config.read_text()
    assert 'kind = "gitlab"' in text
    assert f'base_url = "file://{fresh.folder}/own/"' in text
    assert "[[digests]]" not in text


def test_without_a_token_the_dates_of_github_are_read_by_git(
    fresh: Product, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path_factory.mktemp("git")
    made = Repository.make(root / "my-lab" / "lib")
    made.put_all({"v1.0.0": made.commit(now()), "v1.0.1": made.commit(now())})
    with GitOverHttp(root) as server:
        monkeypatch.setenv("RELEASE_BOT_FORGES__GITHUB__BASE_URL", server.url)
        said = fresh("init", "--yes", LIB)
        asked = server.requests[0].path
    assert asked == f"/{LIB}/info/refs"
    assert "  latest: v1.0.1, v1.0.0; counts patch releases" in said.out
    assert 'kind = "github"' in fresh.config.read_text()
    # What polls is GitHub's API, which is not there.
    assert (said.code, said.err.count("\n")) == (1, 1)


def test_tokens_of_the_environment_are_used_and_not_written(
    fresh: Product, hub: RecordedGitHub, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("SLACK_BOT_TOKEN", SLACK_TOKEN)
    monkeypatch.setenv("RELEASE_BOT_SLACK__BASE_URL", f"{slack.url}/")
    for name, value in of_hub(hub).items():
        monkeypatch.setenv(name, value)
    said = fresh("init", "--yes", LIB, "--chat", "slack", "--channel", "#dirac-releases")
    assert (said.code, said.err) == (0, "")
    assert "ok: slack: connected as release-bot in DIRAC" in said.out
    assert "ok: slack #dirac-releases: the bot is a member" in said.out
    text = fresh.config.read_text()
    assert 'token_env = "GITHUB_TOKEN"' in text
    assert 'bot_token_env = "SLACK_BOT_TOKEN"' in text
    assert TOKEN not in text + said.out
    assert SLACK_TOKEN not in text + said.out
    assert fresh("doctor").code == 0


def test_answers_lead_to_a_digest_in_slack(tmp_path: Path, hub: RecordedGitHub, slack: FakeSlack) -> None:
    variables = {**of_hub(hub), "RELEASE_BOT_SLACK__BASE_URL": f"{slack.url}/"}
    with in_terminal(tmp_path, **variables) as terminal:
        terminal.answer(ADDRESS, "no address")
        terminal.answer(ADDRESS, f"https://github.com/{LIB}/tree/main")
        terminal.answer(OPTIONAL, "wrong-token")
        terminal.expect("GitHub rejected the token (401)")
        terminal.answer(OPTIONAL, TOKEN)
        terminal.expect("token in $GITHUB_TOKEN is valid")
        terminal.answer("[semver patch]", "final")
        terminal.answer("[none]", "slack")
        terminal.answer("Channel in Slack", "#Release Notes")
        terminal.answer("Channel in Slack", "#dirac-releases")
        terminal.answer("Bot token", f"{SLACK_TOKEN} {APP_TOKEN}")
        terminal.expect("slack #dirac-releases: the bot is a member")
        terminal.answer("[weekly Europe/Paris]", "daily UTC")
        terminal.answer("(mode 0600)? [y/N]", "y")
        assert terminal.end() == 0
        shown = terminal.shown
    text, secrets = (tmp_path / "bot.toml").read_text(), tmp_path / ".env"
    for line in ('counts = "final"', 'app_token_env = "SLACK_APP_TOKEN"', 'time_zone = "UTC"', 'name = "daily"'):
        assert line in text
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    assert secrets.read_text().splitlines() == [
        f"GITHUB_TOKEN={TOKEN}",
        f"SLACK_BOT_TOKEN={SLACK_TOKEN}",
        f"SLACK_APP_TOKEN={APP_TOKEN}",
    ]
    for secret in (TOKEN, SLACK_TOKEN, APP_TOKEN, "wrong-token"):
        assert secret not in text + shown
    assert shown.rstrip().endswith('release-bot ask "how many releases this year"  # ask, as in chat')


def test_a_page_of_mattermost_is_all_that_it_needs_beside_a_token(tmp_path: Path, hub: RecordedGitHub) -> None:
    with FakeMattermost("/chat") as mattermost, in_terminal(tmp_path, GITHUB_TOKEN=TOKEN, **of_hub(hub)) as terminal:
        answer_until_chat(terminal, "mattermost")
        terminal.answer("Channel in Mattermost", f"{mattermost.address}/diracx/channels/{mattermost.channel.name}")
        terminal.answer("Access token", MATTERMOST_TOKEN)
        terminal.expect("ok: chats.mattermost: connected as release-bot")
        terminal.expect("ok: chats.mattermost diracx/releases: the bot is a member")
        terminal.answer(DIGEST, "")
        terminal.answer("[y/N]", "")
        assert terminal.end() == 0
        assert terminal.answers <= 8
        assert "export MATTERMOST_TOKEN=..." in terminal.shown
        assert MATTERMOST_TOKEN not in terminal.shown + (tmp_path / "bot.toml").read_text()
    assert not (tmp_path / ".env").exists()


def test_a_room_of_matrix_is_connected(tmp_path: Path, hub: RecordedGitHub) -> None:
    with FakeMatrix() as server, in_terminal(tmp_path, GITHUB_TOKEN=TOKEN, **of_hub(hub)) as terminal:
        matrix = MatrixWorld(server)
        answer_until_chat(terminal, "matrix")
        terminal.answer("Room in Matrix", f"{matrix.channel_name} {server.url}")
        terminal.answer("Access token", "wrong")
        terminal.expect("error: chats.matrix: ")
        terminal.answer("Room in Matrix", "")
        terminal.answer("Access token", matrix.bot.token)
        terminal.expect(f"ok: chats.matrix {matrix.channel_name}: the bot is a member")
        terminal.answer(DIGEST, "none")
        terminal.answer("[y/N]", "")
        assert terminal.end() == 0


def test_a_chat_whose_token_comes_later_is_written_all_the_same(fresh: Product, hub: RecordedGitHub) -> None:
    chat = ("--chat", "matrix", "--channel", "#releases:example.org")
    said = fresh("init", "--yes", on(hub), "--forge-kind", "github", *chat)
    assert said.code == 0
    assert "$MATRIX_TOKEN is not set: nothing is posted until it is; see docs/MATRIX.md" in said.out
    assert 'base_url = "https://example.org"' in fresh.config.read_text()
    checked = fresh("config", "check")
    assert (checked.code, checked.err.count("\n")) == (0, 1)


def test_a_file_that_is_not_found_by_itself_is_named_in_the_next_commands(fresh: Product, hub: RecordedGitHub) -> None:
    fresh.config = fresh.folder / "made" / "my own.toml"
    said = fresh("init", "--yes", on(hub), "--forge-kind", "github")
    assert said.code == 0
    assert f"  release-bot --config '{fresh.config}' run " in said.out


def test_a_private_repository_is_read_with_the_token_that_it_needs(
    tmp_path: Path, hub: RecordedGitHub, lib: RecordedRepository
) -> None:
    with in_terminal(tmp_path, **of_hub(hub)) as terminal:
        terminal.answer(ADDRESS, "my-lab/secret")
        terminal.expect("github:my-lab/secret does not exist, or it is private.")
        hub.repositories.add(RecordedRepository("my-lab/secret", dict(lib.tags)))
        terminal.answer(NEEDED, TOKEN)
        terminal.answer(RULES, "")
        terminal.answer(CHAT, "")
        terminal.answer(DIGEST, "")
        terminal.answer("[y/N]", "n")
        assert terminal.end() == 0
    assert 'path = "my-lab/secret"' in (tmp_path / "bot.toml").read_text()


def test_an_answer_that_is_not_understood_is_named(tmp_path: Path, hub: RecordedGitHub) -> None:
    with in_terminal(tmp_path, GITHUB_TOKEN=TOKEN, **of_hub(hub)) as terminal:
        answer_until_chat(terminal, "slak")
        terminal.expect('unknown chat "slak"; choose one of: slack, mattermost, matrix, mail, none')
        terminal.answer(CHAT, "")
        terminal.answer(DIGEST, "weekley")
        terminal.expect('"weekley" is neither a digest nor a time zone; example: weekly Europe/Paris')
        terminal.answer(DIGEST, "")
        terminal.expect("# poll from now on; nothing is posted yet")
        assert terminal.end() == 0


def test_a_channel_without_the_bot_is_kept_and_said_to_be(tmp_path: Path, hub: RecordedGitHub) -> None:
    with FakeMattermost() as mattermost, in_terminal(tmp_path, GITHUB_TOKEN=TOKEN, **of_hub(hub)) as terminal:
        answer_until_chat(terminal, "mattermost")
        terminal.answer("Channel in Mattermost", f"{mattermost.address}/diracx/channels/nowhere")
        terminal.answer("Access token", MATTERMOST_TOKEN)
        terminal.expect("diracx/nowhere: no such channel, or the bot is not a member")
        terminal.expect("The channel is kept: invite the bot later, or correct the channel in the file.")
        terminal.end_input(DIGEST)
        terminal.expect("\nerror: cancelled\n")
        assert terminal.end() == 1
    assert not list(tmp_path.iterdir())


def test_ctrl_c_leaves_nothing(tmp_path: Path, hub: RecordedGitHub) -> None:
    with in_terminal(tmp_path, GITHUB_TOKEN=TOKEN, **of_hub(hub)) as terminal:
        terminal.answer(ADDRESS, LIB)
        terminal.answer(RULES, "semver")
        terminal.interrupt(CHAT)
        assert terminal.end() == 130
        assert terminal.shown.endswith("\ninterrupted\n")
    assert not list(tmp_path.iterdir())


def test_an_error_while_asking_asks_for_another_answer(tmp_path: Path) -> None:
    with in_terminal(tmp_path, "--forge-kind", "gitlab") as terminal:
        terminal.answer(ADDRESS, "http://127.0.0.1:1/a/b")
        terminal.expect("connection refused; enter it again to retry\n")
        terminal.interrupt(ADDRESS)
        assert terminal.end() == 130
        assert "run it again" not in terminal.shown


def test_a_chat_that_cannot_be_reached_asks_for_another_answer(tmp_path: Path, hub: RecordedGitHub) -> None:
    with in_terminal(tmp_path, GITHUB_TOKEN=TOKEN, **of_hub(hub)) as terminal:
        answer_until_chat(terminal, "mattermost")
        terminal.answer("Channel in Mattermost", "http://127.0.0.1:1/team/channels/releases")
        terminal.answer("Access token", "t0ken")
        terminal.expect("Connection refused); enter it again to retry\n")
        terminal.interrupt("Channel in Mattermost")
        assert terminal.end() == 130


def test_what_is_counted_is_explained_before_it_is_asked(tmp_path: Path, hub: RecordedGitHub) -> None:
    with in_terminal(tmp_path, GITHUB_TOKEN=TOKEN, **of_hub(hub)) as terminal:
        terminal.answer(ADDRESS, LIB)
        terminal.expect(
            "patch counts releases such as 1.2.3 but not 1.2.0, final counts both; neither counts pre-releases.\n"
        )
        terminal.interrupt(RULES)
        assert terminal.end() == 130


def test_the_first_digest_is_that_of_when_it_was_due(fresh: Product) -> None:
    local = Repository.make(fresh.folder / "own" / "tool.git")
    local.put(**{"v1.0.0": local.commit(now() - timedelta(days=40)), "v2.0.0": local.commit(now())})
    said = fresh("init", "--yes", str(local.folder), "--counts", "final", "--digest", "monthly")
    assert said.code == 0
    digest = said.out.partition("as it would have been posted last:")[2]
    assert "newest: v1.0.0\n" in digest
    assert "v2.0.0" not in digest


def test_a_question_is_asked_before_a_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "bot.toml").write_text("# mine\n")
    with in_terminal(tmp_path) as terminal:
        terminal.answer("bot.toml exists. Replace it? [y/N]", "")
        assert terminal.end() == 2
    assert (tmp_path / "bot.toml").read_text() == "# mine\n"
