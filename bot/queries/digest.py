"""A digest as it would be now: "show me the weekly digest"."""

from dataclasses import dataclass
from typing import Any, ClassVar

from bot.domain.digests.digest import Digest
from bot.domain.periods.period import AsOf
from bot.queries.base import Answer, Json, Query, QueryContext, Refusal, Result
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined
from bot.queries.release_list import FOLD
from bot.queries.releases import after_digest
from bot.queries.selection import is_about_releases
from bot.render.digest_parts import period_line, rule_line, sections
from bot.render.json_form import digest_json
from bot.render.markup import Markup
from bot.render.sections import Form
from bot.services.digests import make_digest, orders_named


@dataclass(frozen=True, slots=True)
class DigestPreview(Query):
    """A digest as it would be now; the first configured one where none is named."""

    intent: ClassVar[str] = "digest"
    order: ClassVar[int] = 10
    name: str | None = None

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text that asks for a digest."""
        del as_of
        is_asked = cues.has(Cue.DIGEST) and not is_about_releases(cues)
        return cls(cues.digests[0] if cues.digests else None) if is_asked else None

    def run(self, context: QueryContext) -> "MadeDigest":
        """Make it; it is not kept. Raises UsageError."""
        order = orders_named(self.name, context.digests)[0]
        return MadeDigest(make_digest(order, context.store, context.as_of, context.as_of.end))

    def parameters(self) -> Json:
        """Return the name."""
        return {"name": self.name}

    def wording(self) -> str:
        """Return ``show the digest weekly``."""
        return joined("show the digest", self.name or "")


@dataclass(frozen=True, slots=True)
class MadeDigest(Result):
    """A digest that is not posted."""

    digest: Digest

    def answer(self, markup: Markup) -> Answer:
        """Return the digest's sections."""
        digest = self.digest
        sentence = f"{markup.strong(markup.plain(digest.headline))}, {markup.plain(period_line(digest))}"
        parts = tuple(sections(digest, markup, Form(FOLD)))
        return Answer(sentence, parts, (markup.plain(rule_line(digest)),), after_digest(digest))

    def data(self) -> Any:
        """Return the digest."""
        return digest_json(self.digest)
