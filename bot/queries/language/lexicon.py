"""The words of questions: what points to a question's kind, what names kinds and units, and what says nothing."""

from enum import StrEnum, auto

from bot.domain.counts import GroupBy
from bot.domain.filters import KindWord


class Cue(StrEnum):
    """What a word or a phrase says about the question."""

    COUNT = auto()
    LIST = auto()
    ALL = auto()
    NEW = auto()
    NOUN = auto()
    LATEST = auto()
    WHEN = auto()
    ABOUT = auto()
    OUT = auto()
    WILL = auto()
    CERTIFICATION = auto()
    CERTIFIED = auto()
    HACKATHON = auto()
    FINAL = auto()
    MILESTONE = auto()
    NEXT = auto()
    STATUS = auto()
    HIGHLIGHTS = auto()
    READY = auto()
    REPOSITORIES = auto()
    WATCH = auto()
    EVERYWHERE = auto()
    RECOMMENDED = auto()
    MAINTAINED = auto()
    END_OF_LIFE = auto()
    NOTES = auto()
    DIGEST = auto()
    SUBSCRIPTIONS = auto()
    HELP = auto()
    FILLER = auto()


_PHRASES = {
    Cue.COUNT: "how many, how much, how often, how many times, number, numbers, nr, count, counts, counting, total, "
    "totals, amount, quantity, tally, statistics, stats, no. of, frequency",
    Cue.LIST: "list, lists, listing, show, display, give, which, what, enumerate, print, any, anything, something, "
    "happened, happen, happens",
    Cue.ALL: "all, every one, full list, complete list, entire list, every single",
    Cue.NEW: "new, news, recent, recently, lately, fresh",
    Cue.NOUN: "release, releases, releasing, version, versions, ones",
    Cue.LATEST: "latest, newest, most recent, last, current, up to date, highest",
    Cue.WHEN: "when, date, dates, day, what time, how long ago, how old, timestamp",
    Cue.ABOUT: "about, info, information, detail, details, commit, sha, hash, describe, explain",
    Cue.OUT: "out, released, published, available, announced, shipped",
    Cue.WILL: "will, shall, going to, expected, planned, scheduled",
    Cue.CERTIFICATION: "certification, certifications, certif, cert",
    Cue.CERTIFIED: "certified, certify, certifying, validated",
    Cue.HACKATHON: "hackathon, hackathons, hackaton, hackatons, hackhaton, hackathlon, hackfest",
    Cue.FINAL: "final certification, final cert, final certif, finally certified",
    Cue.MILESTONE: "milestone, milestones, step, steps",
    Cue.NEXT: "next, upcoming, coming",
    Cue.STATUS: "status, state, stand, stands, standing, doing, progress, progressing, where are we, how far, "
    "situation, going on, how is, how are, how goes, how does, how do, how did, evolving, advancing, overview",
    Cue.HIGHLIGHTS: "highlight, highlights",
    Cue.READY: "ready, finished, complete, completed, over, done",
    Cue.REPOSITORIES: "repository, repositories, repo, repos, project, projects, packages, components",
    Cue.EVERYWHERE: "all repositories, all repos, all the repositories, all the repos, every repository, every repo, "
    "any repository, all projects, all of the repositories, everywhere, all watched repositories, all packages",
    Cue.WATCH: "watch, watched, watching, monitor, monitored, monitoring, follow, followed, following, track, "
    "tracked, tracking, poll, polled, cover, covered",
    Cue.RECOMMENDED: "recommended, recommend, recommends, should i use, should we use, should one use, "
    "should be used, should i install, should we install",
    Cue.MAINTAINED: "maintained, supported",
    Cue.END_OF_LIFE: "end-of-life, end of life, eol, unsupported, unmaintained, discontinued",
    Cue.NOTES: "release notes, release note, notes, changelog, changelogs, change log, changed, changes, change, "
    "what has changed, what's changed, has changed, whats changed",
    Cue.DIGEST: "digest, digests, summary, report, recap",
    Cue.SUBSCRIPTIONS: "subscriptions, subscription, subscribed, subscribers, subscribe, subscribing",
    Cue.HELP: "help, what can you do, what can i ask, what do you do, what are you able to do, how do i, how can i, "
    "usage, commands, examples, how does this work, how do you work, how to use, what do you know, who are you, "
    "what are you, what questions, which questions, what can i do, manual, instructions",
    Cue.FILLER: "a, an, the, of, for, in, on, at, to, from, by, with, and, or, is, are, was, were, be, "
    "been, being, am, has, "
    "have, had, having, do, does, did, there, we, our, ours, us, i, i'd, i'm, me, my, you, your, it, its, it's, "
    "they, them, their, these, those, that, this, so, far, yet, already, now, currently, right now, please, pls, "
    "plz, thanks, thank, thx, cheers, hi, hello, hey, hallo, bonjour, dear, good, morning, afternoon, evening, "
    "bot, release-bot, releasebot, could, can, would, may, might, like, want, wish, know, need, tell, say, see, "
    "find, get, got, let, kindly, quickly, just, only, also, then, again, still, exactly, actually, really, ok, "
    "okay, well, hmm, team, guys, folks, everyone, everybody, all of you, come, comes, came, coming out, put, "
    "made, make, makes, making, produced, produce, issue, issued, cut, tagged, ship, delivered, deliver, pushed, "
    "push, rolled, roll, published by, received, receive, existing, exist, exists, appeared, appear, went, gone, "
    "go, take, taken, place, took, held, series, line, lines, branch, branches, stable line, production, so far, "
    "until now, up to now, to date, till now, as of now, at the moment, curious, wondering, wonder, interested, "
    "question, quick, remind, look, looking, check, checking, available in, one, else, some, same, kind of, "
    "sort of, if, whether, here, been there, seen, since when, worth, entry, entries, number of the, use, used, "
    "using, altogether, each other, total number, yes, ask, asking, hear, dirac's, software, software's, "
    "tags for, mean, means, called, named, for me, for us, together, plus, vs, versus, compared, compare, "
    "comparison, between, both, during, over, within, through, per, across, overall, in total, whole, break, "
    "broken, breakdown, split, grouped, group, down, separately, respectively, set, sent, send, perhaps, maybe, "
    "possible, possibly, much, very, too, as, tia, appreciate, sir, madam, friend, mate, buddy, colleagues, "
    "today's, itself, patching",
}
PHRASES = {tuple(phrase.split()): cue for cue, told in _PHRASES.items() for phrase in told.split(", ")}

