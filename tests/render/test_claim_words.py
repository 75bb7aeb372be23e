"""Readings in words."""

from dataclasses import replace

import pytest

from bot.domain.claims import Readings
from bot.domain.readings import PlainCount
from bot.domain.tags import DateSource
from bot.render.claim_words import by_commit, reading_name
from bot.render.markup import TEXT
from tests.builders import paris, releases
from tests.render.answers import IN_2020, many_releases
from tests.render.digests import DIRAC


@pytest.mark.parametrize("source", DateSource)
def test_every_source_of_dates_has_words(source: DateSource) -> None:
    [plain] = Readings(PlainCount((DIRAC,), (), (), (), IN_2020, IN_2020.end), [], {}).giving(0)
    assert reading_name(plain, IN_2020, TEXT) == "DIRAC"
    assert reading_name(replace(plain, source=source), IN_2020, TEXT).startswith("DIRAC, by ")


def test_releases_dated_by_their_commit_are_named_or_all_but_a_few() -> None:
    tagged = releases(DIRAC, {"v7r9p1": paris("2020-06-15T12:00")}, tagger=paris("2020-06-15T12:00"))
    lightweight = many_releases(6)
    assert by_commit(tagged, TEXT) == ""
    assert by_commit(lightweight, TEXT) == "all 6"
    assert by_commit([*lightweight, *tagged], TEXT) == "all but v7r9p1"
    assert by_commit([*lightweight[:2], *tagged], TEXT) == "v7r0p1 and v7r1p1"
