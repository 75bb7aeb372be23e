"""Chats and notification services that digests are posted to; each key is documented here, once.

A kind of chat has a model of its own: its keys, the variables with its secrets, and how its channels are written.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Discriminator, Field

from bot.config.channels import slack_channel_fault
from bot.config.fields import (
    Address,
    ConfigTable,
    EnvironmentName,
    HostAndPort,
    MatrixUser,
    MattermostUser,
    SlackUser,
    SocketAddress,
    Text,
)
from bot.domain.values import dataclass

# An id, and the names of a team and a channel, of Mattermost (its model/utils.go and model/channel.go).
_MATTERMOST_ID = re.compile("[a-z0-9]{26}")
_MATTERMOST_CHANNEL = re.compile(r"[a-z0-9-]{2,64}/[a-z0-9_-]{1,64}")
_MATRIX_ROOM = re.compile(r"#[^\s:]+:\S+|!\S+")


class SecretKey(NamedTuple):
    """A key that names the variable with a secret, and what does not work without it."""

    key: str
    variable: str
    without: str


class ChatTable(ConfigTable):
    """The keys of every chat; the first of its ``secret_keys`` is of the token that the bot posts with."""

    # How people call a chat of this kind, and the page about it in docs/.
    service: ClassVar[str]
    page: ClassVar[str]
    # The keys of the variables with its secrets, each with what does not work without it.
    secret_keys: ClassVar[Mapping[str, str]]
    # The ids of people in a chat of this kind: their direct messages are the channel @ID.
    person_id: ClassVar[re.Pattern[str]]

    ca_file: Text | None = Field(
        None,
        description="A PEM file with additional certificate authorities, for a server with a certificate of your own, "
        "or a proxy that intercepts TLS; trusted in addition to the system's. Relative to this file's folder.",
        examples=["ca.pem"],
    )
    keep_refused_questions: bool = Field(
        default=True,
        description="Whether to keep what people ask in public channels and the bot does not understand, without the "
        "people, for `release-bot ask --refused`.",
        examples=[False],
    )
    maintainers: list[Text] = Field([], description="The people who may make changes in chat.", examples=[["jdoe"]])

    @property
    def secrets(self) -> tuple[SecretKey, ...]:
        """Return the variables of its secrets that are named, the token's first."""
        named = ((key, getattr(self, key), without) for key, without in self.secret_keys.items())
        return tuple(SecretKey(key, variable, without) for key, variable, without in named if variable)

    @property
    def needed_secrets(self) -> tuple[SecretKey, ...]:
        """Return those of its secrets that it needs as configured."""
        return self.secrets

    def channel_fault(self, channel: str) -> tuple[str, str] | None:
        """Return why a channel's name is invalid in it, and the fix; None if it is valid."""
        raise NotImplementedError

    def is_person(self, channel: str) -> bool:
        """Return whether a channel is the direct messages to a person: @ID."""
        return channel.startswith("@") and self.person_id.fullmatch(channel[1:]) is not None


class Slack(ChatTable):
    """The Slack workspace that digests are posted to."""

    service: ClassVar = "Slack"
    page: ClassVar = "SLACK.md"
    secret_keys: ClassVar = {
        "bot_token_env": "nothing is posted to Slack",
        "app_token_env": "questions in Slack are not answered",
        "signing_secret_env": "questions in Slack are not answered",
    }
    person_id: ClassVar = re.compile("[UW][A-Z0-9]{3,}")

    base_url: Address = Field(
        "https://slack.com/api/", description="The URL of Slack's Web API.", examples=["http://127.0.0.1:8080/api/"]
    )
    bot_token_env: EnvironmentName = Field(
        "SLACK_BOT_TOKEN",
        description="The environment variable with the bot token (xoxb-).",
        examples=["DIRAC_SLACK_BOT_TOKEN"],
    )
    app_token_env: EnvironmentName = Field(
        "SLACK_APP_TOKEN",
        description="The environment variable with the app-level token (xapp-).",
        examples=["DIRAC_SLACK_APP_TOKEN"],
    )
    listen: Literal["socket", "http"] = Field(
        "socket",
        description="How messages arrive: socket (Socket Mode, through a web socket) or http (Slack sends requests).",
        examples=["http"],
    )
    signing_secret_env: EnvironmentName = Field(
        "SLACK_SIGNING_SECRET",
        description="For http: the environment variable with the signing secret.",
        examples=["DIRAC_SLACK_SIGNING_SECRET"],
    )
    http_address: HostAndPort = Field(
        "127.0.0.1:3000",
        description="For http: the address to listen on for Slack's requests.",
        examples=["0.0.0.0:8080"],
        validate_default=True,
    )
    maintainers: list[SlackUser] = Field(
        [], description="The Slack user ids of the people who may make changes in chat.", examples=[["U012AB3CD"]]
    )

    @property
    def needed_secrets(self) -> tuple[SecretKey, ...]:
        """Return the bot's token, and the secret of how it listens."""
        other = "signing_secret_env" if self.listen == "socket" else "app_token_env"
        return tuple(each for each in self.secrets if each.key != other)

    def channel_fault(self, channel: str) -> tuple[str, str] | None:
        """Return why a channel's name is invalid in Slack, and the fix; None if it is valid."""
        return slack_channel_fault(channel)


