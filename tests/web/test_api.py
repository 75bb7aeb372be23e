"""The API: the command line's answers, in the form that its OpenAPI document promises."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from werkzeug.test import Client

from bot.domain.certification.certification import Plan
from bot.domain.certification.hints import Hint, PullRequest
from bot.domain.certification.milestones import ChangeKind, Milestone, MilestoneChange, ReportedMilestone
from bot.domain.repositories import Counts
from bot.domain.series_status import SeriesStatus, StatusChange
from bot.domain.tags import Tag, TagState
from bot.store.store import Store
from bot.web.api.operations import OPERATIONS
from tests.builders import a_repository, a_tag
from tests.cli.test_one_engine import Asked, Terminal, asked, moments, terminal, units
from tests.histories import write_tags
from tests.memory import store_in_memory
from tests.web.hostile import HOSTILE
from tests.web.sites import NOW, a_client

__all__ = ["terminal"]

DIRAC = a_repository()
NUMBERS = count()


@pytest.fixture(scope="module")
def beside(terminal: Terminal) -> Iterator[Client]:
    """A client of a site over the terminal's database."""
    # The first command makes the releases by the rules of its configuration.
    terminal("status")
    watched = [a_repository(), a_repository("DIRACGrid/COMDIRAC", counts=Counts.FINAL)]
    with Store.open_to_read(f"sqlite:///{Path(terminal.config).parent}/bot.db") as store:
        yield a_client(store, watched)


def parameters(options: Sequence[str]) -> list[tuple[str, str]]:
    """Return options of the command line as parameters of an address."""
    found, words = list[tuple[str, str]](), iter(options)
    for word in words:
        is_option = word.startswith("--")
        found.append((word[2:].replace("-", "_"), next(words)) if is_option else ("repository", word))
    return found


@settings(max_examples=5, deadline=None)
@given(asked(), units, moments)
def test_an_answer_is_that_of_the_command_line(
    terminal: Terminal, beside: Client, asked: Asked, units: list[Any], as_of: str
) -> None:
    by = [word for unit in units for word in ("--by", unit.value)]
    for name, more in (("count", by), ("releases", []), ("latest", [])):
        options = (*asked.options, *more, "--as-of", as_of)
        answer = beside.get(f"/api/v1/{name}", query_string=parameters(options)).json
        printed = terminal.json(name, *options)
        assert answer == ({"error": printed} if isinstance(printed, str) else printed)


def document(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(client.get("/api/v1/openapi.json").data)
    return found


def faults(client: Client, described: dict[str, Any], path: str, status: int = 200) -> list[str]:
    """Return in which ways an answer is not what the document promises."""
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == status, answer.text
    operation = f"#/paths/~1{path.partition('?')[0]}/get/responses/{status}/content/application~1json/schema"
    validator = Draft202012Validator({**described, "$ref": operation})
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(answer.json)]


names = st.sampled_from(
    ["v7r0", "v7r1p1", "v7r1p2", "v7.1.2", "v7r2-pre1", "v7r2-pre2", "v7r2", "unread", *HOSTILE[:3]]
)
dates = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2021, 2, 22)).map(lambda each: each.replace(tzinfo=UTC))
tags = st.builds(
    a_tag,
    names,
    dates,
    published=dates,
    tagger=dates,
    backfilled=st.booleans(),
    dated=st.booleans(),
    state=st.sampled_from(TagState),
)
texts = st.sampled_from(["Hackathon 1", *HOSTILE])
days = st.none() | st.dates(date(2021, 1, 1), date(2021, 4, 1))
milestones = st.builds(Milestone, st.just("hackathon"), texts, days, days, texts)
instants = st.datetimes(datetime(2021, 1, 1), datetime(2021, 2, 20)).map(lambda each: each.replace(tzinfo=UTC))
reported = st.builds(
    lambda title, due, at: ReportedMilestone(1, title, at, ((at, due), (at + timedelta(days=1), None)), None, title),
    texts,
    days,
    instants,
)
changes = st.builds(
    lambda number, at, kind, title, day: MilestoneChange(number, at, "ann", kind, title, "release", day),
    st.integers(1, 9),
    instants,
    st.sampled_from([ChangeKind.ADD, ChangeKind.MOVE, ChangeKind.DONE, ChangeKind.DROP]),
    texts,
    days,
)
HINT = Hint(date(2021, 2, 1), "hackathon", (PullRequest(1, HOSTILE[0], "hack", datetime(2021, 2, 1, tzinfo=UTC)),))
plans = st.builds(
    lambda first, seen, made: Plan(
        DIRAC.key, "v7r2", HOSTILE, tuple(first), tuple(made), tuple(seen), (HINT,), configured_at=NOW.end
    ),
    st.lists(milestones, max_size=3),
    st.lists(reported, max_size=2),
    st.lists(changes, max_size=3),
)


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with store_in_memory() as store:
        write_tags(store, DIRAC, [a_tag("v7r2")])
        yield store


