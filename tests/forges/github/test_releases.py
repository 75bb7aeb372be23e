"""GitHub's release objects by REST: what a full look without a token reads of them, and what it spares."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.history import RecordedRelease, RecordedRepository, RecordedTag
from bot.demo.recorded.server import Request, Response
from bot.domain.polling.record import PollDepth
from bot.domain.tags import TagDetails, TagRef
from bot.forges.github.forge import GitHubForge
from bot.services.ports import Known, PollAnswer, PollRequest
from tests.forges.conftest import MADE, NOW, TOKEN, Side, after, commit_id

DAY = timedelta(days=1)
TOOL = PollRequest("team/tool")


def name_of(number: int) -> str:
    return f"v{number}"


def published_at(number: int) -> datetime:
    return MADE + timedelta(minutes=number)


@dataclass
class Followed:
    """A repository with so many release objects, all of them recorded: the highest number is the newest."""

    side: Side
    repository: RecordedRepository
    details: dict[str, TagDetails] = field(default_factory=dict)
    head: str | None = None

    @classmethod
    def of(cls, side: Side, count: int) -> "Followed":
        repository = side.repositories["team/tool"]
        repository.tags.clear()
        repository.releases.clear()
        followed = cls(side, repository)
        for number in range(count):
            name, at = name_of(number), published_at(number)
            repository.put(RecordedTag(name, commit_id(number + 1), at))
            repository.releases[name] = RecordedRelease(name, at)
            followed.details[name] = TagDetails(commit_id(number + 1), at, None, at)
        return followed

    def look(self, look: PollDepth = PollDepth.FULL) -> PollAnswer:
        """Poll without a token, and record the answer."""
        refs = {ref.name: ref for ref in self.refs()}
        known = Known(refs, dict(self.details))
        asked = PollRequest("team/tool", look, None, self.head, is_detailed=True, identity="1", recall=lambda: known)
        [answer] = self.side.ask(asked, token=None)
        self.details |= answer.details
        self.head = answer.head or self.head
        return answer

    def refs(self) -> tuple[TagRef, ...]:
        [answer] = self.side.ask(PollRequest("team/tool"))
        self.side.server.requests.clear()
        return answer.refs or ()

    def publish(self, *numbers: int) -> None:
        """Publish release objects anew, a day later than they were."""
        for number in numbers:
            name = name_of(number)
            self.repository.releases[name] = RecordedRelease(name, published_at(number) + DAY)

    @property
    def pages(self) -> list[int]:
        """The pages of release objects that the last look read."""
        return [int(each.query["page"]) for each in self.side.server.requests if each.path.endswith("/releases")]


@pytest.fixture
def roomy() -> Iterator[Side]:
    """A GitHub that gives those without a token as much as they want."""
    repository = RecordedRepository("team/tool", {}, {})
    with RecordedGitHub([repository], tokens=[TOKEN], anonymous_limit=5_000, now=lambda: NOW) as server:
        yield Side(server, GitHubForge, {repository.path: repository})


def test_of_a_thousand_release_objects_without_news_the_newest_page_is_read_and_one_other(github: Side) -> None:
    followed = Followed.of(github, 1_000)
    answer = followed.look()
    assert (answer.requests, followed.pages, dict(answer.details)) == (4, [1, 2], {})


def test_full_looks_read_all_pages_in_turn(roomy: Side) -> None:
    followed = Followed.of(roomy, 450)
    read = []
    for _ in range(6):
        followed.look()
        read.append(followed.pages)
    assert read == [[1, 2], [1, 3], [1, 4], [1, 5], [1, 2], [1, 3]]


def test_a_quicker_look_between_two_full_ones_reads_none_and_changes_no_turn(roomy: Side) -> None:
    followed = Followed.of(roomy, 450)
    followed.look()
    for look in (PollDepth.COMPLETE, PollDepth.QUICK):
        followed.look(look)
        assert followed.pages == []
    followed.look()
    assert followed.pages == [1, 3]


def test_a_release_object_of_an_old_tag_is_found_in_its_turn(roomy: Side) -> None:
    followed = Followed.of(roomy, 450)
    followed.publish(5)
    for _ in range(4):
        followed.look()
    assert followed.details["v5"].published == published_at(5) + DAY


def test_pages_are_read_on_for_as_long_as_they_bring_news(roomy: Side) -> None:
    followed = Followed.of(roomy, 450)
    followed.publish(*range(160, 450))
    answer = followed.look()
    assert followed.pages == [1, 2, 3, 4, 5]
    assert set(answer.details) == {name_of(number) for number in range(160, 450)}
    followed.look()
    assert followed.pages == [1, 2]


def test_where_every_page_was_read_what_is_gone_is_found(roomy: Side) -> None:
    followed = Followed.of(roomy, 150)
    del followed.repository.releases["v3"]
    answer = followed.look()
    assert dict(answer.details) == {"v3": TagDetails(commit_id(4), None, None, published_at(3))}


def test_what_was_not_read_is_not_taken_for_gone(roomy: Side) -> None:
    followed = Followed.of(roomy, 450)
    for _ in range(5):
        assert dict(followed.look().details) == {}


def test_a_page_that_is_short_but_leads_on_is_not_the_last(roomy: Side) -> None:
    followed = Followed.of(roomy, 450)
    link = {"link": '<https://api.github.com/repositories/1/releases?page=2>; rel="next"'}

    def shorten(request: Request) -> Response | None:
        is_first = request.path.endswith("/releases") and request.query["page"] == "1"
        return replace(Response.json(200, []), headers=link) if is_first else None

    roomy.server.interceptor = shorten
    assert dict(followed.look().details) == {}


def test_the_newest_release_objects_are_read_however_little_is_left_and_older_ones_are_not(github: Side) -> None:
    followed = Followed.of(github, 450)
    for _ in range(15):
        github.ask(TOOL, token=None)
    followed.publish(449, 5)
    answer = followed.look()
    assert (followed.pages, set(answer.details), answer.look) == ([1], {"v449"}, PollDepth.FULL)


@pytest.mark.parametrize(
    "sent",
    [
        Response.json(500, {"message": "no"}),
        Response.json(404, {"message": "Not Found"}),
        Response.json(429, {"message": "slow down"}),
        Response.json(200, {"message": "hello"}),
    ],
    ids=["500", "404", "429", "no list"],
)
def test_where_release_objects_cannot_be_read_the_full_look_stays_due(github: Side, sent: Response) -> None:
    [first] = github.ask(TOOL, token=None)
    github.server.interceptor = lambda request: sent if request.path.endswith("/releases") else None
    [answer] = github.ask(after(first, PollDepth.FULL), token=None)
    assert (answer.error, answer.look, dict(answer.details)) == (None, PollDepth.COMPLETE, {})
    assert answer.notice == "no token: releases not fetched yet"
    assert answer.undated_because == ""


def test_an_older_page_that_cannot_be_read_is_read_by_the_next_full_look(roomy: Side) -> None:
    followed = Followed.of(roomy, 450)
    followed.look()
    roomy.server.interceptor = lambda request: (
        Response.json(404, {}) if request.path.endswith("/releases") and request.query["page"] != "1" else None
    )
    assert followed.look().look is PollDepth.FULL
    roomy.server.interceptor = None
    followed.look()
    assert followed.pages == [1, 3]


@pytest.mark.parametrize("head", ["0f3c", "releases:", "releases:x", "releases:²", "releases:0", "releases:-1"])
def test_a_head_of_another_kind_is_no_bookmark(roomy: Side, head: str) -> None:
    followed = Followed.of(roomy, 450)
    followed.head = head
    followed.look()
    assert followed.pages == [1, 2]


def test_a_bookmark_beyond_the_end_begins_anew(roomy: Side) -> None:
    followed = Followed.of(roomy, 250)
    followed.head = "releases:9"
    assert dict(followed.look().details) == {}
    followed.look()
    assert followed.pages == [1, 2]


def test_the_date_of_a_release_object_on_a_tree_stays_though_the_list_changes(github: Side) -> None:
    repository = github.repositories["team/tool"]
    repository.tags = {"logo": RecordedTag("logo", commit_id(50), MADE, target_type="tree")}
    repository.releases = {"logo": RecordedRelease("logo", MADE + DAY)}
    [first] = github.ask(TOOL, token=None)
    [full] = github.ask(after(first, PollDepth.FULL), token=None)
    assert dict(full.details) == {"logo": TagDetails(None, MADE + DAY)}
    repository.put(RecordedTag("logo2", commit_id(51), MADE, target_type="tree"))
    [again] = github.ask(after(full), token=None)
    assert dict(again.details) == {"logo2": TagDetails(None)}


def test_a_repository_without_tags_is_not_asked_for_release_objects(github: Side) -> None:
    github.ask(PollRequest("team/none", PollDepth.FULL), token=None)
    assert not [each for each in github.server.requests if each.path.endswith("/releases")]
