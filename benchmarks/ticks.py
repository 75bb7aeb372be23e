"""What a tick of the worker costs where nothing is due, and a batch of what is due, in databases of records alone.

The time is the processor's that this process takes: others may use it meanwhile, and PostgreSQL's own is not in it.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from threading import Event

import sqlalchemy as sa

from benchmarks.common import Line, tell
from benchmarks.population import make_repositories
from bot.app import now, open_app
from bot.domain.polling.look import ForgeAccount
from bot.domain.repositories import Repository
from bot.forges.git.forge import GitForge
from bot.services.leases import Holder, Leases
from bot.services.looks import LookSchedule
from bot.services.poll_schedule import Timing
from bot.services.ports import Forge
from bot.store.schema import repositories
from bot.store.store import Store
from bot.worker.context import TaskContext
from bot.worker.tasks.poll import poll_due
from tests.databases import Postgresql

_SOME, _MANY = 10_000, 100_000
_TARGET, _TARGET_OF_MANY = 0.005, 0.05
_REPEATS, _BATCH = 15, 500
# Without limits, and nothing is asked of it.
_FORGES: dict[str, Forge] = {"github": GitForge("github", "http://127.0.0.1:1", None, now=now, variables={})}
_OF = ForgeAccount("github", "api.github.com 0f0f")
_TIMING = Timing(timedelta(minutes=10), timedelta(hours=1))
_AT = datetime(2021, 2, 22, 12, 50, tzinfo=UTC)
_STATED = sa.text(
    "SELECT (SELECT min(next_at) FROM looks WHERE forge = 'github'), (SELECT max(tried_at) FROM looks"
    " WHERE forge = 'github')"
)
_RECORDS = sa.text(
    "SELECT * FROM repositories WHERE key IN"
    f" (SELECT source FROM looks WHERE forge = 'github' ORDER BY next_at LIMIT {_BATCH})"
)


def measure() -> list[Line]:
    """Measure ticks of the worker, and batches, on both databases."""
    with TemporaryDirectory() as folder:
        lines = [_worker(Path(folder))]
        lines += _many(f"sqlite:///{folder}/many.db", "SQLite")
    server = Postgresql(Path(mkdtemp(prefix="release-bot-postgresql-")))
    try:
        return lines + _many(server.new(), "PostgreSQL")
    finally:
        server.stop()


def _worker(folder: Path) -> Line:
    """Let a worker wake that watches ten thousand repositories, with nothing due."""
    watched = make_repositories(_SOME)
    file = folder / "bot.toml"
    file.write_text(
        f'[database]\nurl = "sqlite:///{folder}/bot.db"\n[forges.github]\nkind = "github"\n'
        + "".join(f'[[repositories]]\nforge = "github"\npath = "{each.path}"\n' for each in watched)
    )
    app = open_app(str(file))
    with Store.open(app.database_url) as store, app.forges(["github"], store) as forges:
        # A moment ahead, as clocks may differ: so nothing gets due while this is measured, and nobody is asked.
        _hold(store, watched, now() + timedelta(minutes=4))
        context = TaskContext(app, store, forges, Event())
        ours, reference = _fastest(lambda: poll_due(context, "github", 60), lambda: _state(store))
    how = (
        f"{_SOME:,} repositories on SQLite; the worker's task; reference: the two moments that decide, by one statement"
    )
    return Line("a tick with nothing due", ours, reference, how, _TARGET)


def _many(url: str, database: str) -> list[Line]:
    watched = make_repositories(_MANY)
    with Store.open(url) as store:
        _hold(store, watched, _AT)
        looks = LookSchedule(_OF, watched, store)
        begun = time.process_time()
        looks.ahead(_FORGES, _TIMING, _AT)
        made = time.process_time() - begun
        ours, reference = _fastest(lambda: _tick(looks, _AT), lambda: _state(store))
        later = _AT + timedelta(minutes=10)
        batch, read = _fastest(lambda: _batch(store, looks, later), lambda: _read(store))
    told = f"{_MANY:,} records on {database}, made ready once in {made:.1f} s"
    reading = "reference: the two moments that decide, by one statement"
    return [
        Line(f"many: a tick with nothing due, {database}", ours, reference, f"{told}; {reading}", _TARGET_OF_MANY),
        Line(
            f"many: claim and give back {_BATCH} that are due, {database}",
            batch,
            read,
            f"{told}; with the rule asked once more for each; reference: these records by one statement",
        ),
    ]


def _hold(store: Store, watched: Sequence[Repository], at: datetime) -> None:
    rows = [
        {
            "key": each.key,
            "rules": "",
            "revision": 1,
            "polled_at": at,
            "complete_at": at,
            "full_at": at,
            "changed_at": at,
        }
        for each in watched
    ]
    for begin in range(0, len(rows), 5_000):
        with store.database.writing() as connection:
            connection.execute(sa.insert(repositories), rows[begin : begin + 5_000])


def _state(store: Store) -> None:
    with store.database.reading() as connection:
        connection.execute(_STATED).one()


def _read(store: Store) -> None:
    with store.database.reading() as connection:
        connection.execute(_RECORDS).all()


def _tick(looks: LookSchedule, at: datetime) -> None:
    """Do what a worker does when it wakes, as far as nothing is due."""
    ahead, timing = looks.ahead(_FORGES, _TIMING, at)
    if ahead.is_due(timing.there("github", at)):
        raise AssertionError("something is due")


def _batch(store: Store, looks: LookSchedule, at: datetime) -> None:
    """Claim the first batch of what is due, and give it back as it was: nobody is asked."""
    _, timing = looks.ahead(_FORGES, _TIMING, at)
    until = looks.open_round(timing, at, timedelta(0))
    with looks.batch(until, timing, lambda: at, Leases(store.leases, Holder("A", "A")), Event()) as batch:
        if len(batch.asked) != _BATCH:
            message = f"{len(batch.asked)} are due"
            raise AssertionError(message)


def _fastest(*works: Callable[[], object]) -> list[float]:
    """Return the least time of the processor that each work took, by turns."""
    rounds = [[_busy(work) for work in works] for _ in range(_REPEATS)]
    return [min(times) for times in zip(*rounds, strict=True)]


def _busy(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


if __name__ == "__main__":
    tell(measure())
