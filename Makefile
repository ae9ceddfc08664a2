# The ways in: make run, make test, make check. Everything else follows from them.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test test-fast check format bench chaos chaos-sqlite chaos-upload races mutants model audit-kit pictures lock browser clean

run: $(VENV)/.installed
	@exec $(BIN)/python -m config.run

test: $(VENV)/.installed-dev browser
	@$(BIN)/python tests/run.py

# No browser and no slow tests, three at a time: under three minutes on two cores.
test-fast: $(VENV)/.installed-dev
	@$(BIN)/python -m pytest -q -n 3 -m "not browser and not slow"

check: $(VENV)/.installed-dev
	@$(BIN)/python tests/check.py

format: $(VENV)/.installed-dev
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .
	@git ls-files -z 'templates/*.html' | xargs -0 $(BIN)/djade --target-version 5.2 >/dev/null || true

# Real processes, killed and frozen; an hour on two cores. Smaller: make chaos CHAOS="--posts 500 --kills 50 …"
chaos: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.chaos $(CHAOS)

chaos-sqlite: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.chaos --sqlite --posts 1000 --accounts 100 --seconds 400 --workers 2 --kills 60 --freezes 20 --large 5 $(CHAOS)

# 4 GiB in one video, the worker killed 20 times. Smaller: make chaos-upload CHAOS="--bytes 536870912"
chaos-upload: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.chaos.huge $(CHAOS)

# Workers that race for the same posts on both databases, callers that race for the same tokens on PostgreSQL.
races: $(VENV)/.installed-dev
	@RACE_POSTS=$${RACE_POSTS:-1000} RACE_ACCOUNTS=$${RACE_ACCOUNTS:-1000} RACE_CALLERS=$${RACE_CALLERS:-200} \
		$(BIN)/python -m pytest -q tests/chaos/test_race.py tests/chaos/test_refreshing.py

bench: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.bench

# Breaks the code on purpose, one way at a time, and shows that a test catches each.
mutants: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.mutants

# Posts under people, workers, faults and TikTok in any order, for long: MODEL_EXAMPLES plays of MODEL_STEPS steps.
model: $(VENV)/.installed-dev
	@MODEL_EXAMPLES=$${MODEL_EXAMPLES:-200} MODEL_STEPS=$${MODEL_STEPS:-50} $(BIN)/python -m pytest -q tests/publishing/test_model.py

# Films the product for TikTok's review, into var/audit-kit. With the real TikTok, on a desktop: make audit-kit KIT=--live
audit-kit: $(VENV)/.installed-dev browser
	@$(BIN)/python -m review.kit $(KIT)

# The landing page's pictures, from the running product in a browser of its own; some minutes.
pictures: $(VENV)/.installed-dev browser
	@$(BIN)/python -m tests.pictures

# Chromium, fonts and a display in memory: apt on Debian as root, Playwright's own installer elsewhere.
browser: $(VENV)/.installed-dev
	@$(BIN)/python tests/browser_install.py

lock:
	uv pip compile -q --generate-hashes --no-header --no-annotate --python-version 3.11 --extra local pyproject.toml -o requirements.lock
	uv pip compile -q --generate-hashes --no-header --no-annotate --python-version 3.11 --extra local --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

$(VENV)/bin/python:
	@echo "Making the environment in $(VENV) ..."
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Greenroom needs Python 3.11 or newer: make run PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock | $(VENV)/bin/python
	@echo "Installing what requirements.lock names ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing what requirements-dev.lock names ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
