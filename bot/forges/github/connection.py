"""PyGithub over our bounded connection, with the token of each request.

PyGithub documents neither its connections nor that ``Requester.requestJson`` takes one; it has no other way to send
over an adapter of ours. So all that is used of its insides is here: the class of its connections, and in it
``session`` and ``protocol``.
"""

from urllib.parse import urlsplit

import github
from github.Requester import HTTPSRequestsConnectionClass

from bot.forges.http import ForgeAdapter


class CurrentTokenAuth(github.Auth.Auth):
    """PyGithub's way to the token of the next request; it masks it in what it logs."""

    bearer = ""

    @property
    def token_type(self) -> str:
        """Return the word before the token, as PyGithub writes it for every other token."""
        return "token"

    @property
    def token(self) -> str:
        """Return the token."""
        return self.bearer


class AdapterConnection(HTTPSRequestsConnectionClass):
    """PyGithub's connection over our adapter, for either scheme; PyGithub takes it with each request."""

    def __init__(self, base_url: str, adapter: ForgeAdapter) -> None:
        address = urlsplit(base_url)
        super().__init__(address.hostname or "", address.port or (80 if address.scheme == "http" else None))
        self.protocol = address.scheme
        self.session.mount(f"{address.scheme}://", adapter)
