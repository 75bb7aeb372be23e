"""What a repository's ordinary releases are: one rule, whoever asks."""

import pytest

from bot.domain.repositories import Counts
from bot.domain.versions.version import ReleaseKind
from tests.builders import a_repository


@pytest.mark.parametrize(
    ("counts", "kinds"),
    [
        (Counts.PATCH, {ReleaseKind.PATCH}),
        (Counts.FINAL, {ReleaseKind.MAJOR, ReleaseKind.MINOR, ReleaseKind.PATCH}),
    ],
)
def test_ordinary_releases_are_patches_or_all_final_ones(counts: Counts, kinds: set[ReleaseKind]) -> None:
    repository = a_repository(counts=counts)
    assert counts.kinds == kinds
    assert {kind for kind in ReleaseKind if repository.is_ordinary(kind)} == kinds
