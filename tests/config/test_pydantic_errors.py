"""Every mistake in a configuration is one line that says where, what, and what would be right."""

from pathlib import Path

import pytest

from tests.config.files import BASE, DIGEST, DIRAC, GITHUB, PLACE, PLAN, STEP, mistakes

REPOSITORY = "repositories[0] (DIRACGrid/DIRAC)"
X = "[forges.x]\nkind = 'github'\n"
GIT = "[forges.x]\nkind = 'git'\n"
REGEX = BASE + "scheme = 'regex'\n"
LISTEN_EXAMPLE = 'example: "127.0.0.1:3000"'
PILOT = DIRAC.replace("DIRACGrid/DIRAC", "DIRACGrid/Pilot")
URL_EXAMPLE = 'example: "https://gitlab.cern.ch"'
GIT_EXAMPLES = 'examples: "ssh://git@git.example.org", "file:///srv/git"'
NO_VARIABLE = (
    "invalid name of an environment variable (not shown, because it may be a secret); "
    "write only the variable's name, such as GITHUB_TOKEN, and put the secret into that variable"
)
PLACE_NAMES = "use letters, digits, dots, - and _, and not a Slack channel id; example: [places.mattermost]"
PERIODS = "examples: 7d, 4w, 1m, 1y, 2021-02, 2021-W07, 2021-Q1, 2021, today, this-week or last-month"
TOP_KEYS = (
    "certifications, chats, database, digests, forges, indexes, milestone_kinds, monitoring, organisations, places, "
    "poll, remind_within, repositories, slack, time_zone, web"
)

TOP = {
    'time_zone = "Mars/Base"': 'time_zone: invalid time zone "Mars/Base"; examples: "Europe/Paris", "UTC"',
    'time_zone = "europe/pari"': 'time_zone: invalid time zone "europe/pari"; did you mean "Europe/Paris"?',
    'time_zone = "../../etc"': 'time_zone: invalid time zone "../../etc"; examples: "Europe/Paris", "UTC"',
    'time_zone = ""': 'time_zone: invalid time zone ""; examples: "Europe/Paris", "UTC"',
    'time_zone = "a\\nb"': 'time_zone: invalid time zone "a\\nb"; examples: "Europe/Paris", "UTC"',
    "time_zone = 7": 'time_zone: expected a string, got a number (7); example: time_zone = "Europe/Paris"',
    "time_zone = nan": 'time_zone: expected a string, got a number (nan); example: time_zone = "Europe/Paris"',
    "time_zone = true": 'time_zone: expected a string, got true; example: time_zone = "Europe/Paris"',
    "time_zone = 07:00:00": 'time_zone: expected a string, got a time (07:00:00); example: time_zone = "Europe/Paris"',
    'timezone = "UTC"': 'timezone: unknown key "timezone"; did you mean time_zone?',
    "colour = 1": 'colour: unknown key "colour"; known keys: certifications, chats, database, digests, '
    "forges, indexes, milestone_kinds, monitoring, organisations, places, poll, remind_within, "
    "repositories, slack, time_zone, web",
    "milestone_kinds = 'review'": 'milestone_kinds: expected a list of strings, got a string ("review"); example: '
    'milestone_kinds = ["review"]',
    "milestone_kinds = [' ']": "milestone_kinds[0]: empty string; enter a value",
    "remind_within = '1.5h'": 'remind_within: invalid duration "1.5h"; examples: 90s, 10m, 1h, 1d',
    "database = 'x'": 'database: expected a table, got a string ("x"); write the keys under [database]',
    "[database]\nurl = ''": "database.url: empty string; enter a value",
    "[database]\nurl = 'mysql://u:s3cret@x/y'": 'database.url: unsupported database "mysql"; use sqlite:///FILE or '
    "postgresql://USER@HOST/NAME",
    "[database]\nurl = 'postgresql://u:s3@cret@x:y/z'": (
        'database.url: invalid database port "y"; write a number after the host, as in HOST:5432'
    ),
    "[poll]\nevry = '1m'": 'poll.evry: unknown key "evry"; did you mean every?',
    "[poll]\ntime_zone = 'UTC'": 'poll.time_zone: unknown key "time_zone"; move time_zone to the top of the file, '
    "above the first [table]",
    "[poll]\nevery = 10": 'poll.every: expected a string, got a number (10); example: every = "5m"',
    "[poll]\nevery = 'soon'": 'poll.every: invalid duration "soon"; examples: 90s, 10m, 1h, 1d',
    "[poll]\nevery = '-5m'": 'poll.every: invalid duration "-5m"; examples: 90s, 10m, 1h, 1d',
    "[poll]\nevery = '0s'": 'poll.every: polling interval "0s" is too short; use at least 10s',
    "[poll]\nevery = '9s'": 'poll.every: polling interval "9s" is too short; use at least 10s',
    "[poll]\nfull_every = '1m'": 'poll.full_every: "1m" is shorter than every = "10m"; use 10m or longer',
    "[poll]\nevery = '2h'": 'poll.full_every: "1h" is shorter than every = "2h"; use 2h or longer',
    "[poll]\nfull_every = '3651d'": 'poll.full_every: duration "3651d" is too long; use at most 3650d',
}

