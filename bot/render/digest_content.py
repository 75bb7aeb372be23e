"""What a digest tells, in no chat's format: kept in the database, and shown for ever as it was.

Its lines are lists of runs: a text with its address, if it is a link, and whether it is emphasised.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from bot.domain.digests.digest import Digest
from bot.render.digest_parts import period_line, rule_line, sections
from bot.render.json_form import digest_json
from bot.render.markup import Markup
from bot.render.sections import Form, lines_of
from bot.render.words import printable

Json = dict[str, Any]

# The version of this form, for programs that read what earlier ones kept.
_VERSION = 1
_FORM = Form(40, notes=3)
# No text from a forge has these characters: printable() escapes them.
_LINK, _BETWEEN, _STRONG, _END = "\x01", "\x02", "\x03", "\x04"
_MARKED = re.compile(r"\x01([^\x02]*)\x02([^\x04]*)\x04|([^\x01]+)")


def digest_content(digest: Digest) -> Json:
    """Return what a digest tells: its JSON, and the lines that every format of it has."""
    return {
        "version": _VERSION,
        "digest": digest_json(digest),
        "period": period_line(digest),
        "sections": [
            {
                "heading": _runs(section.heading),
                "lines": [{"depth": line.depth, "runs": _runs(line.text)} for line in lines_of(section, _as_it_is)],
            }
            for section in sections(digest, _MARKUP, _FORM)
        ],
        "rule": rule_line(digest),
    }


def _as_it_is(text: str, depth: int) -> str:
    del depth
    return text


def _runs(text: str) -> list[Json]:
    """Return a marked-up text as runs; emphasis spans whole links."""
    return [run for number, part in enumerate(text.split(_STRONG)) for run in _of(part, is_strong=number % 2 == 1)]


def _of(part: str, *, is_strong: bool) -> Iterator[Json]:
    shared = {"strong": True} if is_strong else {}
    for url, linked, text in _MARKED.findall(part):
        yield {"text": linked, "url": url, **shared} if linked else {"text": text, **shared}


def _link(url: str | None, text: str) -> str:
    if url is None or urlsplit(url).scheme not in ("http", "https"):
        return printable(text)
    return f"{_LINK}{printable(url)}{_BETWEEN}{printable(text)}{_END}"


_MARKUP = Markup(plain=printable, link=_link, strong=lambda text: f"{_STRONG}{text}{_STRONG}")
