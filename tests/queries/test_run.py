"""Answers from DIRAC's recorded history, as of the day of the slide."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread

import pytest

from bot.commands.base import CommandContext
from bot.commands.milestone import MilestoneChanged
from bot.commands.post import DigestPosted, DigestsPosted
from bot.commands.series import SeriesMarked
from bot.commands.watch import WatchlistChanged
from bot.dialogue import Refused, ask
from bot.domain.errors import UsageError
from bot.domain.periods.period import AsOf
from bot.queries.base import QueryContext, Result, Watched, answer_of, answer_text
from bot.queries.certification import Certifications
from bot.queries.digest import MadeDigest
from bot.queries.help import Usage
from bot.queries.latest import LatestReleases
from bot.queries.release import ReleasesNamed
from bot.queries.release_list import FOLD, ReleaseList
from bot.queries.watchlist import WatchedRepositories
from bot.render.markup import TEXT
from bot.services.ports import ChatDoubtful, RepositoryNotFound
from bot.store.store import Store
from tests.builders import PARIS, a_repository, a_tag, paris
from tests.chats.slack.hosts import COMDIRAC, DIRAC, SLIDE, SlideHost
from tests.fakes import FakeChat, FakeWatching
from tests.histories import write_history, write_tags
from tests.memory import store_in_memory

WEB = a_repository("DIRACGrid/WebAppDIRAC")


@pytest.fixture(scope="module")
def history() -> Iterator[Store]:
    with store_in_memory() as store:
        for repository in (DIRAC, COMDIRAC):
            write_history(store, repository)
        yield store


def text_of(result: Result) -> str:
    return answer_text(answer_of(result, TEXT))


@pytest.fixture
def context(history: Store) -> QueryContext:
    return SlideHost(history).context((), is_maintainer=False)


def answer(
    text: str,
    context: QueryContext,
    who: str | None = None,
    preview: FakeWatching | None = None,
    chat: FakeChat | None = None,
) -> Result:
    """Ask; ``who`` may change things."""
    command = CommandContext(context, who, preview or FakeWatching(), lambda: chat) if who else None
    return ask(text, context, SlideHost(context.store).vocabulary(), command).result


def releases(text: str, context: QueryContext) -> ReleaseList:
    found = answer(text, context)
    assert isinstance(found, ReleaseList), found
    return found


def versions(found: ReleaseList | LatestReleases | ReleasesNamed) -> list[str]:
    return [release.version for release in found.releases]


def test_the_slides_question_is_answered_with_six_and_the_list(context: QueryContext) -> None:
    found = releases("how many patch releases in the last month?", context)
    assert found.total == 6
    assert sorted(versions(found)) == ["v7r0p47", "v7r0p48", "v7r0p49", "v7r1p27", "v7r1p28", "v7r1p29"]
    assert [(group.keys[1][1], group.count) for group in found.series] == [("v7r0", 3), ("v7r1", 3)]
    assert found.basis.complete_until == paris("2021-02-22T13:55")
    assert not found.basis.gaps


def test_more_than_ten_are_folded_and_all_are_listed_where_asked(context: QueryContext) -> None:
    found = releases("how many v7r0 patches in 2020?", context)
    assert (found.total, len(found.releases)) == (34, FOLD)
    assert versions(found)[0] == "v7r0p43"
    assert len(releases("list all v7r0 patches in 2020", context).releases) == 34


def test_releases_since_a_release_are_those_after_it(context: QueryContext) -> None:
    found = releases("releases of DIRAC since v7r1p25", context)
    assert found.total == 8
    assert "v7r1p25" not in versions(found)
    assert found.period.start == paris("2021-01-18T20:19:55")


def test_what_is_between_two_releases_of_a_series_is_of_that_series(context: QueryContext) -> None:
    found = releases("patches between v7r1p20 and v7r1p29", context)
    assert (found.total, versions(found)[-1]) == (9, "v7r1p21")
    assert releases("how many releases between v7r2-pre20 and v7r2-pre30", context).total == 10
    assert releases("v7r0 patches between v7r1p20 and v7r1p29", context).total == 8
    # Of two series, or where all are asked for, only the dates count.
    assert releases("releases of DIRAC between v7r0p41 and v7r1p23", context).total == 6
    assert releases("releases of all repositories between v7r1p20 and v7r1p29", context).total == 17


def test_a_trend_shows_the_months_without_a_release_too(context: QueryContext) -> None:
    found = releases("releases of COMDIRAC by month in 2019", context)
    assert [group.keys[0][1] for group in found.groups] == [f"2019-{month:02d}" for month in range(1, 13)]
    assert sum(group.count for group in found.groups) == found.total


def test_a_trend_of_the_present_year_ends_now(context: QueryContext) -> None:
    found = releases("patches by month this year", context)
    assert [group.keys[0][1] for group in found.groups] == ["2021-01", "2021-02"]


def test_one_release_is_told_with_what_it_is_made_of(context: QueryContext) -> None:
    found = answer("when was 7.0.49 released?", context)
    assert isinstance(found, ReleasesNamed)
    assert (versions(found), found.missing) == (["v7r0p49"], [])


def test_what_came_out_later_is_not_known_yet(context: QueryContext) -> None:
    later = answer("when was v7r1p30 released?", context)
    assert isinstance(later, ReleasesNamed)
    assert later.missing == ["v7r1p30"]


def test_the_latest_is_that_of_the_moment_asked(context: QueryContext) -> None:
    found = answer("latest v7r1", context)
    assert isinstance(found, LatestReleases)
    assert versions(found) == ["v7r1p29"]


def test_certification_is_answered_without_naming_the_series(context: QueryContext) -> None:
    for text in ("is v7r2 certified?", "how many hackathons are done?", "when is the final certification?"):
        found = answer(text, context)
        assert isinstance(found, Certifications)
        assert [each.series for each in found.certifications] == ["v7r2"]


def test_the_bots_own_questions_have_answers(context: QueryContext) -> None:
    watched, digest, usage = (answer(text, context) for text in ("what do you watch", "digest", "help"))
    assert isinstance(watched, WatchedRepositories)
    assert [repository.name for repository in watched.basis.repositories] == ["DIRAC", "COMDIRAC"]
    assert isinstance(digest, MadeDigest)
    assert digest.digest.headline.startswith("6 patch releases of DIRAC")
    assert isinstance(usage, Usage)


def test_a_digest_of_another_name_is_not_given_for_the_one_that_is_asked_for(context: QueryContext) -> None:
    found = answer("daily digest", context)
    assert isinstance(found, Refused)
    assert found.reason.startswith('digest "daily": not configured; configured: ')


def test_every_example_of_the_help_has_an_answer(context: QueryContext) -> None:
    usage = answer("help", context)
    assert isinstance(usage, Usage)
    for example in usage.examples:
        assert not isinstance(answer(example, context), Refused), example


def test_the_askers_own_repositories_are_meant_where_none_is_named(context: QueryContext) -> None:
    own = replace(context, own=(COMDIRAC.key,))
    found = releases("how many releases in 2019", own)
    assert [repository.name for repository in found.basis.repositories] == ["COMDIRAC"]
    assert found.basis.is_default
    assert len(releases("how many releases of all repositories in 2019", own).basis.repositories) == 2
    assert not releases("how many releases of DIRAC in 2019", own).basis.is_default
    named = answer("when was v7r0p49 released?", own)
    assert isinstance(named, ReleasesNamed)
    assert versions(named) == ["v7r0p49"]


def test_what_was_polled_long_ago_failed_or_never_is_told(context: QueryContext) -> None:
    later = AsOf.at(paris("2021-02-22T18:00"), PARIS)
    stale = releases("how many releases", replace(context, as_of=later))
    assert [gap.repository.name for gap in stale.basis.gaps] == ["DIRAC", "COMDIRAC"]
    with_new = replace(context, watched=Watched((DIRAC, WEB)))
    found = releases("how many releases", with_new)
    assert [(gap.repository.name, gap.since) for gap in found.basis.gaps] == [("WebAppDIRAC", None)]
    assert found.basis.complete_until is None


def test_an_outage_says_nothing_against_a_past_that_was_wholly_polled(context: QueryContext) -> None:
    with store_in_memory() as store:
        write_history(store, DIRAC)
        store.polls.write_failure(DIRAC.key, paris("2021-02-22T13:58"), "GitHub did not answer")
        now, then = replace(context, store=store), AsOf.at(paris("2021-01-31T18:00"), PARIS)
        assert releases("how many releases of DIRAC", now).basis.gaps
        assert not releases("how many releases of DIRAC in 2020", now).basis.gaps
        assert not releases("how many releases of DIRAC", replace(now, as_of=then)).basis.gaps
        latest = answer("latest DIRAC", replace(now, as_of=then))
        assert isinstance(latest, LatestReleases)
        assert not latest.basis.gaps


def test_a_failing_repository_is_told_with_its_error(context: QueryContext) -> None:
    with store_in_memory() as store:
        write_tags(store, DIRAC, [])
        store.polls.write_failure(DIRAC.key, paris("2021-02-22T13:58"), "GitHub did not answer")
        found = releases("how many releases of DIRAC", replace(context, store=store))
        assert [gap.error for gap in found.basis.gaps] == ["GitHub did not answer"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("releases since v9r9p9", 'release "v9r9p9": not found in github:DIRACGrid/DIRAC or github:'),
        ("releases since v7r1p30", 'release "v7r1p30": not released yet on 2021-02-22'),
        ("how many v9r9 patches in 2020", 'series "v9r9": not found in github:DIRACGrid/DIRAC or github:'),
        ("when was v7r0p99 released?", "nearest: v7r0p49, v7r0p57, "),
        ("latest v7r9", "nearest: v7r4, v7r3, v7r2, "),
        ("how many v7r1 of COMDIRAC in 2020", "not found in github:DIRACGrid/COMDIRAC, but in github:DIRACGrid/DIRAC"),
        ("status of v9r9", 'series "v9r9": not found in'),
        ("what about tomorrow's weather?", "weather"),
    ],
)
def test_what_has_no_answer_is_refused(context: QueryContext, text: str, reason: str) -> None:
    found = answer(text, context)
    assert isinstance(found, Refused)
    assert reason in found.reason


def test_nobody_but_who_may_command_changes_anything(context: QueryContext, history: Store) -> None:
    for text in ("undo", "post digest", "add hackathon v7r2 2021-03-11", "hackathon 4 of v7r2 is done"):
        found = answer(text, context)
        assert isinstance(found, Refused)
        assert "maintainers" in found.reason
    assert history.certification.changes() == {}
    assert history.deliveries.in_states(["pending", "sent", "sending", "skipped"]) == []


@pytest.fixture
def own_context() -> Iterator[QueryContext]:
    """A context whose store may be written to."""
    with store_in_memory() as store:
        write_history(store, DIRAC)
        yield SlideHost(store).context((), is_maintainer=True)


def test_milestones_are_added_moved_done_dropped_and_taken_back(own_context: QueryContext) -> None:
    def say(text: str) -> MilestoneChanged:
        fresh = SlideHost(own_context.store).context((), is_maintainer=True)
        found = answer(text, fresh, "slack:U012AB3CD", FakeWatching())
        assert isinstance(found, MilestoneChanged), found
        return found

    assert say("add hackathon v7r2 2021-03-11: in Lyon").change.title == "Hackathon 1"
    assert say("move hackathon 1 to 12 March").change.day == paris("2021-03-12T00:00").date()
    assert say("done hackathon 4 of v7r2: went well").change.day == paris("2021-02-22T00:00").date()
    assert say("drop hackathon 1 of v7r2").series == "v7r2"
    assert say("undo").undone
    assert say("undo 1").change.title == "Hackathon 1"
    [made] = own_context.store.certification.changes().values()
    assert [change.who for change in made] == ["slack:U012AB3CD"] * 6


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("drop hackathon 9 of v7r2", "not found"),
        ("undo 99", "not found"),
        ("accept v7r2 2021-01-01", "not found"),
        ("done final certification of v7r2 on 2021-03-04", "in the future"),
        ("post digest", "no chat is configured"),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_nothing_is_recorded(
    own_context: QueryContext, text: str, reason: str
) -> None:
    found = answer(text, own_context, "tester", FakeWatching())
    assert isinstance(found, Refused)
    assert reason in found.reason
    assert own_context.store.certification.changes() == {}


def test_a_digest_is_posted_once_for_its_period(own_context: QueryContext) -> None:
    chat = FakeChat()
    first = answer("post digest", own_context, "tester", FakeWatching(), chat)
    again = answer("post digest monthly", own_context, "tester", FakeWatching(), chat)
    assert isinstance(first, DigestPosted)
    assert isinstance(again, DigestPosted)
    assert (first.state, first.was_there, again.state, again.was_there) == ("sent", False, "sent", True)
    assert len(chat.posted) == 1


def test_a_digest_whose_post_had_no_answer_is_not_posted_again(own_context: QueryContext) -> None:
    chat = FakeChat(ChatDoubtful("#dirac-releases", "no answer came"))
    first = answer("post digest", own_context, "tester", FakeWatching(), chat)
    again = answer("post digest", own_context, "tester", FakeWatching(), chat)
    assert isinstance(first, DigestPosted)
    assert isinstance(again, DigestPosted)
    assert (first.state, again.state, chat.posted) == ("sending", "sending", [])


PILOT = "github:DIRACGrid/Pilot"


def pilot(*names: str) -> FakeWatching:
    """Show a repository with these tags that is not watched."""
    watching = FakeWatching(meant=[DIRAC.key])
    watching.tags[PILOT] = [a_tag(name) for name in names]
    return watching


def test_a_repository_is_watched_by_what_fits_its_tags(own_context: QueryContext) -> None:
    found = answer(f"watch {PILOT}", own_context, "slack:U1", pilot("v1r0", "v1r1", "grep"))
    assert isinstance(found, WatchlistChanged)
    [made] = own_context.store.watchlist.additions().changes
    assert (made.who, made.kind, made.target, made.rules.tags.scheme, made.rules.tags.counts) == (
        "slack:U1",
        "watch",
        PILOT,
        "dirac",
        "final",
    )
    assert found.proposal is not None
    assert found.proposal.unclassified == ("grep",)


def test_a_repository_that_the_forge_does_not_show_is_not_watched(own_context: QueryContext) -> None:
    watching = FakeWatching()
    watching.tags[PILOT] = RepositoryNotFound(PILOT, "repository not found on GitHub", "check the path")
    found = answer(f"watch {PILOT}", own_context, "slack:U1", watching)
    assert isinstance(found, Refused)
    assert "not found on GitHub" in found.reason
    assert own_context.store.watchlist.additions().changes == ()


def test_only_maintainers_watch_and_unwatch(own_context: QueryContext) -> None:
    for text in (f"watch {PILOT}", "unwatch COMDIRAC", "undo watch"):
        found = answer(text, own_context, None)
        assert isinstance(found, Refused)
        assert "only maintainers" in found.reason
    assert own_context.store.watchlist.additions().changes == ()


def test_undo_takes_back_what_was_done_last_of_all(own_context: QueryContext) -> None:
    def say(text: str, minute: int) -> object:
        host = SlideHost(own_context.store, at=SLIDE + timedelta(minutes=minute))
        return answer(text, host.context((), is_maintainer=True), "ann", pilot("v1r0"))

    say("unwatch COMDIRAC", 1)
    say("add hackathon v7r2 2021-03-11", 2)
    assert isinstance(say("undo", 3), MilestoneChanged)
    taken_back = say("undo", 4)
    assert isinstance(taken_back, WatchlistChanged)
    assert taken_back.undone
    assert isinstance(say("undo", 5), Refused)
    assert isinstance(say("v7r1 is end-of-life", 6), SeriesMarked)
    assert isinstance(say("undo", 7), SeriesMarked)
    assert isinstance(say("undo series", 8), Refused)


def test_what_the_file_names_is_not_unwatched(own_context: QueryContext) -> None:
    found = answer("unwatch DIRAC", own_context, "ann", pilot())
    assert isinstance(found, Refused)
    assert "is named by a digest or a certification" in found.reason


def test_a_digest_of_several_channels_is_posted_to_each_and_each_is_told(own_context: QueryContext) -> None:
    [order] = own_context.digests
    more = [replace(order, channel=channel) for channel in ("mattermost", "mail")]
    chat = FakeChat()
    chat.lacking["mail"] = UsageError("places.mail", "$MAIL_URL is not set", "put the address there")
    told = answer(
        "post digest", replace(own_context, read_digests=lambda _: [order, *more]), "tester", FakeWatching(), chat
    )
    assert isinstance(told, DigestsPosted)
    assert [(each.channel, each.state) for each in told.posts] == [
        ("#dirac-releases", "sent"),
        ("mattermost", "sent"),
        ("mail", "missing"),
    ]
    assert [channel for channel, _ in chat.posted] == ["#dirac-releases", "mattermost"]
    assert text_of(told).splitlines()[0] == "The digest was posted to 2 of 3 channels"
    assert "digest monthly cannot be posted to mail: $MAIL_URL is not set; put the address there" in text_of(told)
    assert [post["state"] for post in told.data()["posts"]] == ["sent", "sent", "missing"]


def test_releases_whose_dates_are_not_known_are_counted_apart_in_every_answer() -> None:
    dated = a_tag("v7r1p1", paris("2021-02-01T12:00"))
    undated = [a_tag(name, dated=False) for name in ("v7r1p2", "v7r1p3", "v7r0p1")]
    with store_in_memory() as store:
        write_tags(store, DIRAC, [dated, *undated])
        context = SlideHost(store).context((), is_maintainer=False)
        whole, series = (releases(f"how many {what} this year?", context) for what in ("patches", "v7r1 patches"))
    assert (whole.total, whole.undated, series.total, series.undated) == (1, 3, 1, 2)
    assert whole.data()["undated"] == 3
    assert "not counted: 3 releases without a known date" in text_of(whole)


def test_plans_are_read_within_a_snapshot_while_another_thread_waits_for_its_connection(context: QueryContext) -> None:
    reading = Event()

    def read() -> tuple[()]:
        reading.set()
        context.store.certification.changes()
        return ()

    # A database in memory has one connection, and this thread has it.
    waiting = Thread(target=lambda: replace(context, read_plans=read).plans, daemon=True)
    with context.store.snapshot():
        waiting.start()
        assert reading.wait(10)
        assert [plan.repository for plan in context.plans] == [DIRAC.key]
    waiting.join(10)
    assert not waiting.is_alive()


def test_plans_and_digests_are_read_once(context: QueryContext) -> None:
    reads: list[str] = []

    def read_plans() -> tuple[()]:
        reads.append("plans")
        return ()

    def read_digests(_plans: object) -> tuple[()]:
        reads.append("digests")
        return ()

    counting = replace(context, read_plans=read_plans, read_digests=read_digests)
    for _ in range(2):
        assert (counting.plans, counting.digests) == ((), ())
    assert reads == ["plans", "digests"]
