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
    REPOSITORY_COUNT = auto()
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
    MADE = auto()
    UNTIL = auto()
    DURATION = auto()
    REMAINING = auto()
    PRODUCTION = auto()
    OLDEST_MAINTAINED = auto()
    ADVICE = auto()
    UNREAD = auto()
    TAGS = auto()
    FRESHNESS = auto()
    GREETING = auto()
    THANKS = auto()
    PRAISE = auto()
    IDENTITY = auto()
    WHO = auto()
    LINK = auto()
    RATE = auto()
    BETWEEN = auto()
    PAUSE = auto()
    GAP = auto()
    MOST = auto()
    FEWEST = auto()
    LONGEST = auto()
    SHORTEST = auto()
    COMPARE = auto()
    MORE = auto()
    BOUND = auto()
    MEDIAN = auto()
    EARLIER = auto()
    OVERDUE = auto()
    DROPPED = auto()
    NUMBERED = auto()


_PHRASES = {
    Cue.COUNT: "how many, how may, how manny, how much, how many times, number, numbers, nr, count, counts, counting, "
    "total, totals, amount, quantity, tally, nb, nb of, num, num of, statistics, stats, no. of, #, # of",
    Cue.LIST: "list, lists, listing, show, show me, show us, display, give, give me, give us, list me, send me, "
    "which, what, enumerate, print, any, anything, something, happened, happen, happens",
    Cue.ALL: "all, every one, full list, complete list, entire list, every single",
    Cue.NEW: "new, news, recent, recently, lately, fresh",
    Cue.LINE: "series, line, lines, branch, branches, release series, release line, release lines, stable line",
    Cue.NOUN: "release, releases, releasing, version, versions, ones",
    Cue.LATEST: "latest, newest, most recent, last, current, actual, up to date, highest, lastest",
    Cue.WHEN: "when, release date, date of release, date, dates, day, which date, what date, "
    "since when, what time, timestamp",
    Cue.ABOUT: "about, info, information, detail, details, commit, sha, hash, describe, explain",
    Cue.OUT: "out, released, published, available, announced, shipped, did we release, do we release, we released, "
    "have we released, was released, were released, been released",
    Cue.WILL: "will, shall, going to, expected, planned, scheduled, expect, plan, plans, timeline, roadmap, "
    "when do we release, when do you release",
    Cue.CERTIFICATION: "certification, certifications, certif, cert",
    Cue.CERTIFIED: "certified, certify, certifying, validated",
    Cue.HACKATHON: "hackathon, hackathons, hackaton, hackatons, hackhaton, hackathlon, hackfest",
    Cue.FINAL: "final certification, final cert, final certif, finally certified",
    Cue.MILESTONE: "milestone, milestones, step, steps",
    Cue.NEXT: "next, upcoming, coming",
    Cue.STATUS: "status, state, stand, stands, standing, doing, progress, progressing, where are we, how far, "
    "situation, going, going on, how is, how are, how goes, how does, how do, how did, evolving, advancing, overview",
    Cue.HIGHLIGHTS: "highlight, highlights",
    Cue.READY: "ready, finished, complete, completed, over, done, held, was held, were held, been held",
    Cue.REPOSITORIES: "repository, repositories, repo, repos, project, projects, packages, components",
    Cue.REPOSITORY_COUNT: "how many repositories, how many repos, how many projects, how many packages, how many "
    "components, number of repositories, number of repos, number of projects, count repositories, count repos",
    Cue.EVERYWHERE: "all repositories, all repos, all the repositories, all the repos, every repository, every repo, "
    "across all repositories, across all repos, across all projects, "
    "any repository, all projects, all of the repositories, everywhere, all watched repositories, all packages",
    Cue.WATCH: "watch, watched, watching, monitor, monitored, monitoring, follow, followed, following, track, "
    "tracked, tracking, poll, polled, cover, covered",
    Cue.RECOMMENDED: "recommended, recommend, recommends, should i use, should we use, should one use, "
    "should be used, should i install, should we install, should one install, should i run, should we run, "
    "should i take, should we take, do you suggest, do you advise, suggested, advised, to use, to install",
    Cue.MAINTAINED: "maintained, supported, still maintained, still supported, still alive, still active, still in "
    "support, still under support, still getting patches, alive, active, in support, under support, getting patches",
    Cue.END_OF_LIFE: "end-of-life, end of life, eol, unsupported, unmaintained, discontinued, dead, abandoned, "
    "obsolete",
    Cue.NOTES: "release notes, release note, notes, changelog, changelogs, change log, changed, changes, change, "
    "what has changed, what's changed, has changed, whats changed",
    Cue.DIGEST: "digest, digests, summary, report, recap",
    Cue.SUBSCRIPTIONS: "am i subscribed, i am subscribed, i subscribed, subscriptions, subscription, subscribed, "
    "subscribers, subscribe, subscribing",
    Cue.HELP: "help, how do i ask, how can i ask, how to ask, what can you do, what can i ask, what do you do, what "
    "are you able to do, how do i, how can i, usage, commands, examples, how does this work, how do you work, how to "
    "use, what do you know, what questions, which questions, what can i do, manual, instructions",
    Cue.UNTIL: "days until, days till, days to, days before, days to go until, how many days until, how many days "
    "till, how many days to, how many days before, how many days to go until, how many days left until, how many days "
    "are left until, number of days until, number of days to, in how many days, how long until, how long till, how "
    "much time until, time until, how many weeks until, weeks until, how soon, due, due soon, eta, foreseen",
    Cue.DURATION: "take, takes, taken, how long took, how long did, how long has, how long have, how long does, how "
    "long do, how long was, how long were, how long it took, how long lasted, how much time did, how much time took, "
    "how many days did, how many days took, how many days has, duration, lasted, lasts",
    Cue.REMAINING: "still pending, still missing, still left, still open, still to be done, still to come, blocking, "
    "blocks, blocker, blockers, blocked, missing, remaining, remains, remain, left, to do, to be done, still to do, "
    "pending, outstanding, holding up, holding back, delaying, needed, lacking, lacks, do we need, do we still need",
    Cue.PRODUCTION: "production, in production, for production, production-ready",
    Cue.OLDEST_MAINTAINED: "oldest supported, oldest maintained, oldest still supported, oldest still maintained, "
    "oldest version supported, oldest release supported, oldest series supported, lowest supported, "
    "earliest supported, minimum supported",
    Cue.ADVICE: "should i upgrade, should we upgrade, should i update, should we update, should i move, "
    "should we move, should i switch, should we switch, should i migrate, should we migrate, should i wait, "
    "should we wait, worth upgrading, worth updating, safe to upgrade, safe to update, safe to use, "
    "best, better, worst, worse",
    Cue.UNREAD: "unclassified, unread, unreadable, unrecognised, unrecognized, unparsed, could not read, "
    "couldn't read, "
    "cannot read, can not read, can't read, could you not read, couldn't you read, can you not read, can't you read, "
    "did not read, do not read, not read, could not be read, cannot be read, can not be read, can't be read, "
    "could not classify, cannot classify, could not understand, cannot understand, did not understand, "
    "do not understand, did you not understand, did you not read, do you not read, do you not understand, "
    "not understood, could not parse, cannot parse, not recognised, not recognized, "
    "match no scheme, match no version scheme, matched no scheme, do not match, not classified, no scheme reads",
    Cue.TAGS: "tag, tags",
    Cue.FRESHNESS: "how fresh, freshness, how up to date, data up to date, are you up to date, is this up to date, "
    "is it up to date, are you out of date, last check, last checked, last poll, last polled, data last updated, "
    "you last check, you last poll, you last update, you last look, were you updated, were you last updated, "
    "you check last, how old is the data, how old is your data, how old are your data, how old are the data, "
    "age of the data, data stale, data outdated, data out of date, how fresh is the data, how fresh is your data, "
    "how recent is the data, how current is the data, how up to date is the data, how fresh are the data, "
    "how fresh are your data, data complete, is the data complete, data fresh, data recent, data current",
    Cue.GREETING: "hi team, hello team, hi everyone, hello everyone, hey everyone, hi everybody, hello everybody, hi "
    "folks, hello folks, hey folks, hi guys, hello guys, hey guys, hey team, dear bot, hello, hi, hi all, hello all, "
    "hey all, dear all, hola, hey, hallo, bonjour, ciao, salut, dear, good morning, good afternoon, good evening, "
    "good day, greetings, howdy, hello there, hi there, hey there, how are you, how are you doing, how do you do, how "
    "is it going, good night, bye, goodbye",
    Cue.THANKS: "merci, danke, grazie, gracias, thanks in advance, thanks, thanks for "
    "the help, thanks for your help, thank you for the help, thank you for your help, thank you, thank, thx, cheers, "
    "tia, thanks a lot, thanks so much, thanks very much, thank you very much, thank you so much, many thanks, much "
    "appreciated, i appreciate it",
    Cue.PRAISE: "great, perfect, excellent, awesome, nice, cool, well done, good bot, good job, nice work, great job, "
    "got it, sorry, never mind, welcome, lol, haha, wow",
    Cue.IDENTITY: "who are you, what are you, what is this bot, who is this, what is release-bot, who is release-bot, "
    "are you a bot, are you a human, are you human, introduce yourself, what is your name, who made you",
    Cue.WHO: "who, whom, whose, by whom, author, authors, tagger, taggers, committer, maintainer, maintainers, "
    "release manager, person, people, somebody, someone",
    Cue.LINK: "link, links, link to, url, urls, address, page, web page, webpage, where can i find, where do i find, "
    "where is",
    Cue.RATE: "how often, how frequently, how regularly, how fast, frequency, frequencies, cadence, rhythm, rate, "
    "average, on average, in average, on an average, average number of, typical, typically, mean number, "
    "mean number of, mean rate, mean delay, mean time, mean gap, mean interval, mean pause, mean wait, mean distance",
    Cue.MEDIAN: "median, medians",
    Cue.BETWEEN: "between, between two, between any two, between consecutive, between successive, between subsequent, "
    "between two consecutive, between two successive, between each, between one release and the next, "
    "from one release to the next, from release to release",
    Cue.PAUSE: "pause, pauses, delay, delays, gap, gaps, waiting time, interval, intervals, distance, "
    "silence, silences, lull, time, time without, time without a, time without any, period without, "
    "period without a, period without any, stretch without, stretch without a, stretch without any",
    Cue.GAP: "how long did it take, how long did it take from, how many days ago, how many weeks ago, days, how many "
    "days, how many days since, how many weeks, how many weeks since, number of days, number of days since, how long, "
    "how long since, how long is it since, how long has it been since, how long was it since, how long ago, how old, "
    "how much time, how much time since, days since, weeks since, time since, time elapsed since, time passed since, "
    "passed, passed since, elapsed, elapsed since, age, age of, days old, how many days old, apart, far apart, how "
    "far apart",
    Cue.MOST: "most, busiest, most active, most productive, largest number of, highest number of, "
    "greatest number of, biggest number of, maximum number of, max number of",
    Cue.FEWEST: "fewest, least, quietest, least active, slowest, lowest number of, "
    "smallest number of, minimum number of, min number of, least number of, calmest",
    Cue.LONGEST: "longest, largest, biggest, greatest, maximum, max",
    Cue.SHORTEST: "shortest, smallest, minimum, min",
    Cue.COMPARE: "compare, compares, compared, comparing, comparison, comparison of, comparison between, compare to, "
    "compared to, compared with, compared against, in comparison to, in comparison with, versus, vs, against, than, "
    "than in, than for, difference, difference between, difference in, differences between, compare with",
    Cue.MORE: "more, fewer, less",
    Cue.BOUND: "at most, at least, at the most, at the least, more or less, no more than, not more than, no less than, "
    "no fewer than",
    Cue.EARLIER: "of them, of those, of these, among them, among those, among these, which of them, which of those, "
    "which of these",
    Cue.OVERDUE: "overdue",
    Cue.DROPPED: "dropped, cancelled, canceled",
    Cue.COUNTED: "how do you count, how did you count, how do you get the number, how did you get the number, "
    "how is the number, how was the number",
    Cue.MADE: "was done, were done, been done, have done, has done",
    # A closed class: articles, prepositions, auxiliaries, pronouns, verbs of releasing, ways to ask. Never an
    # adjective, a condition or a person, which would restrict what is asked.
    Cue.FILLER: "a, an, the, of, for, in, on, at, to, from, by, with, and, or, is, are, was, were, be, been, being, "
    "am, has, have, had, having, do, does, did, could, can, would, may, might, there, we, our, ours, us, you, your, "
    "it, its, they, them, their, these, those, that, this, so, so far, yet, already, now, right now, until now, up to "
    "now, to date, till now, as of now, at the moment, here, only, just, exactly, also, then, if, whether, one, as "
    "well, come, comes, came, came up, put out, went out, go out, goes out, made, make, makes, making, do we do, did "
    "we do, did we make, we did, produced, produce, issued, cut, ship, tagged, delivered, deliver, pushed, push out, "
    "rolled out, roll out, appeared, appear, published by, receive, received, get, got, see, saw, say me, can "
    "you say, could you say, can you say me, could you say me, took place, take place, taken place, exist, exists, "
    "existing, available in, software, -, break down, broken down, breakdown, split, grouped, group, separately, "
    "respectively, i want, i need, i would like, i'd like, i like, we want, we need, we would like, we'd like, i want "
    "to know, i need to know, we need to know, we want to know, want to know, i would like to know, i'd like to know, "
    "would like to know, we would like to know, i would like to see, i'd like to see, i want to see, want to see, i "
    "would like to have, i'd like to have, i wonder, i was wondering, just wondering, wondering, i am wondering, i'm "
    "wondering, i am curious, i'm curious, just curious, curious if, curious how, i am interested in, i'm interested "
    "in, we are interested in, do you know, does anyone know, does anybody know, do i know, can you tell, could you "
    "tell, can you tell me, could you tell me, can you tell us, could you tell us, would you tell me, tell me, tell "
    "us, let me know, let us know, let me see, let us see, can i get, could i get, can i have, could i have, may i "
    "have, can i see, could i see, can we see, can we have, could we have, can we get, could we get, can i know, may "
    "i know, could i know, may i ask, can i ask, can you find, could you find, find me, find out, for me, for us, did "
    "i miss, have i missed, i missed, did we miss, have we missed, did we get, do we get, have we got, we got, we "
    "have got, do i have, i have a question, i have a quick question, a question, question, quick question, one "
    "question, if possible, please, pls, plz, bot, release-bot, releasebot, dear release-bot, kindly, ok, okay, yes, "
    "well, hmm",
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
# What may be ranked by how many releases it has; a line of releases only straight after one of the words.
RANKED = {unit for unit in GroupBy if unit is not GroupBy.KIND}
BEFORE_RANKED_SERIES = {
    "which",
    "what",
    "busiest",
    "active",
    "productive",
    "quietest",
    "slowest",
    "calmest",
    "each",
    "and",
}
# What comes before a number that somebody says, and asks how it could be.
_CLAIMS = (
    "which reading gives, which readings give, which reading would give, which readings would give, "
    "what reading gives, what readings give, what gives, why not, why is it not, how could it be, how can it be, "
    "how could there be, how can there be, how could that be, how do you get, how do i get, how do we get, "
    "how would you get, how might it be"
)
CLAIMS = {tuple(phrase.split()) for phrase in _CLAIMS.split(", ")}