FORGES = {
    "forges = 3": "forges: expected a table, got a number (3); write the keys under [forges.NAME]",
    "[[forges]]\nkind = 'github'": "forges: expected a table, got a list; write the keys under [forges.NAME]",
    "[forges]\nkind = 'github'": 'forges.kind: expected a table, got a string ("github"); write the keys under '
    "[forges.NAME]",
    "[forges.x]": 'forges.x.kind: missing key; example: kind = "gitlab"',
    "[forges.x]\nkind = 'hub'": 'forges.x.kind: invalid value "hub"; must be "github", "gitlab" or "git"',
    "[forges.x]\nkind = 'git'": 'forges.x.base_url: missing key, required by kind = "git"; example: base_url = '
    '"https://git.example.org"',
    X + "base_url = 'https://github.example.org'": (
        'forges.x.base_url: "https://github.example.org" is not the URL of the github API; use '
        '"https://github.example.org/api/v3"'
    ),
    "[forges.x]\nkind = 'gitlab'\nbase_url = 'https://gitlab.example.org/api/v4'": (
        'forges.x.base_url: "https://gitlab.example.org/api/v4" is not the URL of the gitlab API; use '
        '"https://gitlab.example.org"'
    ),
    X + "base_url = 'ssh://git@h'": 'forges.x.base_url: "ssh://git@h" requires kind = "git", not "github"; example: '
    '"https://gitlab.cern.ch"',
    GIT + "base_url = 'ssh://-oProxyCommand=x'": (
        f'forges.x.base_url: invalid git server URL "ssh://-oProxyCommand=x"; {GIT_EXAMPLES}'
    ),
    GIT + "base_url = 'ssh://-x@h'": f'forges.x.base_url: invalid git server URL "ssh://-x@h"; {GIT_EXAMPLES}',
    GIT
    + "base_url = 'ssh://git:s3cret@h'": f'forges.x.base_url: invalid git server URL "ssh://git:***@h"; {GIT_EXAMPLES}',
    GIT + "base_url = 'ssh://h:0'": f'forges.x.base_url: invalid git server URL "ssh://h:0"; {GIT_EXAMPLES}',
    GIT + "base_url = 'ssh://h/größe'": f'forges.x.base_url: invalid git server URL "ssh://h/größe"; {GIT_EXAMPLES}',
    GIT + "base_url = 'file://host/x'": f'forges.x.base_url: invalid git server URL "file://host/x"; {GIT_EXAMPLES}',
    GIT + "base_url = 'file:///'": f'forges.x.base_url: invalid git server URL "file:///"; {GIT_EXAMPLES}',
    GIT + "base_url = 'ext::sh -c x'": f'forges.x.base_url: invalid URL "ext::sh -c x"; {URL_EXAMPLE}',
    GIT + "base_url = 'ssh://git@h'\ntoken_env = 'TOKEN'": (
        "forges.x.token_env: token_env works only with https URLs; remove it; over ssh the bot's user needs a key"
    ),
    "[forges.'a:b']\nkind = 'github'": (
        'forges."a:b": invalid forge name "a:b"; use letters, digits, dots, - and _, as in FORGE:PATH'
    ),
    "[forges.'']\nkind = 'github'": 'forges."": invalid forge name ""; use letters, digits, dots, - and _, as in '
    "FORGE:PATH",
    X + "base_url = 'ftp://x'": f'forges.x.base_url: invalid URL "ftp://x"; {URL_EXAMPLE}',
    X + "base_url = 'github.com'": f'forges.x.base_url: invalid URL "github.com"; {URL_EXAMPLE}',
    X + "base_url = 'https://'": f'forges.x.base_url: invalid URL "https://"; {URL_EXAMPLE}',
    X + "base_url = 'https://[::1'": f'forges.x.base_url: invalid URL "https://[::1"; {URL_EXAMPLE}',
    X + "base_url = 'https://h:99999'": f'forges.x.base_url: invalid URL "https://h:99999"; {URL_EXAMPLE}',
    X + "base_url = 'https://h /x'": f'forges.x.base_url: invalid URL "https://h /x"; {URL_EXAMPLE}',
    X + 'base_url = "https://h\\n/x"': f'forges.x.base_url: invalid URL "https://h\\n/x"; {URL_EXAMPLE}',
    X + "base_url = 'https://u:s3cret@x'": (
        "forges.x.base_url: a URL must not contain a user or password; put the token into an environment "
        "variable and name the variable in token_env"
    ),
    X + "base_url = 'ftp://u:s3cret@x'": (
        "forges.x.base_url: a URL must not contain a user or password; put the token into an environment "
        "variable and name the variable in token_env"
    ),
    X + "base_url = 'https://x/?private_token=s3cret'": (
        'forges.x.base_url: a URL must not contain ? or #; example: "https://gitlab.cern.ch"'
    ),
    X + "token_env = 'glpat-s3cret'": f"forges.x.token_env: {NO_VARIABLE}",
    X + "token_env = 'ghp_s3cret'": f"forges.x.token_env: {NO_VARIABLE}",
    X + "token_env = '$GITHUB_TOKEN'": f"forges.x.token_env: {NO_VARIABLE}",
    X + "token_env = ''": f"forges.x.token_env: {NO_VARIABLE}",
    X + "app = { id = 1, key_env = 'KEY' }\ntoken_env = 'TOKEN'": (
        "forges.x.app: app and token_env cannot be used together; remove one of them"
    ),
    X.replace("github", "gitlab") + "app = { id = 1, key_env = 'KEY' }": (
        'forges.x.app: app requires kind = "github", not "gitlab"; remove it, and name a token in token_env'
    ),
    X + "app = { key_env = 'KEY' }": "forges.x.app.id: missing key; example: id = 12345",
    X + "app = { id = 1 }": 'forges.x.app.key_env: missing key; example: key_env = "GITHUB_APP_KEY"',
    X + "app = 12345": "forges.x.app: expected a table, got a number (12345); write the keys under [forges.NAME.app]",
    X + "app = { id = 'Iv23', key_env = 'KEY' }": (
        'forges.x.app.id: expected a whole number, got a string ("Iv23"); example: id = 12345'
    ),
    X
    + "app = { id = 0, key_env = 'KEY' }": "forges.x.app.id: expected 1 or more, got a number (0); example: id = 12345",
    X + "app = { id = 1, key_env = 'ghs_s3cret' }": f"forges.x.app.key_env: {NO_VARIABLE}",
    X + "app = { id = 1, key = 's3cret', key_env = 'K' }": (
        'forges.x.app.key: unknown key "key"; did you mean key_env? It takes the name of an environment '
        "variable, not the secret"
    ),
    X + "token = 'ghp_s3cret'": 'forges.x.token: unknown key "token"; did you mean token_env? It takes the name of an '
    "environment variable, not the secret",
}

