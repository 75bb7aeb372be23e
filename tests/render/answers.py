"""Answers to render: any kind of them, with any text where a text from outside may stand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import strategies as st

from bot.commands.milestone import MilestoneChanged
from bot.commands.post import DigestPosted, DigestsPosted
from bot.dialogue import Refused
from bot.domain.certification.certification import Certification
from bot.domain.certification.hints import Hint, PullRequest
from bot.domain.certification.milestones import ChangeKind, Milestone, MilestoneChange
from bot.domain.claims import Readings
from bot.domain.counts import Group, GroupBy
from bot.domain.gaps import Gap
from bot.domain.periods.period import Period
from bot.domain.periods.spans import Span
from bot.domain.polling.record import Held
from bot.domain.readings import PlainCount
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.queries.base import Result, Watched
from bot.queries.certification import Aspect, Certifications
from bot.queries.claim import ClaimReadings
from bot.queries.digest import MadeDigest
from bot.queries.help import Usage
from bot.queries.latest import LatestReleases
from bot.queries.release import ReleasesNamed
from bot.queries.release_list import ReleaseList
from bot.queries.selection import Filters
from bot.queries.watchlist import WatchedRepositories
from bot.services.basis import Basis
from tests.builders import PARIS, a_repository, paris, releases
from tests.render.digests import DIRAC, SLIDE_DAY, digests, texts

IN_2020 = Period(paris("2020-01-01T00:00"), paris("2021-01-01T00:00"), PARIS)
MONDAY = datetime(2021, 2, 22, 8, 0, tzinfo=UTC)

_ENDS = ("sent", "missing")


def a_basis(*repositories: Repository, error: str | None = None) -> Basis:
    watched = repositories or (DIRAC,)
    gaps = [Gap(each, paris("2021-02-22T08:00"), error) for each in watched] if error is not None else []
    return Basis(watched, paris("2021-02-22T13:55"), gaps)


def many_releases(count: int, repository: Repository = DIRAC) -> list[Release]:
    names = [f"v7r{minor}p{patch + 1}" for patch in range(-(-count // 8)) for minor in range(8)][:count]
    return releases(repository, dict.fromkeys(names, paris("2020-06-15T12:00")))


def releases_answer(found: Sequence[Release], *, total: int | None = None, basis: Basis | None = None) -> ReleaseList:
    by_series: dict[tuple[str, str], int] = {}
    for release in found:
        by_series[release.repository, release.series] = by_series.get((release.repository, release.series), 0) + 1
    return ReleaseList(
        filters=Filters((DIRAC.key,), span=Span(IN_2020.start, IN_2020.end)),
        period=IN_2020,
        as_of=SLIDE_DAY,
        kinds=("patch",),
        total=len(found) if total is None else total,
        series=[Group(((GroupBy.REPOSITORY, r), (GroupBy.SERIES, s)), n) for (r, s), n in by_series.items()],
        groups=[Group(((GroupBy.SERIES, s),), n) for (_, s), n in by_series.items()],
        units=(GroupBy.SERIES,),
        releases=list(reversed(found)),
        undated=0,
        basis=basis or a_basis(),
        totals={
            key: sum(count for (repository, _), count in by_series.items() if repository == key)
            for key in dict.fromkeys(repository for repository, _ in by_series)
        },
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


def _claim(found: Sequence[Release], repository: Repository, basis: Basis) -> ClaimReadings:
    asked = PlainCount((DIRAC,), (repository,), (), (), IN_2020, IN_2020.end)
    added = [replace(release, repository=repository.key) for release in found]
    readings = Readings(asked, [*many_releases(3), *added], {})
    plain = releases_answer(many_releases(3), basis=basis)
    return ClaimReadings(len(added), plain, readings.usual, readings.giving(len(added) + 3), readings.nearest(0), 1)


@st.composite
def answers(draw: st.DrawFn) -> Result:
    """Any answer, with any text where a text from a forge, a person or the configuration may stand."""
    text = draw(texts)
    repository = replace(a_repository(), name=text or "x")
    basis = a_basis(repository, error=draw(st.sampled_from([None, text])))
    found = [_renamed(release, text) for release in many_releases(draw(st.integers(0, 60)))]
    kind = draw(st.sampled_from([ChangeKind.ADD, ChangeKind.DONE, ChangeKind.MOVE, ChangeKind.DROP]))
    change = MilestoneChange(1, MONDAY, text, kind, title=text, day=date(2021, 3, 4), note=text)
    kinds: st.SearchStrategy[Result] = st.one_of(
        st.just(releases_answer(found, total=draw(st.integers(len(found), 5_000)), basis=basis)),
        st.just(_claim(found, repository, basis)),
        st.just(LatestReleases(Filters(), SLIDE_DAY, found, basis)),
        st.just(ReleasesNamed(SLIDE_DAY, found, [text] * 5, basis)),
        st.sampled_from(Aspect).map(lambda aspect: Certifications(aspect, SLIDE_DAY, [_certification(text)], [text])),
        st.just(WatchedRepositories(SLIDE_DAY, Watched((repository,)), [Held()], [], basis)),
        digests().map(MadeDigest),
        st.just(Usage([text], is_maintainer=True)),
        st.booleans().map(lambda undone: MilestoneChanged(text, change, SLIDE_DAY, undone)),
        st.sampled_from(["sent", "skipped", "pending", "sending", "failed"]).map(
            lambda state: DigestPosted(text, text, state, was_there=False, error=text)
        ),
        st.just(
            DigestsPosted(
                [DigestPosted(text, text, state, was_there=True, error=text) for state in ("sent", "missing")]
            )
        ),
        st.just(Refused(text, text, [text] * 6)),
    )
    return draw(kinds)
