"""A digest as plain text, for a terminal."""

import re
from textwrap import wrap

from bot.domain.digests.digest import Digest
from bot.render.digest_parts import certification_sections, period_line, rule_line, sections
from bot.render.markup import TEXT
from bot.render.sections import Form, Line, Section, lines_of
from bot.render.words import printable

_A_LINE = 40
_CHANGES = 3
# Columns of a terminal, or of a mail that is quoted.
_WIDTH = 72
# Short ones are read at a glance: (15 Feb).
_IN_BRACKETS = re.compile(r"\([^()]{1,30}\)")
_NO_BREAK = "\0"


def digest_text(digest: Digest) -> str:
    """Return a digest as text, wrapped at 72 columns but for the headline; addresses and brackets are not broken."""
    headline, *lines = digest_text_lines(digest)
    return "\n".join([headline.text, *(wrapped for line in lines for wrapped in _wrapped(line.text))])


def digest_text_lines(digest: Digest, *, is_headed: bool = True, is_brief: bool = False) -> list[Line]:
    """Return the lines of a digest; without its headline if that is shown elsewhere."""
    form = Form(_A_LINE, is_brief, notes=0 if is_brief else _CHANGES, has_links=False, has_addresses=True)
    return _lines(digest, form, is_headed=is_headed)


def spoken_lines(digest: Digest) -> list[Line]:
    """Return the lines of a digest to be read aloud: without addresses."""
    return _lines(digest, Form(_A_LINE, notes=_CHANGES, has_links=False), is_headed=True)


def _lines(digest: Digest, form: Form, *, is_headed: bool) -> list[Line]:
    lines = [Line(printable(digest.headline))] if is_headed else []
    lines += [Line(period_line(digest)), Line("")]
    for section in sections(digest, TEXT, form):
        lines += [*_block(section), Line("")]
    page = [Line(f"On the web: {printable(digest.page)}")] if digest.page and form.has_addresses else []
    return [*lines, Line(rule_line(digest)), *page]


def _wrapped(line: str) -> list[str]:
    line = _IN_BRACKETS.sub(lambda found: found[0].replace(" ", _NO_BREAK), line)
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    wrapped = wrap(line, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [line]
    return [each.replace(_NO_BREAK, " ") for each in wrapped]


def certifications_text(digest: Digest) -> str:
    """Return the certification sections of a digest."""
    return "\n\n".join("\n".join(line.text for line in _block(each)) for each in certification_sections(digest, TEXT))


def _block(section: Section) -> list[Line]:
    indent = "  " if section.heading else ""
    lines = lines_of(section, lambda line, depth: f"{indent}{'  ' * depth}{line}")
    return [Line(section.heading), *lines] if section.heading else lines
