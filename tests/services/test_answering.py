"""Answers from DIRAC's recorded history, as of the day of the slide."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import UsageError
from bot.domain.periods import AsOf
from bot.render.answer_json import answer_json
from bot.render.answer_text import answer_text
from bot.services.answering import FOLD, Desk
from bot.services.answers import (
    Answer,
    CertificationAnswer,
    ChangeAnswer,
    DigestAnswer,
    HelpAnswer,
    LatestAnswer,
    PostAnswer,
    PostsAnswer,
    RefusalAnswer,
    ReleaseAnswer,
    ReleasesAnswer,
    WatchAnswer,
    WatchedAnswer,
)
from bot.services.asking import ask
from bot.services.commanding import Command
from bot.services.ports import ChatDoubtful, RepositoryNotFound
from bot.store.sql import SqlStore
from tests.builders import PARIS, a_repository, a_tag, paris
from tests.fakes import FakeChat, FakeWatching
from tests.histories import write_history, write_tags
from tests.slack.hosts import COMDIRAC, DIRAC, SLIDE, SlideHost

WEB = a_repository("DIRACGrid/WebAppDIRAC")


@pytest.fixture(scope="module")
def history() -> Iterator[SqlStore]:
    with SqlStore.open("sqlite://") as store:
        for repository in (DIRAC, COMDIRAC):
            write_history(store, repository)
        yield store


@pytest.fixture
def desk(history: SqlStore) -> Desk:
    return SlideHost(history).desk((), is_maintainer=False)


def answer(text: str, desk: Desk, command: Command | None = None) -> Answer:
    return ask(text, desk, SlideHost(desk.store).vocabulary(), command).answer


def releases(text: str, desk: Desk) -> ReleasesAnswer:
    found = answer(text, desk)
    assert isinstance(found, ReleasesAnswer), found
    return found


def versions(found: ReleasesAnswer | LatestAnswer | ReleaseAnswer) -> list[str]:
    return [release.version for release in found.releases]


def test_the_slides_question_is_answered_with_six_and_the_list(desk: Desk) -> None:
    found = releases("how many patch releases in the last month?", desk)
    assert found.total == 6
    assert sorted(versions(found)) == ["v7r0p47", "v7r0p48", "v7r0p49", "v7r1p27", "v7r1p28", "v7r1p29"]
    assert [(group.keys[1][1], group.count) for group in found.series] == [("v7r0", 3), ("v7r1", 3)]
    assert found.reach.complete_until == paris("2021-02-22T13:55")
    assert not found.reach.lacking.gaps


def test_more_than_ten_are_folded_and_all_are_listed_where_asked(desk: Desk) -> None:
    found = releases("how many v7r0 patches in 2020?", desk)
    assert (found.total, len(found.releases)) == (34, FOLD)
    assert versions(found)[0] == "v7r0p43"
    assert len(releases("list all v7r0 patches in 2020", desk).releases) == 34


def test_releases_since_a_release_are_those_after_it(desk: Desk) -> None:
    found = releases("releases of DIRAC since v7r1p25", desk)
    assert found.total == 8
    assert "v7r1p25" not in versions(found)
    assert found.period.start == paris("2021-01-18T20:19:55")


def test_a_trend_shows_the_months_without_a_release_too(desk: Desk) -> None:
    found = releases("releases of COMDIRAC by month in 2019", desk)
    assert [group.keys[0][1] for group in found.groups] == [f"2019-{month:02d}" for month in range(1, 13)]
    assert sum(group.count for group in found.groups) == found.total


def test_a_trend_of_the_present_year_ends_now(desk: Desk) -> None:
    found = releases("patches by month this year", desk)
    assert [group.keys[0][1] for group in found.groups] == ["2021-01", "2021-02"]


def test_one_release_is_told_with_what_it_is_made_of(desk: Desk) -> None:
    found = answer("when was 7.0.49 released?", desk)
    assert isinstance(found, ReleaseAnswer)
    assert (versions(found), found.missing) == (["v7r0p49"], [])


def test_what_came_out_later_is_not_known_yet(desk: Desk) -> None:
    later = answer("when was v7r1p30 released?", desk)
    assert isinstance(later, ReleaseAnswer)
    assert later.missing == ["v7r1p30"]


def test_the_latest_is_that_of_the_moment_asked(desk: Desk) -> None:
    found = answer("latest v7r1", desk)
    assert isinstance(found, LatestAnswer)
    assert versions(found) == ["v7r1p29"]


def test_certification_is_answered_without_naming_the_series(desk: Desk) -> None:
    for text in ("is v7r2 certified?", "how many hackathons are done?", "when is the final certification?"):
        found = answer(text, desk)
        assert isinstance(found, CertificationAnswer)
        assert [each.series for each in found.certifications] == ["v7r2"]


def test_the_bots_own_questions_have_answers(desk: Desk) -> None:
    watched, digest, usage = (answer(text, desk) for text in ("what do you watch", "digest", "help"))
    assert isinstance(watched, WatchedAnswer)
    assert [repository.name for repository in watched.reach.repositories] == ["DIRAC", "COMDIRAC"]
    assert isinstance(digest, DigestAnswer)
    assert digest.digest.headline.startswith("6 patch releases of DIRAC")
    assert isinstance(usage, HelpAnswer)


def test_every_example_of_the_help_has_an_answer(desk: Desk) -> None:
    usage = answer("help", desk)
    assert isinstance(usage, HelpAnswer)
    for example in usage.examples:
        assert not isinstance(answer(example, desk), RefusalAnswer), example


def test_the_askers_own_repositories_are_meant_where_none_is_named(desk: Desk) -> None:
    own = replace(desk, own=(COMDIRAC.key,))
    found = releases("how many releases in 2019", own)
    assert [repository.name for repository in found.reach.repositories] == ["COMDIRAC"]
    assert found.reach.is_default
    assert len(releases("how many releases of all repositories in 2019", own).reach.repositories) == 2
    assert not releases("how many releases of DIRAC in 2019", own).reach.is_default
    named = answer("when was v7r0p49 released?", own)
    assert isinstance(named, ReleaseAnswer)
    assert versions(named) == ["v7r0p49"]


def test_what_was_polled_long_ago_failed_or_never_is_told(desk: Desk) -> None:
    later = AsOf.at(paris("2021-02-22T18:00"), PARIS)
    stale = releases("how many releases", replace(desk, as_of=later))
    assert [gap.repository.name for gap in stale.reach.lacking.gaps] == ["DIRAC", "COMDIRAC"]
    with_new = replace(desk, repositories=(DIRAC, WEB))
    found = releases("how many releases", with_new)
    assert [(gap.repository.name, gap.since) for gap in found.reach.lacking.gaps] == [("WebAppDIRAC", None)]
    assert found.reach.complete_until is None


def test_an_outage_says_nothing_against_a_past_that_was_wholly_polled(desk: Desk) -> None:
    with SqlStore.open("sqlite://") as store:
        write_history(store, DIRAC)
        store.write_failure(DIRAC.key, paris("2021-02-22T13:58"), "GitHub did not answer")
        now, then = replace(desk, store=store), AsOf.at(paris("2021-01-31T18:00"), PARIS)
        assert releases("how many releases of DIRAC", now).reach.lacking.gaps
        assert not releases("how many releases of DIRAC in 2020", now).reach.lacking.gaps
        assert not releases("how many releases of DIRAC", replace(now, as_of=then)).reach.lacking.gaps
        latest = answer("latest DIRAC", replace(now, as_of=then))
        assert isinstance(latest, LatestAnswer)
        assert not latest.reach.lacking.gaps


def test_a_failing_repository_is_told_with_its_error(desk: Desk) -> None:
    with SqlStore.open("sqlite://") as store:
        write_tags(store, DIRAC, [])
        store.write_failure(DIRAC.key, paris("2021-02-22T13:58"), "GitHub did not answer")
        found = releases("how many releases of DIRAC", replace(desk, store=store))
        assert [gap.error for gap in found.reach.lacking.gaps] == ["GitHub did not answer"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("releases since v9r9p9", 'release "v9r9p9": not a release of github:DIRACGrid/DIRAC or github:'),
        ("releases since v7r1p30", 'release "v7r1p30": was not released yet on 2021-02-22'),
        ("how many v9r9 patches in 2020", 'series "v9r9": not a series of github:DIRACGrid/DIRAC or github:'),
        ("when was v7r0p99 released?", "nearest: v7r0p49, v7r0p57, "),
        ("latest v7r9", "nearest: v7r4, v7r3, v7r2, "),
        ("how many v7r1 of COMDIRAC in 2020", "a series of github:DIRACGrid/DIRAC, not of github:DIRACGrid/COMDIRAC"),
        ("status of v9r9", 'series "v9r9": not a series of'),
        ("what about tomorrow's weather?", "weather"),
    ],
)
def test_what_has_no_answer_is_refused(desk: Desk, text: str, reason: str) -> None:
    found = answer(text, desk)
    assert isinstance(found, RefusalAnswer)
    assert reason in found.reason


def test_nobody_but_who_may_command_changes_anything(desk: Desk, history: SqlStore) -> None:
    for text in ("undo", "post digest", "add hackathon v7r2 2021-03-11", "hackathon 4 of v7r2 is done"):
        found = answer(text, desk)
        assert isinstance(found, RefusalAnswer)
        assert "maintainers" in found.reason
    assert history.changes() == {}
    assert history.deliveries(["pending", "sent", "sending", "skipped"]) == []


@pytest.fixture
def own_desk() -> Iterator[Desk]:
    """A desk whose store may be written to."""
    with SqlStore.open("sqlite://") as store:
        write_history(store, DIRAC)
        yield SlideHost(store).desk((), is_maintainer=True)


def test_milestones_are_added_moved_done_dropped_and_taken_back(own_desk: Desk) -> None:
    def say(text: str) -> ChangeAnswer:
        fresh = SlideHost(own_desk.store).desk((), is_maintainer=True)
        found = answer(text, fresh, Command("slack:U012AB3CD", FakeWatching()))
        assert isinstance(found, ChangeAnswer), found
        return found

    assert say("add hackathon v7r2 2021-03-11: in Lyon").change.title == "Hackathon 1"
    assert say("move hackathon 1 to 12 March").change.day == paris("2021-03-12T00:00").date()
    assert say("done hackathon 4 of v7r2: went well").change.day == paris("2021-02-22T00:00").date()
    assert say("drop hackathon 1 of v7r2").series == "v7r2"
    assert say("undo").undone
    assert say("undo 1").change.title == "Hackathon 1"
    [made] = own_desk.store.changes().values()
    assert [change.who for change in made] == ["slack:U012AB3CD"] * 6


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("drop hackathon 9 of v7r2", "is not known"),
        ("undo 99", "is not there to be undone"),
        ("accept v7r2 2021-01-01", "is not there"),
        ("done final certification of v7r2 on 2021-03-04", "still to come"),
        ("post digest", "there is no chat to post to"),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_nothing_is_recorded(own_desk: Desk, text: str, reason: str) -> None:
    found = answer(text, own_desk, Command("tester", FakeWatching()))
    assert isinstance(found, RefusalAnswer)
    assert reason in found.reason
    assert own_desk.store.changes() == {}


def test_a_digest_is_posted_once_for_its_period(own_desk: Desk) -> None:
    chat = FakeChat()
    first = answer("post digest", own_desk, Command("tester", FakeWatching(), chat))
    again = answer("post digest monthly", own_desk, Command("tester", FakeWatching(), chat))
    assert isinstance(first, PostAnswer)
    assert isinstance(again, PostAnswer)
    assert (first.state, first.was_there, again.state, again.was_there) == ("sent", False, "sent", True)
    assert len(chat.posted) == 1


def test_a_digest_whose_post_had_no_answer_is_not_posted_again(own_desk: Desk) -> None:
    chat = FakeChat(ChatDoubtful("#dirac-releases", "no answer came"))
    first = answer("post digest", own_desk, Command("tester", FakeWatching(), chat))
    again = answer("post digest", own_desk, Command("tester", FakeWatching(), chat))
    assert isinstance(first, PostAnswer)
    assert isinstance(again, PostAnswer)
    assert (first.state, again.state, chat.posted) == ("sending", "sending", [])


PILOT = "github:DIRACGrid/Pilot"


def pilot(*names: str) -> FakeWatching:
    """Show a repository with these tags that is not watched."""
    watching = FakeWatching(meant=[DIRAC.key])
    watching.tags[PILOT] = [a_tag(name) for name in names]
    return watching


def test_a_repository_is_watched_by_what_fits_its_tags(own_desk: Desk) -> None:
    found = answer(f"watch {PILOT}", own_desk, Command("slack:U1", pilot("v1r0", "v1r1", "grep")))
    assert isinstance(found, WatchAnswer)
    [made] = own_desk.store.additions().changes
    assert (made.who, made.kind, made.target, made.scheme, made.counts) == (
        "slack:U1",
        "watch",
        PILOT,
        "dirac",
        "final",
    )
    assert found.fit is not None
    assert found.fit.unclassified == ("grep",)


def test_a_repository_that_the_forge_does_not_show_is_not_watched(own_desk: Desk) -> None:
    watching = FakeWatching()
    watching.tags[PILOT] = RepositoryNotFound(PILOT, "GitHub knows no such repository", "check the path")
    found = answer(f"watch {PILOT}", own_desk, Command("slack:U1", watching))
    assert isinstance(found, RefusalAnswer)
    assert "knows no such repository" in found.reason
    assert own_desk.store.additions().changes == ()


def test_only_maintainers_watch_and_unwatch(own_desk: Desk) -> None:
    for text in (f"watch {PILOT}", "unwatch COMDIRAC", "undo watch"):
        found = answer(text, own_desk, None)
        assert isinstance(found, RefusalAnswer)
        assert "only the bot's maintainers" in found.reason
    assert own_desk.store.additions().changes == ()


def test_undo_takes_back_what_was_done_last_of_all(own_desk: Desk) -> None:
    def say(text: str, minute: int) -> object:
        host = SlideHost(own_desk.store, at=SLIDE + timedelta(minutes=minute))
        return answer(text, host.desk((), is_maintainer=True), Command("ann", pilot("v1r0")))

    say("unwatch COMDIRAC", 1)
    say("add hackathon v7r2 2021-03-11", 2)
    assert isinstance(say("undo", 3), ChangeAnswer)
    taken_back = say("undo", 4)
    assert isinstance(taken_back, WatchAnswer)
    assert taken_back.undone
    assert isinstance(say("undo", 5), RefusalAnswer)


def test_what_the_file_names_is_not_unwatched(own_desk: Desk) -> None:
    found = answer("unwatch DIRAC", own_desk, Command("ann", pilot()))
    assert isinstance(found, RefusalAnswer)
    assert "is named by a digest or a certification" in found.reason


def test_a_digest_of_several_channels_is_posted_to_each_and_each_is_told(own_desk: Desk) -> None:
    [order] = own_desk.digests
    more = [replace(order, channel=channel) for channel in ("mattermost", "mail")]
    chat = FakeChat()
    chat.lacking["mail"] = UsageError("places.mail", "$MAIL_URL is not set", "put the address there")
    told = answer("post digest", replace(own_desk, digests=[order, *more]), Command("tester", FakeWatching(), chat))
    assert isinstance(told, PostsAnswer)
    assert [(each.channel, each.state) for each in told.posts] == [
        ("#dirac-releases", "sent"),
        ("mattermost", "sent"),
        ("mail", "missing"),
    ]
    assert [channel for channel, _ in chat.posted] == ["#dirac-releases", "mattermost"]
    assert answer_text(told).splitlines()[0] == "The digest stands in 2 of its 3 channels"
    assert "digest monthly cannot be posted to mail: $MAIL_URL is not set; put the address there" in answer_text(told)
    assert [post["state"] for post in answer_json(told)["posts"]] == ["sent", "sent", "missing"]


def test_releases_whose_dates_are_not_known_are_counted_apart_in_every_answer() -> None:
    dated = a_tag("v7r1p1", paris("2021-02-01T12:00"))
    undated = [a_tag(name, dated=False) for name in ("v7r1p2", "v7r1p3", "v7r0p1")]
    with SqlStore.open("sqlite://") as store:
        write_tags(store, DIRAC, [dated, *undated])
        desk = SlideHost(store).desk((), is_maintainer=False)
        whole, series = (releases(f"how many {what} this year?", desk) for what in ("patches", "v7r1 patches"))
    assert (whole.total, whole.undated, series.total, series.undated) == (1, 3, 1, 2)
    assert answer_json(whole)["undated"] == 3
    assert "not in it: 3 releases without a known date" in answer_text(whole)
