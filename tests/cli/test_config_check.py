"""``release-bot config check``: what can be read, and yet cannot be meant so."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.channels import slack_channel_fault
from bot.demo.recorded.github import RecordedGitHub
from tests.chats.notify.fakes import FakeMattermost
from tests.cli.conftest import Product, configuration

FORGE = '[forges.github]\nkind = "github"\n'
BARE = "requests are sent without a token"
REMOVE = "set the variable, or remove the key"
REPOSITORY = '[[repositories]]\nforge = "github"\npath = "a/b"\n'
DIGEST = '[[digests]]\nname = "weekly"\nchannel = "{}"\nschedule = "0 9 * * mon"\nperiod = "last-week"\n'


def test_a_file_that_watches_nothing_is_not_fine(product: Product) -> None:
    product.configure("")
    said = product("config", "check")
    what = "nothing is watched: no [[repositories]] and no [[organisations]] table"
    hint = "add a table, or run: release-bot watch add FORGE:PATH"
    assert said.err == f"warning: {product.config}: {what}; {hint}\n"
    assert said.out == f"{product.config}: 1 warning: 0 repositories on 0 forges, 0 digests\n"
    assert said.code == 0


def test_webhooks_without_an_address_are_told(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", "s3cret")
    product.configure(f'{FORGE}webhook_secret_env = "HOOK_SECRET"\n{REPOSITORY}')
    where = f"{product.config}: forges.github.webhook_secret_env"
    what = "webhooks are not taken: no address in [web]; see docs/HOOKS.md"
    assert product("config", "check").err == f"warning: {where}: {what}\n"


def test_a_git_server_has_no_webhooks(product: Product) -> None:
    table = '[forges.own]\nkind = "git"\nbase_url = "https://git.example.org"\nwebhook_secret_env = "HOOK_SECRET"\n'
    product.configure(table)
    said = product("config", "check")
    assert said.code == 2
    assert 'kind = "git" has no webhooks; remove it; a git server is polled only' in said.err


@pytest.mark.parametrize(
    ("tables", "line"),
    [
        (
            f'{FORGE}token_env = "GITHUB_TOKNE"\n{REPOSITORY}',
            f"forges.github.token_env: $GITHUB_TOKNE is not set: {BARE}; did you mean $GITHUB_TOKEN, which is set?",
        ),
        (
            f'{FORGE}app = {{ id = 1, key_env = "NO_SUCH_APP" }}\n{REPOSITORY}',
            f"forges.github.app.key_env: $NO_SUCH_APP is not set: {BARE}; {REMOVE}",
        ),
        (
            f'{FORGE}{REPOSITORY}[slack]\nbot_token_env = "NO_SUCH_BOT"\n',
            f"slack.bot_token_env: $NO_SUCH_BOT is not set: nothing is posted to Slack; {REMOVE}",
        ),
        (
            f'{FORGE}{REPOSITORY}[places.mail]\nurl_env = "NO_SUCH_MAIL"\n',
            f"places.mail.url_env: $NO_SUCH_MAIL is not set: nothing is posted to it; {REMOVE}",
        ),
        (
            f'{FORGE}{REPOSITORY}[web]\naddress = "0.0.0.0:80"\ntoken_env = "NO_SUCH_WEB"\n',
            f"web.token_env: $NO_SUCH_WEB is not set: the pages are not served; {REMOVE}",
        ),
        (
            f'{FORGE}webhook_secret_env = "NO_SUCH_HOOK"\n{REPOSITORY}[web]\naddress = "127.0.0.1:80"\n',
            f"forges.github.webhook_secret_env: $NO_SUCH_HOOK is not set: its webhooks are not taken; {REMOVE}",
        ),
    ],
    ids=["token", "app", "slack", "place", "web", "webhook"],
)
def test_a_variable_that_is_named_and_not_set_is_told(product: Product, tables: str, line: str) -> None:
    product.configure(tables)
    said = product("config", "check")
    assert said.err == f"warning: {product.config}: {line}\n"
    assert said.out.startswith(f"{product.config}: 1 warning: 1 repository ")
    assert said.code == 0


def test_a_github_whose_address_may_be_that_of_its_pages_is_told(product: Product) -> None:
    product.configure(f'{FORGE}base_url = "https://ghe"\n{REPOSITORY}')
    what = '"https://ghe" may be the URL of its web pages: GitHub Enterprise has its API at /api/v3'
    line = (
        f'warning: {product.config}: forges.github.base_url: {what}; for GitHub Enterprise write "https://ghe/api/v3"\n'
    )
    said = product("config", "check")
    assert (said.code, said.err) == (0, line)
    product.configure(product.config.read_text().replace("https://ghe", "https://ghe/api/v3"))
    assert product("config", "check").err == ""


def test_a_forge_of_another_kind_is_told(product: Product) -> None:
    product.configure(f'{FORGE}base_url = "https://gitlab.com"\n{REPOSITORY}')
    said = product("config", "check")
    what = '"https://gitlab.com" is a URL of gitlab, but kind is github'
    assert said.code == 2
    assert said.err == f'error: {product.config}: forges.github.base_url: {what}; use kind = "gitlab"\n'


def test_a_secret_in_a_file_is_set(product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("t0ken")
    monkeypatch.setenv("OTHER_FILE", str(tmp_path / "token"))
    product.configure(f'{FORGE}token_env = "OTHER"\n{REPOSITORY}')
    assert product("config", "check").out == f"{product.config}: ok: 1 repository on 1 forge, 0 digests\n"


@pytest.mark.parametrize("channel", ["#Release Notes", "#release.notes", "#", "#" + "a" * 81, "@somebody", "#a b"])
def test_a_channel_that_no_chat_can_have_is_an_error(product: Product, channel: str) -> None:
    product.configure(FORGE + REPOSITORY + DIGEST.format(channel))
    said = product("config", "check")
    assert said.code == 2
    assert said.err.startswith(f'error: {product.config}: digest "weekly", channel "{channel}": ')
    assert said.err.count("\n") == 1
    assert "fine" not in said.out


@pytest.mark.parametrize(
    "channel", ["#releases", "#dirac_dev-2", "#" + "a" * 80, "#ångström", "#発表", "C012AB3CD", "U012AB3CD"]
)
def test_a_channel_that_a_chat_can_have_is_fine(product: Product, channel: str) -> None:
    product.configure(FORGE + REPOSITORY + DIGEST.format(channel))
    assert product("config", "check").out.startswith(f"{product.config}: ok: ")


OTHER_CHAT = '[chats.other]\nkind = "slack"\n'


def test_the_channel_of_another_chat_is_judged_without_the_chats_name(product: Product) -> None:
    product.configure(FORGE + REPOSITORY + OTHER_CHAT + DIGEST.format("other:releases"))
    assert product("config", "check").out.startswith(f"{product.config}: ok: ")
    product.configure(FORGE + REPOSITORY + OTHER_CHAT + DIGEST.format("other:#Release Notes"))
    said = product("config", "check")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert 'channel "other:#Release Notes": invalid channel name' in said.err


@given(st.text())
def test_what_is_proposed_for_a_channel_is_possible(channel: str) -> None:
    wrong = slack_channel_fault(channel)
    if wrong is not None and "for example" in wrong[1]:
        assert slack_channel_fault(wrong[1].split('"')[1]) is None


def test_a_place_that_is_not_configured_is_told(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    text = FORGE + REPOSITORY + DIGEST.format("mattermost")
    product.configure(text)
    where = f'{product.config}: digest "weekly", channel "mattermost"'
    what = "treated as a Slack channel, because [places.mattermost] is not configured"
    hint = 'write "#mattermost", or add [places.mattermost]'
    assert product("config", "check").err == f"warning: {where}: {what}; {hint}\n"
    with FakeMattermost() as server:
        monkeypatch.setenv("MATTERMOST_URL", server.address)
        product.configure(f'{text}[places.mattermost]\nurl_env = "MATTERMOST_URL"\n')
        assert product("config", "check").out.startswith(f"{product.config}: ok: ")


def test_a_database_that_would_be_passed_over_is_an_error(
    product: Product, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "release-bot.db").touch()
    monkeypatch.chdir(elsewhere)
    product.configure(FORGE + REPOSITORY)
    said = product("config", "check")
    assert said.code == 2
    assert said.err.startswith(f"error: {product.folder}/release-bot.db: no database here, but one of that name ")


def test_repositories_that_watch_add_recorded_are_counted(product: Product, github: RecordedGitHub) -> None:
    product.configure(configuration(github, product.folder).partition("[[repositories]]")[0])
    assert "nothing is watched" in product("config", "check").err
    assert product("watch", "add", "github:DIRACGrid/COMDIRAC", "--yes").code == 0
    said = product("config", "check")
    assert (said.err, said.out) == ("", f"{product.config}: ok: 1 repository on 1 forge, 0 digests\n")


def test_no_database_is_made(product: Product, github: RecordedGitHub) -> None:
    product.configure(configuration(github, product.folder))
    assert product("config", "check").code == 0
    assert [path.name for path in product.folder.iterdir()] == ["bot.toml"]