NO_REGEX = "fix or remove the regular expression"
REPOSITORIES = {
    "repositories = 'DIRAC'": 'repositories: expected a list of tables, got a string ("DIRAC"); write the keys '
    "under [[repositories]]",
    "repositories = ['DIRAC']": 'repositories[0]: expected a table, got a string ("DIRAC"); write the keys under '
    "[[repositories]]",
    "[repositories]\nforge = 'x'": "repositories: expected a list of tables, got a table; write the keys under "
    "[[repositories]]",
    GITHUB
    + "[[repositories]]\nforge = 'github'": 'repositories[0].path: missing key; example: path = "DIRACGrid/DIRAC"',
    DIRAC: 'repositories[0] (DIRACGrid/DIRAC).forge: unknown forge "github"; add '
    "[forges.github]; configured forges: none",
    GITHUB
    + DIRAC.replace(
        '"github"', '"gitlab.cern.ch"'
    ): 'repositories[0] (DIRACGrid/DIRAC).forge: unknown forge "gitlab.cern.ch"; add '
    '[forges."gitlab.cern.ch"]; configured forges: github',
    BASE + DIRAC + 'product = "a b"\n': 'repositories[1] (DIRACGrid/DIRAC).product: invalid product "a b"; '
    "use a name without spaces, # and :, as api or @scope/pkg",
    BASE + DIRAC + 'product = "api"\n' + DIRAC + 'product = "API"\n': "repositories[2] (DIRACGrid/DIRAC): "
    "github:DIRACGrid/DIRAC#API is already watched in repositories[1]; remove one",
    BASE + DIRAC.lower(): "repositories[1] (diracgrid/dirac): github:diracgrid/dirac is already watched in "
    "repositories[0]; remove one",
    BASE + DIRAC.replace("DIRACGrid", "x"): 'repositories[1] (x/DIRAC).name: duplicate name "DIRAC", already used by '
    "repositories[0]; give each repository a unique name",
    BASE
    + DIRAC.replace("DIRACGrid/DIRAC", "a/b")
    + "name = 'dirac'": 'repositories[1] (a/b).name: duplicate name "dirac", already used by repositories[0]; '
    "give each repository a unique name",
    BASE.replace("DIRACGrid/DIRAC", "DIRAC"): 'repositories[0] (DIRAC).path: "DIRAC" is not a repository path; '
    'use OWNER/NAME, such as "DIRACGrid/DIRAC"',
    BASE.replace(
        "DIRACGrid/DIRAC", "https://github.com/a/b"
    ): "repositories[0] (https://github.com/a/b).path: invalid repository path "
    '"https://github.com/a/b"; example: "DIRACGrid/DIRAC"',
    BASE.replace("DIRACGrid/DIRAC", "../b"): 'repositories[0] (../b).path: invalid repository path "../b"; example: '
    '"DIRACGrid/DIRAC"',
    BASE.replace("DIRACGrid/DIRAC", "a/b.git"): 'repositories[0] (a/b.git).path: "a/b.git" is a clone URL, '
    'not a path; leave out .git: "a/b"',
    BASE.replace("DIRACGrid/DIRAC", "a/b/c"): 'repositories[0] (a/b/c).path: "a/b/c" is not a GitHub path; '
    'use OWNER/NAME, such as "DIRACGrid/DIRAC"',
    BASE + "name = ' '": "repositories[0] (DIRACGrid/DIRAC).name: empty string; enter a value",
    BASE + 'name = "a\\nb"': 'repositories[0] (DIRACGrid/DIRAC).name: "a\\nb" contains a line break or another '
    "control character; write it on one line",
    BASE + "scheme = 'calver'": 'repositories[0] (DIRACGrid/DIRAC).scheme: invalid value "calver"; must be "dirac", '
    '"pep440", "semver", "numbered" or "regex"',
    BASE + "scheme = 1": "repositories[0] (DIRACGrid/DIRAC).scheme: expected a string, got a number (1); must be "
    '"dirac", "pep440", "semver", "numbered" or "regex"',
    BASE + "date = 'author'": 'repositories[0] (DIRACGrid/DIRAC).date: invalid value "author"; must be "auto", '
    '"published", "index", "tagger", "commit" or "first_seen"',
    BASE + "date = 'index'": 'repositories[0] (DIRACGrid/DIRAC).date: date = "index" requires index; example: index = '
    '"pypi:DIRAC"',
    BASE + "index = 'DIRAC'": 'repositories[0] (DIRACGrid/DIRAC).index: invalid project of a package index "DIRAC"; '
    'example: "pypi:DIRAC"',
    BASE + "index = 'devpi:DIRAC'": 'repositories[0] (DIRACGrid/DIRAC).index: unknown package index "devpi"; add '
    "[indexes.devpi]; known indexes: pypi",
    BASE
    + "notes = { file = '/etc/passwd', format = 'dirac' }": "repositories[0] (DIRACGrid/DIRAC).notes.file: invalid "
    'file "/etc/passwd"; a path in the repository, example: "release.notes"',
    BASE + "notes = { file = 'NEWS', format = 'rst' }": "repositories[0] (DIRACGrid/DIRAC).notes.format: invalid value "
    '"rst"; must be "dirac", "keepachangelog" or "markdown"',
    BASE + "[indexes.devpi]": "indexes.devpi: missing key base_url, required by every index but pypi; "
    'example: base_url = "https://pypi.example.org/simple/"',
    BASE + "counts = 'all'": 'repositories[0] (DIRACGrid/DIRAC).counts: invalid value "all"; must be "patch" or '
    '"final"',
    BASE + "alias = 'x'": 'repositories[0] (DIRACGrid/DIRAC).alias: unknown key "alias"; did you mean aliases?',
    BASE + "branch = 'x'": 'repositories[0] (DIRACGrid/DIRAC).branch: unknown key "branch"; known keys: aliases, '
    "build_metadata, count_yanked, counts, date, forge, index, name, notes, numbering, other_prefixes, path, pattern, "
    "prefix, prerelease_flag, product, scheme, series, tags",
    BASE + "numbering = ['.']": "repositories[0] (DIRACGrid/DIRAC).numbering: 1 pattern, but numbering needs two "
    r'to nine; oldest numbering first, example: numbering = ["^20\\d\\d\\.", "."]',
    BASE
    + f"numbering = {['.'] * 10}": "repositories[0] (DIRACGrid/DIRAC).numbering: 10 patterns, but numbering needs two "
    r'to nine; oldest numbering first, example: numbering = ["^20\\d\\d\\.", "."]',
    BASE + "numbering = ['(', '.']": 'repositories[0] (DIRACGrid/DIRAC).numbering[0]: invalid regular expression "(": '
    "missing ), unterminated subpattern at position 0; fix or remove the regular expression",
    BASE + "aliases = ['Pilot3', '']": "repositories[0] (DIRACGrid/DIRAC).aliases[1]: empty string; enter a value",
    BASE
    + PILOT
    + "aliases = ['dirac']": 'repositories[1] (DIRACGrid/Pilot).aliases[0]: duplicate name "dirac", already used '
    "by repositories[0]; give each repository a unique name",
    REGEX: 'repositories[0] (DIRACGrid/DIRAC).pattern: missing key, required by scheme = "regex"; '
    'example: pattern = "rel-(?P<major>[0-9]+)"',
    BASE + "pattern = 'x'": 'repositories[0] (DIRACGrid/DIRAC).pattern: pattern requires scheme = "regex", not '
    '"dirac"; remove it',
    REGEX + "pattern = '('": 'repositories[0] (DIRACGrid/DIRAC).pattern: invalid regular expression "(": missing '
    "), unterminated subpattern at position 0; fix or remove the regular expression",
    REGEX + "pattern = '[0-9]+'": "repositories[0] (DIRACGrid/DIRAC).pattern: no group named major; write "
    "(?P<major>[0-9]+) for the first number",
    REGEX + "pattern = '(?P<major>1)(?P<micro>2)'": (
        'repositories[0] (DIRACGrid/DIRAC).pattern: unknown group "micro"; '
        "known groups: major, minor, patch, build, phase, pre"
    ),
    BASE + "tags = '^v'": 'repositories[0] (DIRACGrid/DIRAC).tags: expected a table, got a string ("^v"); write '
    "the keys under [repositories.tags]",
    BASE
    + "tags = { includes = '' }": 'repositories[0] (DIRACGrid/DIRAC).tags.includes: unknown key "includes"; did you '
    "mean include?",
    BASE
    + "tags = { include = '[' }": 'repositories[0] (DIRACGrid/DIRAC).tags.include: invalid regular expression "[": '
    "unterminated character set at position 0; fix or remove the regular expression",
    BASE + "tags = { exclude = 'a{99999999999}' }": (
        'repositories[0] (DIRACGrid/DIRAC).tags.exclude: invalid regular expression "a{99999999999}": the '
        "repetition number is too large; fix or remove the regular expression"
    ),
    BASE + "tags = { exclude = '^(?!v)' }": (
        'repositories[0] (DIRACGrid/DIRAC).tags.exclude: invalid regular expression "^(?!v)": RE2 does not '
        "support a look-ahead; use the include and exclude filters instead"
    ),
}

