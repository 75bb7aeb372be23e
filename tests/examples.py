"""How many examples a costly property is tried with."""

from hypothesis import settings

# The profile of `make test-exhaustive`.
EXHAUSTIVE = "exhaustive"


def part_of(count: int) -> int:
    """Return a quarter of so many examples, or all of them where the profile is that of the exhaustive tests."""
    return count if settings.get_current_profile_name() == EXHAUSTIVE else max(1, count // 4)
