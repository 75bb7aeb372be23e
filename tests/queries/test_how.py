"""How a number is made: the same number, and what it counts and leaves out."""

from dataclasses import replace

import pytest

from bot.dialogue import ask
from bot.domain.origins import Origins
from bot.domain.tags import DateSource
from bot.queries.base import QueryContext, answer_text
from bot.queries.how import NumberMade
from bot.render.markup import TEXT
from bot.store.store import Store
from tests.builders import a_tag, paris
from tests.chats.slack.hosts import DIRAC, SlideHost
from tests.histories import write_history, write_tags


@pytest.fixture
def context(store: Store) -> QueryContext:
    return SlideHost(store).context((), is_maintainer=False)


def made(text: str, context: QueryContext, before: str = "") -> tuple[NumberMade, str]:
    reply = ask(text, context, SlideHost(context.store).vocabulary(), None, lambda: before)
    assert isinstance(reply.result, NumberMade), reply.result
    return reply.result, answer_text(reply.answer(TEXT))


def test_why_says_what_is_counted_by_which_dates_and_what_is_left_out(store: Store, context: QueryContext) -> None:
    write_history(store, DIRAC)
    found, said = made("why?", context, "how many releases of DIRAC and v7r1 in 2020")
    assert said.splitlines()[:5] == [
        "23 patch releases of v7r1 of DIRAC, 1 Jan to 31 Dec 2020 (Europe/Paris)",
        "  counts: patch releases of DIRAC, by the rule of each repository in the configuration",
        "  interval: from 1 Jan 2020 00:00 to before 1 Jan 2021 00:00, Europe/Paris time",
        "  dates: date of the tag: 1, date of the commit: 22",
        "  not counted: 1 minor release",
    ]
    assert "(understood as: “how do you count releases of DIRAC and v7r1 in 2020”)" in said
    assert (found.data()["count"], found.data()["dates"]) == (23, {"tagger": 1, "commit": 22})


def test_twins_moved_and_withdrawn_releases_are_told(store: Store, context: QueryContext) -> None:
    day = paris("2021-02-01T12:00")
    tags = [a_tag("v7r1p1", day), a_tag("v7.1.1", day), a_tag("v7r1p2", day), a_tag("v7r2-pre1", day)]
    write_tags(store, DIRAC, tags)
    found, said = made("how do you count releases of DIRAC", context)
    assert "one version counts once: 1 release with several tags" in said
    assert "not counted: 1 pre-release" in said
    with_others = replace(found, origins=Origins({DateSource.COMMIT: 2}, moved=1, withdrawn=2, left_out=1))
    told = answer_text(with_others.answer(TEXT))
    assert "tags were moved: of 1 release, each counted once" in told
    assert "2 withdrawn releases (tags deleted) and 1 yanked release" in told


def test_of_very_many_releases_the_dates_are_not_counted_by_source(store: Store, context: QueryContext) -> None:
    write_history(store, DIRAC)
    found, _ = made("how do you count releases of DIRAC", context)
    told = answer_text(replace(found, origins=None).answer(TEXT))
    assert "dates: of each release by the first source that has one" in told
