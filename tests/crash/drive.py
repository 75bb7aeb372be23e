"""Strike workers at every step, again and again, and see what was told in the end.

They are killed, or stopped and woken up again; their clocks jump; the database is killed and started again.
"""

import json
import random
import signal
import subprocess
import sys
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from threading import Event, Thread

import sqlalchemy as sa

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.history import RecordedRepository, RecordedTag, load
from bot.domain.releases import releases_of
from bot.domain.tags import Tag, TagDetails, TagState
from bot.store.database import Database
from bot.store.errors import StoreError
from bot.store.schema import deliveries, digest_releases, digests, releases, schedules, tag_events
from tests.builders import a_repository
from tests.chats.mattermost.fake_mattermost import TOKEN as MATTERMOST_TOKEN
from tests.chats.slack.fake_slack import TOKEN
from tests.crash.databases import SharedDatabase, SqliteFile, shared_database
from tests.crash.places import (
    STARTING,
    STEPS,
    WORKING,
    Danger,
    DangerousMatrix,
    DangerousMattermost,
    DangerousSlack,
    Trap,
)
from tests.crash.worker import DEADLINE, LEASE, clock

DIRAC = a_repository()
BEGIN = datetime(2012, 1, 2, 7, 0, tzinfo=UTC)
# Each of these days has a digest of the week before.
DAYS = ("mon", "wed", "fri")
# Each digest goes to all of them.
ROOM = "!room2"
CHANNELS = ("#dirac-releases", "cern:diracx/releases", f"matrix:{ROOM}")
# How long a worker lives at most, how long where no step is waited for, and how long it takes to start, in seconds.
_LONGEST, _LIFE, _START = 6.0, 2.0, 0.5
# How long the start of the workers may take, and then, undisturbed, that all that is owed is told: a busy machine takes
# its time. How long they go on after that, in which nothing may be told twice, in seconds.
_STARTED, _SETTLED, _CALM = 120.0, 180.0, 2 * LEASE
_LOOK = 0.5
# How often a worker is stopped rather than killed, its clock jumps first, and the database is killed.
_STOPPED, _JUMPS, _DATABASE = 0.4, 0.3, 0.08
# How long a worker is stopped, in seconds: less than its deadline, more, and longer than another's patience.
_STOPS = (0.1, DEADLINE, LEASE, LEASE + DEADLINE)
# How far clocks jump, in hours; half of the jumps go back to the right time.
_HOURS = (-144, -72, -24, -2, 2, 24, 72, 144)
_DATABASE_AWAY = 0.5
DATABASE = "the database, which is started again"


