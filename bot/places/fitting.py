"""Fitting: a digest that is longer than a place takes is cut at the end of a line, and says so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.render.words import plural

# What the last line is made of, by language; the lists of a digest in HTML are closed before it.
_LAST = {"markdown": "\n\n_{}_", "text": "\n\n{}", "html": "\n<p><em>{}</em></p>"}


@dataclass(frozen=True, slots=True)
class Fitted:
    """A body that fits, and how many of its lines it keeps."""

    body: str
    kept: int


def fitted(lines: Sequence[str], language: str, told: str, fits: Callable[[str], bool]) -> Fitted:
    """Leave out as few lines at the end as can be; ``told`` says where the whole is, in the body's language."""
    body = "\n".join(lines)
    if fits(body):
        return Fitted(body, len(lines))
    # How many lines may stay: more never fit where fewer do not.
    least, most = 0, len(lines) - 1
    while least < most:
        middle = (least + most + 1) // 2
        if fits(_cut(lines, middle, language, told)):
            least = middle
        else:
            most = middle - 1
    return Fitted(_cut(lines, least, language, told), least)


def _cut(lines: Sequence[str], kept: int, language: str, told: str) -> str:
    shown = "\n".join(lines[:kept]).rstrip()
    left = sum(1 for line in lines[kept:] if _is_told(line))
    if language == "html" and shown.count("<ul>") > shown.count("</ul>"):
        shown += "\n</ul>"
    last = _LAST[language].format(f"… and {plural(left, 'more line')}; {told}")
    return shown + last if shown.strip() else last.lstrip("\n")


def _is_told(line: str) -> bool:
    """Whether a line says something: it is not empty, and no more than the end of a list."""
    return line.strip() not in {"", "<ul>", "</ul>"}
