# Everything below sets itself up from Python 3.11, make and the package index.
VENV  := .venv
BIN   := $(VENV)/bin
STAMP := $(VENV)/.stamp
PYTHON ?= python3
# Compiled modules of the tests are kept, or each process of a run would compile them anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-long test-exhaustive browser chats matrix check lint types imports bench bench-large crash-test docs site packages image release \
	pictures faults reference words lock clean

$(STAMP): requirements.lock pyproject.toml
	@echo "setting up $(VENV) (once, less than a minute)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11 ...")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv==0.13.9
	@$(BIN)/uv pip sync -q --compile-bytecode --require-hashes --python $(BIN)/python requirements.lock
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q bot
	@touch $@

demo: $(STAMP)  ## the whole pipeline on DIRAC's recorded history, without a token
	@$(BIN)/release-bot demo

test: $(STAMP)  ## the tests, in parallel
	@$(BIN)/pytest -n auto --dist worksteal

test-long: $(STAMP)  ## the tests that take many seconds each: simulated years, faults, crashes, the commands of the docs
	@$(BIN)/pytest -n auto --dist worksteal -m 'long and not exhaustive' $$(grep -rl mark.long tests --include='test_*.py')

test-exhaustive: $(STAMP)  ## more cases of what takes long, which the tests above try some of
	@$(BIN)/pytest -n auto --dist worksteal --timeout 900 -m 'exhaustive and not synapse' $$(grep -rl mark.exhaustive tests --include='test_*.py')
	@$(BIN)/pytest -n auto --dist worksteal --timeout 900 -m hypothesis --hypothesis-profile exhaustive $$(grep -rl '@given' tests --include='test_*.py')

browser: $(STAMP)  ## looks at the pages in Debian's Chromium: accessibility, phone, keyboard, no script
	@command -v chromium > /dev/null || { echo "error: chromium is not installed; run: apt-get install chromium"; exit 2; }
	@$(BIN)/pytest -m browser tests/web/browser

# Synapse has packages of its own, which are not the bot's.
.synapse/.stamp: $(STAMP) tests/chats/matrix/synapse.txt
	@echo "setting up .synapse (once, less than a minute)"
	@$(BIN)/uv venv -q --clear --python $(BIN)/python .synapse
	@$(BIN)/uv pip sync -q --require-hashes --python .synapse/bin/python tests/chats/matrix/synapse.txt
	@touch $@

matrix: .synapse/.stamp  ## the tests that need a real Matrix homeserver (Synapse), about two minutes
	@$(BIN)/pytest -m synapse tests/chats

check: lint types imports site test test-long test-exhaustive  ## what CI checks, and the exhaustive tests; without browser, chats, matrix

chats: $(STAMP)  ## Mattermost's own client against the server of the tests; needs node and npm
	@command -v npm > /dev/null || { echo "error: npm is not installed; run: apt-get install npm"; exit 2; }
	@$(BIN)/pytest -m official tests/chats

lint: $(STAMP)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: $(STAMP)
	@$(BIN)/mypy

imports: $(STAMP)
	@$(BIN)/lint-imports

bench: $(STAMP)  ## measures, and writes the table in benchmarks/README.md
	@$(BIN)/python -m benchmarks

bench-large: $(STAMP)  ## measures the store with 10,000 repositories and 5,000,000 tags
	@$(BIN)/python -m benchmarks --large

words: $(STAMP)  ## writes the words of English that are near to those of questions, which are never corrected
	@$(BIN)/python -m tests.queries.language.dictionary

docs: $(STAMP)  ## runs the commands of README.md and docs/, and writes there what they print
	@$(BIN)/python -m tests.docs

site: $(STAMP)  ## the docs as a site, in build/site; a broken link is an error
	@$(BIN)/python -m sphinx -q -W --keep-going -b html docs build/site
	@echo "made build/site/index.html"

pictures: $(STAMP)  ## takes the pictures of the README from the demo; needs Debian's Chromium
	@$(BIN)/python -m tests.docs.pictures

faults: $(STAMP)  ## makes every fault happen, and writes down in docs/FAULTS.md what came of it
	@$(BIN)/python -m tests.faults > build.faults
	@sed -i '/^## /,$$d' docs/FAULTS.md && cat build.faults >> docs/FAULTS.md && rm build.faults

reference: $(STAMP)  ## writes what is made of the commands, the configuration's keys and the API: docs, schema, manual page
	@$(BIN)/python -m tools.manual > deploy/release-bot.1
	@$(BIN)/python -m bot.cli.reference > docs/REFERENCE.md
	@$(BIN)/python -m bot config schema > config/schema.json
	@sed -i '/^### At the top/,$$d' docs/CONFIGURATION.md && $(BIN)/python -m bot.config.reference >> docs/CONFIGURATION.md
	@sed -i '/^## Operations of the API/,$$d' docs/API.md && $(BIN)/python -m bot.web.api.reference >> docs/API.md

packages: $(STAMP)  ## builds wheel and sdist into dist/, installs each with every Python 3.11 to 3.14 that is here, runs the demo
	@$(BIN)/python -m tools.packages

image: $(STAMP)  ## builds the container image with Buildah or Podman, and checks it; without a registry, on Debian's packages
	@$(BIN)/python -m tools.image

release: $(STAMP)  ## VERSION=1.2.0: checks, builds and verifies the packages, tags; DRY_RUN=1 makes no tag, SKIP_CHECKS=1
	@$(BIN)/python -m tools.release $(if $(DRY_RUN),--dry-run) $(if $(SKIP_CHECKS),--skip-checks) "$(VERSION)"

crash-test: $(STAMP)  ## strike one, two and three workers 300 times each, on both databases, and by a queue (over two hours)
	@for database in sqlite postgresql; do for workers in 1 2 3; do \
		$(BIN)/python -m tests.crash --strikes 300 --workers $$workers --database $$database || exit 1; done; done
	@$(BIN)/python -m tests.crash --strikes 300 --workers 3 --database postgresql --queue

lock: $(STAMP)  ## take up the current versions: names and hashes only, no registry's address
	@$(BIN)/uv lock -q --upgrade
	@$(BIN)/uv export -q --group dev --all-extras --no-emit-project --no-header > requirements.lock
	@rm uv.lock

clean:
	@rm -rf $(VENV) .synapse demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
