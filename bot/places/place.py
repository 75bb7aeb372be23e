"""A place that Apprise posts to: each message at most once, in one piece, each failure told for what it is."""

import json
import math
import time
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from bot.domain.digests import Digest
from bot.network.exchange import ending_by
from bot.places.bounding import bounded
from bot.places.messages import message_of
from bot.places.outcomes import Overheard, broken, late, outcome
from bot.places.services import check_authorities, open_service, ways_of
from bot.services.ports import ChatRefused, ChatUnavailable, Frozen, Posted, Search

if TYPE_CHECKING:
    from apprise import NotifyBase

# How long a whole post may take, in seconds: a service may be asked several times for one, to log in for instance.
_TIMEOUT = 60.0


class ApprisePlace:
    """One place by its Apprise address, which ``variable`` holds.

    ``language`` is markdown, text or html, None for what the service takes; a whole post takes ``timeout``
    seconds at most; ``ca_file`` holds certificate authorities to trust beside the system's. Raises UsageError where
    Apprise is not installed, does not understand the address, or cannot be told of authorities.
    """

    def __init__(
        self,
        where: str,
        variable: str,
        address: str,
        language: str | None,
        *,
        timeout: float = _TIMEOUT,
        ca_file: Path | None = None,
    ) -> None:
        self._timeout = timeout
        self._where = where
        self._variable = variable
        self._address = address
        self._ca_file = ca_file
        service = self._open()
        if ca_file is not None:
            check_authorities(where, service)
        self._ways = ways_of(service, language)
        self.service = str(service.service_name)

    @property
    def manner(self) -> str:
        """Say which service it is, and how a digest is written for it."""
        return f"{self.service}, in {self._ways.language} of at most {self._ways.most:,} characters"

    def freeze(self, channel: str, digest: Digest) -> Frozen:
        """Write the message, as long as the service takes it."""
        del channel
        from apprise import NotifyFormat

        service, written_in = self._open(), NotifyFormat(self._ways.language)
        message = message_of(digest, self._ways, lambda body: service.dialect_convert(body, written_in))
        posted = {"title": message.title, "body": message.body, "language": message.language}
        return Frozen(json.dumps(posted, ensure_ascii=False), message.unnamed)

    def clock(self, channel: str) -> datetime | None:
        """Return nothing: Apprise passes on no answer."""
        del channel
        return None

    def post(self, channel: str, message: str, key: str, deadline: float = math.inf) -> Posted:
        """Post a frozen message once; no id is told of it, so the delivery's key stands for one. Raises ChatError.

        What goes by requests ends by itself; whatever else is still done at the end of the time is left behind.
        It can be kept from beginning after the deadline, not from going on.
        """
        came: Future[Posted] = Future()
        ends = time.monotonic() + self._timeout

        def run() -> None:
            try:
                with ending_by(ends):
                    came.set_result(self._post(channel, message, key, deadline))
            except BaseException as error:  # noqa: BLE001 - raised where it is waited for
                came.set_exception(error)

        Thread(target=run, name=f"post {channel}", daemon=True).start()
        try:
            return came.result(self._timeout)
        except TimeoutError as error:
            raise late(channel, self.service) from error

    def _post(self, channel: str, message: str, key: str, deadline: float) -> Posted:
        frozen = json.loads(message)
        if time.monotonic() >= deadline:
            raise ChatUnavailable(channel, "the time for this attempt is over")
        with Overheard() as heard:
            try:
                is_taken = self._send(frozen["title"], frozen["body"], frozen["language"])
            except Exception as error:  # whatever goes wrong may have done so after the message was taken
                raise broken(channel, self.service, error) from error
        if not is_taken:
            raise outcome(channel, self.service, self._variable, heard)
        return Posted(channel, key)

    def find(self, channel: str, key: str, since: datetime | None) -> Search:
        """Refuse: Apprise can only post."""
        del key, since
        raise ChatRefused(channel, f"{self.service} cannot be asked for it", "somebody has to look")

    def delete(self, channel: str, posted: Posted) -> None:
        """Refuse: Apprise can only post."""
        del posted
        raise ChatRefused(channel, f"{self.service} cannot delete it", "somebody has to do that")

    def _open(self) -> "NotifyBase":
        return open_service(self._where, self._variable, self._address)

    def _send(self, title: str, body: str, language: str) -> bool:
        """Send in one piece, without a second try, converted only into the service's own dialect.

        The service is opened anew: what one has learned of an earlier post would make it wait.
        """
        from apprise import NotifyFormat, OverflowMode

        service, written_in = self._open(), NotifyFormat(language)
        if isinstance(service.notify_format, NotifyFormat):
            # It declares one language only, as it does where it knows nothing of the service's.
            service.notify_format = written_in
        taken_as = service.resolve_format(written_in)
        with bounded(service, self._timeout, self._ca_file):
            return service.notify(
                body=body,
                title=title,
                overflow=OverflowMode.UPSTREAM,
                body_format=taken_as,
                body_passthrough=taken_as is not written_in,
            )
