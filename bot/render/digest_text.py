"""A digest as plain text, for a terminal."""

from bot.domain.digests import Digest
from bot.render.digest_parts import Section, certification_sections, period_line, rule_line, sections
from bot.render.markup import TEXT
from bot.render.words import printable

_MOST = 40


def digest_text(digest: Digest, *, is_headed: bool = True) -> str:
    """Write a digest as lines of text; without its headline where that stands elsewhere."""
    blocks = [f"{printable(digest.headline)}\n{period_line(digest)}" if is_headed else period_line(digest)]
    blocks += [_block(section) for section in sections(digest, TEXT, most=_MOST)]
    blocks.append(rule_line(digest))
    return "\n\n".join(blocks)


def certifications_text(digest: Digest) -> str:
    """Write what a digest tells of certifications, and nothing else."""
    return "\n\n".join(_block(section) for section in certification_sections(digest, TEXT))


def _block(section: Section) -> str:
    if not section.heading:
        return "\n".join(section.lines)
    return "\n".join([section.heading, *(f"  {line}" for line in section.lines)])
