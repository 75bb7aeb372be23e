"""Words that give a series a status, and questions and changes that only look alike."""

import pytest

from bot.commands.milestone import ChangeMilestone
from bot.commands.series import MarkSeries
from bot.commands.undo import Undo
from bot.dialogue import understand
from bot.domain.series_status import SeriesStatus
from bot.queries.certification import CertificationStatus
from bot.queries.language.vocabulary import Vocabulary
from bot.queries.latest import Latest
from bot.queries.series import SeriesStatuses
from tests.builders import a_repository, as_of

DIRAC = a_repository()
WORDS = Vocabulary((DIRAC, a_repository("DIRACGrid/WebAppDIRAC")), ("weekly",), ("hackathon",))
NOW = as_of("2021-02-22T13:00")
RECOMMENDED, MAINTAINED, LAST, END = SeriesStatus


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("v9r0 is recommended", MarkSeries(RECOMMENDED, "v9r0")),
        ("v9r0 is now recommended: the long-term line", MarkSeries(RECOMMENDED, "v9r0", note="the long-term line")),
        ("DIRAC 9.0 is the recommended series.", MarkSeries(RECOMMENDED, "v9r0", (DIRAC.key,))),
        ("please mark v7r1 as end-of-life", MarkSeries(END, "v7r1")),
        ("mark v7r1 of DIRAC as EOL", MarkSeries(END, "v7r1", (DIRAC.key,))),
        ("v7r1 is end of life", MarkSeries(END, "v7r1")),
        ("series v8r0 maintained", MarkSeries(MAINTAINED, "v8r0")),
        ("set the status of v8r0 to last", MarkSeries(LAST, "v8r0")),
    ],
)
def test_a_status_is_given_to_a_series(text: str, asked: object) -> None:
    assert understand(text, WORDS, NOW).asked == asked


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("is v9r0 recommended", SeriesStatuses),
        ("v7r1 is still maintained?", SeriesStatuses),
        ("which series of DIRAC are end-of-life", SeriesStatuses),
        ("the last v7r1", Latest),
        ("status of v7r1", CertificationStatus),
        ("mark the last hackathon of v7r2 as done", ChangeMilestone),
        ("undo series 3", Undo),
    ],
)
def test_questions_and_other_changes_stay_what_they_are(text: str, kind: type) -> None:
    assert isinstance(understand(text, WORDS, NOW).asked, kind)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("mark v7r1 and v7r0 as end-of-life", "one series at a time, please"),
        ("mark DIRAC as end-of-life", "name the series"),
        ("which series is recommended or maintained?", "ask for one status at a time, please"),
        ("is v7r1p29 still maintained?", "a series has a status, a single release has none"),
        ("which series were maintained in 2020?", "the status of a series has no interval, kind or breakdown"),
        ("how many series are maintained?", "I cannot combine all of that in one question"),
    ],
)
def test_what_is_not_clear_is_refused_with_the_reason(text: str, reason: str) -> None:
    refusal = understand(text, WORDS, NOW).refusal
    assert refusal is not None
    assert refusal.reason == reason


@pytest.mark.parametrize("asked", [RECOMMENDED, MAINTAINED, END])
@pytest.mark.parametrize("series", [(), ("v7r1",)])
def test_the_wording_of_a_question_is_understood_as_that_question(asked: SeriesStatus, series: tuple[str, ...]) -> None:
    query = SeriesStatuses((DIRAC.key,), series, asked)
    assert understand(query.wording(), WORDS, NOW).asked == query


def test_undo_names_the_kind_of_change() -> None:
    assert understand("undo series 3", WORDS, NOW).asked == Undo(3, of_series=True)
    assert understand("undo the last status", WORDS, NOW).asked == Undo(of_series=True)
