"""Watching in words: ``watch github:DIRACGrid/Pilot as pep440``, ``unwatch Pilot``, ``stop watching Pilot``.

Read from the text as it is written, since paths on a forge are told apart by case.
"""

import re
from urllib.parse import urlsplit

from bot.domain.organisations import EVERY
from bot.domain.questions.asked import AcceptRepositoryAsked, Refusal, UnwatchAsked, WatchAsked
from bot.domain.questions.vocabulary import Vocabulary

_POLITE = r"(?:(?:please|pls|kindly|hi|hello|hey|bot|can|could|you|now)[\s,:]+)*"
_WATCH = re.compile(rf"{_POLITE}(?:watch|start watching|follow)\b(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_UNWATCH = re.compile(rf"{_POLITE}(?:unwatch|stop watching|unfollow)\b(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_ACCEPT = re.compile(rf"{_POLITE}watch accept\b(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_SCHEMES = ("dirac", "pep440", "semver")
_JOINING = {"as", "with", "by", "the", "scheme", "please", "and", "repository", "repo", "too", "all", "of"}
_QUOTES = "\"'`“”,;?!"
_EXAMPLE = "watch github:DIRACGrid/Pilot"


def read_watch(text: str, vocabulary: Vocabulary) -> WatchAsked | UnwatchAsked | AcceptRepositoryAsked | Refusal | None:
    """Read what is to be watched, watched no more, or taken for the watched one; None for a text that asks for none."""
    if (found := _UNWATCH.fullmatch(text.strip())) is not None:
        named = [word for word in _words(found["rest"]) if word.lower() not in _JOINING]
        if len(named) == 1:
            return UnwatchAsked(named[0])
        return Refusal("I do not see what to watch no more", "unwatch Pilot")
    if (found := _ACCEPT.fullmatch(text.strip())) is not None:
        named = [word for word in _words(found["rest"]) if word.lower() not in _JOINING]
        if len(named) == 1:
            return AcceptRepositoryAsked(named[0])
        return Refusal("I do not see at whose path the other repository is", "watch accept Pilot")
    found = _WATCH.fullmatch(text.strip())
    return None if found is None else _watched(_words(found["rest"]), vocabulary)


def _words(text: str) -> list[str]:
    return [bare for word in text.split() if (bare := word.strip(_QUOTES).removesuffix("."))]


def _watched(words: list[str], vocabulary: Vocabulary) -> WatchAsked | Refusal | None:
    named = [word for word in words if "/" in word or ":" in word]
    if not named:
        # "watch list" is a question.
        return None if words == ["list"] else Refusal("I need to know where that repository is", _EXAMPLE)
    if len(named) > 1:
        return Refusal("I take one repository at a time", f"watch {named[0]}")
    target = _target(named[0], vocabulary)
    if isinstance(target, Refusal):
        return target
    return _with_rules(target, [word for word in words if word != named[0] and word.lower() not in _JOINING])


def _with_rules(target: str, words: list[str]) -> WatchAsked | Refusal:
    """Read what comes beside the repository: a scheme, and a prefix."""
    scheme = prefix = ""
    rest = iter(words)
    for word in rest:
        if word.lower() in _SCHEMES:
            scheme = word.lower()
        elif word.lower() == "prefix":
            prefix = next(rest, "")
        else:
            known = ", ".join(_SCHEMES)
            return Refusal(f'I do not know what "{word}" means here; schemes are {known}', f"watch {target} as pep440")
    return WatchAsked(target, scheme, prefix)


def _target(word: str, vocabulary: Vocabulary) -> str | Refusal:
    """Give FORGE:PATH of how people name a repository: so, by its address, or by its path where one forge is known."""
    known = ", ".join(vocabulary.forges) or "none"
    if word.lower().startswith(("http://", "https://")):
        host, path = _address(word)
        forges = [name for name, of_forge in vocabulary.forges.items() if of_forge and of_forge == host]
        if not forges:
            return Refusal(f"I ask no forge at {host or word}; the configured ones are: {known}", _EXAMPLE)
        return f"{forges[0]}:{path}"
    forge, colon, path = word.partition(":")
    if not colon:
        [name, *others] = [*vocabulary.forges, ""]
        if others != [""]:
            return Refusal(f"I do not know on which forge {word} is; the configured ones are: {known}", _EXAMPLE)
        return f"{name}:{word}"
    named = next((name for name in vocabulary.forges if name.lower() == forge.lower()), None)
    if named is None:
        return Refusal(f'there is no forge "{forge}"; the configured ones are: {known}', _EXAMPLE)
    return f"{named}:{path.strip('/') if path.endswith(EVERY) else path.strip('/').removesuffix('.git')}"


def _address(word: str) -> tuple[str, str]:
    """Give the host of a page and the path of the repository that it is of."""
    try:
        parts = urlsplit(word)
    except ValueError:  # half an IPv6 address
        return "", ""
    return parts.hostname or "", parts.path.partition("/-/")[0].strip("/").removesuffix(".git")
