# Two commands matter: `make demo` and `make test`. The rest are their parts.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
BIND ?= 127.0.0.1:8000

.PHONY: help demo test install install-dev lint test-sqlite test-postgresql bench screenshots messages lock clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

$(VENV)/.runtime: requirements/runtime.txt
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@echo "Installing the pinned dependencies into $(VENV) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@echo "Installing the pinned development tools into $(VENV) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

install: $(VENV)/.runtime ## make .venv with the pinned dependencies, nothing else
install-dev: $(VENV)/.dev ## the same, with the tools that tests and linting need

demo: install ## the demo study on http://127.0.0.1:8000
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py demo
	@$(PY) manage.py serve --bind $(BIND)

lint: install-dev ## style, types, templates, import rules, missing migrations
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/djlint --lint --check templates
	@$(VENV)/bin/lint-imports --no-logo
	@$(PY) manage.py makemigrations --check --dry-run

test-sqlite: install-dev
	@echo "== the whole suite on SQLite"
	@$(PY) -m pytest -n 2 --dist worksteal

test-postgresql: install-dev
	@echo "== on PostgreSQL, all that a database may change"
	@TEST_DATABASE=postgresql $(PY) -m pytest -n 2 --dist worksteal

test: lint test-sqlite test-postgresql ## lint, types, the whole suite on SQLite, on PostgreSQL what may differ there

bench: install-dev ## one table: speed and memory on SQLite and PostgreSQL, as ratios
	@$(PY) -m bench

screenshots: install-dev ## regenerate the pictures in docs/img from the demo study
	@$(PY) docs/screenshots.py

messages: install-dev ## collect the strings of the pages into locale/ and compile what is translated (needs GNU gettext)
	@$(PY) manage.py makemessages --locale fr
	@$(PY) manage.py compilemessages --locale fr --ignore .venv

lock: ## pin the dependencies of pyproject.toml anew (needs uv)
	uv pip compile --quiet pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-config -o requirements/runtime.txt
	uv pip compile --quiet pyproject.toml --group dev --extra parquet -c requirements/runtime.txt --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-config -o requirements/dev.txt

clean: ## remove .venv and everything in var/
	rm -rf $(VENV) var
