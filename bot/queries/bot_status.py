"""The state of the bot: what was polled, what that costs, and what waits."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.domain.values import dataclass
from bot.queries.base import Answer, Result
from bot.render.markup import Markup
from bot.render.release_table import minute
from bot.render.sections import Section
from bot.render.table import Column, Table

if TYPE_CHECKING:
    from bot.services.status import RepositoryStatus, Status

_COLUMNS = (Column("repository"), Column("tags", is_number=True), Column("polled"), Column("next"), Column("error"))


@dataclass(frozen=True, slots=True)
class BotStatus(Result):
    """The state of the bot, as ``release-bot status`` shows it."""

    status: "Status"
    version: str
    zone: ZoneInfo

    def answer(self, markup: Markup) -> Answer:
        """Return it in lines."""
        from bot.render.status import status_text

        first, *lines = status_text(self.status, self.zone).splitlines()
        return Answer(markup.plain(first), (Section("", tuple(map(markup.plain, lines))),))

    def tables(self) -> Sequence[Table]:
        """Return the repositories with their last polls."""
        return [Table.of(_COLUMNS, map(self._row, self.status.repositories))]

    def data(self) -> Any:
        """Return all of it."""
        from bot.render.status import status_json

        return status_json(self.status, self.version, self.zone)

    def _row(self, each: "RepositoryStatus") -> tuple[str, ...]:
        record, zone = each.record, self.zone
        moments = (minute(record.polled_at, zone), minute(each.next_poll, zone))
        return (each.repository.key, str(record.tag_count), *moments, record.error or "")
