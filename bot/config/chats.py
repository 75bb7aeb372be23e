"""Chats, and other places that digests are posted to: each key is documented here, once."""

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
    """The chat that digests go to."""

    base_url: Address = Field(
        "https://slack.com/api/", description="The address of Slack's Web API.", examples=["http://127.0.0.1:8080/api/"]
    )
    bot_token_env: EnvironmentName = Field(
        "SLACK_BOT_TOKEN", description="The variable with the bot's token (xoxb-).", examples=["DIRAC_SLACK_BOT_TOKEN"]
    )
    app_token_env: EnvironmentName = Field(
        "SLACK_APP_TOKEN", description="The variable with the app's token (xapp-).", examples=["DIRAC_SLACK_APP_TOKEN"]
    )
    listen: Literal["socket", "http"] = Field(
        "socket",
        description="How questions come: by a web socket that the bot opens, or by calls of Slack's over HTTP.",
        examples=["http"],
    )
    signing_secret_env: EnvironmentName = Field(
        "SLACK_SIGNING_SECRET",
        description="For HTTP: the variable with the secret that Slack signs its calls with.",
        examples=["DIRAC_SLACK_SIGNING_SECRET"],
    )
    http_address: HostAndPort = Field(
        "127.0.0.1:3000",
        description="For HTTP: where Slack's calls are listened for.",
        examples=["0.0.0.0:8080"],
        validate_default=True,
    )
    ca_file: Text | None = Field(
        None,
        description="A file with the certificates (PEM) of certificate authorities of your own, for Slack by a proxy "
        "that opens TLS; they are trusted beside the system's. Relative to this file's folder.",
        examples=["ca.pem"],
    )
    maintainers: list[SlackUser] = Field(
        [], description="The Slack user ids of those who may change things in chat.", examples=[["U012AB3CD"]]
    )


class NamedChat(Slack):
    """One chat of several; the table's name is the CHAT in CHAT:CHANNEL. [slack] is the short form of [chats.slack]."""

    kind: Literal["slack"] = Field(description="Which chat it is: slack.", examples=["slack"])

    @model_validator(mode="before")
    @classmethod
    def _is_supported(cls, table: Any) -> Any:
        kind = table.get("kind") if isinstance(table, dict) else None
        if kind in _CHATS_TO_COME:
            hint = f"digests can be posted to {str(kind).capitalize()} by a [places.NAME] table (docs/PLACES.md)"
            raise InvalidValue(f"{quoted(str(kind))} is a kind of chat that is not supported yet", hint)
        return table


class OtherPlace(ConfigTable):
    """Another place to post digests to than Slack; the table's name is what a digest's channel calls it."""

    url_env: EnvironmentName = Field(
        description="The variable with its address as the library Apprise writes it; the whole of it is a secret.",
        examples=["MATTERMOST_URL"],
    )
    format: Literal["markdown", "text", "html"] | None = Field(
        None,
        description="The language of its digests: markdown, text or html; by default what the place takes.",
        examples=["text"],
    )
    ca_file: Text | None = Field(
        None,
        description="A file with the certificates (PEM) of certificate authorities of your own, which are trusted "
        "beside the system's; relative to this file's folder.",
        examples=["ca.pem"],
    )


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """A chat as configured: ``name`` is the CHAT in CHAT:CHANNEL, ``keys`` what stands in its table.

    ``ca_file`` holds certificate authorities to trust.
    """

    name: str
    keys: Slack
    ca_file: Path | None

    @property
    def table(self) -> str:
        """Where it is configured: slack, or chats.NAME."""
        return f"chats.{self.name}" if isinstance(self.keys, NamedChat) else "slack"

    @property
    def kind(self) -> str:
        """Which chat it is."""
        return self.keys.kind if isinstance(self.keys, NamedChat) else DEFAULT_CHAT
