"""Questions understood: a corpus of how people ask, wordings that are understood as themselves, and any text at all."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.milestone import ChangeMilestone
from bot.dialogue import Understanding, understand
from bot.domain.certification.milestones import MilestoneStatus
from bot.domain.certification.outlook import Goal
from bot.domain.counts import GroupBy
from bot.domain.filters import KindWord
from bot.domain.periods.days import Unit
from bot.domain.periods.period import AsOf
from bot.domain.periods.spans import ReleaseEdge, Span
from bot.domain.series_status import SeriesStatus
from bot.queries.base import Query, Refusal
from bot.queries.certification import Aspect, CertificationStatus
from bot.queries.claim import Claim
from bot.queries.comparison import Comparison
from bot.queries.course import CertificationCourse
from bot.queries.digest import DigestPreview
from bot.queries.extreme_pauses import ExtremePause
from bot.queries.extremes import Extreme
from bot.queries.freshness import Freshness
from bot.queries.gap import Gap
from bot.queries.hackathons import MilestonesIn
from bot.queries.help import Help
from bot.queries.how import HowCounted
from bot.queries.is_watched import IsWatched
from bot.queries.language import lexicon
from bot.queries.plan import Planned
from bot.queries.rate import Rate
from bot.queries.release import WhenReleased
from bot.queries.release_list import FOLD
from bot.queries.releases import Count, Releases
from bot.queries.selection import EVERY_ONE, Filters
from bot.queries.series import SeriesStatuses
from bot.queries.small_talk import SmallTalk, Talk
from bot.queries.unread import UnreadTags
from bot.queries.watchlist import Watchlist
from tests.builders import as_of, paris
from tests.queries.language.corpus import VOCABULARY, as_of_of, corpus, meant, told

SLIDE_DAY = as_of("2021-02-22T14:00")


def ask(text: str, looking_from: AsOf = SLIDE_DAY) -> Understanding:
    return understand(text, VOCABULARY, looking_from)


@pytest.mark.parametrize(
    "question",
    [*corpus("known"), *corpus("numbers"), *corpus("intervals"), *corpus("others")],
    ids=lambda question: question["text"] or "nothing",
)
def test_a_question_is_understood_as_people_mean_it(question: dict[str, Any]) -> None:
    assert told(understand(question["text"], VOCABULARY, as_of_of(question))) == meant(question)


def test_a_word_that_is_not_known_is_named_with_the_nearest_question() -> None:
    refusal = ask("how many releases of Gaudi in 2020?").refusal
    assert refusal == Refusal('I do not know "Gaudi"', "how many releases in 2020")


def test_words_that_were_corrections_are_told() -> None:
    assert ask("how many relases in febuary").corrections == (("relases", "releases"), ("febuary", "february"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("how many releases in January and in 2019", "one interval at a time"),
        ("how many releases next month", "is in the future"),
        ("when will v7r1p30 come out", "do not predict"),
        ("when will the next patch come out", "do not predict"),
        ("how many releases will there be", "do not predict"),
        ("will v7r2 be released in March 2021", "do not predict"),
        ("how many releases are planned next month", "do not predict"),
        ("how many patches of v7r1p25", 'ask "since v7r1p25"'),
        ("when was it", "name a release"),
        ("who tagged v7r1p29?", "do not keep who"),
        ("should I upgrade to v7r1p29?", "do not give advice"),
        ("quante patch release di DIRAC nel 2020?", "I read English only"),
        ("DIRAC 上个月发布了多少个补丁", "I read English only"),
        ("wie viele Releases gab es", "I read English only"),
        ("how many releases of Île-de-France", "do not know"),
        ("do you watch DIRAC in 2020", "whole repositories"),
        ("do you watch Rucio Gaudi and Belle", 'I do not know "Rucio"'),
        ("unclassified tags of v7r1", "no version, series or kind"),
        ("how fresh is v7r1", "as a whole"),
        ("how many nice releases", "cannot combine"),
        ("how many releases " * 50, "too long"),
        ("x" * 5_000, "too long"),
        ("how many hackathons in January by week", "no kind of release or breakdown"),
        ("hackathons in January of v7r1p29", "no kind of release or breakdown"),
        ("how long did the certification of v7r2 take in January", "one duration"),
        ("what was blocking v7r2 in January", "one duration"),
        ("blocked releases", "cannot combine"),
        ("last hackathon in January", "cannot combine"),
        ("move hackathon 5 of v7r2", "date"),
        ("add party v7r2 2021-03-04", 'unknown kind of milestone "party"'),
        ("done v7r2", "title, or a part of it, is missing"),
        ("drop hackathon 1 of v7r1 and v7r2", "several"),
        ("undo everything", "by its number"),
        ("accept v7r2", "date"),
        ("post nothing", "which digest"),
    ],
)
def test_a_refusal_says_why(text: str, reason: str) -> None:
    refusal = ask(text).refusal
    assert refusal is not None
    assert reason in refusal.reason


def test_a_repository_is_known_by_key_path_name_and_alias_in_any_case() -> None:
    for name in ("github:DIRACGrid/Pilot", "diracgrid/pilot", "PILOT", "Pilot3"):
        understood = ask(f"how many releases of {name}").asked
        assert understood == Count(Filters(repositories=("github:DIRACGrid/Pilot",)))


def test_a_title_in_quotes_and_a_note_are_kept_as_they_are_written() -> None:
    understood = ask('add hackathon "Hackathon of LHCb" to v7r2 on 2021-03-10: at CERN, Room 40').asked
    assert isinstance(understood, ChangeMilestone)
    assert (understood.title, understood.note) == ("Hackathon of LHCb", "at CERN, Room 40")
    assert (understood.milestone_kind, understood.series) == ("hackathon", "v7r2")


series = st.lists(st.sampled_from(["v7r0", "v7r1", "v8r0"]), unique=True, max_size=2).map(tuple)
keys = st.lists(st.sampled_from([r.key for r in VOCABULARY.repositories]), unique=True, max_size=3).map(tuple)
kinds = st.lists(st.sampled_from([kind for kind in KindWord if kind is not KindWord.ALL]), unique=True, max_size=3)
edges = st.datetimes(paris("2001-01-01T00:00").replace(tzinfo=None), paris("2021-02-22T13:00").replace(tzinfo=None))
spans = st.one_of(
    st.none(),
    st.just(Span(text="in the last month")),
    st.just(Span(ReleaseEdge("v7r1p25", "after"), None)),
    edges.map(lambda moment: Span(moment.replace(microsecond=0, tzinfo=SLIDE_DAY.zone))),
)
filters = st.builds(Filters, keys | st.just((EVERY_ONE,)), series, kinds.map(tuple) | st.just((KindWord.ALL,)), spans)
ONLY = st.sampled_from([(), (MilestoneStatus.DONE,), (MilestoneStatus.PLANNED, MilestoneStatus.OVERDUE)])
ASKED = [SeriesStatus.RECOMMENDED, SeriesStatus.MAINTAINED, SeriesStatus.END_OF_LIFE]
uncompared = st.builds(Filters, keys.filter(lambda held: len(held) < 2), series.filter(lambda held: len(held) < 2))
two_series = st.builds(Filters, st.just(()), st.just(("v7r0", "v7r1")), st.just((KindWord.PATCH,)), spans)
years = [Span(paris(f"{year}-01-01T00:00"), paris(f"{year + 1}-01-01T00:00"), str(year)) for year in (2018, 2019, 2020)]
two_years = st.lists(st.sampled_from(years), unique_by=lambda span: span.text, min_size=2, max_size=2).map(tuple)
units = st.lists(st.sampled_from(GroupBy), unique=True, max_size=2).map(tuple)
readings = st.one_of(
    st.builds(Count, filters, units),
    st.builds(Claim, filters.filter(lambda asked: asked.span is not None), st.integers(0, 99_999)),
    st.builds(Releases, filters, st.sampled_from([None, FOLD])),
    st.builds(HowCounted, filters),
    st.builds(Rate, filters, st.sampled_from([None, *Unit]), st.booleans()),
    st.builds(Gap, st.just(()), filters.filter(lambda asked: asked.span is None)),
    st.builds(Gap, st.sampled_from([("v7r1p29",), ("v7r0p48", "v7r0p49")]), keys.map(Filters)),
    st.builds(Extreme, filters, st.sampled_from([each for each in GroupBy if each is not GroupBy.KIND]), st.booleans()),
    st.builds(ExtremePause, filters, st.booleans()),
    st.builds(Comparison, two_series),
    st.builds(Comparison, uncompared, two_years | st.just((replace(years[-1], text="last year"),))),
    st.builds(CertificationStatus, series, st.just(()), st.sampled_from(Aspect)),
    st.builds(WhenReleased, st.just(("v7r0p49",)), keys),
    st.builds(Planned, series, keys, st.sampled_from(Goal), in_days=st.just(value=True)),
    st.builds(Planned, series, keys, st.sampled_from([Goal.RELEASE, Goal.HACKATHON])),
    st.builds(MilestonesIn, spans.filter(lambda span: span is not None), series, keys, st.booleans(), ONLY),
    st.builds(CertificationCourse, series, keys, st.booleans()),
    st.builds(CertificationCourse, series, keys, is_remaining=st.just(value=True), of_hackathons=st.booleans()),
    st.builds(SeriesStatuses, keys, series, st.sampled_from(ASKED), of_production=st.just(value=False)),
    st.builds(SeriesStatuses, keys, series, st.just(SeriesStatus.RECOMMENDED), of_production=st.booleans()),
    st.builds(SeriesStatuses, keys, st.just(()), st.just(SeriesStatus.MAINTAINED), is_oldest=st.booleans()),
    st.builds(UnreadTags, keys | st.just((EVERY_ONE,)), spans),
    st.builds(Freshness, keys | st.just((EVERY_ONE,))),
    st.builds(IsWatched, keys.filter(bool)),
    st.just(IsWatched((), ("Rucio", "Gaudi"))),
    st.builds(SmallTalk, st.sampled_from(Talk)),
    st.builds(WhenReleased, st.just(("v7r0p49",)), keys, with_links=st.booleans()),
    st.sampled_from([Watchlist(), Help(), DigestPreview(), DigestPreview("weekly")]),
)


@given(readings)
def test_the_wording_of_a_question_is_understood_as_that_question(query: Query) -> None:
    understood = ask(query.wording()).asked
    assert isinstance(understood, Query), query.wording()
    assert understood.intent == query.intent
    assert understood.wording() == query.wording()


all_words = sorted({word for phrases in (lexicon.PHRASES, lexicon.KINDS, lexicon.UNITS) for p in phrases for word in p})
some_words = st.sampled_from(
    [*all_words, "v7r1", "v7r0p49", "dirac", "2020", "january", "since", "between", "add", "undo"]
)


@given(st.text(max_size=200))
def test_any_text_is_understood_or_refused(text: str) -> None:
    understanding = ask(text)
    assert (understanding.asked is None) is (understanding.refusal is not None)


@given(st.lists(some_words, max_size=14).map(" ".join))
def test_any_words_are_understood_or_refused(text: str) -> None:
    understanding = ask(text)
    assert (understanding.asked is None) is (understanding.refusal is not None)
