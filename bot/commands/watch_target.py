"""Which repository is meant by what is to be watched: FORGE:PATH, a web address, or a path where one forge is known."""

from urllib.parse import urlsplit

from bot.domain.organisations import EVERY
from bot.queries.base import Refusal
from bot.queries.language.vocabulary import Vocabulary

EXAMPLE = "watch github:DIRACGrid/Pilot"


def target_of(word: str, vocabulary: Vocabulary) -> str | Refusal:
    """Return FORGE:PATH or FORGE:PATH#PRODUCT.

    It is named so, by its web address, or by its path where one forge is known.
    """
    known = ", ".join(vocabulary.forges) or "none"
    if word.lower().startswith(("http://", "https://")):
        host, path = _address(word)
        forges = [name for name, of_forge in vocabulary.forges.items() if of_forge and of_forge == host]
        if not forges:
            return Refusal(f"no forge is configured at {host or word}; configured: {known}", EXAMPLE)
        return f"{forges[0]}:{path}"
    forge, colon, path = word.partition(":")
    if not colon:
        [name, *others] = [*vocabulary.forges, ""]
        if others != [""]:
            return Refusal(f"which forge is {word} on? configured: {known}", EXAMPLE)
        return f"{name}:{word}"
    named = next((name for name in vocabulary.forges if name.lower() == forge.lower()), None)
    if named is None:
        return Refusal(f'no forge "{forge}"; configured: {known}', EXAMPLE)
    is_exact = path.endswith(EVERY) or "#" in path
    return f"{named}:{path.strip('/') if is_exact else path.strip('/').removesuffix('.git')}"


def _address(word: str) -> tuple[str, str]:
    """Return the host of a page and the path of the repository that it is of."""
    try:
        parts = urlsplit(word)
    except ValueError:  # half an IPv6 address
        return "", ""
    return parts.hostname or "", parts.path.partition("/-/")[0].strip("/").removesuffix(".git")
