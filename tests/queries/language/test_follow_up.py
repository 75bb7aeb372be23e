"""Follow-ups: what each makes of the question before it, and what is read as itself or refused."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue import Understanding, understand
from bot.domain.counts import GroupBy
from bot.domain.filters import KindWord
from bot.domain.periods.spans import Span
from bot.queries.base import Query
from bot.queries.releases import Count, Releases
from bot.queries.selection import Filters
from tests.builders import as_of
from tests.examples import part_of
from tests.queries.language.corpus import VOCABULARY

SLIDE_DAY = as_of("2021-02-22T14:00")
COUNT = "how many patch releases of v7r0 in 2020"
WEB = "github:DIRACGrid/WebAppDIRAC"


def asked(text: str, before: str = "") -> Understanding:
    return understand(text, VOCABULARY, SLIDE_DAY, before)


def wording(understood: Understanding) -> str:
    assert isinstance(understood.asked, Query), understood.refusal
    return understood.asked.wording()


@pytest.mark.parametrize(
    ("before", "text", "whole"),
    [
        (COUNT, "and v7r1?", "how many patch releases of v7r1 in 2020"),
        (COUNT, "v7r1?", "how many patch releases of v7r1 in 2020"),
        (COUNT, "ok, and what about v7r1 and v7r2?", "how many patch releases of v7r1 and v7r2 in 2020"),
        (COUNT, "and by month?", f"{COUNT} by month"),
        (f"{COUNT} by month", "and v7r1?", "how many patch releases of v7r1 in 2020 by month"),
        (COUNT, "same for 2019", "how many patch releases of v7r0 for 2019"),
        (COUNT, "how about 2019 instead?", "how many patch releases of v7r0 2019"),
        (COUNT, "and how many in 2019?", "how many patch releases of v7r0 in 2019"),
        (COUNT, "and last year?", "how many patch releases of v7r0 last year"),
        (COUNT, "and for WebAppDIRAC?", f"how many patch releases of {WEB} and v7r0 in 2020"),
        (COUNT, "and for WebAppDIRAC v4r1?", f"how many patch releases of {WEB} and v4r1 in 2020"),
        (COUNT, "list them", "list all patch releases of v7r0 in 2020"),
        (COUNT, "which of them in June?", "list all patch releases of v7r0 in june"),
        (COUNT, "and the latest?", "latest patch releases of v7r0 in 2020"),
        (COUNT, "which ones in June?", "list all patch releases of v7r0 in june"),
        (COUNT, "list them by month", f"{COUNT} by month"),
        (COUNT, "why?", "how do you count patch releases of v7r0 in 2020"),
        (COUNT, "How did you get that number?", "how do you count patch releases of v7r0 in 2020"),
        (COUNT, "on average?", "how often were there patch releases of v7r0 in 2020"),
        (COUNT, "and per month on average?", "how often were there patch releases of v7r0 in 2020 per month"),
        (COUNT, "which were in June?", "list all patch releases of v7r0 june"),
        (COUNT, "when were they released?", "list all patch releases of v7r0 in 2020"),
        (COUNT, "why not 7?", "which reading gives 7 patch releases of v7r0 in 2020"),
        ("list releases of v7r1", "how many?", "how many releases of v7r1"),
        ("list releases of v7r1", "how many of them in 2020?", "how many releases of v7r1 in 2020"),
        ("how do you count releases of v7r1 in 2020", "and v7r0?", "how do you count releases of v7r0 in 2020"),
        ("how many releases in 2019", "and in June?", "how many releases in june 2019"),
        ("latest releases of v7r1", "and v7r0?", "latest releases of v7r0"),
        ("status of v7r2", "and v7r1?", "status of v7r1"),
        ("is v7r1 maintained", "and v7r0?", "is v7r0 maintained"),
        ("when was v7r0p49 released", "and v7r0p48?", "when was v7r0p48 released"),
        ("what changed in v7r1p29", "and v7r1p28?", "what changed in v7r1p28"),
        ("how often is v7r1 released", "and v7r0 in 2019?", "how often were there releases of v7r0 in 2019"),
        ("how often is v7r1 released in 2019", "and in June?", "how often were there releases of v7r1 in june 2019"),
        ("how many hackathons in january 2021", "and in March?", "how many hackathons in march 2021"),
        ("how often is v7r1 released", "by month", "how often were there releases of v7r1 per month"),
        ("which month had most releases in 2020", "and in 2019?", "which month had the most releases in 2019"),
        ("longest pause of v7r1 in 2020", "and v7r0?", "longest pause of releases of v7r0 in 2020"),
        ("compare v7r0 and v7r1 in 2020", "and in 2019?", "compare releases of v7r0 and v7r1 in 2019"),
        ("compare 2019 and 2020", "and patches?", "compare patch releases 2019 versus 2020"),
        ("how long since the last release", "and v7r0?", "how long since the last releases of v7r0"),
        ("how old is v7r1p20", "and v7r0?", "how old is v7r0"),
        (
            "days between v7r1p25 and v7r1p26",
            "and between v7r0p47 and v7r0p48?",
            "how long between v7r0p47 and v7r0p48",
        ),
        ("the last 5 releases", "and v7r0?", "the last 5 releases of v7r0"),
        ("when will v7r2 be released", "and v7r1?", "when will v7r1 be released"),
        ("what is missing for v7r2", "and v7r1?", "what is missing for the certification of v7r1"),
        ("how many hackathons in 2020", "and in 2021?", "how many hackathons in 2021"),
        ("which tags could you not read", "and last year?", "which tags could you not read last year"),
        ("how fresh is this", "and WebAppDIRAC?", f"how fresh is this of {WEB}"),
        ("do you watch DIRAC", "and WebAppDIRAC?", f"do you watch {WEB}"),
    ],
)
def test_a_follow_up_changes_what_it_names_and_keeps_the_rest(before: str, text: str, whole: str) -> None:
    understood = asked(text, before)
    assert wording(understood) == whole
    assert understood.merged == whole


@pytest.mark.parametrize(
    ("before", "text", "kinds"),
    [
        ("how many releases of v7r0", "only patches", "patch releases"),
        (COUNT, "and pre-releases?", "pre-release releases"),
        (COUNT, "and also pre-releases?", "patch and pre-release releases"),
        (COUNT, "and with pre-releases?", "patch and pre-release releases"),
        ("how many patch and pre-release releases of v7r0", "without pre-releases", "patch releases"),
        ("how many pre-release releases of v7r0", "without pre-releases", "final releases"),
        (COUNT, "all kinds?", "releases of any kind"),
    ],
)
def test_kinds_take_the_place_of_others_or_are_added_to_them_or_left_out(before: str, text: str, kinds: str) -> None:
    assert wording(asked(text, before)).startswith(f"how many {kinds} of v7r0")


@pytest.mark.parametrize(
    ("text", "itself"),
    [
        ("how many releases in 2020?", "how many releases in 2020"),
        ("and how many releases in 2020?", "how many releases in 2020"),
        ("and what is the latest v7r1?", "latest releases of v7r1"),
        ("how often do we release?", "how often were there releases"),
        ("list releases of v7r1", "list releases of v7r1"),
        ("help", "help"),
    ],
)
def test_a_question_in_its_own_right_is_read_as_itself(text: str, itself: str) -> None:
    understood = asked(text, COUNT)
    assert (wording(understood), understood.merged) == (itself, "")


def test_a_bare_name_after_a_question_that_it_cannot_follow_is_read_as_itself() -> None:
    assert wording(asked("v7r0?", "what do you watch")) == wording(asked("v7r0?"))


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ("status of v7r2", "by month"),
        ("compare 2019 and 2020", "and 2021?"),
        ("compare v7r0 and v7r1", "and v6r22?"),
        ("days between v7r1p25 and v7r1p26", "and patches between v7r0p47 and v7r0p48?"),
        ("status of v7r2", "how often?"),
        ("which series had most releases in 2020", "by month"),
        ("which series had most releases in 2020", "and v7r0?"),
        ("days between v7r1p25 and v7r1p26", "and v7r1p27?"),
        ("how old is v7r1p20", "and patches?"),
        ("when will v7r2 be released", "in 2020"),
        ("how fresh is this", "and v7r1?"),
        ("do you watch DIRAC", "without pre-releases"),
    ],
)
def test_a_restriction_that_cannot_follow_is_refused_and_begins_nothing_anew(before: str, text: str) -> None:
    refusal = asked(text, before).refusal
    assert refusal is not None
    assert refusal.reason.startswith("this cannot follow")


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("and v7r0?", "how many releases of v7r0"),
        ("same for 2019", "how many releases for 2019"),
        ("and for WebAppDIRAC?", f"how many releases of {WEB}"),
        ("and v7r1p29?", "when was v7r1p29 released"),
        ("list them", "list all releases in the last month"),
        ("why?", "how do you count releases in the last month"),
        ("and the latest?", "latest releases"),
    ],
)
def test_without_a_question_before_it_is_refused_with_the_one_that_would_do(text: str, nearest: str) -> None:
    refusal = asked(text).refusal
    assert refusal is not None
    assert (refusal.reason, refusal.nearest) == ("there is no earlier question here that this could follow", nearest)
    assert asked(nearest).asked is not None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("and not v7r1", '"not"'),
        ("and Gaudi?", '"Gaudi"'),
        ("and next year?", "in the future"),
        ("and in 2019 and in 2018?", "one interval at a time"),
        ("and v7r1p29?", f"this cannot follow “{COUNT}”"),
        ("same again", "this cannot follow"),
        ("why by month?", '"why"'),
    ],
)
def test_what_cannot_follow_is_refused_and_never_answered_in_part(text: str, reason: str) -> None:
    refusal = asked(text, COUNT).refusal
    assert refusal is not None
    assert reason in refusal.reason


def test_a_month_is_of_the_year_that_was_asked_about() -> None:
    assert wording(asked("and in June?", "how many releases in 2019")) == "how many releases in june 2019"
    assert wording(asked("and in June?", "how many releases since 2018")) == "how many releases in june"
    refusal = asked("and in June?", "how many releases this year").refusal
    assert refusal is not None
    assert "in the future" in refusal.reason


def test_typing_errors_of_a_follow_up_are_corrected_and_said() -> None:
    understood = asked("and in febuary?", COUNT)
    assert understood.corrections == (("febuary", "february"),)
    assert wording(understood) == "how many patch releases of v7r0 in february 2020"


@pytest.mark.parametrize("text", ["how do you count releases of v7r0 in 2020", "how did you count v7r0 in 2020?"])
def test_how_a_number_is_made_can_be_asked_in_full(text: str) -> None:
    assert wording(asked(text)) == "how do you count releases of v7r0 in 2020"


series = st.sampled_from([(), ("v7r0",), ("v7r0", "v7r1")])
filters = st.builds(
    Filters,
    st.sampled_from([(), (WEB,)]),
    series,
    st.sampled_from([(), (KindWord.PATCH,), (KindWord.FINAL, KindWord.PRE_RELEASE)]),
    st.sampled_from([None, Span(text="in the last month"), Span(text="since v7r1p25")]),
)
queries = st.builds(Count, filters, st.sampled_from([(), (GroupBy.MONTH,)])) | st.builds(Releases, filters)


@settings(max_examples=part_of(80))
@given(queries)
def test_what_a_follow_up_does_not_name_stays_whatever_was_asked(query: Count | Releases) -> None:
    other = replace(query, filters=replace(query.filters, series=("v8r0",)))
    assert wording(asked("and v8r0?", query.wording())) == other.wording()
    listed = wording(asked("list them", query.wording()))
    assert listed == Releases(query.filters, most=None).wording()
    assert wording(asked(asked("and v8r0?", query.wording()).merged)) == other.wording()


_WORDS = [
    "and",
    "same",
    "only",
    "why",
    "list",
    "them",
    "which",
    "ones",
    "v7r1",
    "in",
    "2019",
    "by",
    "month",
    "not",
    "foo",
]


@settings(max_examples=part_of(120))
@given(st.lists(st.sampled_from(_WORDS)))
def test_any_words_after_a_question_are_understood_or_refused(said: list[str]) -> None:
    understood = asked(" ".join(said), COUNT)
    assert (understood.asked is None) is (understood.refusal is not None)
    if understood.asked is not None:
        assert not {"not", "foo"} & set(said)