ALL = '[[organisations]]\nforge = "github"\npath = "DIRACGrid"\n'
ORGANISATIONS = {
    ALL: 'organisations[0] (DIRACGrid).forge: unknown forge "github"; add [forges.github]; configured forges: none',
    BASE + ALL + ALL.lower(): "organisations[1] (diracgrid): github:diracgrid is already watched in "
    "organisations[0]; remove one",
    "[forges.github]\nkind = 'git'\nbase_url = 'https://x'\n"
    + ALL: 'organisations[0] (DIRACGrid).forge: "github" is a git server, which cannot list its '
    "repositories; add a [[repositories]] table for each repository",
    BASE + ALL + "include = '['": 'organisations[0] (DIRACGrid).include: invalid regular expression "[": unterminated '
    "character set at position 0; fix or remove the regular expression",
    BASE
    + ALL
    + "scheme = 'regex'": 'organisations[0] (DIRACGrid).scheme: invalid value "regex"; must be "best", "dirac", '
    '"pep440", "semver" or "numbered"',
    BASE + DIGEST + "repositories = ['github:DIRACGrid/*']": (
        'digests[0] (weekly).repositories[0]: organisation "github:DIRACGrid/*": not watched; add an '
        "[[organisations]] table for it"
    ),
}

SLACK_AND_DIGESTS = {
    "[slack]\nlisten = 'mail'": 'slack.listen: invalid value "mail"; must be "socket" or "http"',
    "[slack]\nhttp_address = '3000'": f'slack.http_address: invalid listen address "3000"; {LISTEN_EXAMPLE}',
    "[slack]\nhttp_address = '[::1]:99999'": (
        f'slack.http_address: invalid listen address "[::1]:99999"; {LISTEN_EXAMPLE}'
    ),
    "[slack]\nbase_url = 'slack.com'": f'slack.base_url: invalid URL "slack.com"; {URL_EXAMPLE}',
    "[slack]\nbot_token_env = 'xoxb-1-s3cret'": f"slack.bot_token_env: {NO_VARIABLE}",
    "[slack]\nbot_token = 'xoxb-1-s3cret'": (
        'slack.bot_token: unknown key "bot_token"; did you mean bot_token_env? It takes the name of an '
        "environment variable, not the secret"
    ),
    "[slack]\nmaintainers = 7": "slack.maintainers: expected a list of strings, got a number (7); example: "
    'maintainers = ["U012AB3CD"]',
    "[slack]\nmaintainers = 'xoxb-1-s3cret'": (
        'slack.maintainers: expected a list of strings, got a string ("***"); example: maintainers = ["U012AB3CD"]'
    ),
    "[slack]\nmaintainers = ['U012AB3CD', 7]": (
        'slack.maintainers[1]: expected a string, got a number (7); example: maintainers = ["U012AB3CD"]'
    ),
    "[slack]\nmaintainers = ['fstagni']": (
        'slack.maintainers[0]: invalid Slack user id "fstagni"; example: U012AB3CD (in Slack: profile, '
        "three dots, Copy member ID)"
    ),
    BASE
    + DIGEST.replace(
        '"#c"', "7"
    ): 'digests[0] (weekly).channel: expected a string, got a number (7); example: channel = "#dirac-releases"',
    BASE + DIGEST.replace("mon", "1"): 'digests[0] (weekly).schedule: "0 9 * * 1" gives the weekday by number; '
    'write its name, for example "0 9 * * mon" or "0 9 * * mon-fri"',
    BASE + DIGEST.replace("0 9 * * mon", "@weekly"): 'digests[0] (weekly).schedule: "@weekly" has 1 field, '
    'a crontab schedule has 5; write minute hour day month weekday, for example "0 9 * * mon"',
    BASE + DIGEST.replace("0 9", "61 9"): 'digests[0] (weekly).schedule: invalid schedule "61 9 * * mon" '
    '(Bad minute); example: "0 9 * * mon"',
    BASE + DIGEST.replace("last-week", "soon"): f'digests[0] (weekly).period: invalid period "soon"; {PERIODS}',
    BASE + DIGEST.replace("last-week", "so\\non"): f'digests[0] (weekly).period: invalid period "so\\non"; {PERIODS}',
    BASE
    + DIGEST
    + "when_quiet = 'maybe'": 'digests[0] (weekly).when_quiet: invalid value "maybe"; must be "post" or "skip"',
    BASE
    + DIGEST
    + "repositories = []": "digests[0] (weekly).repositories: empty list; remove the key, or write for example "
    'repositories = ["DIRAC", "github:DIRACGrid/WebAppDIRAC"]',
    BASE + DIGEST + "repositories = ['DIRAC', 'Pilot']": (
        'digests[0] (weekly).repositories[1]: repository "Pilot": not watched; watched: github:DIRACGrid/DIRAC'
    ),
    BASE + DIGEST + DIGEST: 'digests[1] (weekly): digest "weekly" is already posted to "#c" by digests[0]; give '
    "each digest of a channel a unique name",
    BASE + DIGEST + "also = ['#d', '#c']": 'digests[0] (weekly).also[1]: duplicate channel "#c"; remove one',
    BASE + DIGEST + "also = ['#d', '#d']": 'digests[0] (weekly).also[1]: duplicate channel "#d"; remove one',
    BASE
    + DIGEST
    + "also = ['#d']\n"
    + DIGEST.replace("#c", "#d"): 'digests[1] (weekly): digest "weekly" is already posted to "#d" by digests[0]; give '
    "each digest of a channel a unique name",
    BASE
    + DIGEST
    + DIGEST.replace("#c", "#d")
    + "also = ['#c']": 'digests[1] (weekly).also[0]: digest "weekly" is already posted to "#c" by '
    "digests[0]; give each digest of a channel a unique name",
    PLACE
    + BASE
    + DIGEST
    + "also = ['matermost']": 'digests[0] (weekly).also[0]: unknown channel or place "matermost"; write '
    '"#matermost" for a Slack channel, or add [places.matermost]; configured places: '
    "mattermost",
    BASE
    + DIGEST
    + "also = ['mattermost']": 'digests[0] (weekly).also[0]: unknown channel or place "mattermost"; write '
    '"#mattermost" for a Slack channel, or add [places.mattermost]; configured places: '
    "none",
    BASE
    + DIGEST
    + "also = '#d'": 'digests[0] (weekly).also: expected a list of strings, got a string ("#d"); example: '
    'also = ["mattermost", "#dirac-dev"]',
}

