"""Series and releases in the spelling of their own project, among projects that spell otherwise."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.dialogue import Reply, ask
from bot.domain.patterns import Pattern
from bot.domain.repositories import Counts
from bot.domain.versions.numbered import NumberedScheme
from bot.domain.versions.pep440 import Pep440Scheme
from bot.domain.versions.regex import RegexScheme
from bot.domain.versions.semver import SemverScheme
from bot.queries.base import QueryContext, Watched, answer_text
from bot.queries.language.vocabulary import Vocabulary
from bot.render.markup import TEXT
from tests.builders import a_repository, a_tag, as_of, days, paris
from tests.histories import write_tags
from tests.memory import store_in_memory

POSTGRES = RegexScheme(Pattern(r"REL_(?P<major>[0-9]+)_(?P<patch>[0-9]+)"))
TAGS = {
    a_repository(): ["v7r1", "v7r1p1", "v7r1p2"],
    a_repository("o/k8s", scheme=SemverScheme()): ["v1.25.0", "v1.25.9", "v2.8.2"],
    a_repository("o/lhcb", scheme=NumberedScheme()): ["v01-32", "v01-32-01", "v01-32-02"],
    a_repository("o/ant", scheme=NumberedScheme()): ["v3_2", "v3_2_1", "v3_2_2"],
    a_repository("o/nix", scheme=Pep440Scheme(), counts=Counts.FINAL): ["24.03", "24.03.1"],
    a_repository("o/postgres", scheme=POSTGRES): ["REL_16_0", "REL_16_1", "REL_16_2"],
    a_repository("o/expat", scheme=NumberedScheme("R_")): ["R_2_8_0", "R_2_8_1", "R_2_8_2"],
    a_repository("o/bouncer", scheme=NumberedScheme("pgbouncer_")): ["pgbouncer_1_25_0", "pgbouncer_1_25_1"],
    a_repository("o/ssh", scheme=NumberedScheme("V_")): ["V_9_9_P1"],
    a_repository("o/proj", scheme=NumberedScheme()): ["1.0.9.patch1"],
    a_repository("o/magick", scheme=NumberedScheme()): ["7.1.2-29"],
    a_repository("o/charts", scheme=Pep440Scheme("diracx-")): ["diracx-1.0.1"],
    a_repository("o/certs", scheme=Pep440Scheme(), counts=Counts.FINAL): ["2021.10.8", "v20200115", "20200201"],
    a_repository("o/nightly", scheme=NumberedScheme("nightly-"), counts=Counts.FINAL): ["nightly-20200116"],
    a_repository("o/mono", scheme=SemverScheme("@scope/pkg@")): ["@scope/pkg@1.2.3"],
}


@pytest.fixture(scope="module")
def context() -> Iterator[QueryContext]:
    with store_in_memory() as store:
        for repository, names in TAGS.items():
            dated = [a_tag(name, paris("2021-01-01T10:00") + days(at)) for at, name in enumerate(names)]
            write_tags(store, repository, dated)
        yield QueryContext(store, Watched(tuple(TAGS)), as_of("2021-02-22T14:00"), timedelta(hours=2))


def asked(text: str, context: QueryContext) -> Reply:
    return ask(text, context, Vocabulary(tuple(TAGS)), None)


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("how many patches of REL_16?", "2 patch releases of REL_16 of postgres,"),
        ("how many patches of rel_16 of postgres", "2 patch releases of REL_16 of postgres,"),
        ("latest of 24.03", "the newest release of series 24.03 of nix is 24.03.1 "),
        ("latest patch of 24.3", "the newest patch release of series 24.03 of nix is 24.03.1 "),
        ("latest pre-release of 24.03", "no pre-release of series 24.03, as of "),
        ("how many releases of 24.3 of nix", "2 final releases of series 24.03 of nix,"),
        ("how many patches of v01-32?", "2 patch releases of v01-32 of lhcb,"),
        ("latest patch of V3_2", "the newest patch release of v3_2 of ant is v3_2_2 "),
        ("latest V3_2", "the newest v3_2 of ant is v3_2_2 "),
        ("how many patches of R_2_8", "2 patch releases of R_2_8 of expat,"),
        ("latest pgbouncer_1_25", "the newest pgbouncer_1_25 of bouncer is pgbouncer_1_25_1 "),
        ("how many patches of 7.1 of DIRAC", "2 patch releases of v7r1 of DIRAC,"),
    ],
)
def test_a_series_is_meant_and_shown_as_its_project_spells_it(context: QueryContext, text: str, begins: str) -> None:
    said = answer_text(asked(text, context).answer(TEXT))
    assert said.lower().startswith(begins.lower())
    assert begins[4:] in said


@pytest.mark.parametrize(
    "tag",
    [
        *("R_2_8_2", "pgbouncer_1_25_1", "V_9_9_P1", "1.0.9.patch1", "diracx-1.0.1", "@scope/pkg@1.2.3", "24.03.1"),
        *("7.1.2-29", "REL_16_2", "v01-32-02", "v3_2_1", "v20200115", "nightly-20200116"),
    ],
)
@pytest.mark.parametrize("question", ["when was {} released?", "{}"])
def test_a_release_is_meant_by_its_tag_in_any_case(context: QueryContext, tag: str, question: str) -> None:
    for text in (tag, tag.lower(), tag.upper()):
        reply = asked(question.format(text), context)
        assert [release["tags"] for release in reply.result.data()] == [[tag]]


def test_what_is_listed_is_divided_by_series_as_their_projects_spell_them(context: QueryContext) -> None:
    said = answer_text(asked("list all releases of nix, lhcb, postgres and DIRAC", context).answer(TEXT))
    for line in (
        "nix 24.03: 24.03 (",
        "lhcb v01-32: v01-32-01 (",
        "postgres REL_16: REL_16_1 (",
        "DIRAC v7r1: v7r1p1 (",
    ):
        assert f"  {line}" in said
    [group] = asked("how many releases of nix", context).result.data()["by_series"]
    assert group["series"] == "24.3"


def test_dates_are_one_series(context: QueryContext) -> None:
    latest = asked("latest of certs", context).result.data()
    assert [(each["version"], each["series"]) for each in latest] == [("2021.10.8", "2021.10"), ("20200201", "single")]


def test_what_came_after_a_tag_of_one_project_is_asked_by_its_name(context: QueryContext) -> None:
    said = answer_text(asked("releases of bouncer since pgbouncer_1_25_0", context).answer(TEXT))
    assert said.startswith("1 patch release of bouncer,")


def test_an_unknown_one_is_refused_with_the_nearest_in_the_spelling_of_its_project(context: QueryContext) -> None:
    said = answer_text(asked("how many patches of REL_17 of postgres?", context).answer(TEXT))
    assert said.startswith('Sorry, series "rel_17": not found in github:o/postgres; nearest: REL_16')
    said = answer_text(asked("latest of 24.03 of DIRAC", context).answer(TEXT))
    assert "not found in github:DIRACGrid/DIRAC, but in github:o/nix" in said
