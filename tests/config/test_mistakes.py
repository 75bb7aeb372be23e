"""Every mistake in a configuration is one line that says where, what, and what would be right."""

from pathlib import Path

import pytest

from tests.config.files import BASE, DIGEST, DIRAC, GITHUB, PLACE, PLAN, STEP, mistakes

REPOSITORY = "repositories[0] (DIRACGrid/DIRAC)"
X = "[forges.x]\nkind = 'github'\n"
GIT = "[forges.x]\nkind = 'git'\n"
REGEX = BASE + "scheme = 'regex'\n"
NO_ADDRESS = 'is no address to listen at; say for example "127.0.0.1:3000"'
PILOT = DIRAC.replace("DIRACGrid/DIRAC", "DIRACGrid/Pilot")
NO_WEB_ADDRESS = 'is no web address; say for example "https://gitlab.cern.ch"'
NO_GIT_ADDRESS = 'is no address of a git server; say for example "ssh://git@git.example.org" or "file:///srv/git"'
NO_VARIABLE = (
    "is not the name of an environment variable (what stands there is not shown: it may be a secret); "
    "write only the variable's name, such as GITHUB_TOKEN; the secret goes into the environment"
)
NO_PLACE = (
    "is no name for a place; say for example [places.mattermost]: letters, digits, dots, - and _, "
    "and no Slack channel's id"
)
NO_PERIOD = (
    "is no period; say for example 7d, 4w, 1m, 1y, 2021-02, 2021-W07, 2021-Q1, 2021, today, this-week or last-month"
)
TOP_KEYS = (
    "certifications, database, digests, forges, milestone_kinds, monitoring, organisations, places, poll, "
    "remind_within, repositories, slack, time_zone"
)

TOP = {
    'time_zone = "Mars/Base"': 'time_zone: "Mars/Base" is no time zone; say for example "Europe/Paris" or "UTC"',
    'time_zone = "europe/pari"': 'time_zone: "europe/pari" is no time zone; did you mean "Europe/Paris"?',
    'time_zone = "../../etc"': 'time_zone: "../../etc" is no time zone; say for example "Europe/Paris" or "UTC"',
    'time_zone = ""': 'time_zone: "" is no time zone; say for example "Europe/Paris" or "UTC"',
    'time_zone = "a\\nb"': 'time_zone: "a\\nb" is no time zone; say for example "Europe/Paris" or "UTC"',
    "time_zone = 7": 'time_zone: expected a text, found a number (7); write for example time_zone = "Europe/Paris"',
    "time_zone = nan": 'time_zone: expected a text, found a number (nan); write for example time_zone = "Europe/Paris"',
    "time_zone = true": 'time_zone: expected a text, found true; write for example time_zone = "Europe/Paris"',
    "time_zone = 07:00:00": "time_zone: expected a text, found a time (07:00:00); "
    'write for example time_zone = "Europe/Paris"',
    'timezone = "UTC"': "timezone: is no known key; did you mean time_zone?",
    "colour = 1": f"colour: is no known key; the known ones are: {TOP_KEYS}",
    "milestone_kinds = 'review'": 'milestone_kinds: expected a list of texts, found a text ("review"); '
    'write for example milestone_kinds = ["review"]',
    "milestone_kinds = [' ']": "milestone_kinds[0]: is empty; write a text there",
    "remind_within = '1.5h'": 'remind_within: "1.5h" is no duration; say for example 90s, 10m, 1h or 1d',
    "database = 'x'": 'database: expected a table, found a text ("x"); write its keys under [database]',
    "[database]\nurl = ''": "database.url: is empty; write a text there",
    "[database]\nurl = 'mysql://u:s3cret@x/y'": 'database.url: "mysql" is no database that is supported; '
    "say sqlite:///FILE or postgresql://USER@HOST/NAME",
    "[database]\nurl = 'postgresql://u:s3@cret@x:y/z'": 'database.url: "y" is no port of a database; '
    "write the number after the host, as in HOST:5432",
    "[poll]\nevry = '1m'": "poll.evry: is no known key; did you mean every?",
    "[poll]\ntime_zone = 'UTC'": "poll.time_zone: is no known key; "
    "it belongs at the top of the file, above the first [table]",
    "[poll]\nevery = 10": 'poll.every: expected a text, found a number (10); write for example every = "5m"',
    "[poll]\nevery = 'soon'": 'poll.every: "soon" is no duration; say for example 90s, 10m, 1h or 1d',
    "[poll]\nevery = '-5m'": 'poll.every: "-5m" is no duration; say for example 90s, 10m, 1h or 1d',
    "[poll]\nevery = '0s'": 'poll.every: "0s" is too often; the least is 10s',
    "[poll]\nevery = '9s'": 'poll.every: "9s" is too often; the least is 10s',
    "[poll]\nfull_every = '1m'": 'poll.full_every: "1m" is shorter than every = "10m"; make it as long or longer',
    "[poll]\nevery = '2h'": 'poll.full_every: "1h" is shorter than every = "2h"; make it as long or longer',
    "[poll]\nfull_every = '3651d'": 'poll.full_every: "3651d" is too long; the most is 3650d',
}