PLACES = {
    PLACE.replace("mattermost", "'#chat'"): f'places."#chat": invalid place name "#chat"; {PLACE_NAMES}',
    PLACE.replace("mattermost", "C0123"): f'places.C0123: invalid place name "C0123"; {PLACE_NAMES}',
    "[places.chat]\n": 'places.chat.url_env: missing key; example: url_env = "MATTERMOST_URL"',
    "[places.chat]\nurl_env = 'mmosts://chat.example.org/s3cret'": f"places.chat.url_env: {NO_VARIABLE}",
    PLACE + "url = 'mmosts://chat.example.org/s3cret'": (
        'places.mattermost.url: unknown key "url"; did you mean url_env? It takes the name of an '
        "environment variable, not the secret"
    ),
    PLACE + "format = 'rtf'": 'places.mattermost.format: invalid value "rtf"; must be "markdown", "text" or "html"',
    "places = 'chat'": 'places: expected a table, got a string ("chat"); write the keys under [places.NAME]',
}

CERTIFICATION = "certifications[0] (v7r2)"
DAY = "example: done = 2021-02-18"
CERTIFICATIONS = {
    BASE + PLAN.replace("DIRAC", "X"): 'certifications[0] (v7r2).repository: repository "X": not watched; watched: '
    "github:DIRACGrid/DIRAC",
    BASE
    + PLAN.replace("DIRAC", "*"): "certifications[0] (v7r2).repository: a certification is about one repository, not "
    "all; name the repository that is certified",
    BASE
    + PLAN.replace(
        "v7r2", "new"
    ): 'certifications[0] (new).series: invalid series "new"; examples: v7r2 (scheme dirac), 7.2 (other schemes)',
    BASE
    + PLAN
    + PLAN.replace("v7r2", "7.2"): 'certifications[1] (7.2).series: DIRAC "7.2" is already in certifications[0]; move '
    "its milestones to certifications[0]",
    BASE
    + PLAN
    + "highlights = 'Python 3'": "certifications[0] (v7r2).highlights: expected a list of strings, got a string "
    '("Python 3"); example: highlights = ["Python 3 support on the client side"]',
    BASE + PLAN + "milestones = 3": "certifications[0] (v7r2).milestones: expected a list of tables, got a number (3); "
    "write the keys under [[certifications.milestones]]",
    BASE
    + PLAN
    + STEP.replace(
        "hackathon", "party"
    ): 'certifications[0] (v7r2).milestones[0].kind: unknown milestone kind "party"; use one '
    "of hackathon, final-certification, release, or add it to milestone_kinds",
    BASE
    + PLAN
    + STEP
    + "done = '2021-02-18'": "certifications[0] (v7r2).milestones[0].done: expected a date, got a string "
    '("2021-02-18"); example: done = 2021-02-18',
    BASE + PLAN + STEP + "done = 2021-02-18T10:00:00Z": (
        "certifications[0] (v7r2).milestones[0].done: expected a date, got a date with a time (2021-02-18 "
        "10:00:00+00:00); example: done = 2021-02-18"
    ),
    BASE
    + PLAN
    + STEP
    + "dropped = 1": "certifications[0] (v7r2).milestones[0].dropped: expected true or false, got a number "
    "(1); example: dropped = true",
    BASE + PLAN + STEP + "dropped = true\ndone = 2021-02-18": (
        "certifications[0] (v7r2).milestones[0].dropped: a milestone cannot be both dropped and done; "
        "remove dropped or done"
    ),
    BASE
    + PLAN
    + STEP
    + STEP
    + "title = 'hackathon 1'": "certifications[0] (v7r2).milestones[1] (hackathon 1).title: duplicate title "
    '"hackathon 1", already used by milestones[0]; give each milestone a unique title',
    BASE
    + PLAN
    + "forge_milestones = '['": 'certifications[0] (v7r2).forge_milestones: invalid regular expression "[": '
    "unterminated character set at position 0; fix or remove the regular expression",
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
        'time_zone: invalid time zone "Mars"',
        'colour: unknown key "colour"',
        'repositories[1] (a/b).tags.include: invalid regular expression "[": unterminated character set at position 0',
        'repositories[1] (a/b).forge: unknown forge "gitlab"',
        'repositories[2] (DIRACGrid/DIRAC).scheme: invalid value "calver"',
        "repositories[2] (DIRACGrid/DIRAC): github:DIRACGrid/DIRAC is already watched in repositories[0]",
        'digests[0] (weekly).schedule: "0 9 * * 1" gives the weekday by number',
        'digests[0] (weekly).repositories[0]: repository "Pilot": not watched',
        'certifications[0] (new).milestones[0].kind: unknown milestone kind "party"',
        '$DATABASE_URL: unsupported database "mysql"',
    ]


def test_a_repository_that_cannot_be_told_gives_no_mistakes_in_what_may_mean_it(tmp_path: Path) -> None:
    nameless = '[[repositories]]\nforge = "github"\n'
    told = mistakes(BASE + nameless + DIGEST + 'repositories = ["Pilot"]\n' + PLAN.replace("DIRAC", "Pilot"), tmp_path)
    assert told == ['repositories[1].path: missing key; example: path = "DIRACGrid/DIRAC"']


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
