"""The worker as a process: what is owed is posted at start, and SIGTERM ends it."""

import json
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest
import requests

from bot.app import now
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.history import RecordedTag, load
from bot.demo.recorded.server import Response
from bot.store.store import Store
from bot.worker.tasks.poll import slower_words
from bot.worker.worker import CrontabTrigger
from tests.builders import PARIS, paris
from tests.chats.notify.fakes import FakeMattermost
from tests.chats.slack.fake_slack import APP_TOKEN, MAINTAINER, TOKEN, Failure, FakeSlack
from tests.histories import a_part_of
from tests.programs import PIPE, Program

# A worker that looks for changes often.
QUICK = "tests.worker.quick"


@pytest.fixture
def github() -> Iterator[RecordedGitHub]:
    dirac = a_part_of("DIRACGrid/DIRAC", 20)
    last_week = now() - timedelta(days=now().weekday() + 3)
    dirac.put(RecordedTag("v9r9p1", "9" * 40, last_week))
    with RecordedGitHub([dirac], tokens=["t0ken"], now=now) as server:
        yield server


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as server:
        yield server


@pytest.fixture
def config(tmp_path: Path, github: RecordedGitHub, slack: FakeSlack) -> Path:
    """A weekly digest whose schedule has been known for a month, so that this week's is owed."""
    with Store.open(f"sqlite:///{tmp_path}/bot.db") as store:
        store.digests.known_since("weekly", "#dirac-releases", now() - timedelta(days=31))
    path = tmp_path / "bot.toml"
    path.write_text(
        f'[database]\nurl = "sqlite:///{tmp_path}/bot.db"\n'
        f'[forges.github]\nkind = "github"\nbase_url = "{github.url}"\ntoken_env = "GITHUB_TOKEN"\n'
        '[[repositories]]\nforge = "github"\npath = "DIRACGrid/DIRAC"\n'
        f'[slack]\nbase_url = "{slack.url}"\n'
        '[[digests]]\nname = "weekly"\nchannel = "#dirac-releases"\n'
        'schedule = "0 0 * * mon"\nperiod = "last-week"\n'
    )
    return path


@contextmanager
def running(config: Path, *options: str, program: str = "bot", **environment: str) -> Iterator[Program]:
    variables = {"GITHUB_TOKEN": "t0ken", "SLACK_BOT_TOKEN": TOKEN, **environment}
    process = Program(program, ["--config", str(config), *options, "run"], env=variables, stderr=PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def stopped(process: Program) -> str:
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=20)
    assert process.returncode == 0
    return log


def lines_until(process: Program, words: str) -> str:
    """Read the log up to the line that has the words."""
    assert process.stderr is not None
    read = ""
    for line in process.stderr:
        read += line
        if words in line:
            return read
    raise AssertionError(read)


def test_what_is_owed_is_posted_at_start_and_not_by_the_next_start(config: Path, slack: FakeSlack) -> None:
    with running(config) as process:
        assert slack.wait_for(1)
        lines_until(process, "watching 1 repository")
        stopped(process)
    with running(config) as process:
        lines_until(process, "watching 1 repository")
        log = stopped(process)
    assert "stopping" in log
    [message] = slack.messages
    assert message.text.startswith("1 patch release of DIRAC (v9r9: 1)")


def test_a_worker_without_a_slack_token_says_so_and_polls(
    config: Path, slack: FakeSlack, github: RecordedGitHub
) -> None:
    with running(config, SLACK_BOT_TOKEN="") as process:
        log = lines_until(process, "polled 1 repository of github: 21 new tags, 0 failed")
        stopped(process)
    assert "$SLACK_BOT_TOKEN is not set" in log
    assert slack.messages == []
    assert github.requests


def test_a_worker_posts_to_each_place_that_is_there_and_says_which_is_not(config: Path, slack: FakeSlack) -> None:
    more = 'also = ["mattermost", "mail"]\n[places.mattermost]\nurl_env = "CHAT"\n[places.mail]\nurl_env = "MAIL"\n'
    config.write_text(config.read_text() + more)
    with Store.open(f"sqlite:///{config.parent}/bot.db") as store:
        for place in ("mattermost", "mail"):
            store.digests.known_since("weekly", place, now() - timedelta(days=31))
    with FakeMattermost() as mattermost:
        with running(config, CHAT=mattermost.address) as process:
            log = lines_until(process, "digest weekly posted to mattermost")
            log += stopped(process)
        assert len(mattermost.taken) == 1
    assert len(slack.messages) == 1
    assert "places.mail: $MAIL is not set: no digests are posted to it; set it and restart the worker" in log
    assert "weekly for mail" not in log
    assert "internal error" not in log