FORGES = {
    "forges = 3": "forges: expected a table, found a number (3); write its keys under [forges.NAME]",
    "[[forges]]\nkind = 'github'": "forges: expected a table, found a list; write its keys under [forges.NAME]",
    "[forges]\nkind = 'github'": 'forges.kind: expected a table, found a text ("github"); '
    "write its keys under [forges.NAME]",
    "[forges.x]": 'forges.x.kind: is missing; write for example kind = "gitlab"',
    "[forges.x]\nkind = 'hub'": 'forges.x.kind: "hub" is none of the known words; say "github", "gitlab" or "git"',
    "[forges.x]\nkind = 'git'": 'forges.x.base_url: is missing, and kind = "git" needs it; '
    'write for example base_url = "https://git.example.org"',
    X
    + "base_url = 'https://github.example.org'": 'forges.x.base_url: "https://github.example.org" is not where the API '
    'of github is addressed; write "https://github.example.org/api/v3"',
    "[forges.x]\nkind = 'gitlab'\nbase_url = 'https://gitlab.example.org/api/v4'": "forges.x.base_url: "
    '"https://gitlab.example.org/api/v4" is not where the API of gitlab is addressed; '
    'write "https://gitlab.example.org"',
    X + "base_url = 'ssh://git@h'": 'forges.x.base_url: goes with kind = "git", not with "github"; '
    'say for example "https://gitlab.cern.ch"',
    GIT + "base_url = 'ssh://-oProxyCommand=x'": f'forges.x.base_url: "ssh://-oProxyCommand=x" {NO_GIT_ADDRESS}',
    GIT + "base_url = 'ssh://-x@h'": f'forges.x.base_url: "ssh://-x@h" {NO_GIT_ADDRESS}',
    GIT + "base_url = 'ssh://git:s3cret@h'": f'forges.x.base_url: "ssh://git:***@h" {NO_GIT_ADDRESS}',
    GIT + "base_url = 'ssh://h:0'": f'forges.x.base_url: "ssh://h:0" {NO_GIT_ADDRESS}',
    GIT + "base_url = 'ssh://h/größe'": f'forges.x.base_url: "ssh://h/größe" {NO_GIT_ADDRESS}',
    GIT + "base_url = 'file://host/x'": f'forges.x.base_url: "file://host/x" {NO_GIT_ADDRESS}',
    GIT + "base_url = 'file:///'": f'forges.x.base_url: "file:///" {NO_GIT_ADDRESS}',
    GIT + "base_url = 'ext::sh -c x'": f'forges.x.base_url: "ext::sh -c x" {NO_WEB_ADDRESS}',
    GIT + "base_url = 'ssh://git@h'\ntoken_env = 'TOKEN'": "forges.x.token_env: goes with https addresses only; "
    "leave it out; over ssh the bot's user needs a key",
    "[forges.'a:b']\nkind = 'github'": 'forges."a:b": is no name for a forge; '
    "it is the FORGE in FORGE:PATH: letters, digits, dots, - and _",
    "[forges.'']\nkind = 'github'": 'forges."": is no name for a forge; '
    "it is the FORGE in FORGE:PATH: letters, digits, dots, - and _",
    X + "base_url = 'ftp://x'": f'forges.x.base_url: "ftp://x" {NO_WEB_ADDRESS}',
    X + "base_url = 'github.com'": f'forges.x.base_url: "github.com" {NO_WEB_ADDRESS}',
    X + "base_url = 'https://'": f'forges.x.base_url: "https://" {NO_WEB_ADDRESS}',
    X + "base_url = 'https://[::1'": f'forges.x.base_url: "https://[::1" {NO_WEB_ADDRESS}',
    X + "base_url = 'https://h:99999'": f'forges.x.base_url: "https://h:99999" {NO_WEB_ADDRESS}',
    X + "base_url = 'https://h /x'": f'forges.x.base_url: "https://h /x" {NO_WEB_ADDRESS}',
    X + 'base_url = "https://h\\n/x"': f'forges.x.base_url: "https://h\\n/x" {NO_WEB_ADDRESS}',
    X + "base_url = 'https://u:s3cret@x'": "forges.x.base_url: an address holds no user or password; "
    "put the token into the environment and name its variable in token_env",
    X + "base_url = 'ftp://u:s3cret@x'": "forges.x.base_url: an address holds no user or password; "
    "put the token into the environment and name its variable in token_env",
    X + "base_url = 'https://x/?private_token=s3cret'": "forges.x.base_url: an address ends before any ? or #; "
    'say for example "https://gitlab.cern.ch"',
    X + "token_env = 'glpat-s3cret'": f"forges.x.token_env: {NO_VARIABLE}",
    X + "token_env = 'ghp_s3cret'": f"forges.x.token_env: {NO_VARIABLE}",
    X + "token_env = '$GITHUB_TOKEN'": f"forges.x.token_env: {NO_VARIABLE}",
    X + "token_env = ''": f"forges.x.token_env: {NO_VARIABLE}",
    X + "app = { id = 1, key_env = 'KEY' }\ntoken_env = 'TOKEN'": "forges.x.app: stands beside token_env; "
    "leave one of them out: GitHub is asked as an App or with a token",
    X.replace("github", "gitlab") + "app = { id = 1, key_env = 'KEY' }": 'forges.x.app: goes with kind = "github", '
    'not with "gitlab"; leave it out, and name a token in token_env',
    X + "app = { key_env = 'KEY' }": "forges.x.app.id: is missing; write for example id = 12345",
    X + "app = { id = 1 }": 'forges.x.app.key_env: is missing; write for example key_env = "GITHUB_APP_KEY"',
    X + "app = 12345": "forges.x.app: expected a table, found a number (12345); write its keys under [forges.NAME.app]",
    X + "app = { id = 'Iv23', key_env = 'KEY' }": 'forges.x.app.id: expected a whole number, found a text ("Iv23"); '
    "write for example id = 12345",
    X + "app = { id = 0, key_env = 'KEY' }": "forges.x.app.id: expected 1 or more, found a number (0); "
    "write for example id = 12345",
    X + "app = { id = 1, key_env = 'ghs_s3cret' }": f"forges.x.app.key_env: {NO_VARIABLE}",
    X + "app = { id = 1, key = 's3cret', key_env = 'K' }": "forges.x.app.key: is no known key; did you mean key_env? "
    "It names a variable; the secret goes into the environment",
    X + "token = 'ghp_s3cret'": "forges.x.token: is no known key; did you mean token_env? "
    "It names a variable; the secret goes into the environment",
}

