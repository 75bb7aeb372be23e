"""What chats put between the words of a question: mentions, emoji, quoted lines, links with a label."""

import re
import unicodedata

_LINK = re.compile(r"<((?:https?|mailto):[^|>\s]+)(?:\|[^>]*)?>")
_MARKDOWN_LINK = re.compile(r"\[[^\]\n]{0,200}\]\((https?://[^)\s]+)\)")
_MENTION = r"(?:<[@!][^<>\s]{1,80}>|@[\w.-]{1,80}(?![\w/@]))"
# Who is spoken to, never who it is about: "releases by @anna" keeps its person.
_GREETED = r"(?:^|(?<=\bhi)|(?<=\bhey)|(?<=\bhello)|(?<=\bthanks))"
_SPOKEN_TO = re.compile(rf"{_GREETED}\s*(?:{_MENTION}[\s,:]*)+", re.IGNORECASE)
_ABOUT = "".join(rf"(?<!\b{word})" for word in ("by", "of", "from", "for", "to", "with", "and"))
_CALLED_LAST = re.compile(rf"{_ABOUT}\s+(?:cc\s+)?{_MENTION}\W*$", re.IGNORECASE)
_EMOJI = re.compile(r"(?<!\S):[a-z0-9_+'-]{2,40}:(?::skin-tone-[2-6]:)?(?=[\s.,!?]|$)", re.IGNORECASE)
# Symbols, and what joins and colours them.
_SYMBOLS, _JOINERS = {"So", "Sk", "Cs"}, {"\u200d", "\ufe0f", "\ufe0e"}
_KEPT = {"`", "^"}
# A mark has to follow, else it may restrict what comes after it.
_INTERJECTION = re.compile(
    r"\s*(?:great|perfect|excellent|awesome|nice|cool|sorry|wow|got it|well done|never mind|good|fine|right)"
    r"[,.!;:]+\s+",
    re.IGNORECASE,
)


def without_marks(text: str) -> str:
    """Return the text without what only chats put there; a link remains as its address."""
    lines = text.splitlines()
    said = [line for line in lines if not line.lstrip().startswith((">", "&gt;"))]
    plain = "\n".join(said if any(line.strip() for line in said) else lines)
    plain = _MARKDOWN_LINK.sub(r" \1 ", _LINK.sub(r" \1 ", plain))
    plain = _EMOJI.sub(" ", "".join(character for character in plain if not _is_symbol(character)))
    return _CALLED_LAST.sub("", _SPOKEN_TO.sub(" ", plain))


def _is_symbol(character: str) -> bool:
    if character in _JOINERS:
        return True
    return unicodedata.category(character) in _SYMBOLS and character not in _KEPT


def without_interjection(text: str) -> str:
    """Return a text without the praise that it begins with: "great, how many releases?", not "great releases"."""
    said = _INTERJECTION.match(text)
    return text[said.end() :] if said and text[said.end() :].strip() else text