@dataclass
class Outcome:
    """What happened: what was struck and where, and what was told."""

    kills: Counter[str] = field(default_factory=Counter)
    stops: Counter[str] = field(default_factory=Counter)
    jumps: int = 0
    seconds: float = 0.0
    digests: int = 0
    releases: int = 0
    dropped: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    stood: list[float] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Whether nothing was lost, told twice, named nowhere, or otherwise wrong."""
        return not (self.lost or self.doubled or self.repeated or self.unnamed or self.wrong)

    @property
    def strikes(self) -> int:
        """How often a worker or the database was struck."""
        return self.kills.total() + self.stops.total()


@dataclass
class Places:
    """Where the workers work: a folder, a forge, the chats, and the time."""

    folder: Path
    database: SharedDatabase
    repository: RecordedRepository
    slack: DangerousSlack
    mattermost: DangerousMattermost
    matrix: DangerousMatrix
    trap: Trap
    began: float
    history: list[RecordedTag]
    github: RecordedGitHub
    options: tuple[str, ...] = ()
    pushed: int = 0

    @property
    def dangers(self) -> tuple[Danger, ...]:
        """What goes wrong at each of the chats."""
        return self.slack.danger, self.mattermost.danger, self.matrix.danger

    @property
    def delivered(self) -> list[tuple[str, str]]:
        """The key of each delivery that a chat took, and all that it shows."""
        return [*self.slack.delivered, *self.mattermost.delivered, *self.matrix.delivered]

    def now(self) -> datetime:
        return clock(self.began, BEGIN)()

    def push(self) -> None:
        """Let the tags appear that were made by now."""
        until = bisect_right(self.history, self.now(), key=lambda tag: tag.committed)
        self.repository.put(*self.history[self.pushed : until])
        self.pushed = until

    def off(self, number: int) -> Path:
        """Where it stands by how many seconds the clock of a worker is off."""
        return self.folder / f"clock-{number}"

    def set_clock(self, number: int, hours: float) -> None:
        """Let the clock of a worker jump."""
        new = self.folder / "clock"
        new.write_text(f"{hours * 3600}")
        new.replace(self.off(number))

    def start(self, number: int) -> "subprocess.Popen[bytes]":
        """Start a worker."""
        command = [sys.executable, "-m", "tests.crash.worker", str(self.folder / "bot.toml")]
        variables = {"GITHUB_TOKEN": "t0ken", "SLACK_BOT_TOKEN": TOKEN, "MATTERMOST_TOKEN": MATTERMOST_TOKEN}
        variables["MATRIX_TOKEN"] = self.matrix.token
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [*command, str(self.began), BEGIN.isoformat(), str(self.off(number)), *self.options],
                env=variables,
                stderr=log,
            )


def run(
    folder: Path,
    *,
    strikes: int,
    workers: int,
    seed: int,
    database: str = "sqlite",
    seconds: float = 0,
    is_queued: bool = False,
) -> Outcome:
    """Strike so many times, or for so many seconds, then let the workers finish, and look at what was told."""
    drawn = random.Random(seed)
    outcome = Outcome()
    began = time.time()
    with shared_database(database, folder) as shared, _places(folder, shared, drawn) as places:
        places.options = ("--queue",) if is_queued else ()
        _disturbed(places, outcome, drawn, workers, _until(outcome, strikes, began + seconds))
        until = places.now()
        _calm(places, workers, until)
        _judge(places, outcome, until)
    outcome.seconds = time.time() - began
    return outcome


def _until(outcome: Outcome, strikes: int, ends: float) -> Callable[[], bool]:
    return lambda: outcome.strikes >= strikes if strikes else time.time() >= ends


@contextmanager
def _places(folder: Path, database: SharedDatabase, drawn: random.Random) -> Iterator[Places]:
    began = time.time()
    trap = Trap(drawn=drawn)
    now = clock(began, BEGIN)
    history = sorted(load(DIRAC.path).tags.values(), key=lambda tag: tag.committed)
    repository = RecordedRepository(DIRAC.path, {}, {})
    with ExitStack() as stack:
        github = stack.enter_context(RecordedGitHub([repository], tokens=["t0ken"], limit=10**9, now=now))
        github.interceptor = trap.at_the_forge
        slack = stack.enter_context(DangerousSlack(Danger(trap), lambda: now().timestamp()))
        mattermost = stack.enter_context(DangerousMattermost(Danger(trap), lambda: now().timestamp()))
        matrix = stack.enter_context(DangerousMatrix(Danger(trap), lambda: now().timestamp()))
        assert matrix.room == ROOM
        places = Places(folder, database, repository, slack, mattermost, matrix, trap, began, history, github)
        places.push()
        _configure(places, github.url)
        stack.enter_context(_pushing(places))
        yield places


def _configure(places: Places, github: str) -> None:
    (places.folder / "bot.toml").write_text(
        f'time_zone = "Europe/Paris"\n[database]\nurl = "{places.database.url}"\n'
        f'[forges.github]\nkind = "github"\nbase_url = "{github}"\ntoken_env = "GITHUB_TOKEN"\n'
        "requests_per_minute = 100000\n"
        '[[repositories]]\nforge = "github"\npath = "DIRACGrid/DIRAC"\n'
        f'[slack]\nbase_url = "{places.slack.url}/"\n'
        f'[chats.cern]\nkind = "mattermost"\nbase_url = "{places.mattermost.address}"\n'
        f'[chats.matrix]\nkind = "matrix"\nbase_url = "{places.matrix.url}"\n'
        + "".join(
            f'[[digests]]\nname = "{day}"\nchannel = "{CHANNELS[0]}"\nalso = {[*CHANNELS[1:]]}\n'
            f'schedule = "0 9 * * {day}"\nperiod = "last-week"\ncatch_up = "all"\n'
            for day in DAYS
        )
    )


@contextmanager
def _pushing(places: Places) -> Iterator[None]:
    """Push tags as time goes by."""
    done = Event()

    def push() -> None:
        while not done.wait(0.05):
            places.push()

    thread = Thread(target=push)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _disturbed(
    places: Places, outcome: Outcome, drawn: random.Random, workers: int, is_over: Callable[[], bool]
) -> None:
    for number in range(workers):
        places.set_clock(number, 0)
    running = [places.start(number) for number in range(workers)]
    try:
        # What is due before that is not owed.
        assert _wait(_STARTED, lambda: _are_known(places)), "the workers began nothing"
        while not is_over():
            number = drawn.randrange(workers)
            _jump(places, outcome, number, drawn)
            if not isinstance(places.database, SqliteFile) and drawn.random() < _DATABASE:
                _strike_database(places, drawn)
                outcome.kills[DATABASE] += 1
                continue
            step, is_deadly = _struck(places, running[number], drawn)
            (outcome.kills if is_deadly else outcome.stops)[step] += 1
            if running[number].poll() is not None:
                running[number] = places.start(number)
    finally:
        for process in running:
            process.kill()
            process.wait()


def _jump(places: Places, outcome: Outcome, number: int, drawn: random.Random) -> None:
    """Let the clock of a worker jump now and then, and come back."""
    if drawn.random() < _JUMPS:
        outcome.jumps += 1
        places.set_clock(number, drawn.choice((0, drawn.choice(_HOURS))))


def _strike_database(places: Places, drawn: random.Random) -> None:
    time.sleep(drawn.random() * _LIFE)
    places.database.strike()
    time.sleep(drawn.random() * _DATABASE_AWAY)
    places.database.start()


def _struck(places: Places, process: "subprocess.Popen[bytes]", drawn: random.Random) -> tuple[str, bool]:
    """Let a worker live until a step is reached, or for its time; tell which it was, and whether it was killed."""
    step, trap, reached = drawn.choice(STEPS), places.trap, Event()
    is_deadly = drawn.random() >= _STOPPED or step == STARTING
    sent = signal.SIGKILL if is_deadly else signal.SIGSTOP

    def spring() -> None:
        process.send_signal(sent)
        reached.set()

    trap.skip, trap.spring, trap.is_deadly = drawn.choice([0, 0, 0, 1, 2]), spring, is_deadly
    trap.step = step
    life = {STARTING: drawn.random() * _START, WORKING: _START + drawn.random() * (_LIFE - _START)}.get(step, _LONGEST)
    was_reached = reached.wait(life)
    trap.step = ""
    process.send_signal(sent)
    if is_deadly:
        process.wait()
    else:
        time.sleep(drawn.choice(_STOPS) * (0.8 + 0.4 * drawn.random()))
        process.send_signal(signal.SIGCONT)
    return step if was_reached or step in (STARTING, WORKING) else WORKING, is_deadly


def _calm(places: Places, workers: int, until: datetime) -> None:
    """Let the workers go on undisturbed until all that was due by then is told, and a little longer."""
    for danger in places.dangers:
        danger.is_calm = True
    for number in range(workers):
        places.set_clock(number, 0)
    places.github.interceptor = None
    running = [places.start(number) for number in range(workers)]
    try:
        # What is not told by then is found when it is looked at.
        _wait(_STARTED + _SETTLED, lambda: _is_settled(places, until))
        time.sleep(_CALM)
        for process in running:
            process.terminate()
        for process in running:
            process.wait(30)
    finally:
        # A test that is cut short leaves none at work.
        for process in running:
            process.kill()
            process.wait()


def _wait(seconds: float, is_there: Callable[[], bool]) -> bool:
    """Wait so many seconds for something, and return whether it is there."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if is_there():
            return True
        time.sleep(_LOOK)
    return False