NO_REGEX = "mend it, or leave it out"
REPOSITORIES = {
    "repositories = 'DIRAC'": 'repositories: expected a list of tables, found a text ("DIRAC"); '
    "write its keys under [[repositories]]",
    "repositories = ['DIRAC']": 'repositories[0]: expected a table, found a text ("DIRAC"); '
    "write its keys under [[repositories]]",
    "[repositories]\nforge = 'x'": "repositories: expected a list of tables, found a table; "
    "write its keys under [[repositories]]",
    GITHUB + "[[repositories]]\nforge = 'github'": "repositories[0].path: is missing; "
    'write for example path = "DIRACGrid/DIRAC"',
    DIRAC: f'{REPOSITORY}.forge: "github" is no known forge; add [forges.github]; known are: none yet',
    GITHUB + DIRAC.replace('"github"', '"gitlab.cern.ch"'): f'{REPOSITORY}.forge: "gitlab.cern.ch" is no known forge; '
    'add [forges."gitlab.cern.ch"]; known are: github',
    BASE + DIRAC.lower(): "repositories[1] (diracgrid/dirac): github:diracgrid/dirac is watched twice, "
    "first in repositories[0]; leave one out",
    BASE + DIRAC.replace("DIRACGrid", "x"): 'repositories[1] (x/DIRAC).name: repositories[0] is called "DIRAC" too; '
    "give each a name of its own",
    BASE + DIRAC.replace("DIRACGrid/DIRAC", "a/b") + "name = 'dirac'": "repositories[1] (a/b).name: "
    'repositories[0] is called "dirac" too; give each a name of its own',
    BASE.replace("DIRACGrid/DIRAC", "DIRAC"): 'repositories[0] (DIRAC).path: "DIRAC" is no path of a repository; '
    'say for example "DIRACGrid/DIRAC"',
    BASE.replace("DIRACGrid/DIRAC", "https://github.com/a/b"): "repositories[0] (https://github.com/a/b).path: "
    '"https://github.com/a/b" is no path of a repository; say for example "DIRACGrid/DIRAC"',
    BASE.replace("DIRACGrid/DIRAC", "../b"): 'repositories[0] (../b).path: "../b" is no path of a repository; '
    'say for example "DIRACGrid/DIRAC"',
    BASE.replace("DIRACGrid/DIRAC", "a/b.git"): 'repositories[0] (a/b.git).path: "a/b.git" is an address '
    'to clone from; leave .git out: "a/b"',
    BASE.replace("DIRACGrid/DIRAC", "a/b/c"): 'repositories[0] (a/b/c).path: "a/b/c" is no path on GitHub; '
    'say OWNER/NAME, for example "DIRACGrid/DIRAC"',
    BASE + "name = ' '": f"{REPOSITORY}.name: is empty; write a text there",
    BASE + 'name = "a\\nb"': f'{REPOSITORY}.name: "a\\nb" holds a line break or another control character; '
    "write it on one line",
    BASE + "scheme = 'calver'": f'{REPOSITORY}.scheme: "calver" is none of the known words; '
    'say "dirac", "pep440", "semver" or "regex"',
    BASE + "scheme = 1": f"{REPOSITORY}.scheme: a number (1) is none of the known words; "
    'say "dirac", "pep440", "semver" or "regex"',
    BASE + "date = 'author'": f'{REPOSITORY}.date: "author" is none of the known words; '
    'say "auto", "published", "tagger", "commit" or "first_seen"',
    BASE + "counts = 'all'": f'{REPOSITORY}.counts: "all" is none of the known words; say "patch" or "final"',
    BASE + "alias = 'x'": f"{REPOSITORY}.alias: is no known key; did you mean aliases?",
    BASE + "branch = 'x'": f"{REPOSITORY}.branch: is no known key; the known ones are: "
    "aliases, counts, date, forge, name, path, pattern, prefix, prerelease_flag, scheme, tags",
    BASE + "aliases = ['Pilot3', '']": f"{REPOSITORY}.aliases[1]: is empty; write a text there",
    BASE + PILOT + "aliases = ['dirac']": "repositories[1] (DIRACGrid/Pilot).aliases[0]: "
    'repositories[0] is called "dirac" too; give each a name of its own',
    REGEX: f'{REPOSITORY}.pattern: is missing, and scheme = "regex" needs it; '
    'write for example pattern = "rel-(?P<major>[0-9]+)"',
    BASE + "pattern = 'x'": f'{REPOSITORY}.pattern: goes with scheme = "regex", not with "dirac"; leave it out',
    REGEX + "pattern = '('": f'{REPOSITORY}.pattern: "(" is no regular expression '
    f"(missing ), unterminated subpattern at position 0); {NO_REGEX}",
    REGEX + "pattern = '[0-9]+'": f"{REPOSITORY}.pattern: has no group named major; "
    "write (?P<major>[0-9]+) where the first number stands",
    REGEX + "pattern = '(?P<major>1)(?P<micro>2)'": f'{REPOSITORY}.pattern: has a group named "micro"; '
    "the known ones are: major, minor, patch, pre",
    BASE + "tags = '^v'": f'{REPOSITORY}.tags: expected a table, found a text ("^v"); '
    "write its keys under [repositories.tags]",
    BASE + "tags = { includes = '' }": f"{REPOSITORY}.tags.includes: is no known key; did you mean include?",
    BASE + "tags = { include = '[' }": f'{REPOSITORY}.tags.include: "[" is no regular expression '
    f"(unterminated character set at position 0); {NO_REGEX}",
    BASE + "tags = { exclude = 'a{99999999999}' }": f'{REPOSITORY}.tags.exclude: "a{{99999999999}}" is no regular '
    f"expression (the repetition number is too large); {NO_REGEX}",
    BASE + "tags = { exclude = '^(?!v)' }": f'{REPOSITORY}.tags.exclude: "^(?!v)" has a look-ahead, which RE2 does not '
    "take; say with include what is to be found and with exclude what is not",
}

