"""The newest releases of very many repositories: in words those of the last ones to release, as data all."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.repositories import Repository
from bot.domain.series_status import line_of
from bot.queries.base import QueryContext, Watched, answer_text
from bot.queries.latest import Latest
from bot.queries.selection import Filters
from bot.render.markup import TEXT
from bot.store.store import Store
from tests.builders import MONDAY, a_repository, a_tag, as_of, days
from tests.histories import write_tags

MANY, TOLD = 70, 60


@pytest.fixture(scope="module")
def watched() -> list[Repository]:
    return [replace(a_repository(f"group/project{number}"), name=f"project{number}") for number in range(MANY)]


@pytest.fixture(scope="module")
def context(watched: Sequence[Repository]) -> Iterator[QueryContext]:
    with Store.open("sqlite://") as store:
        for number, repository in enumerate(watched):
            # The first ones released last.
            newest = MONDAY - days(1 + number)
            tags = [a_tag("v1r0", newest - days(400)), a_tag("v1r1", newest - days(200)), a_tag("v2r0", newest)]
            write_tags(store, repository, tags)
        yield QueryContext(store, Watched(watched), as_of("2021-02-22T14:00"), timedelta(hours=2), is_brief=True)


@pytest.mark.parametrize("filters", [Filters(), Filters(series=("v2r0",)), Filters(series=("v1r1",))])
def test_words_tell_of_the_last_repositories_to_release_what_data_have_of_them(
    context: QueryContext, watched: Sequence[Repository], filters: Filters
) -> None:
    told, every = Latest(filters).run(context), Latest(filters).run(replace(context, is_brief=False))
    keys = {each.key for each in watched[:TOLD]}
    assert {each.repository for each in every.releases} == {each.key for each in watched}
    assert list(told.releases) == [each for each in every.releases if each.repository in keys]
    assert len({line_of(each) for each in told.releases}) == len(told.releases)
    assert (told.left, every.left) == (MANY - TOLD, 0)
    assert f"and {MANY - TOLD} other repositories: name one to see its newest" in answer_text(told.answer(TEXT))
    assert "other repositories" not in answer_text(every.answer(TEXT))


def test_words_tell_all_of_a_number_that_they_have_room_for(
    context: QueryContext, watched: Sequence[Repository]
) -> None:
    few = replace(context, watched=Watched(watched[:TOLD]))
    assert Latest().run(few) == Latest().run(replace(few, is_brief=False))


def test_one_that_released_often_is_not_taken_for_the_only_one(watched: Sequence[Repository]) -> None:
    with Store.open("sqlite://") as store:
        write_tags(store, watched[0], [a_tag(f"v1r0p{patch}", MONDAY - days(1)) for patch in range(1, TOLD + 1)])
        for repository in watched[1:]:
            write_tags(store, repository, [a_tag("v1r0", MONDAY - days(9))])
        context = QueryContext(store, Watched(watched), as_of("2021-02-22T14:00"), timedelta(hours=2), is_brief=True)
        said = answer_text(Latest().run(context).answer(TEXT))
    assert said.startswith("the newest releases")
    assert f"and {MANY - 1} other repositories" in said