def _is_settled(places: Places, until: datetime) -> bool:
    """Return whether all digests that were due by a moment were sent: each has a later one, and they go in order."""
    of = (digests.c.due, deliveries.c.state)
    is_owed, is_later = of[0] <= until, of[0] > until
    with closing(Database.at(places.database.url)) as database, database.reading() as connection:
        joined = sa.select(sa.func.count()).select_from(digests.join(deliveries))
        open_ones = connection.scalar(joined.where(is_owed, of[1] != "sent"))
        pairs = sa.select(digests.c.name, digests.c.channel).where(is_later).distinct()
        later = connection.execute(pairs).all()
    return open_ones == 0 and len(later) == len(DAYS) * len(CHANNELS)


def _are_known(places: Places) -> bool:
    """Return whether the workers know all digests."""
    try:
        with closing(Database.at(places.database.url)) as database, database.reading() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(schedules)) == len(DAYS) * len(CHANNELS)
    except StoreError:
        # Its tables are not there yet.
        return False


def _judge(places: Places, outcome: Outcome, until: datetime) -> None:
    """Compare what each chat took with what the tags say, and see that the database is whole.

    What became due after ``until`` may be on its way still; it is looked at only for messages that are there twice.
    """
    keys = Counter(key for key, _ in places.delivered)
    outcome.doubled = [key for key, count in keys.items() if count > 1]
    outcome.dropped = sum(each.dropped for each in places.dangers)
    outcome.stood = [seconds for each in places.dangers for seconds in each.stood]
    outcome.digests = len(keys)
    with closing(Database.at(places.database.url)) as database, database.reading() as connection:
        for name, channel in product(DAYS, CHANNELS):
            told, start, end = _told(connection, (name, channel), keys, until, outcome)
            expected = _expected(places, start, end)
            outcome.releases += len(expected)
            where = f"{name} in {channel}"
            outcome.lost += [f"{where}: {release}" for release in sorted(expected - told.keys())]
            outcome.repeated += [f"{where}: {release}" for release, count in told.items() if count > 1]
        outcome.unnamed = [*_unnamed(connection, places)]
        outcome.wrong += _faults(connection)