ALL = '[[organisations]]\nforge = "github"\npath = "DIRACGrid"\n'
ORGANISATIONS = {
    ALL: 'organisations[0] (DIRACGrid).forge: "github" is no known forge; add [forges.github]; known are: none yet',
    BASE + ALL + ALL.lower(): "organisations[1] (diracgrid): github:diracgrid is watched twice, "
    "first in organisations[0]; leave one out",
    "[forges.github]\nkind = 'git'\nbase_url = 'https://x'\n" + ALL: 'organisations[0] (DIRACGrid).forge: "github" is '
    "a git server, which cannot list its repositories; write a [[repositories]] table for each",
    BASE + ALL + "include = '['": 'organisations[0] (DIRACGrid).include: "[" is no regular expression '
    "(unterminated character set at position 0); mend it, or leave it out",
    BASE + ALL + "scheme = 'regex'": 'organisations[0] (DIRACGrid).scheme: "regex" is none of the known words; '
    'say "best", "dirac", "pep440" or "semver"',
    BASE + DIGEST + "repositories = ['github:DIRACGrid/*']": "digests[0] (weekly).repositories[0]: organisation "
    '"github:DIRACGrid/*" is not watched; add an [[organisations]] table for it',
}

SLACK_AND_DIGESTS = {
    "[slack]\nlisten = 'mail'": 'slack.listen: "mail" is none of the known words; say "socket" or "http"',
    "[slack]\nhttp_address = '3000'": f'slack.http_address: "3000" {NO_ADDRESS}',
    "[slack]\nhttp_address = '[::1]:99999'": f'slack.http_address: "[::1]:99999" {NO_ADDRESS}',
    "[slack]\nbase_url = 'slack.com'": f'slack.base_url: "slack.com" {NO_WEB_ADDRESS}',
    "[slack]\nbot_token_env = 'xoxb-1-s3cret'": f"slack.bot_token_env: {NO_VARIABLE}",
    "[slack]\nbot_token = 'xoxb-1-s3cret'": "slack.bot_token: is no known key; did you mean bot_token_env? "
    "It names a variable; the secret goes into the environment",
    "[slack]\nmaintainers = 7": "slack.maintainers: expected a list of texts, found a number (7); "
    'write for example maintainers = ["U012AB3CD"]',
    "[slack]\nmaintainers = 'xoxb-1-s3cret'": 'slack.maintainers: expected a list of texts, found a text ("***"); '
    'write for example maintainers = ["U012AB3CD"]',
    "[slack]\nmaintainers = ['U012AB3CD', 7]": "slack.maintainers[1]: expected a text, found a number (7); "
    'write for example maintainers = ["U012AB3CD"]',
    "[slack]\nmaintainers = ['fstagni']": 'slack.maintainers[0]: "fstagni" is no Slack user id; '
    "say for example U012AB3CD (in Slack: profile, three dots, copy member ID)",
    BASE + DIGEST.replace('"#c"', "7"): "digests[0] (weekly).channel: expected a text, found a number (7); "
    'write for example channel = "#dirac-releases"',
    BASE + DIGEST.replace("mon", "1"): 'digests[0] (weekly).schedule: "0 9 * * 1" gives the weekday by number; '
    'say the name, for example "0 9 * * mon" or "0 9 * * mon-fri"',
    BASE + DIGEST.replace("0 9 * * mon", "@weekly"): 'digests[0] (weekly).schedule: "@weekly" has 1 fields, '
    'a crontab schedule has 5; say minute hour day month weekday, for example "0 9 * * mon"',
    BASE + DIGEST.replace("0 9", "61 9"): 'digests[0] (weekly).schedule: "61 9 * * mon" is no schedule '
    '(Bad minute); say for example "0 9 * * mon"',
    BASE + DIGEST.replace("last-week", "soon"): f'digests[0] (weekly).period: "soon" {NO_PERIOD}',
    BASE + DIGEST.replace("last-week", "so\\non"): f'digests[0] (weekly).period: "so\\non" {NO_PERIOD}',
    BASE + DIGEST + "when_quiet = 'maybe'": 'digests[0] (weekly).when_quiet: "maybe" is none of the known words; '
    'say "post" or "skip"',
    BASE + DIGEST + "repositories = []": "digests[0] (weekly).repositories: is empty; "
    'write for example repositories = ["DIRAC", "github:DIRACGrid/WebAppDIRAC"], or leave the key out',
    BASE + DIGEST + "repositories = ['DIRAC', 'Pilot']": "digests[0] (weekly).repositories[1]: "
    'repository "Pilot" is not watched; the watched ones are: github:DIRACGrid/DIRAC',
    BASE + DIGEST + DIGEST: 'digests[1] (weekly): "weekly" goes to "#c" twice, first in digests[0]; '
    "give each digest of a channel a name of its own",
    BASE + DIGEST + "also = ['#d', '#c']": 'digests[0] (weekly).also[1]: "#c" is named twice; leave one out',
    BASE + DIGEST + "also = ['#d', '#d']": 'digests[0] (weekly).also[1]: "#d" is named twice; leave one out',
    BASE + DIGEST + "also = ['#d']\n" + DIGEST.replace("#c", "#d"): 'digests[1] (weekly): "weekly" goes to "#d" twice, '
    "first in digests[0]; give each digest of a channel a name of its own",
    BASE + DIGEST + DIGEST.replace("#c", "#d") + "also = ['#c']": 'digests[1] (weekly).also[0]: "weekly" goes to "#c" '
    "twice, first in digests[0]; give each digest of a channel a name of its own",
    PLACE
    + BASE
    + DIGEST
    + "also = ['matermost']": 'digests[0] (weekly).also[0]: "matermost" is no channel and no known '
    'place; write "#matermost" for a channel of Slack, or add [places.matermost]; known are: mattermost',
    BASE + DIGEST + "also = ['mattermost']": 'digests[0] (weekly).also[0]: "mattermost" is no channel and no known '
    'place; write "#mattermost" for a channel of Slack, or add [places.mattermost]; known are: none yet',
    BASE + DIGEST + "also = '#d'": 'digests[0] (weekly).also: expected a list of texts, found a text ("#d"); '
    'write for example also = ["mattermost", "#dirac-dev"]',
}

