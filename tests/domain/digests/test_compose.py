"""What a digest tells, and that nothing is told twice."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.digests.compose import Observed, Reminding, compose_digest, is_quiet, newest_of_living_series
from bot.domain.digests.continuity import PastDigest
from bot.domain.digests.digest import Digest
from bot.domain.digests.news import Audience, Mention, Role, audience_of
from bot.domain.periods.options import read_period
from bot.domain.polling.diff import compare
from bot.domain.releases import Release, releases_of
from bot.domain.repositories import Counts
from bot.domain.tags import Tag, TagEvent, TagState
from tests.builders import MONDAY, a_ref, a_repository, a_tag, as_of, days, paris, releases
from tests.whole import completed

DIRAC = a_repository()
HISTORY = {
    "v6r22p35": paris("2020-10-14T16:00"),
    "v7r0p46": paris("2021-01-20T19:07"),
    "v7r1p26": paris("2021-01-20T19:19"),
    "v7r0p47": paris("2021-02-03T10:54"),
    "v7r1p27": paris("2021-02-03T16:10"),
    "v7r2-pre34": paris("2021-02-15T22:15"),
    "v7r0p49": paris("2021-02-15T20:19"),
    "v7r1p29": paris("2021-02-15T20:48"),
    "v7r1p30": paris("2021-02-24T17:00"),
    "v6r0": paris("2011-05-11T10:00"),
}
SLIDE_DAY = as_of("2021-02-22T14:00")
LATER = SLIDE_DAY.end + days(7)


def observed(
    made: list[Release] | None = None,
    *,
    tags: list[Tag] | None = None,
    events: list[TagEvent] | None = None,
    polled_at: datetime | None = SLIDE_DAY.end,
    error: str | None = None,
) -> Observed:
    return Observed(
        repository=DIRAC,
        releases=releases(DIRAC, HISTORY) if made is None else made,
        tags=tags or (),
        events=events or (),
        polled_at=polled_at,
        error=error,
        failing_since=SLIDE_DAY.end - days(2) if error else None,
    )


def digest_of(*each: Observed, audience: Audience | None = None, period: str = "1m") -> Digest:
    return compose_digest(
        audience or Audience("monthly"),
        read_period(period, SLIDE_DAY),
        SLIDE_DAY,
        [completed(one, read_period(period, SLIDE_DAY), SLIDE_DAY) for one in each],
        made_at=SLIDE_DAY.end,
        reminding=Reminding(timedelta(hours=2), timedelta(days=7)),
    )


def told(*versions: str, ends: datetime | None = None, made: datetime | None = None) -> Audience:
    """An audience that was told of these releases by one digest before."""
    at = made or paris("2021-02-01T09:00")
    past = PastDigest(1, None, ends or paris("2021-01-22T00:00"), "Europe/Paris", at, at)
    mentions = [Mention(1, (DIRAC.key, version), Role.NAMED) for version in versions]
    return audience_of("monthly", read_period("1m", SLIDE_DAY), None, [past], mentions)


def test_a_digest_counts_the_period_by_series_and_lists_what_it_counts() -> None:
    digest = digest_of(observed())
    [part] = digest.repositories
    assert digest.headline == "4 patch releases of DIRAC (v7r0: 2, v7r1: 2); 1 pre-release"
    assert [release.version for release in part.releases] == ["v7r0p47", "v7r0p49", "v7r1p27", "v7r1p29", "v7r2-pre34"]
    assert part.counts.ordinary == 4


def test_the_newest_of_each_living_series_is_shown_with_the_coming_one_by_its_pre_release() -> None:
    [part] = digest_of(observed()).repositories
    assert [release.version for release in part.latest] == ["v6r22p35", "v7r0p49", "v7r1p29", "v7r2-pre34"]


def test_of_a_repository_at_rest_the_newest_release_is_shown() -> None:
    old = releases(DIRAC, {"v6r0": paris("2011-05-11T10:00"), "v6r1": paris("2012-05-11T10:00")})
    assert [release.version for release in newest_of_living_series(old, SLIDE_DAY.end)] == ["v6r1"]
    assert newest_of_living_series([], SLIDE_DAY.end) == []


def test_several_repositories_share_one_headline() -> None:
    comdirac = a_repository("DIRACGrid/COMDIRAC", counts=Counts.FINAL)
    final = Observed(comdirac, releases(comdirac, {"v1r0": paris("2021-02-03T10:00")}), polled_at=SLIDE_DAY.end)
    headline = digest_of(observed(), final).headline
    assert headline == "5 releases: 4 of DIRAC (v7r0: 2, v7r1: 2), 1 of COMDIRAC (v1r0: 1); 1 pre-release"


def test_beyond_four_repositories_the_headline_sums_up() -> None:
    many = [a_repository(f"site/P{number}") for number in range(6)]
    made = {"v1r0p1": paris("2021-02-03T10:00")}
    parts = [Observed(each, releases(each, made), polled_at=SLIDE_DAY.end) for each in many]
    assert digest_of(*parts).headline.endswith("1 of P3 (v1r0: 1), 2 of 2 others")


def test_a_period_without_releases_says_so() -> None:
    assert digest_of(observed([])).headline == "No patch releases of DIRAC"
    assert digest_of().headline == "No repository is watched"


def test_a_release_seen_after_its_period_was_told_is_late_once() -> None:
    late = releases(DIRAC, {"v7r1p26": HISTORY["v7r1p26"]}, first_seen=paris("2021-02-02T10:00"), backfilled=False)
    assert [release.version for release in digest_of(observed(late), audience=told("7.0.46")).late] == ["v7r1p26"]
    assert not digest_of(observed(late), audience=told("7.1.26")).late


def test_what_the_first_poll_found_is_never_late() -> None:
    assert not digest_of(observed(), audience=told()).late


def test_a_first_digest_names_as_late_what_was_first_seen_within_its_period_alone() -> None:
    assert not digest_of(observed(releases(DIRAC, HISTORY))).late
    before = releases(
        DIRAC, {"v6r0": paris("2011-05-11T10:00")}, backfilled=False, first_seen=paris("2021-01-05T10:00")
    )
    assert not digest_of(observed(before)).late
    within = releases(
        DIRAC, {"v6r0": paris("2011-05-11T10:00")}, backfilled=False, first_seen=paris("2021-02-05T10:00")
    )
    assert [each.version for each in digest_of(observed(within)).late] == ["v6r0"]


def test_a_release_of_a_week_whose_digest_was_never_made_is_late() -> None:
    seen_in_time = releases(DIRAC, {"v7r1p26": HISTORY["v7r1p26"]}, first_seen=HISTORY["v7r1p26"], backfilled=False)
    audience = told(ends=paris("2021-01-11T00:00"), made=paris("2021-01-21T09:00"))
    assert [release.version for release in digest_of(observed(seen_in_time), audience=audience).late] == ["v7r1p26"]


def test_a_new_tag_on_a_commit_older_than_the_channels_first_digest_is_late() -> None:
    old = releases(
        DIRAC, {"v6r21p3": paris("2019-01-01T10:00")}, first_seen=paris("2021-02-10T10:00"), backfilled=False
    )
    assert [release.version for release in digest_of(observed(old), audience=told()).late] == ["v6r21p3"]


def moved_and_gone(at: datetime) -> tuple[list[Tag], list[TagEvent]]:
    before = {name: a_tag(name, MONDAY - days(100)) for name in ("v7r2-pre36", "v8.1.0a1")}
    changes = compare(before, [a_ref("v7r2-pre36", "9" * 40)], {}, at=at, backfill=False)
    return list(changes.changed), list(changes.events)


def test_moved_and_deleted_tags_are_told_in_the_next_digest_only() -> None:
    tags, events = moved_and_gone(paris("2021-02-10T12:00"))
    each = observed(releases_of(DIRAC, tags), tags=tags, events=events)
    digest = digest_of(each)
    assert [(event.version, event.event.before.name) for event in digest.moved] == [("v7r2-pre36", "v7r2-pre36")]
    assert [event.event.before.name for event in digest.deleted] == ["v8.1.0a1"]
    after = digest_of(each, audience=told(made=paris("2021-02-11T09:00")))
    assert not after.moved
    assert not after.deleted


def test_an_event_after_the_moment_looked_from_is_not_told() -> None:
    tags, events = moved_and_gone(SLIDE_DAY.end + days(1))
    digest = digest_of(observed(releases_of(DIRAC, tags), tags=tags, events=events))
    assert not digest.moved
    assert not digest.deleted


def test_what_happened_between_the_time_due_and_the_making_is_told_and_not_lost() -> None:
    due, made = SLIDE_DAY.end, SLIDE_DAY.end + timedelta(seconds=9)
    tags, events = moved_and_gone(due + timedelta(seconds=4))
    each = observed(releases_of(DIRAC, tags), tags=tags, events=events)
    late_made = compose_digest(
        Audience("weekly"),
        read_period("7d", SLIDE_DAY),
        SLIDE_DAY,
        [each],
        made_at=made,
        reminding=Reminding(timedelta(hours=2), timedelta(days=7)),
    )
    assert len(late_made.moved) == len(late_made.deleted) == 1
    assert not digest_of(each, audience=told(made=made)).moved


def test_unclassified_tags_are_named_once() -> None:
    tags = [a_tag("grep", paris("2019-01-01T10:00"), first_seen=paris("2021-01-15T10:00")), a_tag("v7r1", MONDAY)]
    each = observed(releases_of(DIRAC, tags), tags=tags)
    assert [tag.tag for tag in digest_of(each).unclassified] == ["grep"]
    assert not digest_of(each, audience=told()).unclassified


def test_what_could_not_be_polled_is_said() -> None:
    failing = observed(error="answered 502", polled_at=SLIDE_DAY.end - days(2))
    digest = digest_of(failing, observed([], polled_at=None))
    assert [problem.text for problem in digest.problems] == [
        "not checked since 2021-02-20 14:00: answered 502",
        "never checked: no releases counted",
    ]
    assert digest.headline.endswith("; 2 of 2 repositories not checked")


def test_a_repository_that_was_never_reached_is_one_problem_and_no_silence() -> None:
    digest = digest_of(observed([], polled_at=None, error="its name is not known"))
    assert [problem.text for problem in digest.problems] == [
        "never checked (its name is not known): no releases counted"
    ]
    assert digest.headline == "No patch releases of DIRAC; DIRAC not checked"


def test_a_poll_that_lies_long_back_is_said() -> None:
    [problem] = digest_of(observed(polled_at=SLIDE_DAY.end - days(3))).problems
    assert problem.text == "not checked since 2021-02-19 14:00: later releases are missing"


def test_an_outage_of_today_is_not_told_of_a_period_that_was_wholly_polled() -> None:
    failing = observed(error="answered 502", polled_at=SLIDE_DAY.end - days(2))
    digest = digest_of(failing, period="last-month")
    assert digest.problems == ()
    assert "not checked" not in digest.headline


def test_one_cause_is_one_line_however_many_repositories_it_holds_up() -> None:
    many = [
        Observed(a_repository(f"site/P{n}"), [], polled_at=SLIDE_DAY.end - days(1 + n % 3), error="answered 502")
        for n in range(900)
    ]
    other = Observed(a_repository("x/y", forge="cta"), [], polled_at=SLIDE_DAY.end - days(1), error="answered 502")
    digest = digest_of(*many, other)
    assert [(problem.repository, problem.text) for problem in digest.problems] == [
        ("github", "900 repositories not checked since 2021-02-19 14:00: answered 502"),
        ("cta:x/y", "not checked since 2021-02-21 14:00: answered 502"),
    ]
    assert len(digest.problems[0].repositories) == 900
    assert digest.headline.count("not checked") == 1


def test_a_digest_says_how_many_unclassified_tags_its_period_has_also_where_they_were_named_before() -> None:
    tags = [
        a_tag("v7r1", MONDAY - days(300)),
        a_tag("grep", MONDAY - days(3)),
        a_tag("old", MONDAY - days(300)),
        a_tag("undated", dated=False),
        a_tag("gone", MONDAY - days(3), state=TagState.DELETED),
    ]
    digest = digest_of(observed(releases_of(DIRAC, tags), tags=tags), audience=told(made=SLIDE_DAY.end))
    assert digest.unclassified == ()
    [part] = digest.repositories
    assert (part.unclassified, part.unread) == (2, None)


def test_a_repository_that_is_mostly_unread_is_said_to_be_so() -> None:
    tags = [a_tag(f"diracx-{number}", MONDAY - days(300)) for number in range(5)]
    assert [part.unread for part in digest_of(observed([], tags=tags)).repositories] == [(5, 5)]
    assert [part.unread for part in digest_of(observed([], tags=tags[:4])).repositories] == [None]


def test_a_renamed_repository_is_said_to_be_so() -> None:
    digest = digest_of(replace(observed(), renamed="renamed to DIRAC/DIRAC; update its path"))
    assert [problem.text for problem in digest.problems] == ["renamed to DIRAC/DIRAC; update its path"]
    assert "not checked" not in digest.headline


def test_releases_without_dates_are_said_to_be_missing() -> None:
    undated = releases(DIRAC, {"v7r0p1": MONDAY, "v7r0p2": MONDAY}, dated=False)
    waiting = [a_tag("v7r0p1", dated=False), a_tag("v7r0p2", dated=False)]
    [problem] = digest_of(observed(undated, tags=waiting)).problems
    assert problem.text.startswith("2 releases not counted: dates not fetched yet")
    [problem] = digest_of(observed(undated, tags=[a_tag("v7r0p1"), a_tag("v7r0p2")])).problems
    assert problem.text == "2 releases not counted: no plausible date"


def test_a_release_that_can_never_be_dated_is_named_and_no_reason_to_post() -> None:
    digest = digest_of(observed(releases_of(DIRAC, [a_tag("v7r1p9", None)])))
    assert [problem.text for problem in digest.problems] == ["1 release not counted: no plausible date"]
    assert is_quiet(digest)


def test_a_digest_is_quiet_only_if_it_has_nothing_at_all_to_tell() -> None:
    assert is_quiet(digest_of(observed([])))
    assert not is_quiet(digest_of(observed()))
    assert not is_quiet(digest_of(observed([], error="answered 502", polled_at=SLIDE_DAY.end - days(1))))


def test_a_series_lives_for_a_year_after_its_last_release() -> None:
    end = SLIDE_DAY.end
    made = releases(
        DIRAC, {"v6r22p1": end - days(365), "v6r21p1": end - days(365) - timedelta(seconds=1), "v7r0p1": end}
    )
    assert [release.version for release in newest_of_living_series(made, end)] == ["v6r22p1", "v7r0p1"]


def test_one_release_is_told_as_one() -> None:
    one = digest_of(observed(releases(DIRAC, {"v7r1p29": paris("2021-02-15T20:48")})))
    two = digest_of(
        observed(releases(DIRAC, {"v7r1p29": paris("2021-02-15T20:48"), "v7r1p28": paris("2021-02-08T11:45")}))
    )
    assert one.headline.startswith("1 patch release of DIRAC")
    assert two.headline.startswith("2 patch releases of DIRAC")
