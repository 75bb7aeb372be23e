"""Answers about certification in words: first what was asked, then how it stands."""

from bot.domain.certifications import Certification
from bot.domain.digests import CertificationDigest
from bot.domain.milestones import FINAL_CERTIFICATION, HACKATHON, Milestone, MilestoneStatus
from bot.domain.periods import AsOf
from bot.domain.questions.asked import Aspect
from bot.render.certification_parts import certification_lines, heading
from bot.render.digest_parts import Section
from bot.render.markup import Markup
from bot.render.words import date_words, in_days, listed, moment_words, plural
from bot.services.answers import CertificationAnswer

_MOST = 5
_PAST = (MilestoneStatus.DONE, MilestoneStatus.DROPPED)


def certification_sentence(answer: CertificationAnswer, markup: Markup) -> str:
    """Answer what was asked, for each certification."""
    if not (answer.certifications or answer.not_begun):
        return "no certification is under way that I know of"
    told = [_about(each, answer.aspect, markup) for each in answer.certifications[:_MOST]]
    told += [not_begun_words(markup.strong(markup.plain(series)), answer.as_of) for series in answer.not_begun]
    left = len(answer.certifications) - _MOST
    return "; ".join([*told, *([f"and {left} more"] if left > 0 else [])])


def not_begun_words(series: str, as_of: AsOf) -> str:
    """Say that the certification of a series was still to begin."""
    return f"the certification of {series} had not begun by {moment_words(as_of.end, as_of.zone)} ({as_of.zone.key})"


def certification_sections(answer: CertificationAnswer, markup: Markup) -> tuple[Section, ...]:
    """Tell how each certification stands, or list the milestones that were asked for."""
    return tuple(
        part for each in answer.certifications[:_MOST] for part in [_section(each, answer, markup)] if part.lines
    )


def _section(certification: Certification, answer: CertificationAnswer, markup: Markup) -> Section:
    title = heading(certification, markup)
    match answer.aspect:
        case Aspect.HIGHLIGHTS:
            return Section(title, ())
        case Aspect.HACKATHONS:
            wanted = [milestone for milestone in certification.milestones if milestone.kind == HACKATHON]
        case Aspect.FINAL | Aspect.NEXT:
            wanted = [each for each in certification.milestones if each.status(certification.today) not in _PAST]
        case _:
            part = CertificationDigest(certification, (), certification.moves, ())
            lines = certification_lines(part, markup, answer.as_of.zone, with_period=False)
            return Section(title, tuple(lines))
    return Section(title, tuple(_line(milestone, certification, markup) for milestone in wanted))


def _line(milestone: Milestone, certification: Certification, markup: Markup) -> str:
    status = milestone.status(certification.today)
    day = milestone.done if status is MilestoneStatus.DONE else milestone.planned
    when = f" {date_words(day, certification.today)}" if day else ""
    note = f", {markup.plain(milestone.note)}" if milestone.note else ""
    return f"{markup.plain(milestone.title)}: {status.value}{when}{note}"


def _about(certification: Certification, aspect: Aspect, markup: Markup) -> str:
    series = markup.strong(markup.plain(certification.series))
    match aspect:
        case Aspect.HACKATHONS:
            return _hackathons(certification, series, markup)
        case Aspect.FINAL:
            return _final(certification, series)
        case Aspect.NEXT:
            return _next(certification, series, markup)
        case Aspect.HIGHLIGHTS:
            told = "; ".join(map(markup.plain, certification.highlights))
            return f"highlights of {series}: {told}" if told else f"no highlights of {series} are noted"
        case _:
            return _state(certification, series, markup)


def _state(certification: Certification, series: str, markup: Markup) -> str:
    released = certification.released
    if released is not None:
        day = next((m.done for m in reversed(certification.milestones) if m.kind == "release"), None)
        when = f" on {date_words(day, certification.today)}" if day else ""
        return f"yes, {series} is out: {markup.release(released)} came out{when}"
    final = _of_kind(certification, FINAL_CERTIFICATION)
    done = [milestone for milestone in final if milestone.status(certification.today) is MilestoneStatus.DONE]
    if done and done[-1].done:
        return f"{series} is certified since {date_words(done[-1].done, certification.today)}, and not released yet"
    return f"{series} is not certified yet; {_planned(final, certification)}"


def _planned(final: list[Milestone], certification: Certification) -> str:
    coming = next((milestone for milestone in reversed(final) if milestone.planned and not milestone.dropped), None)
    if coming is None or coming.planned is None:
        return "no date of its final certification is known"
    when = date_words(coming.planned, certification.today)
    away = in_days((coming.planned - certification.today).days)
    state = "was" if coming.planned < certification.today else "is"
    return f"its final certification {state} planned for {when} ({away})"


def _hackathons(certification: Certification, series: str, markup: Markup) -> str:
    done = certification.done(HACKATHON)
    if not done:
        return f"no hackathon of {series} is recorded as done"
    days = listed([date_words(milestone.done, certification.today) for milestone in done if milestone.done])
    note = f"; the last one: {markup.plain(done[-1].note)}" if done[-1].note else ""
    verb = "is" if len(done) == 1 else "are"
    return f"{plural(len(done), 'hackathon')} of {series} {verb} done ({days}){note}"


def _final(certification: Certification, series: str) -> str:
    final = _of_kind(certification, FINAL_CERTIFICATION)
    done = [milestone for milestone in final if milestone.status(certification.today) is MilestoneStatus.DONE]
    if done and done[-1].done:
        return f"the final certification of {series} was done on {date_words(done[-1].done, certification.today)}"
    return f"{series}: {_planned(final, certification)}"


def _next(certification: Certification, series: str, markup: Markup) -> str:
    coming = certification.next
    if coming is None:
        return f"{series}: nothing is planned"
    title = markup.plain(coming.milestone.title)
    if coming.milestone.planned is None or coming.days is None:
        return f"next for {series}: {title}, not dated yet"
    when = date_words(coming.milestone.planned, certification.today)
    return f"next for {series}: {title} on {when} ({in_days(coming.days)})"


def _of_kind(certification: Certification, kind: str) -> list[Milestone]:
    return [milestone for milestone in certification.milestones if milestone.kind == kind and not milestone.dropped]
