"""A configuration that changes while the worker runs: applied if it is valid, else rejected and reported."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import App, now, open_app
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.github_app import RecordedApp, RecordedInstallation
from bot.demo.recorded.history import load
from bot.domain.organisations import Listed
from bot.domain.polling.record import PollDepth
from bot.domain.watch_rules import TagRules, WatchRules
from bot.domain.watchlist import WatchChange, WatchKind
from bot.services.poll import Asked, poll
from bot.worker.reload import Reloading
from tests import keys
from tests.chats.slack.fake_slack import MAINTAINER, TOKEN, FakeSlack
from tests.worker.test_worker import QUICK, lines_until, running, stopped

COMDIRAC = '[[repositories]]\nforge = "github"\npath = "DIRACGrid/COMDIRAC"\n'
VMDIRAC = COMDIRAC.replace("COMDIRAC", "VMDIRAC")


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack(socket_mode=False) as server:
        yield server


@pytest.fixture
def github() -> Iterator[RecordedGitHub]:
    repositories = [load("DIRACGrid/COMDIRAC"), load("DIRACGrid/VMDIRAC")]
    with RecordedGitHub(repositories, tokens=["t0ken", "rotated"], now=now) as server:
        yield server


@pytest.fixture
def config(tmp_path: Path, slack: FakeSlack, github: RecordedGitHub, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    monkeypatch.setenv("GITHUB_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    (tmp_path / "token").write_text("t0ken\n")
    path = tmp_path / "bot.toml"
    path.write_text(
        f'[database]\nurl = "sqlite:///{tmp_path}/bot.db"\n'
        f'[forges.github]\nkind = "github"\nbase_url = "{github.url}"\ntoken_env = "GITHUB_TOKEN"\n'
        f'[slack]\nbase_url = "{slack.url}/"\nmaintainers = ["{MAINTAINER}"]\n{COMDIRAC}'
    )
    return path


@pytest.fixture
def reloading(config: Path) -> Iterator[Reloading]:
    app = open_app(str(config))
    with app.store() as store:
        yield Reloading(app, store)


def looked(reloading: Reloading) -> App | None:
    """PollDepth twice, as a change takes."""
    return reloading.look() or reloading.look()


def test_what_did_not_change_is_not_read_again(config: Path, reloading: Reloading) -> None:
    assert looked(reloading) is None
    config.write_text(config.read_text())
    assert looked(reloading) is None


def test_a_file_that_is_still_being_written_is_left_until_it_stays_the_same(
    config: Path, reloading: Reloading, slack: FakeSlack
) -> None:
    right = config.read_text() + VMDIRAC
    for part in ("", right[:30], right[:60], right):
        config.write_text(part)
        assert reloading.look() is None
    assert reloading.look() is not None
    assert slack.messages == []


def test_a_changed_file_is_taken_up(config: Path, reloading: Reloading) -> None:
    config.write_text(config.read_text() + VMDIRAC)
    app = looked(reloading)
    assert app is not None
    assert [repository.name for repository in app.repositories()] == ["COMDIRAC", "VMDIRAC"]


def test_a_token_that_is_replaced_in_its_file_is_taken_up(config: Path, reloading: Reloading) -> None:
    (config.parent / "token").write_text("rotated\n")
    app = looked(reloading)
    assert app is not None
    assert "rotated" in app.secrets()


@pytest.fixture
def key(config: Path, github: RecordedGitHub, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ask GitHub as an App whose key stands in a file."""
    github.app = RecordedApp(12345, "bot", keys.public(), [RecordedInstallation(678, "DIRACGrid")])
    file = config.parent / "key.pem"
    file.write_text(keys.private())
    monkeypatch.setenv("GITHUB_APP_KEY_FILE", str(file))
    app = 'app = { id = 12345, key_env = "GITHUB_APP_KEY" }'
    config.write_text(config.read_text().replace('token_env = "GITHUB_TOKEN"', app))
    return file


def polled(app: App) -> str | None:
    with app.store() as store, app.forges(app.watched_forges()) as forges:
        [found] = poll([Asked(each, PollDepth.COMPLETE) for each in app.repositories()], forges, store, now)
    return str(found.error) if found.error else None


def test_a_key_that_is_replaced_in_its_file_is_taken_up(key: Path, config: Path, github: RecordedGitHub) -> None:
    app = open_app(str(config))
    with app.store() as store:
        reloading = Reloading(app, store)
        assert polled(app) is None
        assert github.app is not None
        github.app.public_key = keys.public("second")
        assert "GitHub rejected the key of the GitHub App 12345" in (polled(app) or "")
        key.write_text(keys.private("second"))
        changed = looked(reloading)
    assert changed is not None
    assert polled(changed) is None
    assert set(keys.private("second").splitlines()[1:-1]) <= set(changed.secrets())


