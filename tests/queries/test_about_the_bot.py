"""Answers about the data and the bot itself: unread tags, freshness, what is watched, politeness, and links."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.dialogue import ask
from bot.domain.organisations import Organisation
from bot.domain.series_status import SeriesStatus
from bot.queries.base import QueryContext, Watched, answer_text
from bot.render.markup import TEXT
from bot.store.store import Store
from tests.builders import paris
from tests.chats.slack.hosts import COMDIRAC, DIRAC, SlideHost
from tests.histories import write_history
from tests.memory import store_in_memory

Say = Callable[..., str]


@pytest.fixture(scope="module")
def history() -> Iterator[Store]:
    with store_in_memory() as store:
        write_history(store, DIRAC)
        write_history(store, COMDIRAC)
        yield store


@pytest.fixture
def context(history: Store) -> QueryContext:
    return SlideHost(history).context((), is_maintainer=False)


def say(text: str, context: QueryContext) -> str:
    """What a terminal shows."""
    reply = ask(text, context, SlideHost(context.store).vocabulary(), None)
    return answer_text(reply.answer(TEXT))


def test_unread_tags_are_counted_and_named_by_repository_the_newest_first(context: QueryContext) -> None:
    assert say("which tags could you not read?", context).splitlines()[:2] == [
        "2 tags of DIRAC match no version scheme and are not counted, up to 22 Feb 2021 14:00 (Europe/Paris)",
        "  DIRAC: grep (6 Mar 2019) and v6e7p27 (26 Apr 2013)",
    ]
    assert say("unclassified tags of COMDIRAC", context).startswith("0 tags of COMDIRAC match no version scheme, up to")


def test_unread_tags_of_an_interval_are_those_dated_in_it(context: QueryContext) -> None:
    said = (
        "1 tag of DIRAC matches no version scheme and is not counted, 1 Jan to 31 Dec 2019 (Europe/Paris), or not dated"
    )
    assert say("unclassified tags in 2019", context).splitlines()[:2] == [said, "  DIRAC: grep (6 Mar 2019)"]


def test_an_unread_tag_of_later_is_not_known_yet(context: QueryContext) -> None:
    earlier = replace(
        context, as_of=SlideHost(context.store, at=paris("2018-01-01T00:00")).context((), is_maintainer=False).as_of
    )
    assert say("which tags could you not read?", earlier).splitlines()[1] == "  DIRAC: v6e7p27 (26 Apr 2013)"


def test_fresh_data_is_said_in_one_line(context: QueryContext) -> None:
    said = say("how fresh is this?", context).splitlines()
    assert said[0] == "The data of DIRAC and COMDIRAC is up to date: last checked 22 Feb 2021 13:55 (Europe/Paris)"
    assert say("when did you last check COMDIRAC?", context).startswith("The data of COMDIRAC is up to date")


def test_a_repository_that_was_not_checked_lately_is_named(context: QueryContext) -> None:
    strict = replace(context, stale_after=timedelta(minutes=1))
    late = "2 of 2 repositories were not checked lately, as of 22 Feb 2021 14:00 (Europe/Paris)"
    assert say("is the data up to date?", strict).splitlines()[:2] == [
        f"The data of DIRAC and COMDIRAC may be incomplete: {late}",
        "  DIRAC: last checked 22 Feb 2021 13:55",
    ]
    other = replace(context, watched=Watched((DIRAC, replace(COMDIRAC, path="DIRACGrid/New", name="New"))))
    said = say("is the data up to date?", other)
    assert "1 of 2 repositories was not checked lately" in said
    assert "New: never checked" in said
    assert "the rest: last checked 22 Feb 2021 13:55" in said


def test_whether_a_name_is_watched_is_answered_with_yes_or_no(context: QueryContext) -> None:
    assert say("do you watch COMDIRAC?", context) == "Yes, I watch COMDIRAC (github:DIRACGrid/COMDIRAC)"
    no = (
        "No, I do not watch LHCbDIRAC; nearest: DIRAC (github:DIRACGrid/DIRAC) and COMDIRAC (github:DIRACGrid/COMDIRAC)"
    )
    assert say("do you track LHCbDIRAC?", context) == no
    assert say("is LHCbDIRAC watched?", context) == no


def test_an_organisation_is_watched_by_its_path(context: QueryContext) -> None:
    whole = replace(context, watched=Watched((DIRAC,), (Organisation("github", "DIRACGrid"),)))
    assert say("do you watch DIRACGrid?", whole) == "Yes, I watch the repositories of DIRACGrid (github:DIRACGrid/*)"


def test_politeness_gets_a_friendly_line_and_changes_no_question(context: QueryContext) -> None:
    greeting = "Hello! Try: “how many patch releases in the last month?”, or “help”"
    for text in ("hello", ":wave:", "🚀", "good morning"):
        assert say(text, context) == greeting
    assert say("thanks!", context) == "You are welcome!"
    assert say("who are you?", context).startswith("I am release-bot: I watch the tags of repositories")
    asked = "how many releases in 2020"
    assert say(f"Hi! {asked}? Thanks!", context) == say(asked, context)


def test_a_link_is_written_out(context: QueryContext) -> None:
    said = say("link to v7r1p29", context).splitlines()
    assert said[0].startswith("v7r1p29 of DIRAC was released on 15 Feb 2021")
    assert said[1] == f"  v7r1p29: {DIRAC.url_of('v7r1p29') or 'no page is known'}"


def test_another_language_is_refused_in_one_line(context: QueryContext) -> None:
    said = "Sorry, I read English only; try “how many releases in the last month?”, “latest releases” or “help”"
    assert say("quante patch release di DIRAC nel 2020?", context) == said
    assert say("DIRAC 上个月发布了多少个补丁", context) == said


def test_what_to_use_is_what_is_recommended_else_the_newest(context: QueryContext) -> None:
    marked = replace(DIRAC, statuses=(("v7r0", SeriesStatus.RECOMMENDED), ("v7r1", SeriesStatus.MAINTAINED)))
    chosen = replace(context, watched=Watched((marked,)))
    recommended = "v7r0 of DIRAC is recommended; newest release: v7r0p49 (15 Feb)"
    assert say("which version should I use?", chosen).splitlines()[0] == recommended
    assert "what is in production is not known here" in say("which release is in production?", chosen)
    oldest = f"Oldest maintained series: {recommended}"
    assert say("what is the oldest supported version?", chosen).splitlines()[0] == oldest
    assert say("which version of DIRAC should I install?", context).startswith(
        "No series of DIRAC is marked as recommended; the newest final release is v7r1p29 (15 Feb)"
    )
    assert say("which version should I use?", context).splitlines()[:3] == [
        "No series of DIRAC and COMDIRAC is marked as recommended; the newest final releases",
        "  DIRAC: v7r1p29 (15 Feb)",
        "  COMDIRAC: v0r19 (25 Sep 2019)",
    ]
