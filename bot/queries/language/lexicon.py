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
    TAG = auto()
    LINE = auto()
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
    FEW = auto()
    DIGEST = auto()
    SUBSCRIPTIONS = auto()
    HELP = auto()
    FILLER = auto()
    COUNTED = auto()


_PHRASES = {
    Cue.COUNT: "how many, how much, how often, how many times, number, numbers, nr, count, counts, counting, total, "
    "totals, amount, quantity, tally, nb, nb of, num, num of, statistics, stats, no. of, frequency",
    Cue.LIST: "list, lists, listing, show, show me, show us, display, give, give me, give us, list me, send me, "
    "which, what, enumerate, print, any, anything, something, happened, happen, happens",
    Cue.ALL: "all, every one, full list, complete list, entire list, every single",
    Cue.NEW: "new, news, recent, recently, lately, fresh",
    Cue.TAG: "tag, tags",
    Cue.LINE: "series, line, lines, branch, branches, release series, release line, release lines, stable line",
    Cue.NOUN: "release, releases, releasing, version, versions, ones",
    Cue.LATEST: "latest, newest, most recent, last, current, actual, up to date, highest, lastest",
    Cue.WHEN: "when, date, dates, day, which day, what day, which date, what date, since when, what time, how long "
    "ago, how old, timestamp",
    Cue.ABOUT: "about, info, information, detail, details, commit, sha, hash, describe, explain",
    Cue.OUT: "out, released, published, available, announced, shipped, did we release, do we release, we released, "
    "have we released, was released, were released, been released",
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
    Cue.MAINTAINED: "maintained, supported, still maintained, still supported",
    Cue.END_OF_LIFE: "end-of-life, end of life, eol, unsupported, unmaintained, discontinued",
    Cue.NOTES: "release notes, release note, notes, changelog, changelogs, change log, changed, changes, change, "
    "what has changed, what's changed, has changed, whats changed",
    Cue.DIGEST: "digest, digests, summary, report, recap",
    Cue.SUBSCRIPTIONS: "am i subscribed, i am subscribed, i subscribed, subscriptions, subscription, subscribed, "
    "subscribers, subscribe, subscribing",
    Cue.HELP: "help, how do i ask, how can i ask, how to ask, what can you do, what can i ask, what do you do, what "
    "are you able to do, how do i, how can i, usage, commands, examples, how does this work, how do you work, how to "
    "use, what do you know, who are you, what are you, what questions, which questions, what can i do, manual, "
    "instructions",
    Cue.COUNTED: "how do you count, how did you count, how do you get the number, how did you get the number, "
    "how is the number, how was the number",
    # A closed class: articles, prepositions, auxiliaries, pronouns, verbs of releasing, courtesies. Never an
    # adjective, a condition or a person, which would restrict what is asked.
    Cue.FILLER: "a, an, the, of, for, in, on, at, to, from, by, with, and, or, is, are, was, were, be, been, being, "
    "am, has, have, had, having, do, does, did, could, can, would, may, might, there, we, our, ours, us, you, your, "
    "it, its, they, them, their, these, those, that, this, so, so far, yet, already, now, right now, until now, up to "
    "now, to date, till now, as of now, at the moment, here, only, just, exactly, also, then, if, whether, one, as "
    "well, come, comes, came, came up, put out, went out, go out, goes out, made, make, makes, making, do we do, did "
    "we do, did we make, we did, was done, were done, have done, has done, been done, produced, produce, issued, cut, "
    "ship, tagged, delivered, deliver, pushed, push out, rolled out, roll out, appeared, appear, published by, "
    "receive, received, say me, can you say, could you say, took place, take place, taken place, exist, exists, "
    "existing, available in, software, -, break down, broken down, breakdown, split, grouped, group, separately, "
    "respectively, i want, i need, i would like, i'd like, i like, we want, we need, we would like, we'd like, i want "
    "to know, i need to know, we need to know, we want to know, want to know, i would like to know, i'd like to know, "
    "would like to know, we would like to know, i would like to see, i'd like to see, i want to see, want to see, i "
    "would like to have, i'd like to have, i wonder, i was wondering, just wondering, wondering, i am wondering, i'm "
    "wondering, i am curious, i'm curious, just curious, curious if, curious how, i am interested in, i'm interested "
    "in, we are interested in, do you know, do i know, can you tell, could you tell, tell me, tell us, let me know, "
    "let us know, let me see, let us see, can i get, could i get, can i have, could i have, may i have, can i see, "
    "could i see, can we see, can we have, could we have, can we get, could we get, can i know, may i know, could i "
    "know, may i ask, can i ask, can you find, could you find, find me, find out, for me, for us, did i miss, have i "
    "missed, i missed, did we miss, have we missed, did we get, do we get, have we got, we got, we have got, do i "
    "have, i have a question, i have a quick question, a question, question, quick question, one question, if "
    "possible, please, pls, plz, thanks, thank, thank you, thx, cheers, tia, thanks in advance, many thanks, merci, "
    "danke, grazie, gracias, thanks a lot, thank you very much, thanks very much, hi, hello, hey, hallo, bonjour, "
    "ciao, hi all, hello all, hi team, hello team, hi everyone, hello everyone, hey everyone, hi everybody, hello "
    "everybody, hi folks, hello folks, hey folks, hi guys, hello guys, hey guys, hey team, dear all, dear bot, hi "
    "there, hello there, hey there, good morning, good afternoon, good evening, good day, bot, release-bot, "
    "releasebot, dear release-bot, kindly, ok, okay, yes, well, hmm, sorry",
}
PHRASES = {tuple(phrase.split()): cue for cue, told in _PHRASES.items() for phrase in told.split(", ")}

_KINDS = {
    KindWord.PATCH: "patch, patches, patched, patchs, patch level, bugfix, bugfixes, bug-fix, bug fix, bug fixes, "
    "hotfix, hotfixes, patch-level, patch-release, patch-releases, point release, point releases",
    KindWord.PRE_RELEASE: "pre-release, pre-releases, prerelease, prereleases, pre release, pre releases, pre, pres, "
    "release candidate, release candidates, rc, rcs, alpha, alphas, beta, betas, candidate, candidates",
    KindWord.MINOR: "minor, minors",
    KindWord.MAJOR: "major, majors",
    KindWord.FINAL: "final, finals, official, non-pre-release, non-prerelease",
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
# From which end a few releases are counted: whether from the first on.
ENDS = {("first",): True, ("earliest",): True, ("oldest",): True, ("very", "first"): True}
ENDS |= {(word,): False for word in ("last", "latest", "newest")} | {("most", "recent"): False}
# What comes before a number that somebody says, and asks how it could be.
_CLAIMS = (
    "which reading gives, which readings give, which reading would give, which readings would give, "
    "what reading gives, what readings give, what gives, why not, why is it not, how could it be, how can it be, "
    "how could there be, how can there be, how could that be, how do you get, how do i get, how do we get, "
    "how would you get, how might it be"
)
CLAIMS = {tuple(phrase.split()) for phrase in _CLAIMS.split(", ")}
