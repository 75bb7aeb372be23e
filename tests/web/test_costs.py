"""What a page costs: as many statements and rows as it shows, however many repositories are watched."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from bot.domain.repositories import Repository
from bot.store.store import Store
from tests.builders import MONDAY, a_repository, a_tag, days
from tests.histories import write_tags
from tests.statements import Asked, asked_of
from tests.web.sites import a_client

# So many that both are counted from kept counts over long times, and looked through by date for the newest.
FEW, MANY = 110, 150
# Of each repository: its number of series.
SERIES = 8


@pytest.fixture(scope="module")
def watched() -> list[Repository]:
    return [replace(a_repository(f"group/project{number}"), name=f"project{number}") for number in range(MANY)]


@pytest.fixture(scope="module")
def store(watched: Sequence[Repository]) -> Iterator[Store]:
    with Store.open("sqlite://") as store:
        for number, repository in enumerate(watched):
            names = [f"v{series}r0p{patch}" for series in range(1, SERIES + 1) for patch in range(2)]
            dates = [MONDAY - days(1 + place * 3 + number / MANY) for place in range(len(names))]
            write_tags(store, repository, list(map(a_tag, names, dates)))
        yield store


def asked(store: Store, watched: Sequence[Repository], page: str) -> Asked:
    client = a_client(store, watched)
    with asked_of(store) as found:
        answer = client.get(page)
    assert answer.status_code == 200
    assert len(answer.data) < 80_000
    return found


@pytest.mark.long
@pytest.mark.parametrize(
    ("page", "statements"),
    [
        ("/", 13),
        ("/timeline", 20),
        ("/search?q=latest", 16),
        ("/search?q=how+many+releases+in+the+last+month", 12),
        ("/how?period=1m", 18),
    ],
)
def test_the_statements_of_a_page_do_not_grow_with_the_repositories(
    store: Store, watched: Sequence[Repository], page: str, statements: int
) -> None:
    few, many = asked(store, watched[:FEW], page), asked(store, watched, page)
    assert len(few.statements) == len(many.statements) <= statements


@pytest.mark.parametrize(
    ("page", "rows"),
    [
        # The last poll of each, and its number of releases.
        ("/?period=6m", 2),
        ("/search?q=how+many+releases+in+the+last+month", 2),
        # Whole series are read of those alone that are told.
        ("/search?q=latest", 3),
    ],
)
def test_a_page_reads_of_each_repository_no_more_than_it_shows(
    store: Store, watched: Sequence[Repository], page: str, rows: int
) -> None:
    few, many = asked(store, watched[:FEW], page), asked(store, watched, page)
    assert many.rows - few.rows <= rows * (MANY - FEW)


def test_the_data_beside_a_page_has_the_series_of_all_repositories(store: Store, watched: Sequence[Repository]) -> None:
    client = a_client(store, watched)
    found = client.get("/overview.json?period=1m").json
    assert found is not None
    assert {(group["repository"]) for group in found["count"]["by_series"]} == {each.key for each in watched}
    assert sum(group["count"] for group in found["count"]["by_series"]) == found["count"]["total"]


def test_a_page_that_is_unchanged_reads_nothing_of_the_repositories(
    store: Store, watched: Sequence[Repository]
) -> None:
    client = a_client(store, watched)
    tag = client.get("/").headers["ETag"]
    with asked_of(store) as found:
        assert client.get("/", headers={"If-None-Match": tag}).status_code == 304
    assert (len(found.statements), found.rows) == (2, 1)
