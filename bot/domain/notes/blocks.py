"""A release's own block of a text: from the head that names its version to the next head. Bounded, in linear time."""

from collections.abc import Callable, Iterator

from bot.domain.spellings import read_versions
from bot.domain.versions.base import LONGEST_NAME, Scheme

# A file is read up to so many bytes and lines, and so many characters of a block are kept.
MOST_OF_FILE, MOST_LINES, MOST_OF_BLOCK = 4_000_000, 100_000, 64_000

# From a word to the normalized version that it names, None if it names none.
ReadVersion = Callable[[str], str | None]


def version_reader(scheme: Scheme) -> ReadVersion:
    """Return what reads the version of a head in any spelling of a scheme."""

    def read(word: str) -> str | None:
        return next(iter(read_versions(word, scheme)), None) if 0 < len(word) <= LONGEST_NAME else None

    return read


def lines_of(text: str) -> Iterator[str]:
    """Yield the first lines of a text without their ends; no other character than a line feed ends one."""
    start = count = 0
    while start < len(text) and count < MOST_LINES:
        count += 1
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield text[start:end].removesuffix("\r")
        start = end + 1


class BlockBuilder:
    """Collects the lines of a block, up to the most characters that are kept."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._size = 0

    def add(self, line: str) -> None:
        """Add a line, cut where the block is full."""
        room = MOST_OF_BLOCK - self._size
        if room > 0:
            self._lines.append(line[:room])
            self._size += len(line) + 1

    @property
    def text(self) -> str:
        """Return the block, without empty lines around it."""
        return storable("\n".join(self._lines)).strip("\n")


def storable(text: str) -> str:
    """Return a text that every database and output can take: without NUL characters and halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