def _told(
    connection: sa.Connection, of: tuple[str, str], keys: Counter[str], until: datetime, outcome: Outcome
) -> tuple[Counter[str], datetime, datetime]:
    """Count how often the digests of a name told a channel each release, and the moments between which they had to."""
    columns = (digests.c.id, deliveries.c.key, deliveries.c.state, digests.c.due)
    query = sa.select(*columns, digests.c.period_start, digests.c.period_end).join_from(digests, deliveries)
    is_its = (digests.c.name == of[0]) & (digests.c.channel == of[1])
    rows = connection.execute(query.where(is_its).order_by(digests.c.period_end)).all()
    told: Counter[str] = Counter()
    weeks = []
    for number, key, state, due, start, end in rows:
        was_due = due <= until
        if was_due:
            weeks.append((start, end))
        if was_due and (state != "sent" or keys[key] != 1):
            outcome.wrong.append(f"digest {number} is {state}, and {of[1]} has it {keys[key]} times")
        if key in keys:
            told.update(_releases_in(connection, number))
    assert weeks, f"no digest {of[0]} was made: the workers did nothing; their log is beside the database"
    return told, weeks[0][0], weeks[-1][1]


def _releases_in(connection: sa.Connection, number: int) -> list[str]:
    table = digest_releases.c
    return list(connection.scalars(sa.select(table.normalized).where(table.digest_id == number, table.role == "named")))


def _unnamed(connection: sa.Connection, places: Places) -> Iterator[str]:
    """Name the releases that count as told in a digest whose message does not show them."""
    texts = dict(places.delivered)
    shown = {row.normalized: row.version for row in connection.execute(sa.select(releases))}
    for number, key in connection.execute(sa.select(deliveries.c.digest_id, deliveries.c.key)):
        for normalized in _releases_in(connection, number) if key in texts else ():
            if shown[normalized] not in texts[key]:
                yield f"digest {number}: {shown[normalized]}"


def _expected(places: Places, start: datetime, end: datetime) -> set[str]:
    """Return the releases that the tags say were made in the weeks that were told of."""
    tags = [
        Tag(
            tag.name,
            tag.target,
            tag.tag_object is not None,
            TagDetails(tag.commit, None, tag.tagged, tag.committed),
            tag.committed,
            tag.committed,
            backfilled=False,
            state=TagState.CURRENT,
        )
        for tag in places.repository.tags.values()
    ]
    released = releases_of(DIRAC, tags)
    return {each.normalized for each in released if each.date is not None and start <= each.date < end}


def _faults(connection: sa.Connection) -> list[str]:
    whole = "ok"
    if connection.dialect.name == "sqlite":
        whole = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
    events = connection.scalar(sa.select(sa.func.count()).select_from(tag_events))
    told = [] if whole == "ok" else [f"the database is broken: {whole}"]
    return told + ([f"{events} tags are said to have moved or vanished"] if events else [])


def table(outcome: Outcome) -> str:
    """Write the strikes by step and what came of them as Markdown."""
    lines = ["| struck | killed | stopped and woken up |", "|---|---|---|"]
    lines += [f"| {step} | {outcome.kills[step]} | {outcome.stops[step]} |" for step in (*STEPS, DATABASE)]
    lines.append(f"| **all** | **{outcome.kills.total()}** | **{outcome.stops.total()}** |")
    stood = f", stood {max(outcome.stood):.1f} s at most" if outcome.stood else ""
    told = {
        "jumps of a worker's clock, by 2 hours to 6 days": outcome.jumps,
        "digests, with releases": f"{outcome.digests:,}, {outcome.releases:,}",
        "a chat took the message and let the connection go": f"{outcome.dropped} times",
        "**releases lost**": f"**{len(outcome.lost)}**",
        "**releases told twice**": f"**{len(outcome.repeated)}**",
        "**releases named nowhere**": f"**{len(outcome.unnamed)}**",
        "**messages doubled when all had settled**": f"**{len(outcome.doubled)}**",
        "messages deleted again": f"{len(outcome.stood)}{stood}",
        "other faults (the database, events that never happened)": len(outcome.wrong),
    }
    lines += [f"| {what} | {value} | |" for what, value in told.items()]
    lines.append(f"\n{outcome.seconds / 60:.0f} minutes")
    return "\n".join(lines)


def as_json(outcome: Outcome) -> str:
    """Write what went wrong, to look into it."""
    names = ("lost", "doubled", "repeated", "unnamed", "wrong")
    return json.dumps({name: getattr(outcome, name) for name in names}, indent=2)
