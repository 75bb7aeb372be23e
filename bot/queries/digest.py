"""A digest as it would be now: "show me the weekly digest"."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from bot.domain.periods.period import AsOf
from bot.domain.values import dataclass
from bot.queries.base import Answer, Json, Query, QueryContext, Refusal, Result
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import RATES, Cue
from bot.queries.language.phrase import joined
from bot.queries.release_list import FOLD
from bot.queries.releases import after_digest
from bot.queries.selection import is_about_releases
from bot.render.json_form import digest_json
from bot.render.markup import Markup
from bot.render.sections import Form
from bot.render.words import listed

if TYPE_CHECKING:
    from bot.domain.digests.digest import Digest


@dataclass(frozen=True, slots=True)
class DigestPreview(Query):
    """A digest as it would be now; the first configured one where none is named.

    "The weekly digest" is the one of that name, and no other that is made every week.
    """

    intent: ClassVar[str] = "digest"
    order: ClassVar[int] = 10
    beside: ClassVar[frozenset[Cue] | None] = frozenset({Cue.DIGEST, Cue.LIST, Cue.ALL, Cue.FILLER})
    name: str | None = None

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text that asks for a digest."""
        del as_of
        if not cues.has(Cue.DIGEST) or cues.has(Cue.HELP) or is_about_releases(cues):
            return None
        names = [*cues.digests, *(word for word in RATES if word in cues.words and word not in cues.digests)]
        if len(names) > 1 or (cues.units and not names):
            return Refusal("one digest at a time, please, and without a breakdown", "show the digest")
        return cls(*names)

    def run(self, context: QueryContext) -> "MadeDigest":
        """Make it; it is not kept. Raises UsageError."""
        from bot.services.digests import make_digest, orders_named

        order = orders_named(self.name, context.digests)[0]
        others = () if self.name else tuple(dict.fromkeys(each.name for each in context.digests if each != order))
        made = make_digest(order, context.store, context.as_of, context.as_of.end)
        return MadeDigest(made, tuple(name for name in others if name != order.name))

    def parameters(self) -> Json:
        """Return the name."""
        return {"name": self.name}

    def wording(self) -> str:
        """Return ``show the digest weekly``."""
        return joined("show the digest", self.name or "")


@dataclass(frozen=True, slots=True)
class MadeDigest(Result):
    """A digest that is not posted; ``others`` are the names of those that could have been meant."""

    digest: "Digest"
    others: Sequence[str] = ()

    def answer(self, markup: Markup) -> Answer:
        """Return the digest's sections."""
        from bot.render.digest_parts import period_line, rule_line, sections

        digest = self.digest
        sentence = f"{markup.strong(markup.plain(digest.headline))}, {markup.plain(period_line(digest))}"
        parts = tuple(sections(digest, markup, Form(FOLD)))
        return Answer(sentence, parts, (*self._named(markup), markup.plain(rule_line(digest))), after_digest(digest))

    def _named(self, markup: Markup) -> tuple[str, ...]:
        others = listed([markup.plain(name) for name in self.others])
        return (f"this is the digest “{markup.plain(self.digest.name)}”; others: {others}",) if others else ()

    def data(self) -> Any:
        """Return the digest."""
        return digest_json(self.digest)
