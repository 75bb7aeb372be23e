"""A digest as plain text, for a terminal."""

from bot.domain.digests.digest import Digest
from bot.render.digest_parts import certification_sections, period_line, rule_line, sections
from bot.render.markup import TEXT
from bot.render.sections import Form, Line, Section, lines_of
from bot.render.words import printable

_A_LINE = 40


def digest_text(digest: Digest) -> str:
    """Return a digest as text."""
    return "\n".join(line.text for line in digest_text_lines(digest))


def digest_text_lines(digest: Digest, *, is_headed: bool = True, is_brief: bool = False) -> list[Line]:
    """Return the lines of a digest; without its headline if that is shown elsewhere."""
    lines = [Line(printable(digest.headline))] if is_headed else []
    lines += [Line(period_line(digest)), Line("")]
    for section in sections(digest, TEXT, Form(_A_LINE, is_brief)):
        lines += [*_block(section), Line("")]
    return [*lines, Line(rule_line(digest))]


def certifications_text(digest: Digest) -> str:
    """Return the certification sections of a digest."""
    return "\n\n".join("\n".join(line.text for line in _block(each)) for each in certification_sections(digest, TEXT))


def _block(section: Section) -> list[Line]:
    indent = "  " if section.heading else ""
    lines = lines_of(section, [f"{indent}{line}" for line in section.lines])
    return [Line(section.heading), *lines] if section.heading else lines
