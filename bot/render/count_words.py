"""What is counted, in words: the kinds of releases, and of which series and repositories."""

from collections.abc import Sequence

from bot.domain.repositories import Repository
from bot.render.markup import Markup
from bot.render.words import listed, series_words

_MOST_NAMES, _MOST_SERIES = 3, 6


def nouns(kinds: Sequence[str], *, is_asked: bool) -> tuple[str, str]:
    """Return what one and several of the counted releases are called; several kinds are named where they were asked."""
    if len(kinds) != 1:
        asked = f" ({' and '.join(kinds)})" if is_asked else ""
        return f"release{asked}", f"releases{asked}"
    [kind] = kinds
    if kind == "all":
        return "release of any kind", "releases of any kind"
    noun = kind if kind == "pre-release" else f"{kind} release"
    return noun, f"{noun}s"


def counted(count: int, kinds: Sequence[str], *, is_asked: bool) -> str:
    """Return a number of releases: ``1 patch release``, ``34 releases of any kind``."""
    one, several = nouns(kinds, is_asked=is_asked)
    return f"{count:,} {one if count == 1 else several}"


def whose(series: Sequence[str], repositories: Sequence[Repository], markup: Markup) -> str:
    """Return the series asked for and the repositories meant: ``of v7r1 of DIRAC``, ``in 7 repositories``."""
    names = [markup.plain(repository.name) for repository in repositories[:_MOST_NAMES]]
    if series:
        where = f" of {names[0]}" if len(repositories) == 1 else ""
        return f"of {series_words([markup.plain(each) for each in series], _MOST_SERIES)}{where}"
    return f"of {listed(names)}" if len(names) == len(repositories) else f"in {len(repositories):,} repositories"
