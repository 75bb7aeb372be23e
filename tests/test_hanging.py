"""The worker beside a forge that hangs: digests come in time, name what was not checked, and nothing else waits."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from time import monotonic

import pytest

from bot.app import App, now, open_app
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.gitlab import RecordedGitLab
from bot.demo.recorded.history import RecordedRepository, RecordedTag
from bot.demo.recorded.server import Request, Response
from bot.domain.polling.record import PollDepth
from bot.forges.github.forge import GitHubForge
from bot.forges.gitlab.forge import GitLabForge
from bot.services.poll import Asked, poll
from bot.services.ports import Forge, PollRequest
from bot.store.store import Store
from bot.worker.context import Patience, TaskContext
from bot.worker.jobs import Jobs
from bot.worker.tasks.digests import report
from bot.worker.tasks.poll import poll_due
from tests.chats.slack.fake_slack import TOKEN, FakeSlack, texts_of
from tests.network.servers import Manner, answering

PATIENCE = Patience(silence=0.4, report=5)
CONTINUE = Manner(again=b"HTTP/1.1 100 Continue\r\n\r\n")


def a_small_one(path: str) -> RecordedRepository:
    repository = RecordedRepository(path, {}, {})
    repository.put(RecordedTag("v1r0", "1" * 40, now() - timedelta(days=60)))
    return repository


@dataclass
class Site:
    """A worker with a GitHub that answers, and a GitLab whose answers wait until they are let go."""

    app: App
    store: Store
    context: TaskContext
    jobs: Jobs
    slack: FakeSlack
    asked: Event
    free: Event
    forges: Mapping[str, Forge]


@contextmanager
def a_site(folder: Path, patience: Patience = PATIENCE) -> Iterator[Site]:
    asked, free = Event(), Event()
    free.set()

    def wait(_: Request) -> Response | None:
        asked.set()
        free.wait(60)
        return None

    with (
        RecordedGitHub([a_small_one("team/fine")], tokens=[], now=now) as github,
        RecordedGitLab([a_small_one("team/hung")], tokens=[], now=now) as gitlab,
        FakeSlack() as slack,
    ):
        gitlab.interceptor = wait
        path = folder / "bot.toml"
        path.write_text(
            f'[database]\nurl = "sqlite:///{folder}/bot.db"\n'
            f'[forges.github]\nkind = "github"\nbase_url = "{github.url}"\n'
            f'[forges.gitlab]\nkind = "gitlab"\nbase_url = "{gitlab.url}"\n'
            '[[repositories]]\nforge = "github"\npath = "team/fine"\n'
            '[[repositories]]\nforge = "gitlab"\npath = "team/hung"\n'
            f'[slack]\nbase_url = "{slack.url}"\n'
            '[[digests]]\nname = "weekly"\nchannel = "#dirac-releases"\n'
            'schedule = "0 0 * * mon"\nperiod = "last-week"\n'
        )
        app = open_app(str(path))
        with app.store() as store, app.forges(app.watched_forges()) as forges:
            store.digests.known_since("weekly", "#dirac-releases", now() - timedelta(days=31))
            jobs = Jobs()
            context = TaskContext(app, store, forges, Event(), jobs, patience)
            try:
                yield Site(app, store, context, jobs, slack, asked, free, forges)
            finally:
                free.set()
                # What hung goes on now, and still uses the store.
                for thread in threading.enumerate():
                    if thread.name.startswith(("report ", "forge ")):
                        thread.join(20)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    with a_site(tmp_path) as site:
        yield site


@contextmanager
def polling(site: Site, forge: str) -> Iterator[None]:
    """Let a poll of a forge hang for as long as the context lasts."""
    site.asked.clear()
    site.free.clear()
    hung = Thread(target=poll_due, args=(site.context, forge, 60))
    hung.start()
    try:
        assert site.asked.wait(20)
        yield
    finally:
        site.free.set()
        hung.join()


def posted(site: Site) -> str:
    [message] = site.slack.messages
    lines = [text for block in message.blocks for text in texts_of(block)]
    return "\n".join(lines).replace("\u2060", "")


def test_a_digest_comes_in_time_beside_a_poll_that_hangs_and_names_what_was_not_checked(site: Site) -> None:
    with polling(site, "gitlab"):
        begun = monotonic()
        report(site.context)
        assert monotonic() - begun < 3
        assert site.store.tags.record("github:team/fine").complete_at is not None
        assert "1 of 2 repositories not checked" in posted(site)
        assert "never checked: no releases counted" in posted(site)
        # What answers is polled on meanwhile.
        poll_due(site.context, "github", 60)


def test_what_was_polled_before_is_told_as_not_checked_since(site: Site) -> None:
    before_the_week_ended = now() - timedelta(days=8)
    [hung] = [each for each in site.app.repositories() if each.forge == "gitlab"]
    list(poll([Asked(hung, PollDepth.FULL)], site.forges, site.store, lambda: before_the_week_ended))
    polled = site.store.tags.record(hung.key).polled_at
    assert polled is not None
    site.asked.clear()
    site.free.clear()
    begun = monotonic()
    report(site.context)
    assert monotonic() - begun < 3
    told = posted(site)
    assert f"not checked since {polled:%Y-%m-%d %H:%M}: later releases are missing" in told
    assert "team/fine" not in told.partition("not checked since")[2]
    site.free.set()


def test_a_forge_that_answers_slowly_but_answers_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    with a_site(tmp_path, Patience(silence=20, report=30)) as site:
        site.free.clear()
        reporting = Thread(target=report, args=(site.context,))
        reporting.start()
        assert site.asked.wait(20)
        assert site.slack.messages == []
        site.free.set()
        reporting.join()
        assert "not checked" not in posted(site)
        assert "never been polled" not in posted(site)


def test_a_second_report_and_a_poll_do_not_wait_for_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    with a_site(tmp_path, Patience(silence=20, report=30)) as site:
        site.free.clear()
        reporting = Thread(target=report, args=(site.context,))
        reporting.start()
        assert site.asked.wait(20)
        begun = monotonic()
        report(site.context)
        poll_due(site.context, "gitlab", 60)
        assert monotonic() - begun < 3
        site.free.set()
        reporting.join()
    assert len(site.slack.messages) == 1


def test_a_job_that_hangs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    with a_site(tmp_path, Patience(silence=0.4, report=5, job=0.05)) as site, polling(site, "gitlab"):
        while not site.jobs.overdue():
            pass
        [line] = site.jobs.overdue()
        assert line.startswith("poll gitlab: no progress for ")


@pytest.mark.parametrize("name", ["github", "gitlab"])
def test_a_forge_that_says_continue_for_ever_is_an_error_in_time(name: str) -> None:
    make: Callable[..., Forge] = GitHubForge if name == "github" else GitLabForge
    with answering(CONTINUE) as server:
        forge = make("forge", server.url, None, timeout=0.1, now=now)
        begun = monotonic()
        [answer] = forge.poll([PollRequest("team/tool")])
        forge.close()
        assert monotonic() - begun < 3
    assert answer.error is not None
    assert ": timed out" in answer.error.what