def test_a_worker_whose_forge_is_down_goes_on(config: Path, github: RecordedGitHub, slack: FakeSlack) -> None:
    config.write_text(config.read_text().replace(github.url, "http://127.0.0.1:1"))
    with running(config) as process:
        assert slack.wait_for(1)
        lines_until(process, "watching 1 repository")
        stopped(process)
    blocks = str(slack.messages[0].blocks)
    assert "never checked" in blocks


def test_a_worker_with_both_tokens_answers_a_mention_beside_its_schedule(config: Path, slack: FakeSlack) -> None:
    with running(config, SLACK_APP_TOKEN=APP_TOKEN) as process:
        slack.link.wait()
        assert slack.wait_for(1)
        [answer] = slack.mention("latest v9r9").answers()
        assert "v9r9p1" in answer.text
        started = monotonic()
        stopped(process)
        assert monotonic() - started < 10


def test_a_maintainer_watches_a_repository_in_chat_and_it_is_polled(
    config: Path, slack: FakeSlack, github: RecordedGitHub
) -> None:
    github.repositories.add(load("DIRACGrid/COMDIRAC"))
    config.write_text(config.read_text().replace("[slack]\n", f'[slack]\nmaintainers = ["{MAINTAINER}"]\n'))
    words = "watch github:DIRACGrid/COMDIRAC"
    with running(config, program=QUICK, SLACK_APP_TOKEN=APP_TOKEN) as process:
        slack.link.wait()
        # The digest.
        assert slack.wait_for(1)
        [refused] = slack.mention(words).answers()
        assert "only maintainers may change things" in refused.text
        [agreed] = slack.mention(words, user=MAINTAINER).answers()
        assert agreed.text.startswith("Now watching *github:DIRACGrid/COMDIRAC*")
        log = lines_until(process, "41 new tags")
        stopped(process)
    assert "watchlist changed: 2 repositories" in log


def test_a_worker_serves_its_chat_and_its_metrics_at_one_address(config: Path, slack: FakeSlack) -> None:
    http = '[slack]\nlisten = "http"\nhttp_address = "127.0.0.1:0"\n'
    more = '[monitoring]\naddress = "127.0.0.1:0"\n'
    config.write_text(config.read_text().replace("[slack]\n", http) + more)
    with running(config, SLACK_SIGNING_SECRET="s1gning") as process:
        assert slack.wait_for(1)
        log = lines_until(process, "watching 1 repository")
        [port] = {*re.findall(r"listens on port (\d+)", log)}
        request = slack.http(slack.mention("latest v9r9"), "s1gning", int(now().timestamp()))
        url = f"http://127.0.0.1:{port}"
        answer = requests.post(f"{url}/slack/events", request.body, headers=request.headers, timeout=10)
        assert answer.status_code == 200
        assert slack.wait_for(2)
        assert requests.get(f"{url}/health", timeout=10).status_code == 200
        stopped(process)
    assert "v9r9p1" in slack.messages[1].text


def test_a_worker_whose_chat_cannot_be_reached_polls_and_posts_and_is_connected_later(
    config: Path, slack: FakeSlack
) -> None:
    slack.fail_next(Failure(Response.json(503, {}), path="/apps.connections.open"))
    with running(config, SLACK_APP_TOKEN=APP_TOKEN) as process:
        assert slack.wait_for(1)
        slack.link.wait()
        assert slack.mention("help").answers()
        log = stopped(process)
    assert "chat is not connected (SlackApiError); retrying in " in log
    assert "chat is connected" in log


def test_a_worker_without_the_token_for_chat_says_which_and_works(config: Path, slack: FakeSlack) -> None:
    with running(config) as process:
        log = lines_until(process, "watching 1 repository")
        assert slack.wait_for(1)
        stopped(process)
    assert "$SLACK_APP_TOKEN not set" in log
    assert len(slack.messages) == 1


def test_the_clock_wakes_once_on_the_night_when_an_hour_comes_twice() -> None:
    trigger = CrontabTrigger("30 2 * * *", PARIS)
    first = trigger.get_next_fire_time(None, paris("2021-10-30T12:00"))
    assert first.isoformat() == "2021-10-31T02:30:00+02:00"
    assert trigger.get_next_fire_time(first, first).isoformat() == "2021-11-01T02:30:00+01:00"