@pytest.fixture(scope="module")
def client(store: Store) -> Client:
    return a_client(store, [DIRAC])


@settings(max_examples=6, deadline=None)
@given(st.lists(tags, unique_by=lambda tag: tag.name), plans, st.sampled_from(SeriesStatus))
def test_every_answer_has_the_form_that_is_promised(
    store: Store, found: list[Tag], plan: Plan, status: SeriesStatus
) -> None:
    # Each example has repositories of its own: to open a database would take longer than all the rest.
    number = next(NUMBERS)
    first, second = a_repository(f"a/first-{number}"), a_repository(f"a/second-{number}", index="pypi:web")
    for repository in (first, second):
        write_tags(store, repository, [a_tag("v7r2"), *(tag for tag in found if tag.name != "v7r2")])
    store.polls.write_failure(second.key, NOW.end, HOSTILE[0])
    store.series.add(StatusChange(0, NOW.end, "ann", first.key, "v7r2", status))
    client = a_client(store, [first, second], read_plans=lambda: [replace(plan, repository=first.key)])
    described = document(client)
    paths = ["status", "series", "latest?kind=all", "certification", "certification?series=v7r2"]
    paths += ["count?kind=all&by=series&by=month", "count?since=2021-01-01", "count?as_of=2020-06-01"]
    paths += ["releases?kind=all", "release?version=v7r2", "ask?q=is+v7r2+certified", "ask?q=what+is+this+nonsense"]
    assert {path.partition("?")[0] for path in paths} == {each.name for each in OPERATIONS}
    assert [fault for path in paths for fault in faults(client, described, path)] == []


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("count?perod=1m", 'parameter: unknown parameter "perod"; known: repository, series, kind, period'),
        ("count?period=1m&period=2m", "period: given several times"),
        ("status?as_of=2021-01-01", 'parameter: unknown parameter "as_of"; this address takes none'),
        ("release", "parameter: version is missing"),
        ("release?version=", "parameter: version is missing"),
        ("count?series=v99r9", 'series "v99r9"'),
        ("count?kind=large", 'kind: unknown value "large"'),
    ],
)
def test_what_cannot_be_answered_is_said_in_one_line(client: Client, path: str, why: str) -> None:
    assert faults(client, document(client), path, status=400) == []
    error = json.loads(client.get(f"/api/v1/{path}").data)["error"]
    assert error.startswith(why)
    assert "\n" not in error


def test_nothing_is_changed_by_asking(client: Client) -> None:
    reply = json.loads(client.get("/api/v1/ask?q=stop+watching+DIRAC").data)
    assert reply["answer"] == "Sorry, only maintainers may change things; please ask one of them"


def test_the_document_says_where_the_site_is(client: Client) -> None:
    found = json.loads(client.get("/api/v1/openapi.json", headers={}, base_url="http://x.example/bot").data)
    assert (found["openapi"], found["servers"]) == ("3.1.0", [{"url": "/bot/api/v1"}])
    assert {path.removeprefix("/") for path in found["paths"]} == {each.name for each in OPERATIONS}
