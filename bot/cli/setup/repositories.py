"""The first questions of ``init``: which repositories, with which token, and how their tags are read."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.app import now
from bot.cli.progress import progress
from bot.cli.setup.session import Session
from bot.config.defaults import default_name
from bot.config.draft import Draft, DraftForge
from bot.config.errors import ConfigErrors
from bot.config.pasted import Pasted, read_pasted
from bot.domain.errors import BotError, UsageError
from bot.domain.proposals import Proposal
from bot.domain.versions.schemes import SCHEMES
from bot.domain.watch_rules import TagRules, WatchRules
from bot.render.proposal import fit_lines
from bot.render.words import plural
from bot.services.doctor import ForgeCase, Severity, check_forge
from bot.services.ports import ForgeError, RepositoryNotFound, TokenRefused
from bot.watch_preview import ForgePreview

_COUNTS = ("patch", "final")
_MEANING = (
    "The scheme is how versions are written. patch counts releases such as 1.2.3 but not 1.2.0, final counts both; "
    "neither counts pre-releases."
)
_GITHUB = "https://github.com/"
# What a token has to be allowed, by kind of forge.
_NEEDED = {
    "github": "read access to contents and metadata (classic token: the scope repo)",
    "gitlab": "the scope read_api",
    "git": "a password, or USER:PASSWORD",
}
_GAIN = {
    "github": "5,000 requests an hour instead of 60, and private repositories; for public ones it needs no scope",
    "gitlab": "private projects, and higher limits; scope: read_api",
}


@dataclass(frozen=True)
class FoundRepository:
    """A repository that was read, and what is proposed for its tags; ``chosen`` is what counts if that was chosen."""

    pasted: Pasted
    proposal: Proposal
    chosen: str = ""

    @property
    def scheme(self) -> str:
        """Return the scheme of the project's own tags."""
        return self.proposal.first.scheme

    @property
    def counts(self) -> str:
        """Return what counts as an ordinary release: patch or final."""
        return self.chosen or self.proposal.first.rules.counts


@dataclass
class Repositories:
    """Finds the repositories that people name; ``rules`` are what was given by options."""

    session: Session
    forge_kind: str | None
    rules: TagRules

    def find(self, addresses: Sequence[str]) -> list[FoundRepository]:
        """Read the repositories at these addresses, or ask for them. Raises UsageError and ForgeError."""
        given = list(addresses)
        while True:
            texts = given or _split(self.session.ask("Repository (paste its address; several with spaces)"))
            try:
                return [self._found(text) for text in dict.fromkeys(texts or [""])]
            except (UsageError, ForgeError) as error:
                if not self.session.is_asking:
                    raise
                self.session.say_error(error)
            given = []

    def agree(self, found: Sequence[FoundRepository]) -> list[FoundRepository]:
        """Show how the tags are read, and take other rules for a single repository."""
        for each in found:
            self._show(each)
        [first, *more] = found
        if more or not self.session.is_asking or not first.proposal.tags:
            return list(found)
        self.session.say(_MEANING)
        proposed = f"{first.scheme} {first.counts}"
        question = f"Scheme ({', '.join(SCHEMES)}) and what counts (patch or final releases)"
        while (rules := _read_rules(answer := self.session.ask(question, proposed))) is None:
            self.session.say(f'unknown word in "{answer}"; example: semver final')
        if answer == proposed or rules.scheme in ("", first.scheme):
            return [first if answer == proposed else replace(first, chosen=rules.counts)]
        again = FoundRepository(first.pasted, self._proposal(first.pasted, rules), rules.counts)
        self._show(again)
        return [again]

    def _show(self, found: FoundRepository) -> None:
        proposal = found.proposal
        self.session.say(f"{found.pasted.key}: {plural(proposal.tags, 'tag')}")
        if not proposal.tags:
            self.session.say("  no tags yet; change scheme and counts in the file if its releases are named otherwise")
            return
        for entry in proposal.entries:
            for line in fit_lines(entry):
                self.session.say(f"  {line}")
        newest = [release.version for release in proposal.first.fit.releases[-3:]]
        self.session.say(f"  latest: {', '.join(reversed(newest)) or 'none'}; counts {found.counts} releases")
        if proposal.is_doubtful:
            hint = f"release-bot watch check {found.pasted.key}"
            self.session.say(f"  no scheme fits well; once the file is written, look closer: {hint}")

    def _found(self, text: str) -> FoundRepository:
        """Read a repository, ask for a token where one is needed, and offer one where it helps."""
        candidates = read_pasted(text, self.forge_kind)
        while True:
            try:
                found = self._first_readable(candidates)
                break
            except (RepositoryNotFound, TokenRefused) as error:
                if not self._asked_for_token(candidates[0], error):
                    raise self._explained(candidates[0], error) from error
        self._offer_token(found.pasted)
        return found

    def _first_readable(self, candidates: Sequence[Pasted]) -> FoundRepository:
        errors: list[ForgeError] = []
        for pasted in candidates:
            try:
                return FoundRepository(pasted, self._proposal(pasted, self.rules), self.rules.counts)
            except ForgeError as error:
                errors.append(error)
        # A host that is not called by its kind is most likely a plain git server.
        is_named = candidates[0].kind in candidates[0].forge
        raise errors[0 if is_named else -1]

    def _proposal(self, pasted: Pasted, rules: TagRules) -> Proposal:
        with progress(f"reading the tags of {pasted.key}"):
            if pasted.kind == "github" and pasted.base_url is None and not self.session.has(pasted.variable):
                # Without a token GitHub allows 60 requests an hour; git reads dates without that limit.
                try:
                    return self._preview(replace(pasted, kind="git", base_url=_GITHUB), rules)
                except (ForgeError, ConfigErrors):
                    pass
            return self._preview(pasted, rules)

    def _preview(self, pasted: Pasted, rules: TagRules) -> Proposal:
        app = self.session.app(Draft("UTC", [draft_forge(pasted, self.session)], digest=None))
        return ForgePreview(app).proposal(pasted.key, WatchRules(rules))

    def _explained(self, pasted: Pasted, error: ForgeError) -> BotError:
        """Return the error with what a token would need, where none was given."""
        if pasted.variable is None or self.session.has(pasted.variable):
            return error
        what = f"not found, or private and ${pasted.variable} is not set"
        return UsageError(pasted.key, what, f"check the address, or set a token with {_NEEDED[pasted.kind]}")

    def _asked_for_token(self, pasted: Pasted, error: ForgeError) -> bool:
        """Ask for the token of a repository that cannot be seen; return whether one was given."""
        if pasted.variable is None or not self.session.is_asking:
            return False
        if self.session.has(pasted.variable):
            self.session.say_error(error)
        else:
            self.session.say(f"{pasted.key} does not exist, or it is private.")
        question = f"Token with {_NEEDED[pasted.kind]} (not shown; Enter for another address)"
        token = self.session.ask_secret(question)
        if token:
            self.session.typed[pasted.variable] = token
        return bool(token)

    def _offer_token(self, pasted: Pasted) -> None:
        """Offer to take a token, and check it at once."""
        variable = pasted.variable
        if variable is None or pasted.kind not in _GAIN:
            return
        while not self.session.has(variable):
            token = self.session.ask_secret(f"Token, optional: {_GAIN[pasted.kind]} (not shown; Enter for none)")
            if not token:
                return
            self.session.typed[variable] = token
            if not self._is_accepted(pasted):
                del self.session.typed[variable]

    def _is_accepted(self, pasted: Pasted) -> bool:
        app = self.session.app(Draft("UTC", [draft_forge(pasted, self.session)], digest=None))
        with progress("checking the token"), app.forges([pasted.forge]) as forges:
            case = ForgeCase(pasted.forge, forges[pasted.forge], (), pasted.variable, has_token=True)
            checks = list(check_forge(case, now()))
        self.session.say_checks(checks)
        return all(check.verdict is not Severity.FAULT for check in checks)


