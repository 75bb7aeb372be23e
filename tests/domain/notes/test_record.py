"""What is recorded of a release's notes, and when they are tried again."""

from datetime import timedelta

from bot.domain.notes.entries import Entry
from bot.domain.notes.record import LONGEST_WAIT, NotesRecord, NotesSource
from tests.builders import MONDAY

NEW = NotesRecord("github:DIRACGrid/DIRAC", "7.1.29")
HOUR = timedelta(hours=1)


def test_a_failure_is_tried_again_with_growing_gaps_and_then_given_up() -> None:
    record, gaps = NEW, []
    while (record := record.failed("timed out", MONDAY)).next_try is not None:
        gaps.append(record.next_try - MONDAY)
    assert gaps == [timedelta(minutes=10), HOUR, 6 * HOUR, 24 * HOUR]
    assert (record.tries, record.error, record.source) == (5, "timed out", None)
    assert not record.is_due(MONDAY + timedelta(days=9))


def test_what_is_postponed_is_no_failed_try() -> None:
    record = NEW.postponed(MONDAY + HOUR, "rate limit exceeded")
    assert record.tries == 0
    assert not record.is_due(MONDAY)
    assert record.is_due(MONDAY + HOUR)


def test_what_a_wrong_clock_put_off_for_years_is_due() -> None:
    assert NEW.postponed(MONDAY + timedelta(days=900)).is_due(MONDAY)
    assert not NEW.postponed(MONDAY + LONGEST_WAIT).is_due(MONDAY)


def test_notes_are_read_from_the_block() -> None:
    record = NEW.failed("x", MONDAY).found(NotesSource.FILE, "dirac", "FIX: (#1) a", MONDAY)
    assert record.notes.entries == (Entry("FIX", "a", 1),)
    assert (record.source, record.next_try, record.error, record.tries) == (NotesSource.FILE, None, "", 2)
    assert not record.is_due(MONDAY)
    assert record.failed("x", MONDAY) == record.postponed(MONDAY) == record


def test_an_empty_block_is_no_notes() -> None:
    record = NEW.found(NotesSource.FILE, "dirac", " \n", MONDAY)
    assert (record.source, record.format, record.text) == (NotesSource.NONE, "", "")
