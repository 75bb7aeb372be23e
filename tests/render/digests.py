"""Digests to render: DIRAC's of 22 February 2021, a quiet one, and any at all."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st

from bot.domain.digests.compose import Observed, Reminding, compose_digest
from bot.domain.digests.continuity import PastDigest
from bot.domain.digests.digest import Digest, Problem, ReleaseDetails, Trend
from bot.domain.digests.news import Audience
from bot.domain.notes.record import NotesRecord, NotesSource
from bot.domain.periods.options import read_period
from bot.domain.polling.diff import compare
from bot.domain.releases import Release, key_of, releases_of
from bot.domain.tags import TagDetails
from tests.builders import a_ref, a_repository, a_tag, as_of, days, paris
from tests.whole import completed

SLIDE_DAY = as_of("2021-02-22T14:00")
DIRAC = a_repository()
HISTORY = {
    "v7r0p47": paris("2021-02-03T10:54"),
    "v7r0p48": paris("2021-02-08T11:13"),
    "v7r0p49": paris("2021-02-15T20:19"),
    "v7r1p27": paris("2021-02-03T16:10"),
    "v7r1p28": paris("2021-02-08T11:45"),
    "v7r1p29": paris("2021-02-15T20:48"),
    "v7r2-pre33": paris("2021-02-08T14:05"),
    "v7r2-pre34": paris("2021-02-15T22:15"),
    "v6r22p35": paris("2020-10-14T16:00"),
}


def dirac_digest() -> Digest:
    """Everything that a digest can tell, about DIRAC."""
    tags = [a_tag(name, date) for name, date in HISTORY.items()]
    tags.append(a_tag("grep", paris("2018-05-01T10:00")))
    tags.append(a_tag("v7r1p30", published=paris("2021-02-20T10:00")))
    late = a_tag("v7r1p26", paris("2021-01-20T19:19"), first_seen=paris("2021-02-02T10:00"), backfilled=False)
    before = {name: a_tag(name, paris("2020-01-01T10:00")) for name in ("v7r2-pre3", "v8.1.0a1")}
    details = {"v7r2-pre3": TagDetails("9" * 40, committed=paris("2020-01-01T11:00"))}
    refs = [a_ref("v7r2-pre3", "9" * 40)]
    changes = compare(before, refs, details, at=paris("2021-02-10T12:00"), backfill=False)
    everything = [*tags, late, *changes.changed]
    observed = Observed(
        DIRAC,
        releases_of(DIRAC, everything),
        everything,
        changes.events,
        polled_at=paris("2021-02-22T08:00"),
        error="GitHub answered 502",
        failing_since=paris("2021-02-22T08:00"),
    )
    quiet = Observed(a_repository("DIRACGrid/Pilot"), [], polled_at=SLIDE_DAY.end)
    first = paris("2021-02-01T09:00")
    past = PastDigest(1, paris("2021-01-01T00:00"), paris("2021-01-22T00:00"), "Europe/Paris", first, first)
    audience = Audience("monthly", previous=past, last_made=first)
    return composed([observed, quiet], audience)


NOTES = """*Framework
NEW: (#4900) Tokens <b>for</b> @channel
CHANGE: (#4901) Certificates are read once, and not again for each of the many connections that a service opens
FIX: (#4902) First
FIX: Second, without a request
FIX: (#4903) Third
FIX: Fixes from v7r0p49
"""


def noted_digest() -> Digest:
    """DIRAC's digest with what is known of its releases: notes, none, and what was before."""
    digest = dirac_digest()
    repository = replace(
        DIRAC,
        pull_url="https://github.example/DIRACGrid/DIRAC/pull/{number}",
        comparison_url="https://github.example/DIRACGrid/DIRAC/compare/{before}...{after}",
    )
    records = {
        "7.1.29": NotesRecord("", "", NotesSource.FILE, "dirac", NOTES),
        "7.1.28": NotesRecord("", "", NotesSource.NONE),
    }
    details = {
        key_of(release): ReleaseDetails(
            repository,
            records.get(release.normalized),
            "v7r1p28",
            repository.url_of_comparison("v7r1p28", release.version),
        )
        for release in digest.news
    }
    return replace(digest, details=details, whole="in the last month", trends={DIRAC.key: Trend((3, 0, 14))})


def composed(observed: list[Observed], audience: Audience | None = None) -> Digest:
    return compose_digest(
        audience or Audience("monthly"),
        read_period("1m", SLIDE_DAY),
        SLIDE_DAY,
        [completed(each, read_period("1m", SLIDE_DAY), SLIDE_DAY) for each in observed],
        made_at=SLIDE_DAY.end,
        reminding=Reminding(timedelta(hours=2), timedelta(days=7)),
    )


def quiet_digest() -> Digest:
    return composed([Observed(DIRAC, [], polled_at=SLIDE_DAY.end)])


def huge_digest(repositories: int = 40, releases: int = 500) -> Digest:
    parts = []
    for number in range(repositories):
        repository = a_repository(f"site-{number}/" + "long-name-" * 5 + str(number))
        names = [f"v{n}r{n % 7}p{n}" for n in range(1, releases // repositories + 2)]
        tags = [a_tag(name, SLIDE_DAY.end - days(1)) for name in names]
        parts.append(Observed(repository, releases_of(repository, tags), polled_at=SLIDE_DAY.end))
    return composed(parts)


texts = st.text(max_size=60)


def _renamed(release: Release, text: str) -> Release:
    return replace(release, version=text or "x", series=text or "x", url=f"https://forge.example/{text}")


@st.composite
def digests(draw: st.DrawFn) -> Digest:
    """Any digest, with any text where a forge's text may stand."""
    digest = draw(st.sampled_from([dirac_digest(), quiet_digest(), huge_digest(5, 60)]))
    text = draw(texts)
    parts = tuple(
        replace(part, name=text or "x", releases=tuple(_renamed(release, text) for release in part.releases))
        for part in digest.repositories
    )
    problems = tuple(Problem("github:x/y", text) for _ in range(draw(st.integers(0, 80))))
    notes = NotesRecord("", "", NotesSource.FILE, "markdown", f"- {text}\n- (#1) {text * 40}\n")
    made = replace(
        digest, repositories=parts, problems=problems, headline=f"1 release{text * draw(st.integers(0, 10))}"
    )
    described = ReleaseDetails(replace(DIRAC, pull_url=f"https://forge.example/{text}/{{number}}"), notes, text, None)
    return replace(made, details={key_of(release): described for release in made.news})
