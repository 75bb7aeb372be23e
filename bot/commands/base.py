"""What a kind of change is: a command that somebody gives in words, run as a query is."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol

from bot.commands.language import Instruction
from bot.domain.organisations import Listed
from bot.domain.periods.period import AsOf
from bot.domain.values import dataclass
from bot.domain.watch_rules import WatchRules
from bot.queries.base import Json, QueryContext, Refusal, Result
from bot.queries.language.vocabulary import Vocabulary

if TYPE_CHECKING:
    from bot.domain.proposals import Proposal
    from bot.services.certification import Maker
    from bot.services.ports import Chat


class WatchPreview(Protocol):
    """What can be watched, asked of the forges, and what the configuration file says of it."""

    def proposal(self, target: str, rules: WatchRules) -> "Proposal":
        """Ask a forge for a repository's tags; return what is proposed for them, by the scheme of the rules or by any.

        Raises UsageError and ForgeError.
        """
        ...

    def members(self, target: str, rules: WatchRules) -> Sequence[Listed]:
        """Ask a forge for the repositories of an organisation that would be watched. Raises UsageError, ForgeError."""
        ...

    def organisations(self) -> Sequence[str]:
        """Return the keys of the organisations that are watched."""
        ...

    def named(self) -> frozenset[str]:
        """Return the keys, in lower case, of the repositories that the file's digests and certifications name."""
        ...


@dataclass(frozen=True, slots=True)
class CommandContext:
    """Who gives a command, what it may read, and what it reaches outside of the store.

    ``read_chat`` gives what digests are posted to, None where there is none; it is built when a digest is posted.
    """

    query: QueryContext
    who: str
    preview: WatchPreview
    read_chat: "Callable[[], Chat | None]" = lambda: None

    @property
    def maker(self) -> "Maker":
        """Who makes a change to milestones, and when."""
        from bot.services.certification import Maker

        return Maker(self.who, self.query.as_of)


class Command(ABC):
    """A change of one kind, with its parameters; ``intent`` names the kind.

    ``is_for_everyone`` says that people who are no maintainers may make it.
    """

    __slots__ = ()
    intent: ClassVar[str]
    is_for_everyone: ClassVar[bool] = False

    @classmethod
    @abstractmethod
    def read(cls, said: Instruction, vocabulary: Vocabulary, as_of: AsOf) -> "Command | Refusal | None":
        """Return the command that a text gives, a Refusal for one that is unclear, None for one of another kind."""

    @abstractmethod
    def run(self, context: CommandContext) -> Result:
        """Make the change. Raises UsageError, and changes nothing, for one that cannot be."""

    def parameters(self) -> Json:
        """Return the parameters as JSON."""
        return {}
