"""The pages of the web: made anew, unchanged, and while a thousand repositories are polled."""

import gzip
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from werkzeug.test import Client

from benchmarks.common import Line, percentile, shown, tell
from benchmarks.forge import TOKEN
from benchmarks.polling import FEW_TAGS, MANY, configure, poll_once, serve_forge
from benchmarks.population import AS_OF, make_repositories, populate
from bot.app import App
from bot.config.fields import SocketAddress
from bot.config.load import load
from bot.demo.demo import open_demo
from bot.demo.serve import serve_forges
from bot.domain.periods.period import AsOf
from bot.queries.base import QueryContext, Watched
from bot.queries.language.vocabulary import Vocabulary
from bot.services.status import Status
from bot.store.state import state_of
from bot.store.store import Store
from bot.web.site import Site
from bot.web.visits import Source
from bot.worker.pages import mount_of_pages

_REPOSITORIES, _TAGS = 1_000, 500
_REPEATS = 9
_POLLS = 2
_LARGEST = 80_000
_TARGET, _DEMO_TARGET, _UNCHANGED_TARGET, _POLLED_TARGET = 0.1, 0.05, 0.005, 0.2
_MOMENT = "as_of=2021-02-22T14:00"
_WEEK = "SELECT count(*) FROM releases WHERE kind = 'patch' AND state <> 'withdrawn' AND date >= ? AND date < ?"
_PAGES = ("/", "/timeline", "/search?q=how+many+releases+in+the+last+month", "/search?q=latest", "/how?period=1m")


def measure() -> list[Line]:
    """Measure the pages of many repositories, those of the demo, and those of a bot that polls."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        return [*_of_many(place), *_of_demo(place), _while_polling(place)]


def _of_many(place: Path) -> Iterator[Line]:
    repositories, file = make_repositories(_REPOSITORIES), place / "many.db"
    populate(file, repositories, _TAGS)
    key = repositories[7].key
    with Store.open(f"sqlite:///{file}") as store, closing(sqlite3.connect(file)) as raw:
        vocabulary = Vocabulary(tuple(repositories))

        def context(as_of: AsOf) -> QueryContext:
            return QueryContext(store, Watched(repositories), as_of, timedelta(hours=2))

        client = Client(Site(_source(store, vocabulary, context)))
        reference = _least(lambda: raw.execute(_WEEK, _week()).fetchall())
        size = f"{_REPOSITORIES:,} repositories with {_TAGS} tags each"
        for page in (*_PAGES, f"/r/{key}"):
            yield _made(client, page, reference, size, _TARGET)
        yield _unchanged(client, "/", reference, size)


def _of_demo(place: Path) -> Iterator[Line]:
    """Measure the slowest page of the demo."""
    folder = place / "demo"
    folder.mkdir()
    with serve_forges(lambda: AS_OF.end) as addresses, open_demo(folder, addresses, is_served=False) as demo:
        demo.poll()
        context = partial(demo.app.query_context, demo.store)
        client = Client(Site(_source(demo.store, demo.app.vocabulary(), context)))
        keys = [each.key for each in demo.app.repositories()]
        pages = ["/", "/timeline", "/certification", *(f"/r/{key}" for key in keys)]
        pages.append(f"/r/{keys[0]}/-/v7r1")
        with closing(sqlite3.connect(folder / "release-bot.db")) as raw:
            reference = _least(lambda: raw.execute(_WEEK, _week()).fetchall())
        lines = [_made(client, page, reference, "the demo", _DEMO_TARGET) for page in pages]
        slowest = max(lines, key=lambda line: line.ours)
        yield Line(f"slowest page of the demo: {slowest.what}", slowest.ours, reference, slowest.how, _DEMO_TARGET)


def _while_polling(place: Path) -> Line:
    with serve_forge(MANY, FEW_TAGS) as forge:
        config = configure(place, forge, MANY, requests_per_minute=100_000)
        poll_once(config, "COMPLETE")
        variables = {"GITHUB_TOKEN": TOKEN}
        with App(load(config, variables), variables).store() as store, ThreadPoolExecutor(1) as thread:
            client = _client(App(load(config, variables), variables), store)
            pages = [f"{page}{'&' if '?' in page else '?'}{_MOMENT}" for page in (*_PAGES, "/status")]
            quiet = [_seconds(client, page) for _ in range(_REPEATS) for page in pages]
            polling = thread.submit(lambda: [poll_once(config, "COMPLETE") for _ in range(_POLLS)])
            times: list[float] = []
            while not polling.done():
                times += [_seconds(client, page) for page in pages]
            errors = sum(took["errors"] for took in polling.result())
    if errors:
        message = f"{errors} polls failed"
        raise AssertionError(message)
    how = f"{len(times)} pages asked for during {_POLLS} complete looks at {MANY:,} repositories, by the clock"
    reference = percentile(quiet, 95)
    return Line(
        "a page while repositories are polled, 95th percentile", percentile(times, 95), reference, how, _POLLED_TARGET
    )


def _made(client: Client, page: str, reference: float, of: str, target: float) -> Line:
    answer = client.get(page)
    if answer.status_code != 200 or len(answer.data) > _LARGEST:  # noqa: PLR2004 - OK
        message = f"{page}: status {answer.status_code}, {len(answer.data):,} bytes"
        raise AssertionError(message)
    packed = len(gzip.compress(answer.data, 6))
    how = f"{of}; {len(answer.data) / 1e3:.1f} kB, {packed / 1e3:.1f} kB packed; processor time, least of {_REPEATS}"
    return Line(f"page {page}", _least(lambda: client.get(page)), reference, how, target)


def _unchanged(client: Client, page: str, reference: float, of: str) -> Line:
    headers = {"If-None-Match": client.get(page).headers["ETag"]}
    ours = _least(lambda: client.get(page, headers=headers))
    how = f"{of}; processor time, least of {_REPEATS}"
    return Line(f"page {page}, unchanged", ours, reference, how, _UNCHANGED_TARGET)


def _seconds(client: Client, page: str) -> float:
    begin = time.perf_counter()
    answer = client.get(page)
    if answer.status_code != 200:  # noqa: PLR2004 - OK
        message = f"{page}: status {answer.status_code} after {shown(time.perf_counter() - begin)}"
        raise AssertionError(message)
    return time.perf_counter() - begin


def _least(work: Callable[[], object]) -> float:
    """Return the least processor time of the work in seconds: what else the machine does only adds to it."""
    times = []
    for _ in range(_REPEATS):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return min(times)


def _week() -> list[str]:
    moments = (AS_OF.end - timedelta(days=7), AS_OF.end)
    return [f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}.000000" for moment in moments]


def _client(app: App, store: Store) -> Client:
    with app.forges(app.watched_forges()) as forges:
        mount = mount_of_pages(app, store, forges, SocketAddress("127.0.0.1", 8080))
    if mount.otherwise is None:
        raise AssertionError("the pages answer nothing")
    return Client(mount.otherwise)


def _source(store: Store, vocabulary: Vocabulary, context: Callable[[AsOf], QueryContext]) -> Source:
    """Return what pages are made of at a moment at which something had just happened."""

    def status() -> Status:
        raise NotImplementedError("no forge is there")

    return Source(
        now=lambda: AS_OF,
        context=context,
        vocabulary=lambda: vocabulary,
        status=status,
        state=lambda: state_of(store.database),
        version="0",
    )


if __name__ == "__main__":
    tell(measure())