PLACES = {
    PLACE.replace("mattermost", "'#chat'"): f'places."#chat": {NO_PLACE}',
    PLACE.replace("mattermost", "C0123"): f"places.C0123: {NO_PLACE}",
    "[places.chat]\n": 'places.chat.url_env: is missing; write for example url_env = "MATTERMOST_URL"',
    "[places.chat]\nurl_env = 'mmosts://chat.example.org/s3cret'": f"places.chat.url_env: {NO_VARIABLE}",
    PLACE + "url = 'mmosts://chat.example.org/s3cret'": "places.mattermost.url: is no known key; "
    "did you mean url_env? It names a variable; the secret goes into the environment",
    PLACE + "format = 'rtf'": 'places.mattermost.format: "rtf" is none of the known words; '
    'say "markdown", "text" or "html"',
    "places = 'chat'": 'places: expected a table, found a text ("chat"); write its keys under [places.NAME]',
}

CERTIFICATION = "certifications[0] (v7r2)"
DAY = "write for example done = 2021-02-18"
CERTIFICATIONS = {
    BASE + PLAN.replace("DIRAC", "X"): f'{CERTIFICATION}.repository: repository "X" is not watched; '
    "the watched ones are: github:DIRACGrid/DIRAC",
    BASE + PLAN.replace("DIRAC", "*"): f"{CERTIFICATION}.repository: means every repository; "
    "name the one that is certified",
    BASE + PLAN.replace("v7r2", "new"): 'certifications[0] (new).series: "new" is not the name of a series; '
    "say for example v7r2 (scheme dirac) or 7.2 (the others)",
    BASE + PLAN + PLAN.replace("v7r2", "7.2"): 'certifications[1] (7.2).series: "7.2" of DIRAC is in '
    "certifications[0] already; write its milestones there",
    BASE + PLAN + "highlights = 'Python 3'": f'{CERTIFICATION}.highlights: expected a list of texts, found a text ("Pyt'
    'hon 3"); write for example highlights = ["Python 3 support on the client side"]',
    BASE + PLAN + "milestones = 3": f"{CERTIFICATION}.milestones: expected a list of tables, found a number (3); "
    "write its keys under [[certifications.milestones]]",
    BASE + PLAN + STEP.replace("hackathon", "party"): f'{CERTIFICATION}.milestones[0].kind: "party" is no known kind; '
    "say hackathon, final-certification, release, or name it in milestone_kinds",
    BASE + PLAN + STEP + "done = '2021-02-18'": f"{CERTIFICATION}.milestones[0].done: expected a date, "
    f'found a text ("2021-02-18"); {DAY}',
    BASE + PLAN + STEP + "done = 2021-02-18T10:00:00Z": f"{CERTIFICATION}.milestones[0].done: expected a date, "
    f"found a date with a time (2021-02-18 10:00:00+00:00); {DAY}",
    BASE + PLAN + STEP + "dropped = 1": f"{CERTIFICATION}.milestones[0].dropped: expected true or false, "
    "found a number (1); write for example dropped = true",
    BASE + PLAN + STEP + "dropped = true\ndone = 2021-02-18": f"{CERTIFICATION}.milestones[0].dropped: "
    "is true beside a day on which it was done; leave out dropped or done",
    BASE + PLAN + STEP + STEP + "title = 'hackathon 1'": f"{CERTIFICATION}.milestones[1] (hackathon 1).title: "
    'milestones[0] is called "hackathon 1" too; give each a title of its own',
    BASE + PLAN + "forge_milestones = '['": f'{CERTIFICATION}.forge_milestones: "[" is no regular expression '
    f"(unterminated character set at position 0); {NO_REGEX}",
}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        *TOP.items(),
        *FORGES.items(),
        *REPOSITORIES.items(),
        *ORGANISATIONS.items(),
        *SLACK_AND_DIGESTS.items(),
        *PLACES.items(),
        *CERTIFICATIONS.items(),
    ],
)
def test_each_mistake_is_one_line_that_says_where_and_what_to_do(tmp_path: Path, text: str, line: str) -> None:
    assert mistakes(text, tmp_path) == [line]
    assert "\n" not in line
    assert "s3cret" not in line


