"""Answers to render: any kind of them, with any text where a text from outside may stand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import strategies as st

from bot.domain.certifications import Certification
from bot.domain.counts import Group, GroupBy
from bot.domain.dates.spans import Span
from bot.domain.gaps import Gap
from bot.domain.hints import Hint, PullRequest
from bot.domain.milestones import ChangeKind, Milestone, MilestoneChange
from bot.domain.periods import Period
from bot.domain.questions.asked import Aspect, CountAsked, Filters, LatestAsked
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.services.answers import (
    Answer,
    CertificationAnswer,
    ChangeAnswer,
    DigestAnswer,
    HelpAnswer,
    LatestAnswer,
    PostAnswer,
    PostsAnswer,
    Reach,
    RefusalAnswer,
    ReleaseAnswer,
    ReleasesAnswer,
    WatchedAnswer,
)
from bot.services.lacking import Lacking
from tests.builders import PARIS, a_repository, paris, releases
from tests.render.digests import DIRAC, SLIDE_DAY, digests, texts

IN_2020 = Period(paris("2020-01-01T00:00"), paris("2021-01-01T00:00"), PARIS)
MONDAY = datetime(2021, 2, 22, 8, 0, tzinfo=UTC)


def a_reach(*repositories: Repository, error: str | None = None) -> Reach:
    watched = repositories or (DIRAC,)
    lacking = Lacking([Gap(each, paris("2021-02-22T08:00"), error) for each in watched] if error is not None else [])
    return Reach(watched, paris("2021-02-22T13:55"), lacking)


def many_releases(count: int, repository: Repository = DIRAC) -> list[Release]:
    names = [f"v7r{minor}p{patch + 1}" for patch in range(-(-count // 8)) for minor in range(8)][:count]
    return releases(repository, dict.fromkeys(names, paris("2020-06-15T12:00")))


def releases_answer(
    found: Sequence[Release], *, total: int | None = None, reach: Reach | None = None
) -> ReleasesAnswer:
    by_series: dict[tuple[str, str], int] = {}
    for release in found:
        by_series[release.repository, release.series] = by_series.get((release.repository, release.series), 0) + 1
    return ReleasesAnswer(
        asked=CountAsked(Filters((DIRAC.key,), span=Span(IN_2020.start, IN_2020.end)), (GroupBy.SERIES,)),
        period=IN_2020,
        as_of=SLIDE_DAY,
        kinds=("patch",),
        total=len(found) if total is None else total,
        series=[Group(((GroupBy.REPOSITORY, r), (GroupBy.SERIES, s)), n) for (r, s), n in by_series.items()],
        groups=[Group(((GroupBy.SERIES, s),), n) for (_, s), n in by_series.items()],
        units=(GroupBy.SERIES,),
        releases=list(reversed(found)),
        undated=0,
        reach=reach or a_reach(),
    )


def _renamed(release: Release, text: str) -> Release:
    named = text or "x"
    url = f"https://forge.example/{text}"
    return replace(release, version=named, series=named, tags=(named,), commit=named, url=url)


def _certification(text: str) -> Certification:
    day = date(2021, 2, 18)
    pull = PullRequest(1, text, text, MONDAY)
    return Certification(
        repository=f"github:{text}/x",
        series=text or "x",
        today=date(2021, 2, 22),
        milestones=(Milestone("hackathon", text, day, day, text), Milestone("final-certification", text, day)),
        highlights=(text,),
        pre_releases=(),
        released=None,
        moves=(),
        hints=(Hint(day, "hackathon", (pull,)),),
    )


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """Any answer, with any text where a text from a forge, a person or the configuration may stand."""
    text = draw(texts)
    repository = replace(a_repository(), name=text or "x")
    reach = a_reach(repository, error=draw(st.sampled_from([None, text])))
    found = [_renamed(release, text) for release in many_releases(draw(st.integers(0, 60)))]
    kind = draw(st.sampled_from([ChangeKind.ADD, ChangeKind.DONE, ChangeKind.MOVE, ChangeKind.DROP]))
    change = MilestoneChange(1, MONDAY, text, kind, title=text, day=date(2021, 3, 4), note=text)
    kinds: st.SearchStrategy[Answer] = st.one_of(
        st.just(releases_answer(found, total=draw(st.integers(len(found), 5_000)), reach=reach)),
        st.just(LatestAnswer(LatestAsked(), SLIDE_DAY, found, reach)),
        st.just(ReleaseAnswer(SLIDE_DAY, found, [text] * 5, reach)),
        st.sampled_from(Aspect).map(
            lambda aspect: CertificationAnswer([text], aspect, SLIDE_DAY, [_certification(text)])
        ),
        st.just(WatchedAnswer(SLIDE_DAY, reach)),
        digests().map(DigestAnswer),
        st.just(HelpAnswer([text], is_maintainer=True)),
        st.booleans().map(lambda undone: ChangeAnswer(text, change, SLIDE_DAY, undone)),
        st.sampled_from(["sent", "skipped", "pending", "sending", "failed"]).map(
            lambda state: PostAnswer(text, text, state, was_there=False, error=text)
        ),
        st.just(
            PostsAnswer([PostAnswer(text, text, state, was_there=True, error=text) for state in ("sent", "missing")])
        ),
        st.just(RefusalAnswer(text, text, [text] * 6)),
    )
    return draw(kinds)
