"""Kill workers at every step, again and again, and see what was told in the end."""

import json
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

from bot.domain.releases import releases_of
from bot.domain.tags import Tag, TagDetails, TagState
from bot.recorded.github import RecordedGitHub
from bot.recorded.history import RecordedRepository, RecordedTag, load
from tests.builders import a_repository
from tests.crash.places import STARTING, STEPS, WORKING, DangerousSlack, Trap
from tests.crash.worker import LEASE, clock
from tests.slack.fake_slack import TOKEN

DIRAC = a_repository()
BEGIN = datetime(2012, 1, 2, 7, 0, tzinfo=UTC)
# Each of these days has a digest of the week before.
DAYS = ("mon", "wed", "fri")
# How long a worker lives at most, how long where no step is waited for, and how long it takes to start, in seconds.
_LONGEST, _LIFE, _START = 6.0, 2.0, 0.5
# How long workers go on undisturbed in the end, so that all that is owed is told.
_CALM = 2 * LEASE + 4


@dataclass
class Outcome:
    """What happened: the kills by step, and what was told."""

    kills: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    digests: int = 0
    releases: int = 0
    dropped: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Whether nothing was lost, told twice, or otherwise wrong."""
        return not (self.lost or self.doubled or self.repeated or self.wrong)


@dataclass
class Places:
    """Where the workers work: a folder, a forge, a Slack, and the time."""

    folder: Path
    repository: RecordedRepository
    slack: DangerousSlack
    trap: Trap
    began: float
    history: list[RecordedTag]

    def now(self) -> datetime:
        return clock(self.began, BEGIN)()

    def push(self) -> None:
        """Let the tags appear that were made by now."""
        now = self.now()
        self.repository.put(*(tag for tag in self.history if tag.committed <= now))

    def start(self) -> "subprocess.Popen[bytes]":
        """Start a worker."""
        command = [sys.executable, "-m", "tests.crash.worker", str(self.folder / "bot.toml")]
        variables = {"GITHUB_TOKEN": "t0ken", "SLACK_BOT_TOKEN": TOKEN}
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen([*command, str(self.began), BEGIN.isoformat()], env=variables, stderr=log)


def run(folder: Path, *, kills: int, workers: int, seed: int) -> Outcome:
    """Kill so many times, then let the workers finish, and look at what was told."""
    drawn = random.Random(seed)
    outcome = Outcome()
    began = time.time()
    with _places(folder, drawn) as places:
        _disturbed(places, outcome, drawn, kills, workers)
        until = places.now()
        _calm(places, workers)
        _judge(places, outcome, until)
    outcome.seconds = time.time() - began
    return outcome


@contextmanager
def _places(folder: Path, drawn: random.Random) -> Iterator[Places]:
    began = time.time()
    trap = Trap(drawn=drawn)
    now = clock(began, BEGIN)
    history = sorted(load(DIRAC.path).tags.values(), key=lambda tag: tag.committed)
    repository = RecordedRepository(DIRAC.path, {}, {})
    with ExitStack() as stack:
        github = stack.enter_context(RecordedGitHub([repository], tokens=["t0ken"], limit=10**9, now=now))
        github.interceptor = trap.at_the_forge
        slack = stack.enter_context(DangerousSlack(trap, lambda: now().timestamp()))
        places = Places(folder, repository, slack, trap, began, history)
        places.push()
        _configure(folder, github.url, slack.url)
        stack.enter_context(_pushing(places))
        yield places


def _configure(folder: Path, github: str, slack: str) -> None:
    (folder / "bot.toml").write_text(
        f'time_zone = "Europe/Paris"\n[database]\nurl = "sqlite:///{folder}/bot.db"\n'
        f'[forges.github]\nkind = "github"\nbase_url = "{github}"\ntoken_env = "GITHUB_TOKEN"\n'
        "requests_per_minute = 100000\n"
        '[[repositories]]\nforge = "github"\npath = "DIRACGrid/DIRAC"\n'
        f'[slack]\nbase_url = "{slack}/"\n'
        + "".join(
            f'[[digests]]\nname = "{day}"\nchannel = "#dirac-releases"\nschedule = "0 9 * * {day}"\n'
            'period = "last-week"\ncatch_up = "all"\n'
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


def _disturbed(places: Places, outcome: Outcome, drawn: random.Random, kills: int, workers: int) -> None:
    running = [places.start() for _ in range(workers)]
    try:
        while outcome.kills.total() < kills:
            number = drawn.randrange(workers)
            step = _kill(places, running[number], drawn)
            outcome.kills[step] += 1
            running[number] = places.start()
    finally:
        for process in running:
            process.kill()
            process.wait()


def _kill(places: Places, process: "subprocess.Popen[bytes]", drawn: random.Random) -> str:
    """Let a worker live until a step is reached, or for its time, and tell which it was."""
    step = drawn.choice(STEPS)
    gone = Event()

    def spring() -> None:
        process.kill()
        gone.set()

    trap = places.trap
    trap.skip, trap.spring = drawn.choice([0, 0, 0, 1, 2]), spring
    trap.step = step
    life = {STARTING: drawn.random() * _START, WORKING: _START + drawn.random() * (_LIFE - _START)}.get(step, _LONGEST)
    reached = gone.wait(life)
    trap.step = ""
    process.kill()
    process.wait()
    return step if reached or step in (STARTING, WORKING) else WORKING


def _calm(places: Places, workers: int) -> None:
    places.slack.is_calm = True
    running = [places.start() for _ in range(workers)]
    time.sleep(_CALM)
    for process in running:
        process.terminate()
    for process in running:
        process.wait(20)


def _judge(places: Places, outcome: Outcome, until: datetime) -> None:
    """Compare what Slack took with what the tags say, and see that the database is whole.

    What became due after ``until`` may be on its way still; it is looked at only for messages that are there twice.
    """
    keys = Counter(str(each.metadata["event_payload"]["delivery"]) for each in places.slack.messages)
    outcome.doubled = [key for key, count in keys.items() if count > 1]
    outcome.dropped = places.slack.dropped
    outcome.digests = len(keys)
    with closing(sqlite3.connect(places.folder / "bot.db")) as database:
        for name in DAYS:
            told, start, end = _told(database, name, keys, until, outcome)
            expected = _expected(places, start, end)
            outcome.releases += len(expected)
            outcome.lost += [f"{name}: {release}" for release in sorted(expected - told.keys())]
            outcome.repeated += [f"{name}: {release}" for release, count in told.items() if count > 1]
        outcome.wrong += _faults(database)


def _told(
    database: sqlite3.Connection, name: str, keys: Counter[str], until: datetime, outcome: Outcome
) -> tuple[Counter[str], datetime, datetime]:
    """Count how often the digests of a name told each release, and give the moments between which they had to."""
    rows = database.execute(
        "SELECT d.id, v.key, v.state, d.due <= ?, d.period_start, d.period_end FROM digests d"
        " JOIN deliveries v ON v.digest_id = d.id WHERE d.name = ? ORDER BY d.period_end",
        [until.strftime("%Y-%m-%d %H:%M:%S"), name],
    ).fetchall()
    told: Counter[str] = Counter()
    for number, key, state, was_due, _, _ in rows:
        if was_due and (state != "sent" or keys[key] != 1):
            outcome.wrong.append(f"digest {number} is {state}, and Slack has it {keys[key]} times")
        if key in keys:
            names = database.execute(
                "SELECT normalized FROM digest_releases WHERE digest_id = ? AND role = 'named'", [number]
            )
            told.update(release for (release,) in names)
    weeks = [(_moment(start), _moment(end)) for _, _, _, was_due, start, end in rows if was_due]
    assert weeks, f"no digest {name} was made: the workers did nothing; their log is beside the database"
    return told, weeks[0][0], weeks[-1][1]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _expected(places: Places, start: datetime, end: datetime) -> set[str]:
    """Give the releases that the tags say were made in the weeks that were told of."""
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


def _faults(database: sqlite3.Connection) -> list[str]:
    [(whole,)] = database.execute("PRAGMA integrity_check")
    [(events,)] = database.execute("SELECT count(*) FROM tag_events")
    told = [] if whole == "ok" else [f"the database is broken: {whole}"]
    return told + ([f"{events} tags are said to have moved or vanished"] if events else [])


def table(outcome: Outcome) -> str:
    """Write the kills by step and what came of them as Markdown."""
    lines = ["| killed | times |", "|---|---|"]
    lines += [f"| {step} | {outcome.kills[step]} |" for step in STEPS]
    lines += [f"| **all** | **{outcome.kills.total()}** |", ""]
    lines.append(
        f"{outcome.digests} digests of {outcome.releases} releases; {outcome.dropped} times Slack took the message and "
        f"let the connection go. Releases lost: {len(outcome.lost)}. Releases told twice: {len(outcome.repeated)}. "
        f"Messages doubled: {len(outcome.doubled)}. Other faults: {len(outcome.wrong)}. "
        f"({outcome.seconds / 60:.0f} minutes)"
    )
    return "\n".join(lines)


def as_json(outcome: Outcome) -> str:
    """Write what went wrong, to look into it."""
    return json.dumps({name: getattr(outcome, name) for name in ("lost", "doubled", "repeated", "wrong")}, indent=2)