def test_mistakes_of_every_sort_are_told_in_one_go_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (
        'time_zone = "Mars"\ncolour = 1\n'
        f"{GITHUB}{DIRAC}"
        '[[repositories]]\nforge = "gitlab"\npath = "a/b"\ntags = { include = "[" }\n'
        f'{DIRAC}scheme = "calver"\n'
        f'{DIGEST.replace("mon", "1")}repositories = ["Pilot"]\n'
        f"{PLAN.replace('v7r2', 'new')}{STEP.replace('hackathon', 'party')}"
    )
    told = [line.partition("; ")[0] for line in mistakes(text, tmp_path, DATABASE_URL="mysql://x/y")]
    assert told == [
        'time_zone: "Mars" is no time zone',
        "colour: is no known key",
        'repositories[1] (a/b).tags.include: "[" is no regular expression (unterminated character set at position 0)',
        'repositories[1] (a/b).forge: "gitlab" is no known forge',
        'repositories[2] (DIRACGrid/DIRAC).scheme: "calver" is none of the known words',
        "repositories[2] (DIRACGrid/DIRAC): github:DIRACGrid/DIRAC is watched twice, first in repositories[0]",
        'digests[0] (weekly).schedule: "0 9 * * 1" gives the weekday by number',
        'digests[0] (weekly).repositories[0]: repository "Pilot" is not watched',
        'certifications[0] (new).milestones[0].kind: "party" is no known kind',
        '$DATABASE_URL: "mysql" is no database that is supported',
    ]


