"""Changes to what is watched: ``watch github:DIRACGrid/Pilot as pep440``, ``unwatch Pilot``, ``watch accept Pilot``.

Read from the text as it is written, since case matters in paths on a forge.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from bot.commands.base import Command, CommandContext
from bot.commands.language import Instruction
from bot.commands.watch_target import EXAMPLE, target_of
from bot.domain.errors import UsageError
from bot.domain.filters import choose_one
from bot.domain.organisations import EVERY, Listed
from bot.domain.periods.period import AsOf
from bot.domain.values import dataclass
from bot.domain.versions.schemes import SCHEMES
from bot.domain.watch_rules import TagRules, WatchRules
from bot.domain.watchlist import WatchChange, WatchKind
from bot.queries.base import Answer, Json, Refusal, Result
from bot.queries.language.vocabulary import Vocabulary
from bot.render.markup import Markup
from bot.render.sections import Section
from bot.render.words import plural

if TYPE_CHECKING:
    from bot.domain.proposals import Proposal

_POLITE = r"(?:(?:please|pls|kindly|hi|hello|hey|bot|can|could|you|now)[\s,:]+)*"
_WATCH = re.compile(rf"{_POLITE}(?:watch|start watching|follow)\b(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_UNWATCH = re.compile(rf"{_POLITE}(?:unwatch|stop watching|unfollow)\b(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_ACCEPT = re.compile(rf"{_POLITE}watch accept\b(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_JOINING = {"as", "with", "by", "the", "scheme", "please", "and", "repository", "repo", "too", "all", "of"}
_QUOTES = "\"'`“”,;?!"
_DEFAULTS = WatchRules()
_WHEN = "a running worker polls it within a minute; existing releases are recorded, not announced"


@dataclass(frozen=True, slots=True)
class Unwatch(Command):
    """Watch a repository no more, named in any way that people name it, or an organisation, FORGE:PATH/*."""

    intent: ClassVar[str] = "unwatch"
    target: str

    @classmethod
    def read(cls, said: Instruction, vocabulary: Vocabulary, as_of: AsOf) -> "Command | Refusal | None":
        """Read ``unwatch Pilot``."""
        del vocabulary, as_of
        named = _named(_UNWATCH, said.text)
        if named is None:
            return None
        return cls(named[0]) if len(named) == 1 else Refusal("name one repository to stop watching", "unwatch Pilot")

    def run(self, context: CommandContext) -> "WatchlistChanged":
        """Record it; what the configuration file names elsewhere has to be taken out there first. Raises UsageError."""
        organisations = context.preview.organisations()
        key = next((key for key in organisations if key.lower() == self.target.lower()), None)
        if key is None and self.target.endswith(EVERY):
            known = ", ".join(organisations) or "none"
            raise UsageError(f'organisation "{self.target}"', "not watched", f"watched: {known}")
        if key is None:
            sources = {each.source.lower(): each.source for each in context.query.repositories}
            key = sources.get(self.target.lower()) or choose_one(self.target, context.query.repositories).key
        if key.lower() in context.preview.named():
            what = "is named by a digest or a certification of the configuration file"
            raise UsageError(key, what, "remove it there first")
        as_of = context.query.as_of
        made = WatchChange(0, as_of.end, context.who, WatchKind.UNWATCH, key)
        return WatchlistChanged(context.query.store.watchlist.add(made), as_of)

    def parameters(self) -> Json:
        """Return what is meant."""
        return {"target": self.target}


@dataclass(frozen=True, slots=True)
class AcceptRepository(Command):
    """Take another repository for the watched one whose path it has now."""

    intent: ClassVar[str] = "accept-repository"
    target: str

    @classmethod
    def read(cls, said: Instruction, vocabulary: Vocabulary, as_of: AsOf) -> "Command | Refusal | None":
        """Read ``watch accept Pilot``."""
        del vocabulary, as_of
        named = _named(_ACCEPT, said.text)
        if named is None:
            return None
        is_clear = len(named) == 1
        what = "name one repository whose path has another repository now"
        return cls(named[0]) if is_clear else Refusal(what, "watch accept Pilot")

    def run(self, context: CommandContext) -> "WatchlistChanged":
        """Close the old history and begin the new one. Raises UsageError."""
        from bot.services.identity import accept as accept_repository

        query = context.query
        repository = choose_one(self.target, query.repositories)
        return WatchlistChanged(
            accept_repository(repository, query.store, who=context.who, at=query.as_of.end), query.as_of
        )

    def parameters(self) -> Json:
        """Return what is meant."""
        return {"target": self.target}


@dataclass(frozen=True, slots=True)
class WatchProposal:
    """What would be watched, and what a forge shows of it: how tags would be read, or which repositories there are."""

    change: WatchChange
    proposal: "Proposal | None" = None
    members: Sequence[Listed] = ()


@dataclass(frozen=True, slots=True)
class Watch(Command):
    """Watch a repository, FORGE:PATH, or all of an organisation, FORGE:PATH/*; without a scheme, by what fits best."""

    intent: ClassVar[str] = "watch"
    target: str
    rules: WatchRules = _DEFAULTS

    @classmethod
    def read(cls, said: Instruction, vocabulary: Vocabulary, as_of: AsOf) -> "Command | Refusal | None":
        """Read ``watch github:DIRACGrid/Pilot as pep440``."""
        del as_of
        found = _WATCH.fullmatch(said.text.strip())
        if found is None:
            return None
        words = _words(found["rest"])
        beside = zip(["", *words], words, strict=False)
        named = [word for before, word in beside if before.lower() != "prefix" and ("/" in word or ":" in word)]
        if not named:
            # "watch list" is a question.
            return None if words == ["list"] else Refusal("say where the repository is", EXAMPLE)
        if len(named) > 1:
            return Refusal("one repository at a time, please", f"watch {named[0]}")
        target = target_of(named[0], vocabulary)
        if isinstance(target, Refusal):
            return target
        return _with_rules(target, [word for word in words if word != named[0] and word.lower() not in _JOINING])

    def run(self, context: CommandContext) -> "WatchlistChanged":
        """Watch what a forge shows to be there. Raises UsageError and ForgeError."""
        return record(self.propose(context), context)

    def propose(self, context: CommandContext) -> WatchProposal:
        """Ask a forge what is there, and how it would be read; record nothing. Raises UsageError and ForgeError."""
        query, preview = context.query, context.preview
        watched = [*(repository.key for repository in query.repositories), *preview.organisations()]
        if self.target.lower() in {key.lower() for key in watched}:
            raise UsageError(self.target, "is already watched", "see: release-bot watch list")
        made = WatchChange(0, query.as_of.end, context.who, WatchKind.WATCH, self.target, self.rules)
        if self.target.endswith(EVERY):
            return WatchProposal(made, members=tuple(preview.members(self.target, self.rules)))
        proposal = preview.proposal(self.target, self.rules)
        return WatchProposal(replace(made, rules=self._with(proposal)), proposal)

    def _with(self, proposal: "Proposal") -> WatchRules:
        """Return the rules with what is proposed where nothing was given."""
        counts, proposed = self.rules.tags.counts, proposal.rules
        if "#" in self.target:
            return replace(self.rules, tags=_counting(proposal.first.rules, counts))
        products = tuple(replace(each, rules=_counting(each.rules, counts)) for each in proposed.products)
        return replace(self.rules, tags=_counting(proposed.tags, counts), products=products, has_own=proposed.has_own)

    def parameters(self) -> Json:
        """Return what is meant, and how it is read."""
        return {"target": self.target, "scheme": self.rules.tags.scheme or None, "prefix": self.rules.tags.prefix}


def _counting(rules: TagRules, counts: str) -> TagRules:
    return replace(rules, counts=counts) if counts else rules


def record(proposal: WatchProposal, context: CommandContext) -> "WatchlistChanged":
    """Record what was proposed: from then on it is watched."""
    made = context.query.store.watchlist.add(proposal.change)
    return WatchlistChanged(made, context.query.as_of, proposal.proposal, proposal.members)


def _named(pattern: re.Pattern[str], text: str) -> list[str] | None:
    """Return the words that name something after a verb, None where the text has not that verb."""
    found = pattern.fullmatch(text.strip())
    return None if found is None else [word for word in _words(found["rest"]) if word.lower() not in _JOINING]


def _words(text: str) -> list[str]:
    return [bare for word in text.split() if (bare := word.strip(_QUOTES).removesuffix("."))]


def _with_rules(target: str, words: list[str]) -> Watch | Refusal:
    """Read what comes beside the repository: a scheme, and a prefix."""
    scheme = prefix = ""
    rest = iter(words)
    for word in rest:
        if word.lower() in SCHEMES:
            scheme = word.lower()
        elif word.lower() == "prefix":
            prefix = next(rest, "")
        else:
            known = ", ".join(sorted(SCHEMES))
            return Refusal(f'unknown word "{word}"; schemes: {known}', f"watch {target} as pep440")
    return Watch(target, WatchRules(TagRules(scheme, prefix)))


@dataclass(frozen=True, slots=True)
class WatchlistChanged(Result):
    """A change to what is watched: the record of it, and what the forge showed; ``undone`` where it was taken back.

    ``proposal`` is how the tags of a repository are read, ``listed`` the repositories of an
    organisation that are watched from now on.
    """

    change: WatchChange
    as_of: AsOf
    proposal: "Proposal | None" = None
    listed: Sequence[Listed] = ()
    undone: bool = False

    def answer(self, markup: Markup) -> Answer:
        """Return what was changed, how its tags are read, and how to take it back."""
        from bot.render.proposal import proposal_lines

        change = self.change
        target = markup.strong(markup.plain(change.target))
        if self.undone:
            return Answer(f"{target}: change {change.number} ({change.kind.value}) undone")
        if change.kind is WatchKind.ACCEPT:
            sentence = (
                f"{target}: now watching the repository that is at this path; the history of the old one is closed"
            )
            return Answer(sentence, notes=(_WHEN,))
        notes = (f"to undo: undo watch {change.number}",)
        if change.kind is WatchKind.UNWATCH:
            return Answer(f"{target} is no longer watched; its recorded history is kept", notes=notes)
        if self.proposal is None:
            many = plural(len(self.listed), "repository")
            return Answer(f"now watching {target}: {many}, and new ones", notes=notes)
        lines = tuple(markup.plain(line) for line in proposal_lines(self.proposal))
        return Answer(f"now watching {target}", (Section("", lines),), (_WHEN, *notes))

    def data(self) -> Any:
        """Return the record of the change."""
        from bot.render.watchlist import watch_json

        made = watch_json(self.change, self.as_of.zone)
        return {"undone": self.undone, "change": made, "repositories": [each.path for each in self.listed]}