class SlackChatTable(Slack):
    """A further Slack workspace; [slack] is the short form of [chats.slack]."""

    kind: Literal["slack"] = Field(description="The kind of chat: slack.", examples=["slack"])


class MattermostChatTable(ChatTable):
    """A Mattermost server."""

    service: ClassVar = "Mattermost"
    page: ClassVar = "MATTERMOST.md"
    secret_keys: ClassVar = {
        "token_env": "nothing is posted to Mattermost",
        "command_token_env": "the slash command and buttons in Mattermost are not answered",
    }
    person_id: ClassVar = _MATTERMOST_ID

    kind: Literal["mattermost"] = Field(description="The kind of chat: mattermost.", examples=["mattermost"])
    base_url: Address = Field(
        description="The URL of the server, as in its links; it may have a path.",
        examples=["https://mattermost.example.org"],
    )
    token_env: EnvironmentName = Field(
        "MATTERMOST_TOKEN",
        description="The environment variable with the access token of the bot's account.",
        examples=["DIRAC_MATTERMOST_TOKEN"],
    )
    command_token_env: EnvironmentName | None = Field(
        None,
        description="The environment variable with the token of the slash command; with it and `[web]` the command, "
        "and buttons below messages, are answered.",
        examples=["MATTERMOST_COMMAND_TOKEN"],
    )
    maintainers: list[MattermostUser] = Field(
        [],
        description="The people who may make changes in chat: their ids, or their user names, which their owners can "
        "change.",
        examples=[["jdoe"]],
    )

    def channel_fault(self, channel: str) -> tuple[str, str] | None:
        """Return why a channel's name is invalid in Mattermost, and the fix; None if it is valid."""
        if _MATTERMOST_ID.fullmatch(channel) or _MATTERMOST_CHANNEL.fullmatch(channel):
            return None
        rule = "a channel of Mattermost is written TEAM/CHANNEL, as in the URL of its page, or by its id"
        return f"invalid channel name: {rule}", "example: cern:diracx/releases"


class MatrixChatTable(ChatTable):
    """A Matrix homeserver."""

    service: ClassVar = "Matrix"
    page: ClassVar = "MATRIX.md"
    secret_keys: ClassVar = {"token_env": "nothing is posted to Matrix"}
    person_id: ClassVar = re.compile(r"@[^\s:]+:\S+")

    kind: Literal["matrix"] = Field(description="The kind of chat: matrix.", examples=["matrix"])
    base_url: Address = Field(
        description="The URL of the homeserver's client-server API.", examples=["https://matrix.example.org"]
    )
    token_env: EnvironmentName = Field(
        "MATRIX_TOKEN",
        description="The environment variable with the access token of the bot's account.",
        examples=["DIRAC_MATRIX_TOKEN"],
    )
    maintainers: list[MatrixUser] = Field(
        [],
        description="The Matrix user ids of the people who may make changes in chat.",
        examples=[["@jdoe:example.org"]],
    )

    def channel_fault(self, channel: str) -> tuple[str, str] | None:
        """Return why a room's name is invalid in Matrix, and the fix; None if it is valid."""
        if _MATRIX_ROOM.fullmatch(channel):
            return None
        rule = "a room of Matrix is written by its alias, #ROOM:SERVER, or by its id, !ID"
        return f"invalid channel name: {rule}", 'example: "matrix:#dirac:example.org"'

    def is_person(self, channel: str) -> bool:
        """Return whether a channel is the direct messages to a person: the id itself, which begins with @."""
        return self.person_id.fullmatch(channel) is not None


CHATS = "One chat; the table's name is the CHAT in CHAT:CHANNEL. [slack] is the short form of [chats.slack]."
# The chat of a [chats.NAME] table. A new kind is a model here, and a package in bot/chats.
NamedChat = Annotated[SlackChatTable | MattermostChatTable | MatrixChatTable, Discriminator("kind")]
CHAT_TABLES: Mapping[str, type[ChatTable]] = {
    "slack": SlackChatTable,
    "mattermost": MattermostChatTable,
    "matrix": MatrixChatTable,
}


class OtherPlace(ConfigTable):
    """A notification service other than Slack (by Apprise); a digest's channel names it by the table's name."""

    url_env: EnvironmentName = Field(
        description="The environment variable with its Apprise URL; the whole URL is a secret.",
        examples=["MATTERMOST_URL"],
    )
    format: Literal["markdown", "text", "html"] | None = Field(
        None,
        description="The format: markdown, text or html; by default the one that the service prefers.",
        examples=["text"],
    )
    ca_file: Text | None = Field(
        None,
        description="A PEM file with additional certificate authorities, trusted in addition to the "
        "system's; relative to this file's folder.",
        examples=["ca.pem"],
    )


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """A chat as configured: ``name`` is the CHAT in CHAT:CHANNEL, ``table`` the name of its table, ``keys`` that.

    ``ca_file`` holds certificate authorities to trust. ``web`` is the address of the web page, and ``public_url`` the
    URL by which others reach it, where they are configured.
    """

    name: str
    kind: str
    table: str
    keys: ChatTable
    ca_file: Path | None
    web: SocketAddress | None = None
    public_url: str = ""
