"""A first configuration file: what ``release-bot init`` found and was told, as commented TOML."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from bot.config.notation import bare_or_quoted, in_toml, one_line
from bot.domain.values import dataclass

SCHEDULES: Mapping[str, tuple[str, str]] = {
    "daily": ("0 9 * * mon-fri", "every working day at 9:00"),
    "weekly": ("0 9 * * mon", "every Monday at 9:00"),
    "monthly": ("0 9 1 * *", "on the first of each month at 9:00"),
}
_NO_CHANNEL = "#releases"
_COUNTS = {"patch": "ordinary releases are patch releases", "final": "every final release is an ordinary one"}


@dataclass(frozen=True, slots=True)
class DraftForge:
    """A forge: ``variable`` is the variable of its token, None where it takes none; ``has_token`` says that it is used.

    ``base_url`` is None for a public forge.
    """

    name: str
    kind: str
    base_url: str | None
    variable: str | None
    has_token: bool = False


@dataclass(frozen=True, slots=True)
class DraftChat:
    """A chat or notification service: the name of its table, None without one, its keys, and the digest's channel.

    ``page`` is the page about it in docs/.
    """

    table: str | None = None
    keys: Mapping[str, Any] = field(default_factory=dict)
    channel: str = _NO_CHANNEL
    page: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """All that is in the file; ``repositories`` are the keys of [[repositories]] tables, each with a remark.

    ``digest`` is one of SCHEDULES, None for no digest.
    """

    time_zone: str
    forges: Sequence[DraftForge] = ()
    repositories: Sequence[tuple[Mapping[str, Any], str]] = ()
    chat: DraftChat = DraftChat()
    digest: str | None = "weekly"

    def text(self) -> str:
        """Return the file; the same draft gives the same text."""
        blocks = [_head(self.time_zone), *map(_forge, self.forges)]
        blocks += [_repository(keys, remark) for keys, remark in self.repositories]
        blocks += [_chat(self.chat)] if self.chat.table else []
        blocks += [_digest(self.digest, self.chat)] if self.digest else []
        return "\n".join("\n".join(block) + "\n" for block in blocks)


def _head(time_zone: str) -> list[str]:
    return [
        "# The configuration of release-bot, begun by release-bot init.",
        "#",
        "#   release-bot config check    reports every mistake in this file",
        "#   release-bot doctor          checks forges, tokens and channels too",
        "#",
        "# docs/CONFIGURATION.md explains every key. Secrets are never in this file:",
        "# keys that end in _env name the environment variables that hold them.",
        "",
        _line("time_zone", time_zone, "of periods, schedules and dates"),
    ]


def _forge(forge: DraftForge) -> list[str]:
    lines = [f"[forges.{bare_or_quoted(forge.name)}]", _line("kind", forge.kind)]
    if forge.base_url is not None:
        lines.append(_line("base_url", forge.base_url))
    if forge.variable is not None:
        token = _line("token_env", forge.variable, "the variable with the token")
        lines.append(token if forge.has_token else f"# {token}; {_WITHOUT[forge.kind]}")
    return lines


_WITHOUT = {
    "github": "without one GitHub allows 60 requests an hour",
    "gitlab": "needed for private projects",
    "git": "needed for private repositories",
}


def _repository(keys: Mapping[str, Any], remark: str) -> list[str]:
    remarks = {"scheme": remark, "counts": _COUNTS.get(keys.get("counts", ""), "")}
    return ["[[repositories]]", *(_line(key, value, remarks.get(key, "")) for key, value in keys.items())]


def _chat(chat: DraftChat) -> list[str]:
    lines = [f"[{chat.table}]" + (f"    # docs/{chat.page}" if chat.page else "")]
    return [*lines, *(_line(key, value) for key, value in chat.keys.items())]


def _digest(name: str, chat: DraftChat) -> list[str]:
    schedule, when = SCHEDULES[name]
    lines = [] if chat.table else list(_without_chat())
    lines += ["[[digests]]", _line("name", name, f"release-bot digest {name} shows it"), _line("channel", chat.channel)]
    return [*lines, _line("schedule", schedule, when)]


def _without_chat() -> Iterator[str]:
    yield "# Nothing is posted until a chat is connected: docs/SLACK.md, docs/MATTERMOST.md,"
    yield "# docs/MATRIX.md, or docs/PLACES.md for mail and others. Then set the channel here."


def _line(key: str, value: Any, remark: str = "") -> str:
    line = f"{key} = {in_toml(value)}"
    return f"{line:<37} # {one_line(remark)}" if remark else line
