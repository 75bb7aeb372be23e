"""What a homeserver takes of an event, and what clients show of a message: the specification's limits and tags."""

import json
import re
from html.parser import HTMLParser
from typing import Any

Json = dict[str, Any]

LARGEST_EVENT = 65_536
# What a homeserver adds to an event of its own: ids, hashes, signatures, references to other events.
_ADDED = 1_000
# Client-server API 1.13, "m.room.message msgtypes": the tags, and the attributes of those that may have some.
_SHOWN = """del h1 h2 h3 h4 h5 h6 blockquote p a ul ol sup sub li b i u strong em s code hr br div table thead tbody tr
    th td caption pre span img details summary"""
_TAGS = set(re.findall("[a-z0-9]+", _SHOWN))
_ATTRIBUTES = {"a": {"target", "href"}, "ol": {"start"}, "code": {"class"}, "span": {"data-mx-spoiler"}}
_SCHEMES = ("https://", "http://", "ftp://", "mailto:", "magnet:")
_EMPTY = {"br", "hr", "img"}


def is_too_large(event: Json) -> bool:
    """Return whether an event is larger than a homeserver takes."""
    return len(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()) + _ADDED > LARGEST_EVENT


def has_a_float(value: Any) -> bool:
    """Return whether a value has a number that canonical JSON does not: its numbers are integers."""
    if isinstance(value, dict):
        return any(map(has_a_float, value.values()))
    return any(map(has_a_float, value)) if isinstance(value, list) else isinstance(value, float)


def faults(content: Json) -> list[str]:
    """Return what is wrong with the content of a message."""
    found = [] if isinstance(content.get("body"), str) and content["body"] else ["body: a text is needed"]
    found += [] if isinstance(content.get("msgtype"), str) else ["msgtype: a text is needed"]
    mentions = content.get("m.mentions", {})
    users = mentions.get("user_ids", []) if isinstance(mentions, dict) else None
    found += [] if isinstance(users, list) else ["m.mentions: an object is needed"]
    if "formatted_body" in content:
        is_html = content.get("format") == "org.matrix.custom.html"
        found += [] if is_html else ["format: org.matrix.custom.html is needed"]
        found += html_faults(content["formatted_body"])
    return found + _relation_faults(content.get("m.relates_to"))


def _relation_faults(relation: Any) -> list[str]:
    if relation is None:
        return []
    if not isinstance(relation, dict) or not isinstance(relation.get("event_id"), str):
        return ["m.relates_to: an event_id is needed"]
    is_thread = relation.get("rel_type") == "m.thread"
    is_whole = not is_thread or isinstance(relation.get("m.in_reply_to", {}).get("event_id"), str)
    return [] if is_whole else ["m.relates_to: a thread needs the event that is replied to"]


def html_faults(html: str) -> list[str]:
    """Return what clients would not show, and what is not closed."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return [*reader.faults, *(f"<{tag}> is not closed" for tag in reader.opened)]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.opened: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            self.faults.append(f"<{tag}> is not allowed")
        for name, value in attrs:
            if name not in _ATTRIBUTES.get(tag, ()):
                self.faults.append(f"{name} of <{tag}> is not allowed")
            if name == "href" and not (value or "").startswith(_SCHEMES):
                self.faults.append(f"the link {value} is not allowed")
        if tag not in _EMPTY:
            self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.opened or self.opened.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")
