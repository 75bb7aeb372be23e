"""What the releases of a number are made of: where their dates come from, and what became of their tags."""

from collections.abc import Mapping
from dataclasses import field

from bot.domain.tags import DateSource
from bot.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Origins:
    """How many of some releases have a date of each source, tags that moved, or several tags of one version.

    ``withdrawn`` and ``left_out`` ones are not among them: their tags were deleted, or a package index yanked them.
    """

    by_source: Mapping[DateSource, int] = field(default_factory=dict)
    moved: int = 0
    with_twins: int = 0
    withdrawn: int = 0
    left_out: int = 0
