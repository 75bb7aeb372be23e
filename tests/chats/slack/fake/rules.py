"""What Slack takes: the rules of its reference for messages, blocks and home views.

Each rule names the place and what is wrong, as Slack does in ``response_metadata``. Block
types and elements that the bot has no use for are not known here, and refused.
"""

from collections.abc import Iterator, Sequence
from typing import Any

_LONGEST_TEXT, _LONGEST_ID, _LONGEST_VALUE, _LONGEST_URL = 40_000, 255, 2_000, 3_000
# All blocks together, not documented: measured at https://github.com/slackapi/bolt-js/issues/2509.
_LONGEST_BLOCKS, _BLOCK_COST = 13_200, 125
_MOST_BLOCKS, _MOST_HOME_BLOCKS, _MOST_FIELDS, _MOST_CONTEXT, _MOST_ACTIONS = 50, 100, 10, 10, 25
_PLAIN, _ANY = {"plain_text"}, {"plain_text", "mrkdwn"}
_KEYS = {
    "header": {"text"},
    "section": {"text", "fields", "accessory", "expand"},
    "context": {"elements"},
    "divider": set[str](),
    "actions": {"elements"},
    "button": {"text", "value", "url", "style", "confirm", "accessibility_label"},
    "plain_text": {"text", "emoji"},
    "mrkdwn": {"text", "verbatim"},
}


def troubles(text: str, blocks: list[dict[str, Any]]) -> str:
    """Name the error that Slack gives for a message, empty for a good one."""
    if not text and not blocks:
        return "no_text"
    if len(text) > _LONGEST_TEXT:
        return "msg_too_long"
    if faults(blocks):
        return "invalid_blocks"
    together = sum(_BLOCK_COST + sum(map(len, texts_of(block))) for block in blocks)
    return "msg_blocks_too_long" if together > _LONGEST_BLOCKS else ""


def faults(blocks: Any, most: int = _MOST_BLOCKS) -> list[str]:
    """List what is wrong with blocks, each with its place."""
    if not isinstance(blocks, list):
        return ["must provide an array [/blocks]"]
    many = [f"no more than {most} items allowed [/blocks]"] if len(blocks) > most else []
    each = [fault for n, block in enumerate(blocks) for fault in _block(block, f"/blocks/{n}")]
    return [*many, *each, *_twice([b for b in blocks if isinstance(b, dict)], "block_id", "/blocks")]


def home_faults(view: Any) -> list[str]:
    """List what is wrong with a view for the home tab."""
    if not isinstance(view, dict):
        return ["must provide an object [/view]"]
    if view.get("type") != "home":
        return ["must be a home view [/view/type]"]
    odd = sorted(set(view) - {"type", "blocks", "private_metadata", "callback_id", "external_id"})
    return [
        *(f"invalid additional property: {key} [/view]" for key in odd),
        *faults(view.get("blocks"), _MOST_HOME_BLOCKS),
    ]


def texts_of(block: dict[str, Any]) -> list[str]:
    """Return all texts of a good block."""
    held = [*block.get("fields", []), *block.get("elements", []), *([block["text"]] if "text" in block else [])]
    return [each["text"] for each in held if isinstance(each.get("text"), str)]


def words_of(blocks: Sequence[dict[str, Any]]) -> str:
    """Return the texts of good blocks, a line each."""
    return "\n".join(text for block in blocks for text in texts_of(block))


def buttons_of(blocks: Sequence[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """Return all buttons of good blocks, each with the number of its block."""
    return [
        (n, each)
        for n, block in enumerate(blocks)
        for each in [*block.get("elements", []), *([block["accessory"]] if "accessory" in block else [])]
        if each["type"] == "button"
    ]


def _block(block: Any, at: str) -> Iterator[str]:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in {"header", "section", "context", "divider", "actions"}:
        yield f"unsupported type: {kind} [{at}/type]"
        return
    yield from _additional(block, kind, {"block_id"}, at)
    yield from _identity(block, "block_id", at)
    match kind:
        case "header":
            yield from _text(block.get("text"), 150, _PLAIN, f"{at}/text")
        case "section":
            yield from _section(block, at)
        case "context":
            elements = block.get("elements")
            yield from _count(elements, _MOST_CONTEXT, f"{at}/elements")
            for n, element in enumerate(elements if isinstance(elements, list) else []):
                yield from _text(element, 3_000, _ANY, f"{at}/elements/{n}")
        case "actions":
            yield from _actions(block.get("elements"), f"{at}/elements")


def _section(block: dict[str, Any], at: str) -> Iterator[str]:
    if "text" in block or "fields" not in block:
        yield from _text(block.get("text"), 3_000, _ANY, f"{at}/text")
    if "fields" in block:
        yield from _count(block["fields"], _MOST_FIELDS, f"{at}/fields")
        for n, field in enumerate(block["fields"] if isinstance(block["fields"], list) else []):
            yield from _text(field, 2_000, _ANY, f"{at}/fields/{n}")
    if "accessory" in block:
        yield from _button(block["accessory"], f"{at}/accessory")


def _actions(elements: Any, at: str) -> Iterator[str]:
    yield from _count(elements, _MOST_ACTIONS, at)
    if isinstance(elements, list):
        for n, element in enumerate(elements):
            yield from _button(element, f"{at}/{n}")
        yield from _twice([each for each in elements if isinstance(each, dict)], "action_id", at)


def _button(button: Any, at: str) -> Iterator[str]:
    if not isinstance(button, dict) or button.get("type") != "button":
        yield f"unsupported element [{at}/type]"
        return
    yield from _additional(button, "button", {"action_id"}, at)
    yield from _identity(button, "action_id", at)
    yield from _text(button.get("text"), 75, _PLAIN, f"{at}/text")
    for key, longest in (("value", _LONGEST_VALUE), ("url", _LONGEST_URL)):
        held = button.get(key, "")
        if not isinstance(held, str) or len(held) > longest:
            yield f"must be no more than {longest} characters [{at}/{key}]"
    if button.get("style", "primary") not in {"primary", "danger"}:
        yield f"must be primary or danger [{at}/style]"


def _text(text: Any, longest: int, kinds: set[str], at: str) -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") not in kinds or not isinstance(text.get("text"), str):
        yield f"must provide a text object of {' or '.join(sorted(kinds))} [{at}]"
        return
    yield from _additional(text, text["type"], set(), at)
    if not 0 < len(text["text"]) <= longest:
        yield f"must be 1 to {longest} characters [{at}/text]"


def _count(items: Any, most: int, at: str) -> Iterator[str]:
    if not isinstance(items, list) or not 0 < len(items) <= most:
        yield f"must provide 1 to {most} items [{at}]"


def _identity(thing: dict[str, Any], key: str, at: str) -> Iterator[str]:
    held = thing.get(key, "x")
    if not isinstance(held, str) or not 0 < len(held) <= _LONGEST_ID:
        yield f"must be 1 to {_LONGEST_ID} characters [{at}/{key}]"


def _additional(thing: dict[str, Any], kind: str, more: set[str], at: str) -> Iterator[str]:
    for key in sorted(set(thing) - _KEYS[kind] - more - {"type"}):
        yield f"invalid additional property: {key} [{at}]"


def _twice(things: Sequence[dict[str, Any]], key: str, at: str) -> Iterator[str]:
    held = [str(thing[key]) for thing in things if key in thing]
    for each in sorted({name for name in held if held.count(name) > 1}):
        yield f"{key} {each} is there twice [{at}]"