_KINDS = {
    KindWord.PATCH: "patch, patches, patched, patchs, patch level, bugfix, bugfixes, bug-fix, bug fix, bug fixes, "
    "hotfix, hotfixes, patch-level, point",
    KindWord.PRE_RELEASE: "pre-release, pre-releases, prerelease, prereleases, pre release, pre releases, pre, pres, "
    "release candidate, release candidates, rc, rcs, alpha, alphas, beta, betas, candidate, candidates",
    KindWord.MINOR: "minor, minors",
    KindWord.MAJOR: "major, majors",
    KindWord.FINAL: "final, finals, stable, proper, real, official, full, non-pre-release, non-prerelease",
    KindWord.ALL: "everything, any kind, any kinds, all kinds, every kind, whatever kind, any type, all types, "
    "all sorts, of any kind, of all kinds, of every kind, any sort, of any type, of all types",
}
KINDS = {tuple(phrase.split()): kind for kind, told in _KINDS.items() for phrase in told.split(", ")}
# What, before the words for pre-releases, leaves them out or brings them in.
WITHOUT = {("without",), ("excluding",), ("except",), ("but", "no"), ("not", "counting"), ("no",), ("ignoring",)}
WITHOUT |= {("leaving", "out"), ("not", "including"), ("other", "than"), ("but", "not"), ("except", "for"), ("minus",)}
WITH = {("including",), ("counting",), ("with",), ("incl",), ("included",), ("plus",), ("and", "also"), ("also",)}

_UNITS = {
    GroupBy.SERIES: "series, line, branch, release series, release line",
    GroupBy.REPOSITORY: "repository, repo, project, package, component, repositories, repos, projects",
    GroupBy.KIND: "kind, type, kinds, types, sort",
    GroupBy.DAY: "day, days",
    GroupBy.WEEK: "week, weeks, calendar week",
    GroupBy.MONTH: "month, months, calendar month",
    GroupBy.QUARTER: "quarter, quarters",
    GroupBy.YEAR: "year, years, calendar year",
}
UNITS = {tuple(phrase.split()): unit for unit, told in _UNITS.items() for phrase in told.split(", ")}
_RATES = {GroupBy.DAY: "daily", GroupBy.WEEK: "weekly", GroupBy.MONTH: "monthly", GroupBy.QUARTER: "quarterly"}
RATES = {word: unit for unit, word in _RATES.items()} | {"yearly": GroupBy.YEAR, "annual": GroupBy.YEAR}
RATES |= {"annually": GroupBy.YEAR}
# What comes before a unit that a count is broken down by.
PER = {("by",), ("per",), ("each",), ("every",), ("for", "each"), ("in", "each"), ("of", "each"), ("grouped", "by")}
PER |= {("broken", "down", "by"), ("split", "by"), ("for", "every"), ("in", "every"), ("of", "every"), ("across",)}
PER |= {("on", "each"), ("group", "by"), ("a",), ("break", "down", "by"), ("breakdown", "by"), ("breakdown", "per")}
# What comes before a number that somebody says, and asks how it could be.
_CLAIMS = (
    "which reading gives, which readings give, which reading would give, which readings would give, "
    "what reading gives, what readings give, what gives, why not, why is it not, how could it be, how can it be, "
    "how could there be, how can there be, how could that be, how do you get, how do i get, how do we get, "
    "how would you get, how might it be"
)
CLAIMS = {tuple(phrase.split()) for phrase in _CLAIMS.split(", ")}