def test_a_repository_that_cannot_be_told_gives_no_mistakes_in_what_may_mean_it(tmp_path: Path) -> None:
    nameless = '[[repositories]]\nforge = "github"\n'
    told = mistakes(BASE + nameless + DIGEST + 'repositories = ["Pilot"]\n' + PLAN.replace("DIRAC", "Pilot"), tmp_path)
    assert told == ['repositories[1].path: is missing; write for example path = "DIRACGrid/DIRAC"']


def test_a_wrong_scheme_gives_no_mistake_in_the_series_that_it_would_read(tmp_path: Path) -> None:
    told = mistakes(f'{BASE}scheme = "calver"\n{PLAN.replace("v7r2", "2021")}', tmp_path)
    assert [line.partition(":")[0] for line in told] == [f"{REPOSITORY}.scheme"]


def test_a_wrong_rule_of_a_repository_does_not_make_it_unknown(tmp_path: Path) -> None:
    told = mistakes(f'{REGEX}{DIGEST}repositories = ["DIRAC", "Pilot"]\n', tmp_path)
    assert [line.partition(": ")[0] for line in told] == [
        f"{REPOSITORY}.pattern",
        "digests[0] (weekly).repositories[1]",
    ]


def test_a_long_value_is_cut(tmp_path: Path) -> None:
    [line] = mistakes(f'time_zone = "{"a" * 5000}"', tmp_path)
    assert f'"{"a" * 60}..."' in line
    assert len(line) < 200