def test_the_log_is_for_people_in_a_terminal_and_json_otherwise(config: Path) -> None:
    ours, theirs = os.openpty()
    with Program("bot", ["--config", str(config), "run"], env={"GITHUB_TOKEN": "t0ken"}, stderr=theirs) as process:
        os.close(theirs)
        with os.fdopen(ours, encoding="utf-8") as terminal:
            line = terminal.readline()
            process.kill()
    assert "[warning  ] slack: $SLACK_BOT_TOKEN is not set: no digests are posted" in line
    with running(config, SLACK_BOT_TOKEN="") as process:
        log = lines_until(process, "is not set: no digests are posted")
    assert json.loads(log)["level"] == "warning"


def test_monday_is_monday_to_the_clock() -> None:
    trigger = CrontabTrigger("0 9 * * mon", PARIS)
    assert trigger.get_next_fire_time(None, paris("2021-02-16T12:00")) == paris("2021-02-22T09:00")


def test_each_poll_and_each_delivery_has_an_id_in_the_log(config: Path, slack: FakeSlack) -> None:
    with running(config) as process:
        assert slack.wait_for(1)
        log = lines_until(process, "digest weekly posted to")
        log += stopped(process)
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    polls = [line["poll"] for line in lines if line["event"].startswith("polled ")]
    assert polls
    assert len(polls) == len(set(polls))
    [posted] = [line for line in lines if line["event"].startswith("digest weekly posted to")]
    assert posted["delivery"] == slack.messages[0].metadata["event_payload"]["delivery"]


def test_a_worker_whose_clock_is_wrong_records_the_time_of_the_forge(
    config: Path, github: RecordedGitHub, tmp_path: Path
) -> None:
    ahead = timedelta(days=1)
    github._now = lambda: now() + ahead
    with running(config, SLACK_BOT_TOKEN="") as process:
        lines_until(process, "polled 1 repository of github: 21 new tags, 0 failed")
        stopped(process)
    with Store.open(f"sqlite:///{tmp_path}/bot.db") as store:
        [record] = store.tags.records(["github:DIRACGrid/DIRAC"])
        assert record.polled_at is not None
        assert abs(record.polled_at - now() - ahead) < timedelta(minutes=5)
        assert {tag.first_seen for _, tag in store.tags.of([record.repository])} == {record.backfilled_at}


def test_a_worker_continues_the_history_of_a_repository_whose_path_was_changed(
    config: Path, github: RecordedGitHub
) -> None:
    with running(config, SLACK_BOT_TOKEN="") as process:
        lines_until(process, "polled 1 repository of github: 21 new tags, 0 failed")
        stopped(process)
    dirac = a_part_of("DIRACGrid/DIRAC", 20)
    github.repositories.add(replace(dirac, path="DIRACGrid/core", identity=dirac.path))
    config.write_text(config.read_text().replace("DIRACGrid/DIRAC", "DIRACGrid/core"))
    with running(config, SLACK_BOT_TOKEN="") as process:
        lines_until(process, "history of github:DIRACGrid/DIRAC continues as github:DIRACGrid/core")
        lines_until(process, "polled 1 repository of github: 0 new tags, 0 failed")
        stopped(process)


@pytest.mark.parametrize(
    ("slower", "words"),
    [
        ({}, ""),
        ({"github": 1.0, "gitlab": 1.04}, ""),
        ({"github": 1.2}, "polling slower than configured to stay below the rate limit: github x1.2"),
        (
            {"gitlab": 1.0, "other": 30.0, "github": 2.44},
            "polling slower than configured to stay below the rate limit: github x2.4, other x30.0",
        ),
    ],
)
def test_slower_polling_is_logged_in_words(slower: dict[str, float], words: str) -> None:
    assert slower_words(slower) == words


def test_a_worker_without_a_github_token_logs_how_much_slower_it_polls(config: Path) -> None:
    config.write_text(f'{config.read_text()}[poll]\nevery = "1m"\n')
    with running(config, GITHUB_TOKEN="", SLACK_BOT_TOKEN="") as process:
        log = lines_until(process, "polling slower than configured")
        stopped(process)
    assert re.search(r'rate limit: github x\d+\.\d"', log)
