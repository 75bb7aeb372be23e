"""Chats and notification services that digests are posted to; each key is documented here, once."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from bot.config.channels import DEFAULT_CHAT
from bot.config.errors import InvalidValue
from bot.config.fields import Address, ConfigTable, EnvironmentName, HostAndPort, SlackUser, Text
from bot.config.notation import quoted

_CHATS_TO_COME = ("mattermost", "matrix")


class Slack(ConfigTable):
    """The Slack workspace that digests are posted to."""

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
    ca_file: Text | None = Field(
        None,
        description="A PEM file with additional certificate authorities, for a proxy that intercepts TLS; "
        "trusted in addition to the system's. Relative to this file's folder.",
        examples=["ca.pem"],
    )
    keep_refused_questions: bool = Field(
        default=True,
        description="Whether to keep what people ask in public channels and the bot does not understand, without the "
        "people, for `release-bot ask --refused`.",
        examples=[False],
    )
    maintainers: list[SlackUser] = Field(
        [], description="The Slack user ids of the people who may make changes in chat.", examples=[["U012AB3CD"]]
    )


class NamedChat(Slack):
    """One chat; the table's name is the CHAT in CHAT:CHANNEL. [slack] is the short form of [chats.slack]."""

    kind: Literal["slack"] = Field(description="The chat: slack.", examples=["slack"])

    @model_validator(mode="before")
    @classmethod
    def _is_supported(cls, table: Any) -> Any:
        kind = table.get("kind") if isinstance(table, dict) else None
        if kind in _CHATS_TO_COME:
            hint = f"to post digests to {str(kind).capitalize()}, use a [places.NAME] table (docs/PLACES.md)"
            raise InvalidValue(f"chat kind {quoted(str(kind))} is not supported yet", hint)
        return table


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
    """A chat as configured: ``name`` is the CHAT in CHAT:CHANNEL, ``keys`` its table.

    ``ca_file`` holds certificate authorities to trust.
    """

    name: str
    keys: Slack
    ca_file: Path | None

    @property
    def table(self) -> str:
        """Return the table that configures it: slack, or chats.NAME."""
        return f"chats.{self.name}" if isinstance(self.keys, NamedChat) else "slack"

    @property
    def kind(self) -> str:
        """Return the kind of chat."""
        return self.keys.kind if isinstance(self.keys, NamedChat) else DEFAULT_CHAT
