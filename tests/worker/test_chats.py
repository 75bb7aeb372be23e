"""Two Slack workspaces in one worker: each has its digest, its questions and its maintainers."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import now
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.history import load
from bot.store.store import Store
from tests.chats.slack.fake_slack import APP_TOKEN, MAINTAINER, TOKEN, FakeSlack
from tests.worker.test_worker import github, running, slack, stopped

__all__ = ["github", "slack"]

OTHER = "other:#dirac-releases"


@pytest.fixture
def other() -> Iterator[FakeSlack]:
    """Another workspace, whose ids are those of the first: of its channel, its people, and its events."""
    with FakeSlack() as server:
        yield server


@pytest.fixture
def two(tmp_path: Path, github: RecordedGitHub, slack: FakeSlack, other: FakeSlack) -> Path:
    """One digest for both workspaces; the maintainer is the first one's."""
    github.repositories.add(load("DIRACGrid/COMDIRAC"))
    with Store.open(f"sqlite:///{tmp_path}/bot.db") as store:
        for channel in ("#dirac-releases", OTHER):
            store.digests.known_since("weekly", channel, now() - timedelta(days=31))
    path = tmp_path / "bot.toml"
    path.write_text(
        f'[database]\nurl = "sqlite:///{tmp_path}/bot.db"\n'
        f'[forges.github]\nkind = "github"\nbase_url = "{github.url}"\ntoken_env = "GITHUB_TOKEN"\n'
        '[[repositories]]\nforge = "github"\npath = "DIRACGrid/DIRAC"\n'
        f'[slack]\nbase_url = "{slack.url}"\nmaintainers = ["{MAINTAINER}"]\n'
        f'[chats.other]\nkind = "slack"\nbase_url = "{other.url}"\n'
        'bot_token_env = "OTHER_BOT"\napp_token_env = "OTHER_APP"\n'
        f'[[digests]]\nname = "weekly"\nchannel = "slack:#dirac-releases"\nalso = ["{OTHER}"]\n'
        'schedule = "0 0 * * mon"\nperiod = "last-week"\n'
    )
    return path


VARIABLES = {"SLACK_APP_TOKEN": APP_TOKEN, "OTHER_BOT": TOKEN, "OTHER_APP": APP_TOKEN}


def test_each_workspace_has_its_digest_and_its_answers(two: Path, slack: FakeSlack, other: FakeSlack) -> None:
    with running(two, **VARIABLES) as process:
        for workspace in (slack, other):
            assert workspace.wait_for(1)
            workspace.link.wait()
        asked = other.mention("latest v9r9")
        assert "v9r9p1" in asked.answers()[0].text
        posted = [each for each in slack.messages if not each.channel.startswith("D")]
        assert len(posted) == 1, "a question is answered where it was asked"
        again = slack.mention("latest v9r9")
        assert again.payload["event_id"] == asked.payload["event_id"]
        assert "v9r9p1" in again.answers()[0].text
        stopped(process)
    with Store.open(f"sqlite:///{two.parent}/bot.db") as store:
        channels = {each.channel for each in store.deliveries.in_states(["sent"])}
    assert channels == {"#dirac-releases", OTHER}


def test_a_maintainer_of_one_workspace_changes_nothing_from_the_other(
    two: Path, slack: FakeSlack, other: FakeSlack
) -> None:
    words = "watch github:DIRACGrid/COMDIRAC"
    with running(two, **VARIABLES) as process:
        for workspace in (slack, other):
            workspace.link.wait()
        [refused] = other.mention(words, user=MAINTAINER).answers()
        assert "only maintainers may change things" in refused.text
        [agreed] = slack.mention(words, user=MAINTAINER).answers()
        assert agreed.text.startswith("Now watching *github:DIRACGrid/COMDIRAC*")
        stopped(process)


def test_where_one_workspace_has_no_token_the_other_goes_on(two: Path, slack: FakeSlack, other: FakeSlack) -> None:
    with running(two, OTHER_BOT=TOKEN, OTHER_APP=APP_TOKEN, SLACK_BOT_TOKEN="") as process:
        assert other.wait_for(1)
        other.link.wait()
        assert other.mention("help").answers()
        log = stopped(process)
    assert slack.messages == []
    assert "slack: $SLACK_BOT_TOKEN is not set: no digests are posted" in log
    assert "chats.other is connected" in log
