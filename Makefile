# make alone prints this help. Two commands on a fresh machine: make demo, make test.

SHELL := /bin/bash
# The newest interpreter that works, pyenv's included. Each candidate is asked: a shim may stand for nothing.
ASK := import sys, venv, ensurepip; v = sys.version_info; (3, 11) <= v[:2] <= (3, 14) and print("%d.%d.%d" % v[:3], sys.executable)
PYTHON ?= $(shell for python in python3.14 python3.13 python3.12 python3.11 python3 python \
	"$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/*/bin/python; do "$$python" -c '$(ASK)' 2>/dev/null; done \
	| sort -V | tail -n 1 | cut -d' ' -f2-)
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint check format golden corpus bench coverage build clean

help: ## Show this help
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/' | expand -t 18

$(STAMP): pyproject.toml
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 to 3.14 with venv and pip is needed, and none was found" >&2; exit 1; }
	@echo "setting up $(VENV) with $(PYTHON)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

setup: $(STAMP) ## Create the virtual environment

demo: $(STAMP) ## Really run status, add, status, remove on a copy of a sample project
	@BIN="$(abspath $(BIN))" bash docs/demo.sh

test: $(STAMP) ## Run all tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

lint: $(STAMP) ## Ruff, mypy --strict, import-linter on our own layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: lint test ## All that CI runs

format: $(STAMP) ## Format and fix what can be fixed
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

golden: $(STAMP) ## Rewrite the golden diffs; review them with git diff
	@DJROADMAP_UPDATE_GOLDEN=1 $(BIN)/python -m pytest -q -n $(WORKERS) tests/matrix/test_golden.py

corpus: $(STAMP) ## The laws over every project in DIR, on copies: make corpus DIR=~/projects ARGS='--json out.json'
	@test -n "$(DIR)" || { echo "make: say where the projects are: make corpus DIR=~/projects" >&2; exit 2; }
	@$(BIN)/python -m tests.corpus "$(DIR)" $(ARGS)

coverage: $(STAMP) ## Branch coverage of the model, the codemods and the edits
	@$(BIN)/python -m pytest -q -n $(WORKERS) -m "not e2e" --cov --cov-report=term

bench: $(STAMP) ## Ratios against bare Python and a Typer hello-world, side by side in one run
	@$(BIN)/python benchmarks/startup.py

build: $(STAMP) ## Build the wheel and the source distribution into dist/
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

clean: ## Remove what make made
	@rm -rf $(VENV) .cache dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
