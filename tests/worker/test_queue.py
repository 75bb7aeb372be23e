"""Workers that share a queue on PostgreSQL: ticks once, locks for each token, and what workers that died leave."""

import asyncio
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import procrastinate
import psycopg
import pytest
from procrastinate.jobs import Job
from procrastinate.schema import SchemaManager
from psycopg.rows import TupleRow

from bot.app import App, now, open_app
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.server import Request
from bot.domain.errors import UsageError
from bot.store.queue import conninfo_of, make_queue
from bot.store.store import Store
from bot.worker import worker
from bot.worker.context import TaskContext
from bot.worker.queue import engine, jobs
from bot.worker.queue.connection import open_queue
from bot.worker.queue.engine import queued, require_queue
from bot.worker.queue.jobs import Tick, give_to_another, rescue, ticks
from bot.worker.queue.schedule import begin
from bot.worker.reload import Reloading
from bot.worker.worker import tasks
from tests.chats.slack.fake_slack import TOKEN, FakeSlack
from tests.databases import Postgresql, postgresql
from tests.programs import PIPE, Program
from tests.test_stopping import PATHS, a_small_one, hanging
from tests.worker.quick import hurry_queue
from tests.worker.test_worker import lines_until, stopped

__all__ = ["postgresql"]

SCHEMA = SchemaManager.get_schema()
# Writes down each job that is made and begun.
AUDIT = """
CREATE TABLE audit (id bigserial PRIMARY KEY, job bigint, task text, tick text, lock text, status text);
CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO {schema}.audit (job, task, tick, lock, status)
        VALUES (NEW.id, NEW.task_name, NEW.args->>'timestamp', NEW.lock, NEW.status);
    RETURN NEW;
END $$;
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON procrastinate_jobs FOR EACH ROW EXECUTE PROCEDURE audit();
"""
# What a server says whose messages are in French.
FRENCH = """
CREATE FUNCTION french() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE unique_violation USING CONSTRAINT = 'procrastinate_jobs_queueing_lock_idx_v1',
        DETAIL = 'La clé « (queueing_lock)=(x) » existe déjà.';
END $$;
CREATE TRIGGER french BEFORE INSERT ON procrastinate_jobs FOR EACH ROW EXECUTE PROCEDURE french();
"""


@pytest.fixture
def url(postgresql: Postgresql) -> Iterator[str]:
    made = postgresql.new()
    yield made
    postgresql.remove(made)


@pytest.fixture
def github() -> Iterator[RecordedGitHub]:
    with RecordedGitHub([a_small_one(path) for path in PATHS[:3]], tokens=["t0ken"], now=now) as server:
        yield server


