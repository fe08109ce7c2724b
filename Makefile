# The stable commands. `make` alone lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export PORT

.DEFAULT_GOAL := help
.PHONY: help setup assets env pdf run test check e2e bench lint types fmt migrate seed openapi pins pins-check

help: ## list the commands
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | expand -t 14

$(VENV)/.runtime: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the Python packages (about a minute, once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	@echo "Installing the development tools ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

assets: $(VENV)/.runtime ## fetch the browser libraries
	@$(BIN)/python scripts/fetch_assets.py

env: $(VENV)/.runtime
	@$(BIN)/python scripts/write_env.py

setup: $(VENV)/.development assets env ## install everything a developer needs

pdf: $(VENV)/.runtime ## install what makes PDFs of invoices and statements (optional; needs Pango)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-pdf.txt

migrate: $(VENV)/.runtime env ## bring the database up to date
	@$(BIN)/python manage.py migrate --verbosity 0

seed: migrate ## load the demo organisation, the same every time
	@$(BIN)/python manage.py seed_demo

run: $(VENV)/.runtime assets migrate ## everything on one address; Ctrl-C stops it
	@$(BIN)/python manage.py seed_demo --if-empty
	@exec $(BIN)/python manage.py serve

test: $(VENV)/.development assets ## the whole suite, on SQLite or on DATABASE_URL and REDIS_URL
	@$(BIN)/python -m pytest -n auto --dist loadgroup -m "not e2e" $(ARGS)

e2e: $(VENV)/.development assets ## browser tests in headless Chromium
	@$(BIN)/python -m pytest tests/e2e -m e2e $(ARGS)

bench: $(VENV)/.development ## benchmarks, each as a ratio to a baseline of the same run
	@$(BIN)/python -m benchmarks $(ARGS)

lint: $(VENV)/.development ## ruff, templates, security, layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/djlint templates --lint --quiet
	@$(BIN)/bandit --quiet --recursive --severity-level medium --exclude './tests,./.venv,./node_modules,./benchmarks,./scripts' -c pyproject.toml .

types: $(VENV)/.development ## mypy, strict
	@DEBUG=true $(BIN)/mypy

check: lint types assets ## lint, types, migrations and OpenAPI current, deploy checks
	@scripts/check_project.sh

fmt: $(VENV)/.development ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

openapi: $(VENV)/.runtime ## write the OpenAPI document anew
	@DEBUG=true $(BIN)/python manage.py spectacular --file docs/openapi.yaml --validate --fail-on-warn

pins: $(VENV)/.development ## pin the newest versions that the .in files allow
	@$(BIN)/uv pip compile --quiet --no-strip-extras --upgrade --generate-hashes requirements.in -o requirements.txt
	@$(BIN)/uv pip compile --quiet --no-strip-extras --upgrade --generate-hashes requirements-dev.in -o requirements-dev.txt
	@$(BIN)/uv pip compile --quiet --no-strip-extras --upgrade --generate-hashes requirements-pdf.in -o requirements-pdf.txt

pins-check: $(VENV)/.development ## the pins fit the .in files
	@$(BIN)/uv pip compile --quiet --no-strip-extras --generate-hashes requirements.in -o requirements.txt
	@$(BIN)/uv pip compile --quiet --no-strip-extras --generate-hashes requirements-dev.in -o requirements-dev.txt
	@$(BIN)/uv pip compile --quiet --no-strip-extras --generate-hashes requirements-pdf.in -o requirements-pdf.txt
	@git diff --exit-code requirements.txt requirements-dev.txt requirements-pdf.txt
