"""The worker tells subscribers of a release right after the poll that brought it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa

from bot.app import App, now, open_app
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.history import RecordedRepository, RecordedTag
from bot.domain.subscriptions import Subscription
from bot.store.schema import subscriptions
from bot.store.store import Store
from bot.worker.context import TaskContext
from bot.worker.tasks.announce import announce_releases
from bot.worker.tasks.poll import poll_due
from bot.worker.worker import tasks
from tests.chats.slack.fake_slack import CHANNEL, TOKEN, FakeSlack
from tests.histories import a_part_of
from tests.worker.due import make_due

DIRAC = "github:DIRACGrid/DIRAC"


@pytest.fixture
def dirac() -> RecordedRepository:
    return a_part_of("DIRACGrid/DIRAC", 20)


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as server:
        yield server


@pytest.fixture
def app(tmp_path: Path, dirac: RecordedRepository, slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    monkeypatch.setenv("GITHUB_TOKEN", "t0ken")
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    with RecordedGitHub([dirac], tokens=["t0ken"], now=now) as github:
        path = tmp_path / "bot.toml"
        path.write_text(
            f'[database]\nurl = "sqlite:///{tmp_path}/bot.db"\n'
            f'[forges.github]\nkind = "github"\nbase_url = "{github.url}"\ntoken_env = "GITHUB_TOKEN"\n'
            '[[repositories]]\nforge = "github"\npath = "DIRACGrid/DIRAC"\n'
            f'[slack]\nbase_url = "{slack.url}"\n'
        )
        yield open_app(str(path))


@contextmanager
def working(app: App) -> Iterator[tuple[TaskContext, Store]]:
    with app.store() as store, app.forges(["github"], store) as forges:
        context = TaskContext(app, store, forges, Event())
        assert "announce" in [task.name for task in tasks(context) if task.is_begun_with]
        yield context, store


def test_a_poll_that_brings_a_release_tells_its_subscribers_once(
    app: App, dirac: RecordedRepository, slack: FakeSlack
) -> None:
    with working(app) as (context, store):
        poll_due(context, "github", 60)
        store.subscriptions.add(Subscription(0, CHANNEL, DIRAC, now(), "slack:U1"))
        dirac.put(RecordedTag("v9r9p1", "9" * 40, now() - timedelta(hours=1)))
        make_due(store)
        poll_due(context, "github", 60)
        announce_releases(context)
        make_due(store)
        poll_due(context, "github", 60)
    [message] = slack.messages
    assert message.channel == CHANNEL
    assert "v9r9p1" in message.text
    assert " of DIRAC (patch release of v9r9) is out: " in message.text


def test_what_another_worker_left_untold_is_told_without_a_poll(
    app: App, dirac: RecordedRepository, slack: FakeSlack
) -> None:
    with working(app) as (context, store):
        poll_due(context, "github", 60)
        made = store.subscriptions.add(Subscription(0, "cern:releases", DIRAC, now(), "slack:U1"))
        dirac.put(RecordedTag("v9r9p1", "9" * 40, now() - timedelta(hours=1)))
        make_due(store)
        poll_due(context, "github", 60)
        assert slack.messages == []
        with store.database.writing() as connection:
            connection.execute(sa.update(subscriptions).values(channel=CHANNEL))
    with working(app) as (context, store):
        announce_releases(context)
        assert [each.number for each in store.subscriptions.all()] == [made.number]
    assert len(slack.messages) == 1
