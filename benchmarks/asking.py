"""Answering a question from databases of 100,000 and a million tags, for the terminal and for Slack: its own time."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.common import Line, medians, percentile, seconds, shown, tell
from benchmarks.counting import count_raw
from benchmarks.databases import POSTGRESQL, SQLITE, new_database, raw_sql
from benchmarks.population import AS_OF, TAGS_OF_DIRAC, fill, make_repositories
from bot.app import App
from bot.chats.slack.replies import render_answer
from bot.cli.collection import collect_as_usual
from bot.config.load import load
from bot.dialogue import Refused, ask
from bot.queries.base import answer_text
from bot.render.markup import TEXT
from bot.store.store import Store

_ROUNDS = 20
_TARGET = 0.050

# Each kind of question, about one repository and about all; the last two are refused with the nearest thing.
_QUESTIONS = (
    "how many patch releases in the last month?",
    "how many patch releases of project7 in the last month?",
    "how many releases in 2020, by month",
    "how many releases of project7 in 2019, by week",
    "count v7r1 since 2020-06-01, by repository",
    "how many pre-releases last year, by quarter",
    "what came out last week?",
    "list all releases of project12 in 2020",
    "releases of project3 since v7r1p5",
    "latest v7r1",
    "latest of project7",
    "when was v7r0p9 of project7 released?",
    "is v8r0 of project3 out?",
    "status of v8r1",
    "how many hackathons are done?",
    "when is the final certification?",
    "which repositories do you watch?",
    "show me the weekly digest",
    "help",
    "how often does project7 release?",
    "how long since the last release of project7?",
    "which repository had most releases in the last month?",
    "which month of 2020 had most releases of project7?",
    "compare 2019 and 2020 of project7",
    "the last 5 releases",
    "first release of 2020",
    "how do you count v7r1 of project7 in 2020",
    "which tags could you not read?",
    "do you watch project7?",
    "how many releases of Gaudi in the last month?",
    "releases by month",
    "which month had most releases?",
    "how often are there releases?",
    "tell me a joke",
)

_CERTIFIED = """
[[digests]]
name = "weekly"
channel = "#releases"
schedule = "0 9 * * mon"
period = "last-week"
repositories = ["project1", "project2"]

[[certifications]]
repository = "project7"
series = "v8r1"
milestones = [
    { kind = "hackathon", title = "Hackathon 1", planned = 2021-02-18, done = 2021-02-18 },
    { kind = "final-certification", planned = 2021-03-04 },
]
"""


def measure() -> list[Line]:
    """Ask every question in turn, some hundreds in all, and give the time that 95 of 100 answers stay under."""
    return [_measure(number, name) for number, name in ((90, SQLITE), (900, SQLITE), (900, POSTGRESQL))]


def _measure(number: int, name: str) -> Line:
    with new_database(name) as url, _app(number, url) as app, app.store() as store, raw_sql(url) as raw:
        understood = sum(answer_to(app, store, question) for question in _QUESTIONS)
        # As in the worker's process.
        collect_as_usual()
        times: dict[str, list[float]] = {question: [] for question in _QUESTIONS}
        for _ in range(_ROUNDS):
            for question in _QUESTIONS:
                times[question].append(seconds(partial(answer_to, app, store, question)))
        (reference,) = medians(_ROUNDS, lambda: count_raw(raw))
    return _line(number, name, times, understood, reference)


def answer_to(app: App, store: Store, question: str) -> bool:
    """Answer a question as the worker and ``release-bot ask`` do; tell whether it was understood."""
    reply = ask(question, app.query_context(store, AS_OF, is_brief=True), app.vocabulary(), None)
    answer_text(reply.answer(TEXT))
    render_answer(reply.answer)
    return not isinstance(reply.result, Refused)


def _line(number: int, name: str, times: dict[str, list[float]], understood: int, reference: float) -> Line:
    every = [each for found in times.values() for each in found]
    slowest = max(times, key=lambda question: percentile(times[question], 50))
    return Line(
        f"answer a question about {number} repositories, 95th percentile, {name}",
        percentile(every, 95),
        reference,
        f"{len(every)} answers to {len(_QUESTIONS)} questions, {understood} of them understood, over"
        f" {number * TAGS_OF_DIRAC:,} tags in {number} repositories; understood, answered, written for"
        f" Slack and the terminal; median {shown(percentile(every, 50))}; the slowest is “{slowest}”,"
        f" median {shown(percentile(times[slowest], 50))}; reference: the count of one month by raw SQL",
        _TARGET,
    )


def write_config(folder: Path, repositories: int) -> Path:
    """Write a configuration that watches this many repositories, with its database ``bot.db`` in the same folder."""
    watched = "\n".join(
        f'[[repositories]]\nforge = "github"\npath = "{repository.path}"'
        for repository in make_repositories(repositories)
    )
    database = f'time_zone = "{AS_OF.zone.key}"\n[database]\nurl = "sqlite:///{folder / "bot.db"}"\n'
    file = folder / "bot.toml"
    file.write_text(f'{database}[forges.github]\nkind = "github"\n{watched}\n', encoding="utf-8")
    return file


@contextmanager
def _app(number: int, url: str) -> Iterator[App]:
    """Make the bot as it would be configured, on a database of its own."""
    with TemporaryDirectory() as folder:
        config = write_config(Path(folder), number)
        with config.open("a", encoding="utf-8") as file:
            file.write(_CERTIFIED)
        environment = {"DATABASE_URL": url}
        app = App(load(config, environment), environment)
        fill(url, app.repositories(), TAGS_OF_DIRAC)
        yield app


if __name__ == "__main__":
    tell(measure())
