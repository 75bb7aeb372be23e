"""The same question has the same answer as a command, in words and as JSON."""

import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli.main import run
from bot.domain.counts import GroupBy
from bot.domain.filters import KindWord
from bot.domain.periods.spans import Span
from bot.domain.repositories import Counts
from bot.queries.latest import Latest
from bot.queries.releases import Count, Releases
from bot.queries.selection import Filters
from bot.store.store import Store
from tests.builders import a_repository
from tests.examples import part_of
from tests.histories import write_history

CONFIG = """\
time_zone = "Europe/Paris"
[database]
url = "sqlite:///{folder}/bot.db"
[forges.github]
kind = "github"
[[repositories]]
forge = "github"
path = "DIRACGrid/DIRAC"
[[repositories]]
forge = "github"
path = "DIRACGrid/COMDIRAC"
counts = "final"
"""


@dataclass(frozen=True)
class Terminal:
    """A terminal with a bot that has DIRAC's and COMDIRAC's history."""

    config: Path

    def __call__(self, *words: str) -> str:
        """Return what a command prints, or its error."""
        shown, error = StringIO(), StringIO()
        with redirect_stdout(shown), redirect_stderr(error):
            code = run(["--config", str(self.config), *words])
        return error.getvalue().removeprefix("error: ").rstrip("\n") if code else shown.getvalue()

    def json(self, *words: str) -> Any:
        """Return what a command prints as JSON, or its error."""
        shown = self(*words, "--format", "json")
        return json.loads(shown) if shown.startswith(("{", "[")) else shown

    def is_refused_alike(self, command: str, in_words: Any) -> bool:
        """Whether a question in words is refused for the reason that a command is."""
        return in_words["understood"]["intent"] is not None and bool(in_words["data"]["reason"] == command)


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    folder = tmp_path_factory.mktemp("one-engine")
    config = folder / "bot.toml"
    config.write_text(CONFIG.format(folder=folder), encoding="utf-8")
    with Store.open(f"sqlite:///{folder}/bot.db") as store:
        for path, counts in (("DIRAC", Counts.PATCH), ("COMDIRAC", Counts.FINAL)):
            write_history(store, a_repository(f"DIRACGrid/{path}", counts=counts))
    return Terminal(config)


@dataclass(frozen=True)
class Asked:
    """A question as options, and as words."""

    options: tuple[str, ...]
    filters: Filters


days = st.datetimes(datetime(2010, 1, 1), datetime(2021, 2, 22)).map(lambda moment: moment.date().isoformat())


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    repositories = draw(st.sampled_from([(), ("DIRAC",), ("COMDIRAC",), ("DIRAC", "COMDIRAC")]))
    series = draw(st.sampled_from([(), (), ("v7r0",), ("v6r19",)])) if repositories != ("COMDIRAC",) else ()
    kinds = tuple(draw(st.lists(st.sampled_from([*KindWord][:-1]), unique=True, max_size=2)))
    period, words = draw(
        st.one_of(
            st.just(((), "")),
            st.sampled_from([(("--period", "1m"), "in the last month"), (("--period", "2020"), "in 2020")]),
            st.sampled_from([(("--period", "2019-Q3"), "2019-Q3"), (("--since", "v7r0p40"), "since v7r0p40")]),
            days.map(lambda day: (("--since", day), f"since {day}")),
        )
    )
    options = [*repositories, *(word for each in series for word in ("--series", each))]
    options += [word for kind in kinds for word in ("--kind", kind.value)]
    span = Span(text=words) if words else None
    return Asked((*options, *period), Filters(repositories, series, kinds, span))


moments = st.sampled_from(["2021-02-22T14:00", "2021-02-22", "2026-06-01"])
units = st.lists(st.sampled_from(GroupBy), unique=True, max_size=2)


@settings(max_examples=part_of(40), deadline=None)
@given(asked(), units, moments)
def test_a_count_is_the_same_as_a_command_in_words_and_as_json(
    terminal: Terminal, asked: Asked, units: list[GroupBy], as_of: str
) -> None:
    by = [word for unit in units for word in ("--by", unit.value)]
    question = Count(asked.filters, tuple(units)).wording()
    command = ("count", *asked.options, *by, "--as-of", as_of)
    as_json, in_words = terminal.json(*command), terminal.json("ask", question, "--as-of", as_of)
    assert in_words["understood"]["intent"] == "count", question
    if isinstance(as_json, str):
        assert terminal.is_refused_alike(as_json, in_words)
        return
    data = in_words["data"]
    newest = [(release["repository"], release["version"]) for release in data.pop("releases")]
    every = [(release["repository"], release["version"]) for release in as_json.pop("releases")]
    assert (set(newest) <= set(every), len(every)) == (True, as_json["total"])
    assert without_words(data) == without_words(as_json)
    first, *_ = terminal(*command).splitlines()
    assert first == in_words["answer"].splitlines()[0]


def without_words(data: dict[str, Any]) -> dict[str, Any]:
    """Leave out how the interval was spelled."""
    return data | {"period": {key: value for key, value in data["period"].items() if key != "asked"}}


@settings(max_examples=part_of(20), deadline=None)
@given(asked(), moments)
def test_a_list_and_the_latest_are_the_same_as_a_command_and_in_words(
    terminal: Terminal, asked: Asked, as_of: str
) -> None:
    listed = terminal.json("releases", *asked.options, "--as-of", as_of)
    in_words = terminal.json("ask", Releases(asked.filters, most=None).wording(), "--as-of", as_of)
    if isinstance(listed, str):
        assert terminal.is_refused_alike(listed, in_words)
        return
    assert in_words["data"]["releases"] == listed
    if asked.filters.span is None:
        newest = terminal.json("latest", *asked.options, "--as-of", as_of)
        assert terminal.json("ask", Latest(asked.filters).wording(), "--as-of", as_of)["data"] == newest
