"""What a message is made of, whatever its format: headings, lines, and the releases that a line names."""

from collections.abc import Callable, Iterable, Sequence

from bot.domain.releases import Key
from bot.domain.values import dataclass

# What a heading ends with where its section began in the message before.
_CONTINUED = ", continued"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (marked up, may be empty) and its lines.

    ``releases`` is the number of the period's releases in each line, and ``named`` the new
    releases that it names, for a rendering that has to omit lines; both are empty for
    lines about something else. ``depths`` says of each line how far it is set in below the one before: 0, or 1 for what
    belongs to that; empty if no line is.
    """

    heading: str
    lines: tuple[str, ...]
    releases: tuple[int, ...] = ()
    named: tuple[tuple[Key, ...], ...] = ()
    depths: tuple[int, ...] = ()

    def after(self, shown: int) -> "Section":
        """Return what is left of it after its first lines; the heading says that it is continued."""
        if not shown:
            return self
        heading = self.heading.removesuffix(_CONTINUED)
        return Section(
            f"{heading}{_CONTINUED}" if heading else "",
            self.lines[shown:],
            self.releases[shown:],
            self.named[shown:],
            self.depths[shown:],
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a digest, with the new releases that it names, and how far it is set in."""

    text: str
    named: tuple[Key, ...] = ()
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Form:
    """How releases are listed: at most ``a_line`` per line, and only by name if ``is_brief``.

    With ``notes``, a final release of which there are any has a line of its own, and so many of its changes below it.
    A format without links (``has_links``) may name pages by their addresses (``has_addresses``).
    """

    a_line: int
    is_brief: bool = False
    notes: int = 0
    has_links: bool = True
    has_addresses: bool = False


def naming(heading: str, lines: Sequence[Line]) -> Section:
    """Return a section of lines that name new releases."""
    named = tuple(line.named for line in lines)
    return Section(
        heading, tuple(line.text for line in lines), tuple(map(len, named)), named, tuple(line.depth for line in lines)
    )


def lines_of(section: Section, write: Callable[[str, int], str]) -> list[Line]:
    """Return a section's lines as ``write`` makes them of each and its depth, with the new releases that each names."""
    named = section.named or ((),) * len(section.lines)
    depths = section.depths or (0,) * len(section.lines)
    each = zip(section.lines, named, depths, strict=True)
    return [Line(write(text, depth), keys, depth) for text, keys, depth in each]


def named_in(lines: Iterable[Line]) -> frozenset[Key]:
    """Return the new releases that lines name."""
    return frozenset(key for line in lines for key in line.named)
