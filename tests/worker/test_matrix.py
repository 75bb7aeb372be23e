"""Slack and Matrix in one worker: one digest for both, and the one that is down holds up nothing of the other."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import now
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.history import load
from bot.store.store import Store
from tests.chats.contract.matrix import MatrixWorld
from tests.chats.matrix.fake_matrix import FakeMatrix
from tests.chats.slack.fake_slack import APP_TOKEN, FakeSlack
from tests.worker.test_worker import github, lines_until, running, slack, stopped

__all__ = ["github", "slack"]


def configure(folder: Path, github: RecordedGitHub, slack: FakeSlack, world: MatrixWorld) -> Path:
    github.repositories.add(load("DIRACGrid/COMDIRAC"))
    room = f"matrix:{world.channel_name}"
    with Store.open(f"sqlite:///{folder}/bot.db") as store:
        for channel in ("#dirac-releases", room):
            store.digests.known_since("weekly", channel, now() - timedelta(days=31))
    path = folder / "bot.toml"
    path.write_text(
        f'[database]\nurl = "sqlite:///{folder}/bot.db"\n'
        f'[forges.github]\nkind = "github"\nbase_url = "{github.url}"\ntoken_env = "GITHUB_TOKEN"\n'
        '[[repositories]]\nforge = "github"\npath = "DIRACGrid/DIRAC"\n'
        f'[slack]\nbase_url = "{slack.url}"\n'
        f'[chats.matrix]\nkind = "matrix"\nbase_url = "{world.server.url}"\nmaintainers = ["{world.maintainer}"]\n'
        f'[[digests]]\nname = "weekly"\nchannel = "#dirac-releases"\nalso = ["{room}"]\n'
        'schedule = "0 0 * * mon"\nperiod = "last-week"\n'
    )
    return path


@pytest.mark.parametrize("is_down", [False, True], ids=["up", "down at first"])
def test_each_chat_has_its_digest_once_and_its_answers(
    tmp_path: Path, github: RecordedGitHub, slack: FakeSlack, *, is_down: bool
) -> None:
    with FakeMatrix() as matrix:
        world = MatrixWorld(matrix)
        path = configure(tmp_path, github, slack, world)
        variables = {"SLACK_APP_TOKEN": APP_TOKEN, "MATRIX_TOKEN": world.bot.token}
        if is_down:
            world.be_down()
        with running(path, **variables) as process:
            assert slack.wait_for(1)
            slack.link.wait()
            assert "v9r9p1" in slack.mention("latest v9r9").answers()[0].text
            world.be_up()
            log = lines_until(process, "chats.matrix is connected")
            assert "v9r9p1" in world.mention("latest v9r9").answers(seconds=60)[0].words
            [refused] = world.mention("watch github:DIRACGrid/COMDIRAC").answers()
            assert "only maintainers" in refused.words
            [agreed] = world.mention("watch github:DIRACGrid/COMDIRAC", by=world.maintainer).answers()
            assert agreed.sentence.startswith("Now watching github:DIRACGrid/COMDIRAC")
            if not is_down:
                assert world.wait(lambda: any(each.key for each in world.shown()), 60)
            log += stopped(process)
        posted = [each for each in world.shown() if each.key]
        assert len(posted) == (0 if is_down else 1)
    assert sum(not each.channel.startswith("D") for each in slack.messages) >= 1
    held = b"".join(each.read_bytes() for each in tmp_path.glob("bot.db*"))
    assert world.bot.token not in log
    assert world.bot.token.encode() not in held