def draft_forge(pasted: Pasted, session: Session) -> DraftForge:
    """Return the forge of a repository, with its token if there is one."""
    variable = pasted.variable
    return DraftForge(pasted.forge, pasted.kind, pasted.base_url, variable, session.has(variable))


def with_own_forges(found: Sequence[FoundRepository]) -> list[FoundRepository]:
    """Return the repositories with a forge name of its own for each URL."""
    names: dict[tuple[str, str | None], str] = {}
    made = []
    for each in found:
        pasted = each.pasted
        at = (pasted.kind, pasted.base_url)
        if at not in names:
            taken = set(names.values())
            tries = (pasted.forge, *(f"{pasted.forge}-{number}" for number in range(2, len(found) + 2)))
            names[at] = next(name for name in tries if name not in taken)
        made.append(replace(each, pasted=replace(pasted, forge=names[at])))
    return made


def entries(found: Sequence[FoundRepository]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield the keys of a [[repositories]] table for each repository and product, with a remark on its scheme."""
    names: set[str] = set()
    for each in found:
        for entry in each.proposal.entries:
            product = entry.repository.product
            keys: dict[str, Any] = {"forge": each.pasted.forge, "path": each.pasted.path}
            keys |= {"product": product} if product else {}
            name = default_name(each.pasted.path, product)
            if name.lower() in names:
                name = keys["name"] = f"{each.pasted.path} {product}".strip()
            names.add(name.lower())
            fit = entry.fit
            read = fit.tags - len(fit.unclassified) - fit.left_out
            remark = f"matches {read:,} of {plural(fit.tags, 'tag')}" if fit.tags else "a guess: there are no tags yet"
            yield keys | _rules_of(each, entry.rules), remark


def _rules_of(found: FoundRepository, proposed: TagRules) -> dict[str, Any]:
    rules = proposed.entry()
    if not found.proposal.tags:
        rules |= {"scheme": "semver", "counts": "final"}
    return {**rules, "counts": found.chosen or rules["counts"]}


def _split(answer: str) -> list[str]:
    return re.sub(r"\bgit\s+clone\s", " ", answer).split()


def _read_rules(answer: str) -> TagRules | None:
    """Read a scheme and what counts, in any order; return None for an unknown word."""
    words = answer.lower().replace(",", " ").split()
    schemes = [word for word in words if word in SCHEMES]
    counts = [word for word in words if word in _COUNTS]
    if len(schemes) + len(counts) != len(words) or len(schemes) > 1 or len(counts) > 1:
        return None
    return TagRules("".join(schemes), counts="".join(counts))
