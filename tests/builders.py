"""Values with sensible parts, overridden by keyword."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.filters import KindWord, matcher, wanted
from bot.domain.patterns import Pattern
from bot.domain.periods.period import AsOf, Period
from bot.domain.releases import Release, releases_of
from bot.domain.repositories import Counts, Repository
from bot.domain.tag_dates import with_first_date
from bot.domain.tags import DateSource, Tag, TagDetails, TagRef, TagState
from bot.domain.versions.base import Scheme
from bot.domain.versions.dirac import DiracScheme

PARIS = ZoneInfo("Europe/Paris")
UTC_ZONE = ZoneInfo("UTC")
MONDAY = datetime(2021, 2, 22, 9, 0, tzinfo=PARIS)


def a_repository(
    path: str = "DIRACGrid/DIRAC",
    *,
    forge: str = "github",
    scheme: Scheme | None = None,
    counts: Counts = Counts.PATCH,
    include: str = "",
    exclude: str = "",
    date: DateSource | None = None,
    index: str = "",
    counts_yanked: bool = True,
) -> Repository:
    return Repository(
        forge=forge,
        path=path,
        name=path.rpartition("/")[2],
        scheme=scheme or DiracScheme(),
        counts=counts,
        include=Pattern(include) if include else None,
        exclude=Pattern(exclude) if exclude else None,
        date=date,
        index=index,
        counts_yanked=counts_yanked,
        tag_url=f"https://{forge}.example/{path}/releases/tag/{{tag}}",
    )


def a_commit(seed: str) -> str:
    return (seed.encode().hex() + "0" * 40)[:40]


def a_ref(name: str, target: str | None = None, *, annotated: bool = False) -> TagRef:
    return TagRef(name, target or a_commit(name), annotated)


def a_tag(
    name: str,
    committed: datetime | None = None,
    *,
    commit: str | None = None,
    published: datetime | None = None,
    tagger: datetime | None = None,
    first_seen: datetime | None = None,
    backfilled: bool = True,
    dated: bool = True,
    state: TagState = TagState.CURRENT,
    moved_at: datetime | None = None,
    last_seen: datetime | None = None,
) -> Tag:
    """Make a tag that was first seen on Monday, or when it was made where that is later."""
    commit = commit or a_commit(name)
    made = [date for date in (committed, tagger, published) if date is not None]
    seen = first_seen or max([MONDAY, *made]).astimezone(UTC)
    details = TagDetails(commit, published, tagger, committed) if dated else None
    tag = Tag(
        name=name,
        target=commit,
        annotated=False,
        details=details,
        first_seen=seen,
        last_seen=last_seen or max(seen, moved_at or seen),
        backfilled=backfilled,
        state=state,
        moved_at=moved_at,
    )
    return with_first_date(tag)


def releases(repository: Repository, dates: dict[str, datetime], **tag: object) -> list[Release]:
    """Make the releases of lightweight tags on commits of these dates."""
    return releases_of(repository, [a_tag(name, date, **tag) for name, date in dates.items()])  # type: ignore[arg-type]


def paris(text: str) -> datetime:
    """Read a local time of Paris."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def as_of(text: str) -> AsOf:
    return AsOf.at(paris(text), PARIS)


def days(number: float) -> timedelta:
    return timedelta(days=number)


def selected(
    found: Iterable[Release],
    repositories: Sequence[Repository],
    period: Period,
    kinds: Sequence[KindWord] = (),
    series: Sequence[str] = (),
) -> list[Release]:
    """Choose the releases of a period, by kind and series."""
    is_wanted = matcher(wanted(repositories, kinds, series, since=period.start, until=period.end))
    return [release for release in found if release.date is not None and is_wanted(release)]
