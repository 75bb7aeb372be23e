"""Forges and package indexes; each key is documented here, once."""

from inspect import getdoc
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from bot.config.errors import InvalidValue
from bot.config.fields import Address, ConfigTable, EnvironmentName, ForgeAddress, ForgeKind, Text
from bot.config.notation import quoted
from bot.forges.site import Site
from bot.forges.sites import SITES, other_kind

_WEB = ("http://", "https://")
_PYPI = "https://pypi.org/simple/"


class GitHubApp(ConfigTable):
    """A GitHub App to authenticate as, instead of a token."""

    id: int = Field(ge=1, description="The App ID, from the App's settings on GitHub.", examples=[12345])
    installation: int | None = Field(
        None,
        ge=1,
        description="The installation ID, the number at the end of the installation's URL; "
        "not needed if there is only one installation.",
        examples=[678],
    )
    key_env: EnvironmentName = Field(
        description="The environment variable with the App's private key (PEM); or $NAME_FILE with the file's path.",
        examples=["GITHUB_APP_KEY"],
    )


class ForgeSettings(ConfigTable):
    """A host of git repositories; the table's name is the FORGE in FORGE:PATH."""

    model_config = ConfigDict(title="Forge")

    kind: ForgeKind = Field(
        description="The API: github, gitlab, or git (any server that can be cloned from).", examples=["gitlab"]
    )
    base_url: ForgeAddress | None = Field(
        None,
        description="Its URL; for GitHub the URL of the API. By default the public github.com or gitlab.com; "
        "required for a git server, which accepts ssh:// and file:// too.",
        examples=["https://gitlab.cern.ch"],
        validate_default=True,
    )
    token_env: EnvironmentName | None = Field(
        None,
        description="The environment variable with the token; without a token the lower public rate limits apply. "
        "For a git server over https: a password, or USER:PASSWORD.",
        examples=["GITHUB_TOKEN"],
    )
    app: GitHubApp | None = Field(None, description=getdoc(GitHubApp))
    webhook_secret_env: EnvironmentName | None = Field(
        None,
        description="The environment variable with the secret of its webhooks, which are taken at /hooks/KIND of the "
        "address in [web]: GitHub's webhook secret, or GitLab's secret token or signing token (whsec_...). "
        "A webhook only makes the bot look at once.",
        examples=["GITHUB_WEBHOOK_SECRET"],
    )
    ca_file: Text | None = Field(
        None,
        description="A PEM file with additional certificate authorities, trusted in addition to the "
        "system's; relative to this file's folder. For a git server it replaces the system's.",
        examples=["ca.pem"],
    )
    requests_per_minute: int | None = Field(
        None,
        ge=1,
        le=1_000_000,
        description="The maximum number of requests in any minute; by default 800 for GitHub, which allows 900, "
        "and 1800 for GitLab. Your own server may allow more.",
        examples=[5000],
    )

    @field_validator("base_url")
    @classmethod
    def _fits_kind(cls, base_url: str | None, info: ValidationInfo) -> str | None:
        kind = info.data.get("kind")
        if kind is None:
            return base_url
        site = SITES[kind]
        if base_url is None and not site.public_address:
            hint = 'example: base_url = "https://git.example.org"'
            raise InvalidValue(f'missing key, required by kind = "{kind}"', hint)
        if base_url and site.is_web and not base_url.startswith(_WEB):
            raise InvalidValue(
                f'{quoted(base_url)} requires kind = "git", not "{kind}"', 'example: "https://gitlab.cern.ch"'
            )
        if base_url and (other := other_kind(kind, base_url)):
            raise InvalidValue(f"{quoted(base_url)} is a URL of {other}, but kind is {kind}", f'use kind = "{other}"')
        if base_url and (right := site.right_address(base_url)) != base_url:
            raise InvalidValue(f"{quoted(base_url)} is not the URL of the {kind} API", f"use {quoted(right)}")
        return base_url

    @field_validator("token_env")
    @classmethod
    def _fits_address(cls, token_env: str | None, info: ValidationInfo) -> str | None:
        base_url = info.data.get("base_url")
        if token_env and base_url and not base_url.startswith(_WEB):
            raise InvalidValue("token_env works only with https URLs", "remove it; over ssh the bot's user needs a key")
        return token_env

    @field_validator("webhook_secret_env")
    @classmethod
    def _has_webhooks(cls, webhook_secret_env: str | None, info: ValidationInfo) -> str | None:
        kind = info.data.get("kind")
        if webhook_secret_env and kind is not None and not SITES[kind].has_webhooks:
            raise InvalidValue(f'kind = "{kind}" has no webhooks', "remove it; a git server is polled only")
        return webhook_secret_env

    @field_validator("ca_file")
    @classmethod
    def _goes_with_tls(cls, ca_file: str | None, info: ValidationInfo) -> str | None:
        base_url = info.data.get("base_url")
        if ca_file and base_url and not base_url.startswith(_WEB):
            raise InvalidValue("ca_file works only with https URLs", "remove it")
        return ca_file

    @field_validator("app")
    @classmethod
    def _goes_alone(cls, app: GitHubApp | None, info: ValidationInfo) -> GitHubApp | None:
        kind = info.data.get("kind", "github")
        if app is not None and kind != "github":
            raise InvalidValue(
                f'app requires kind = "github", not "{kind}"', "remove it, and name a token in token_env"
            )
        if app is not None and info.data.get("token_env"):
            raise InvalidValue("app and token_env cannot be used together", "remove one of them")
        return app

    @property
    def site(self) -> Site:
        """Return the description of its kind."""
        return SITES[self.kind]

    @property
    def address(self) -> str:
        """Return its URL: the configured one, else the public one."""
        return (self.base_url or self.site.public_address).rstrip("/")

    @property
    def secret_env(self) -> str | None:
        """Return the variable that holds its token, or the key of its App."""
        return self.app.key_env if self.app else self.token_env

    @property
    def page_host(self) -> str:
        """Return the host of its repositories' web pages, empty if there are none."""
        return urlsplit(self.site.page(self.address, "")).hostname or ""


class IndexSettings(ConfigTable):
    """A package index; the table's name is the INDEX in INDEX:PROJECT. PyPI (pypi) needs no table."""

    model_config = ConfigDict(title="PackageIndex")

    base_url: Address | None = Field(
        None,
        description="The URL of its Simple API, which has to answer with JSON (PEP 691); by default PyPI's.",
        examples=["https://pypi.org/simple/"],
    )
    ca_file: Text | None = Field(
        None,
        description="A PEM file with additional certificate authorities, trusted in addition to the system's; "
        "relative to this file's folder.",
        examples=["ca.pem"],
    )

    @property
    def address(self) -> str:
        """Return its URL: the configured one, else PyPI's."""
        return self.base_url or _PYPI