@pytest.fixture
def config(tmp_path: Path, github: RecordedGitHub, url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GITHUB_TOKEN", "t0ken")
    path = tmp_path / "bot.toml"
    path.write_text(
        f'[database]\nurl = "{url}"\n'
        f'[forges.github]\nkind = "github"\nbase_url = "{github.url}"\ntoken_env = "GITHUB_TOKEN"\n'
        + "".join(f'[[repositories]]\nforge = "github"\npath = "{each}"\n' for each in PATHS[:3])
    )
    return path


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ticks, signs of life and looks for jobs every second or sooner."""
    for module, names in (
        (engine, ("HEARTBEAT_SECONDS", "FETCH_SECONDS", "PAUSE_SECONDS")),
        (jobs, ("RESCUE_SECONDS", "STALLED_SECONDS")),
        (worker, ("_TICK_SECONDS", "RETRY_SECONDS")),
    ):
        for name in names:
            monkeypatch.setattr(module, name, 1)
    hurry_queue()


@dataclass(frozen=True)
class Queue:
    """The tables of a queue."""

    url: str
    schema: str

    def rows(self, statement: str, *parameters: Any) -> list[TupleRow]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"SET search_path TO {self.schema}".encode())
            cursor = connection.execute(statement.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def until(self, statement: str, is_there: Callable[[list[TupleRow]], bool]) -> list[TupleRow]:
        """Ask until an answer is there."""
        ends = monotonic() + 60
        while not is_there(found := self.rows(statement)):
            assert monotonic() < ends, (found, self.rows("SELECT * FROM procrastinate_jobs"))
        return found

    def leave(self, tick: Tick) -> int:
        """Leave a job as a worker does that was killed an hour ago."""
        [(worker_id,)] = self.rows(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        )
        [(job,)] = self.rows(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, status, worker_id)"
            " VALUES ('default', %s, %s, %s, 'doing', %s) RETURNING id",
            *(tick.task, tick.lock, tick.queueing_lock, worker_id),
        )
        return int(job)


@pytest.fixture
def queue(url: str) -> Queue:
    with Store.open(url) as store:
        return Queue(url, make_queue(store.database, SCHEMA))


def opened(queue: Queue) -> procrastinate.App:
    app, _ = open_queue(conninfo_of(queue.url), queue.schema)
    for name in ("poll", "note"):
        app.task(name=name)(lambda **_: None)
    return app


def asynchronously(queue: Queue, work: Callable[[procrastinate.App], Coroutine[None, None, Any]]) -> Any:
    async def run_it() -> Any:
        async with opened(queue).open_async() as app:
            return await work(app)

    return asyncio.run(run_it())


@contextmanager
def working(app: App, count: int) -> Iterator[list[TaskContext]]:
    """Let several workers work, each with its own connections and leases."""
    with ExitStack() as stack:
        contexts = []
        for _ in range(count):
            store = stack.enter_context(app.store())
            forges = stack.enter_context(app.forges(app.watched_forges(), store))
            contexts.append(TaskContext(app, store, forges, Event()))
        for context in contexts:
            stack.enter_context(queued(context))
        yield contexts


@pytest.mark.long
@pytest.mark.usefixtures("hurried")
def test_each_tick_is_one_job_whichever_of_three_workers_runs_it(config: Path, queue: Queue) -> None:
    queue.rows(AUDIT.format(schema=queue.schema))
    polls = "SELECT DISTINCT tick FROM audit WHERE task = 'poll' AND tick IS NOT NULL"
    with working(open_app(str(config)), 3) as contexts:
        queue.until("SELECT id FROM procrastinate_workers", lambda found: len(found) == 3)
        queue.until(polls, lambda found: len(found) >= 4)
        account = contexts[0].accounts["github"].account
    made = queue.rows("SELECT task, tick, count(DISTINCT job) FROM audit WHERE tick IS NOT NULL GROUP BY 1, 2")
    assert {count for _, _, count in made} == {1}
    assert {task for task, _, _ in made} == {"poll", "follow", "report", "announce", "rescue"}
    # Between the beginning of a poll with a token and the end of it there is no other one's beginning.
    begun = queue.rows("SELECT job, status FROM audit WHERE lock = %s AND status <> 'todo' ORDER BY id", account)
    assert [status for _, status in begun] == ["doing"] * len(begun)
    assert len({job for job, _ in begun}) == len(begun)


@pytest.mark.usefixtures("hurried")
def test_digests_are_posted_once_by_three_workers(config: Path, queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    queue.rows(AUDIT.format(schema=queue.schema))
    with FakeSlack() as slack:
        config.write_text(
            f'{config.read_text()}[slack]\nbase_url = "{slack.url}"\n[[digests]]\nname = "weekly"\n'
            'channel = "#dirac-releases"\nschedule = "0 0 * * mon"\nperiod = "last-week"\n'
        )
        with Store.open(queue.url) as store:
            store.digests.known_since("weekly", "#dirac-releases", now() - timedelta(days=31))
        with working(open_app(str(config)), 3):
            assert slack.wait_for(1)
            [(seen,)] = queue.rows("SELECT max(id) FROM audit")
            later = f"SELECT DISTINCT job FROM audit WHERE task = 'report' AND status = 'doing' AND id > {seen}"
            queue.until(later, lambda found: len(found) >= 2)
        assert len(slack.messages) == 1
    with Store.open(queue.url) as store:
        assert [each.channel for each in store.deliveries.in_states(["sent"])] == ["#dirac-releases"]


@pytest.mark.usefixtures("hurried")
def test_jobs_go_on_after_the_server_ended_every_connection(config: Path, queue: Queue, postgresql: Postgresql) -> None:
    queue.rows(AUDIT.format(schema=queue.schema))
    begun = "SELECT DISTINCT job FROM audit WHERE task = 'announce' AND status = 'doing'"
    with working(open_app(str(config)), 1):
        before = len(queue.until(begun, bool))
        postgresql.cut(queue.url)
        queue.until(begun, lambda found: len(found) > before + 1)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("hours", [-1, 24 * 365], ids=["back", "ahead"])
def test_jobs_go_on_when_the_clock_of_a_worker_jumps(
    config: Path, queue: Queue, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    queue.rows(AUDIT.format(schema=queue.schema))
    right, made = time.time, "SELECT DISTINCT tick FROM audit WHERE task = 'announce' AND tick IS NOT NULL"
    with working(open_app(str(config)), 1):
        before = len(queue.until(made, bool))
        monkeypatch.setattr(time, "time", lambda: right() + hours * 3600)
        after = queue.until(made, lambda found: len(found) > before + 2)
    assert max(abs(int(tick) - right()) for (tick,) in after) < 120


@pytest.mark.usefixtures("hurried")
def test_a_worker_that_was_counted_as_dead_begins_again(
    config: Path, queue: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    workers = "SELECT id FROM procrastinate_workers"
    with working(open_app(str(config)), 1):
        before = queue.until(workers, bool)
        queue.rows("DELETE FROM procrastinate_workers")
        queue.until(workers, lambda found: bool(found) and found != before)
    assert "queue: this worker was suspended and counted as dead; it begins again" in caplog.text


@pytest.mark.usefixtures("hurried")
def test_a_queue_whose_signs_of_life_are_not_taken_is_overdue(
    config: Path, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_FAILING", 2)
    with working(open_app(str(config)), 1) as [context]:
        queue.until("SELECT id FROM procrastinate_workers", bool)
        assert context.jobs.overdue() == []
        with psycopg.connect(queue.url) as held:
            held.execute(f"LOCK TABLE {queue.schema}.procrastinate_workers".encode())
            ends = monotonic() + 30
            while not (overdue := context.jobs.overdue()):
                assert monotonic() < ends
                Event().wait(0.1)
    assert overdue[0].startswith("queue: no progress for ")


@pytest.mark.parametrize("is_waiting", [False, True], ids=["alone", "with the next of its kind"])
def test_a_job_of_a_worker_that_died_gives_its_lock_free_and_is_done(queue: Queue, *, is_waiting: bool) -> None:
    tick = Tick("poll github", "poll", 60, "a host and a token")
    left = queue.leave(tick)

    async def work(app: procrastinate.App) -> list[Job | None]:
        if is_waiting:
            await begin(app, [tick])
        living = await app.job_manager.register_worker()
        before = await app.job_manager.fetch_job(queues=None, worker_id=living)
        await rescue(app)
        return [before, await app.job_manager.fetch_job(queues=None, worker_id=living)]

    before, after = asynchronously(queue, work)
    assert before is None, "until then its lock is taken"
    assert after is not None
    assert (after.id == left) is not is_waiting
    assert len(queue.rows("SELECT id FROM procrastinate_jobs")) == 1


def test_a_job_that_two_workers_rescue_is_done_once(queue: Queue) -> None:
    queue.leave(Tick("poll github", "poll", 60, "a host and a token"))

    async def work(app: procrastinate.App) -> None:
        [left] = await app.job_manager.get_stalled_jobs()
        for _ in range(2):
            await give_to_another(app, left)
            living = await app.job_manager.register_worker()
            job = await app.job_manager.fetch_job(queues=None, worker_id=living)
            if job is not None:
                await app.job_manager.finish_job(job, procrastinate.jobs.Status.SUCCEEDED, delete_job=True)

    asynchronously(queue, work)
    assert queue.rows("SELECT id FROM procrastinate_jobs") == []


def test_a_job_of_a_worker_that_lives_is_left_alone(queue: Queue) -> None:
    async def work(app: procrastinate.App) -> None:
        await begin(app, [Tick("poll github", "poll", 60, "a host and a token")])
        living = await app.job_manager.register_worker()
        assert await app.job_manager.fetch_job(queues=None, worker_id=living) is not None
        await rescue(app)

    asynchronously(queue, work)
    assert queue.rows("SELECT status FROM procrastinate_jobs") == [("doing",)]


def test_a_job_that_was_given_to_another_worker_may_end_twice(queue: Queue) -> None:
    async def work(app: procrastinate.App) -> None:
        await begin(app, [Tick("note", "note", 60, None)])
        living = await app.job_manager.register_worker()
        job = await app.job_manager.fetch_job(queues=None, worker_id=living)
        assert job is not None
        for _ in range(2):
            await app.job_manager.finish_job(job, procrastinate.jobs.Status.SUCCEEDED, delete_job=True)

    asynchronously(queue, work)
    assert queue.rows("SELECT status FROM procrastinate_jobs") == []


def test_a_lock_that_is_taken_is_recognised_in_other_languages(queue: Queue) -> None:
    queue.rows(FRENCH)
    asynchronously(queue, lambda app: begin(app, [Tick("note", "note", 60, None)]))


def test_two_forges_with_one_token_have_one_lock_and_each_token_has_its_own(config: Path) -> None:
    text = config.read_text()
    again = text[text.index("[forges") :].replace("forges.github", "forges.again").replace("site/", "others/")
    config.write_text(text + again.replace('forge = "github"', 'forge = "again"').replace("/tool", "/other"))
    assert len(locks_of_polls(config)) == 1
    config.write_text(config.read_text().replace('token_env = "GITHUB_TOKEN"', 'token_env = "OTHER"', 1))
    assert len(locks_of_polls(config)) == 2
    assert not any("t0ken" in str(lock) for lock in locks_of_polls(config))


def locks_of_polls(config: Path) -> set[str | None]:
    app = open_app(str(config))
    with app.store() as store, app.forges(app.watched_forges(), store) as forges:
        made = [each for each in ticks(TaskContext(app, store, forges, Event())) if each.task == "poll"]
    assert len(made) == 2
    return {each.lock for each in made}


def test_all_that_runs_without_a_queue_is_a_job_of_it(config: Path) -> None:
    app = open_app(str(config))
    with app.store() as store, app.forges(app.watched_forges(), store) as forges:
        context = TaskContext(app, store, forges, Event())
        alone = {task.name for task in tasks(context) if task.is_begun_with}
        assert {tick.name for tick in ticks(context)} == {*alone, "rescue"}


@contextmanager
def process(config: Path, *options: str) -> Iterator[Program]:
    arguments = ["--config", str(config), *options, "run", "--queue"]
    program = Program("tests.worker.quick", arguments, env={"GITHUB_TOKEN": "t0ken"}, stderr=PIPE)
    try:
        yield program
    finally:
        program.kill()
        program.communicate()


@pytest.mark.long
def test_another_worker_polls_within_a_minute_of_a_kill(config: Path, github: RecordedGitHub) -> None:
    asked, go_on = Event(), Event()

    def hold(_: Request) -> None:
        asked.set()
        go_on.wait(60)

    github.interceptor = hold
    with process(config) as first:
        lines_until(first, "watching 3 repositories")
        assert asked.wait(20)
        with process(config) as second:
            lines_until(second, "watching 3 repositories")
            first.kill()
            began = monotonic()
            github.interceptor = None
            go_on.set()
            log = lines_until(second, "polled 3 repositories of github: 3 new tags, 0 failed")
            assert monotonic() - began < 60
            log += stopped(second)
    assert "poll github: its worker has disappeared; another does it" in log


def test_a_worker_ends_gracefully_and_leaves_no_job_open(config: Path, queue: Queue) -> None:
    with process(config) as program:
        log = lines_until(program, "polled 3 repositories of github: 3 new tags, 0 failed")
        begun = monotonic()
        log += stopped(program)
        assert monotonic() - begun < 10
    assert "Traceback" not in log
    assert "procrastinate" not in log
    assert queue.rows("SELECT id FROM procrastinate_workers") == []
    assert queue.rows("SELECT id FROM procrastinate_jobs WHERE status = 'doing'") == []


def test_a_worker_whose_forge_hangs_ends_in_time(config: Path, github: RecordedGitHub) -> None:
    with hanging(github, "") as hang, process(config) as program:
        assert hang.asked.wait(20)
        begun = monotonic()
        program.send_signal(signal.SIGTERM)
        assert program.wait(20) == 0
        assert monotonic() - begun < 10


def test_a_queue_in_sqlite_is_refused_in_one_line(config: Path) -> None:
    config.write_text(f'[database]\nurl = "sqlite:///{config.parent}/bot.db"\n')
    with process(config) as program:
        _, log = program.communicate(20)
    assert program.returncode == 2
    hint = "set database.url to a postgresql:// URL, or run without --queue"
    assert log == f"error: --queue: a queue needs PostgreSQL, and the database is SQLite; {hint}\n"


def test_without_the_extra_it_says_what_to_install(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "procrastinate", None)
    with pytest.raises(UsageError) as refused:
        require_queue(open_app(str(config)))
    assert str(refused.value) == (
        '--queue: procrastinate is not installed; run: pip install "dirac-release-bot[cluster]"'
    )


def test_a_changed_configuration_without_postgresql_is_refused_and_the_old_one_stays(config: Path) -> None:
    app = open_app(str(config))
    with app.store() as store:
        reloading = Reloading(app, store, require=require_queue)
        config.write_text(config.read_text().replace(app.database_url, f"sqlite:///{config.parent}/bot.db"))
        assert reloading.look() is None
        assert reloading.look() is None
    assert not (config.parent / "bot.db").exists()
