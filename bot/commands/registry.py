"""Every kind of command, and which of them a text gives."""

from bot.commands.base import Command
from bot.commands.language import read_instruction
from bot.commands.milestone import AcceptHint, ChangeMilestone
from bot.commands.post import PostDigest
from bot.commands.series import MarkSeries
from bot.commands.subscribe import Subscribe
from bot.commands.undo import Undo
from bot.commands.unsubscribe import Unsubscribe
from bot.commands.watch import AcceptRepository, Unwatch, Watch
from bot.domain.periods.period import AsOf
from bot.queries.base import Refusal
from bot.queries.language.vocabulary import Vocabulary

# "watch accept" before "watch", "mark v7r1 as last" before "mark hackathon 4 as done".
COMMANDS: tuple[type[Command], ...] = (
    Unwatch,
    AcceptRepository,
    Watch,
    MarkSeries,
    ChangeMilestone,
    Undo,
    AcceptHint,
    PostDigest,
    Subscribe,
    Unsubscribe,
)


def read_command(text: str, vocabulary: Vocabulary, as_of: AsOf) -> Command | Refusal | None:
    """Return the command that a text gives, a Refusal for one that is unclear, None for a text that gives none."""
    said = read_instruction(text)
    read = (kind.read(said, vocabulary, as_of) for kind in COMMANDS)
    return next((each for each in read if each is not None), None)
