"""A changed numbering: an old highest version beside a newest release of a series that began later."""

import pytest

from bot.domain.numbering import is_renumbered
from bot.domain.releases import releases_of
from bot.domain.versions.semver import SemverScheme
from tests.builders import a_repository, a_tag, days, paris

START = paris("2019-03-01T12:00")
REPOSITORY = a_repository(scheme=SemverScheme())


@pytest.mark.parametrize(
    ("versions", "began", "expected"),
    [
        ({"v0.36.3": 900, "v12.0.0": 0}, 700, True),
        ({"v0.36.3": 900, "v12.0.0": 0}, -100, False),
        ({"v0.36.3": 0.5, "v12.0.0": 0}, 0.5, False),
        ({"v0.36.3": -1, "v12.0.0": 0}, -1, False),
        ({"v12.0.1": 0, "v12.0.0": 3}, -100, True),
    ],
)
def test_a_lower_version_is_of_a_new_numbering_if_its_series_began_after_the_highest(
    versions: dict[str, float], began: float, *, expected: bool
) -> None:
    made = releases_of(REPOSITORY, [a_tag(name, START + days(after)) for name, after in versions.items()])
    newest = max(made, key=lambda release: release.date or START)
    assert is_renumbered(made[-1], made[0], START + days(began)) is expected
    assert not is_renumbered(newest, newest, START)