def test_a_file_that_holds_no_key_is_refused_and_the_key_before_goes_on(
    key: Path, config: Path, slack: FakeSlack
) -> None:
    app = open_app(str(config))
    with app.store() as store:
        reloading = Reloading(app, store)
        key.write_text("s3cret")
        assert looked(reloading) is None
    assert polled(app) is None
    [told] = slack.messages
    assert "$GITHUB_APP_KEY: not an RSA private key" in told.text
    assert "s3cret" not in told.text


@pytest.mark.parametrize("database", ["sqlite:////nowhere/at/all/bot.db", "mysql://bot:s3cret@host/name"])
def test_a_database_that_cannot_be_opened_is_refused(config: Path, reloading: Reloading, database: str) -> None:
    lines = config.read_text().splitlines()
    config.write_text("\n".join([lines[0], f'url = "{database}"', *lines[2:]]))
    assert looked(reloading) is None


def test_a_broken_file_is_told_to_the_maintainers_once_and_mended_taken_up(
    config: Path, reloading: Reloading, slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    right = config.read_text()
    config.write_text(right + VMDIRAC + "colour = 1\n")
    assert looked(reloading) is None
    assert looked(reloading) is None
    [told] = slack.messages
    assert told.text.startswith("The changed configuration was rejected; the previous one stays in use:\n• ")
    assert '.colour: unknown key "colour"; known keys: ' in told.text
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * told.text.count("\n")
    config.write_text(right + VMDIRAC)
    assert looked(reloading) is not None
    assert len(slack.messages) == 1


def test_a_missing_file_is_refused_and_a_chat_that_is_down_does_no_harm(
    config: Path, reloading: Reloading, slack: FakeSlack
) -> None:
    slack.workspace.users.clear()
    config.unlink()
    assert looked(reloading) is None
    assert slack.messages == []


def watch_vmdirac(config: Path) -> None:
    with open_app(str(config)).store() as store:
        store.watchlist.add(
            WatchChange(0, now(), "ann", WatchKind.WATCH, "github:DIRACGrid/VMDIRAC", WatchRules(TagRules("dirac")))
        )


def test_what_was_said_to_be_watched_is_taken_up(config: Path, reloading: Reloading) -> None:
    watch_vmdirac(config)
    app = reloading.look()
    assert app is not None
    assert [repository.name for repository in app.repositories()] == ["COMDIRAC", "VMDIRAC"]


def test_what_makes_no_difference_to_what_is_watched_changes_nothing(config: Path, reloading: Reloading) -> None:
    with open_app(str(config)).store() as store:
        store.watchlist.add(
            WatchChange(0, now(), "ann", WatchKind.WATCH, "github:DIRACGrid/COMDIRAC", WatchRules(TagRules("dirac")))
        )
        store.watchlist.write_listing("github:elsewhere/*", [Listed("elsewhere/tool")], now())
    assert reloading.look() is None
    assert reloading.look() is None


def test_the_worker_polls_what_was_said_and_what_comes_with_an_organisation(
    config: Path, github: RecordedGitHub
) -> None:
    token = {"GITHUB_TOKEN_FILE": str(config.parent / "token"), "GITHUB_TOKEN": ""}
    with running(config, program=QUICK, **token) as process:
        lines_until(process, "polled 1 repository of github: 41 new tags, 0 failed")
        watch_vmdirac(config)
        lines_until(process, "polled 1 repository of github: 42 new tags, 0 failed")
        github.repositories.add(load("DIRACGrid/DIRACOS"))
        config.write_text(config.read_text() + '[[organisations]]\nforge = "github"\npath = "DIRACGrid"\n')
        log = lines_until(process, "github:DIRACGrid/DIRACOS uses the version scheme dirac")
        log += stopped(process)
    assert "watchlist changed: 3 repositories" in log
    assert "Traceback" not in log


def test_the_worker_refuses_a_broken_file_and_takes_up_a_right_one(config: Path, github: RecordedGitHub) -> None:
    right = config.read_text()
    token = {"GITHUB_TOKEN_FILE": str(config.parent / "token"), "GITHUB_TOKEN": ""}
    with running(config, program=QUICK, **token) as process:
        lines_until(process, "polled 1 repository of github: 41 new tags, 0 failed")
        config.write_text(right + "colour = 1\n")
        lines_until(process, "changed configuration rejected: ")
        config.write_text(right + VMDIRAC)
        (config.parent / "token").write_text("rotated\n")
        github.requests.clear()
        log = lines_until(process, "polled 1 repository of github: 42 new tags, 0 failed")
        log += stopped(process)
    assert "configuration reloaded: " in log
    assert "Traceback" not in log
    assert {request.headers["authorization"] for request in github.requests} == {"token rotated"}
