"""What people say to be polite: "hello", "thanks", "who are you?"."""

from enum import StrEnum
from typing import Any, ClassVar

from bot.domain.periods.period import AsOf
from bot.domain.values import dataclass
from bot.queries.base import Answer, Json, Query, QueryContext, Refusal, Result
from bot.queries.help import examples
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.render.markup import Markup

# What says nothing beside a question. Praise is not of it: in "great releases" it would restrict.
COURTESY = frozenset({Cue.GREETING, Cue.THANKS})


class Talk(StrEnum):
    """What was said."""

    GREETING = "hello"
    THANKS = "thanks"
    PRAISE = "great"
    IDENTITY = "who are you"


_CUES = {
    Talk.IDENTITY: Cue.IDENTITY,
    Talk.THANKS: Cue.THANKS,
    Talk.PRAISE: Cue.PRAISE,
    Talk.GREETING: Cue.GREETING,
}
_WORDS = {
    Talk.GREETING: "hello!",
    Talk.THANKS: "you are welcome!",
    Talk.PRAISE: "thank you!",
    Talk.IDENTITY: "I am release-bot: I watch the tags of repositories, count and list their releases, and track "
    "certifications.",
}


@dataclass(frozen=True, slots=True)
class SmallTalk(Query):
    """A greeting, thanks, or a question about the bot itself, and nothing else."""

    intent: ClassVar[str] = "small talk"
    order: ClassVar[int] = -10
    is_aside: ClassVar[bool] = True
    beside: ClassVar[frozenset[Cue] | None] = frozenset({Cue.FILLER, *_CUES.values()})
    talk: Talk = Talk.GREETING

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text that is polite and says nothing else."""
        del as_of
        if not is_small_talk(cues):
            return None
        return cls(next(talk for talk, cue in _CUES.items() if cues.has(cue)))

    def run(self, context: QueryContext) -> "TalkedBack":
        """Find a question to try."""
        return TalkedBack(self.talk, next(iter(examples(context))))

    def parameters(self) -> Json:
        """Return what was said."""
        return {"talk": self.talk.value}

    def wording(self) -> str:
        """Return the word."""
        return self.talk.value


def is_small_talk(cues: Cues) -> bool:
    """Return whether nothing was said but politeness."""
    said = cues.heard - {Cue.FILLER}
    return bool(said) and said <= set(_CUES.values()) and not cues.has_names


@dataclass(frozen=True, slots=True)
class TalkedBack(Result):
    """A friendly line; ``example`` is a question that has an answer here."""

    talk: Talk
    example: str

    def answer(self, markup: Markup) -> Answer:
        """Return the line, with a question to try where somebody begins."""
        if self.talk in (Talk.THANKS, Talk.PRAISE):
            return Answer(_WORDS[self.talk])
        return Answer(f"{_WORDS[self.talk]} Try: “{markup.plain(self.example)}”, or “help”")

    def data(self) -> Any:
        """Return the same."""
        return {"talk": self.talk.value, "example": self.example}
