"""What may be asked next: buttons under an answer or a digest, each with the question behind it."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.counts import GroupBy
from bot.domain.dates.spans import Span
from bot.domain.digests import Digest
from bot.domain.questions.asked import CountAsked, Filters, Reading, ReleasesAsked
from bot.domain.questions.wording import wording
from bot.services.answers import ReleasesAnswer

_LAST_MONTH = Span(text="in the last month")
# More are not named: the channel's own repositories are meant then.
_MOST_REPOSITORIES = 10
# What a button of Slack holds (docs: button element, value).
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The words on a button, and the question that it asks."""

    label: str
    question: str


def after_releases(answer: ReleasesAnswer) -> tuple[FollowUp, ...]:
    """Offer what refines a question for releases, and was not asked already."""
    filters = answer.asked.filters
    offers: list[tuple[str, Reading]] = []
    if answer.total > len(answer.releases):
        offers.append((f"List all {answer.total:,}", ReleasesAsked(filters, whole=True)))
    if len(answer.series) > 1:
        offers.append(("By series", CountAsked(filters, (GroupBy.SERIES,))))
    if answer.total > 1:
        offers.append(("By month", CountAsked(filters, (GroupBy.MONTH,))))
    if filters.span is None or filters.span.text != _LAST_MONTH.text:
        last_month = Filters(filters.repositories, filters.series, filters.kinds, _LAST_MONTH)
        offers.append(("Last month", CountAsked(last_month)))
    return _worded((label, asked) for label, asked in offers if asked != answer.asked)


def after_digest(digest: Digest) -> tuple[FollowUp, ...]:
    """Offer the questions that a digest's numbers raise."""
    keys = tuple(part.repository for part in digest.repositories)
    named = keys if len(keys) <= _MOST_REPOSITORIES else ()
    its_own = Filters(named, span=Span(digest.period.start, digest.period.end))
    return _worded(
        [
            ("List them", ReleasesAsked(its_own, whole=True)),
            ("By series", CountAsked(its_own, (GroupBy.SERIES,))),
            ("Last month", CountAsked(Filters(named, span=_LAST_MONTH))),
        ]
    )


def _worded(offers: Iterable[tuple[str, Reading]]) -> tuple[FollowUp, ...]:
    worded = [FollowUp(label, wording(asked)) for label, asked in offers]
    return tuple(each for each in worded if len(each.question) <= _LONGEST)
