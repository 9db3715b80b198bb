# Everything a new user types: `make plan` and `make test`. `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
TARGET ?= superpod-h100
PARAMETERS ?= -p scalable_units=4

# The first interpreter that really runs and is new enough.
PYTHON ?= $(shell for each in python3.13 python3.12 python3.11 python3 python; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)

$(VENV)/.plan: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "aifactory needs Python 3.11 or newer on PATH (or: make PYTHON=/path/to/python3.11 ...)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing locked dependencies into $(VENV) (once) ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: $(VENV)/.plan requirements-dev.lock
	@echo "Installing locked development tools into $(VENV) (once) ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# Extras stay in the lock: without `coverage[toml]==`, pip takes the newest and finds no hash for it.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header --no-strip-extras --extra build

.PHONY: help setup plan test lint types unit slow ironic bench lock docs wheel clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.test ## everything that development needs
	@$(BIN)/pre-commit install >/dev/null

plan: $(VENV)/.plan ## plan a real factory: TARGET=superpod-h100 PARAMETERS="-p scalable_units=4"
	@$(BIN)/aifactory plan $(TARGET) $(PARAMETERS)

test: lint types unit ## all checks, as CI runs them

lint: $(VENV)/.test ## style and the import contract
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache

types: $(VENV)/.test ## mypy --strict
	@$(BIN)/mypy aifactory_iac policies

unit: $(VENV)/.test ## the tests, with the coverage floor; the slow ones are left to `make slow`
	@$(BIN)/pytest -n auto --dist worksteal -m "not slow" --cov --cov-report=term:skip-covered

slow: $(VENV)/.test ## what takes long: kills at many places, real programs, scale, pages as printed
	@$(BIN)/pytest -n auto --dist worksteal -m slow

# Ironic has pins of its own, so it gets a virtual environment of its own: over a hundred packages.
IRONIC ?= ironic==39.0.0
.venv-ironic/bin/ironic: Makefile
	@test -x .venv-ironic/bin/python || $(PYTHON) -m venv .venv-ironic
	@echo "Installing $(IRONIC) into .venv-ironic (once) ..." >&2
	@.venv-ironic/bin/python -m pip install --quiet --disable-pip-version-check $(IRONIC)
	@touch $@

ironic: $(VENV)/.test .venv-ironic/bin/ironic ## the back end against a real OpenStack Ironic
	@AIFACTORY_IRONIC_BIN=$(CURDIR)/.venv-ironic/bin $(BIN)/pytest -m ironic tests/providers/backends

bench: $(VENV)/.test ## the figures, each as a ratio against the bare library in the same run
	@for each in benchmarks/*.py; do echo "== $$each"; $(BIN)/python $$each || exit 1; done

docs: $(VENV)/.test ## regenerate the reference pages and published schemas
	@$(BIN)/python -m aifactory_iac.blueprint.refresh
	@$(BIN)/python -m aifactory_iac.catalog.schema
	@$(BIN)/python -m aifactory_iac.providers.schema
	@$(BIN)/python -m aifactory_iac.providers.reference > docs/reference/bare-metal-properties.md
	@$(BIN)/python -m aifactory_iac.policy.document > docs/reference/policies.md
	@$(BIN)/python -m aifactory_iac.report.findings_reference > docs/reference/findings.md
	@$(BIN)/python -m aifactory_iac.report.bare_metal_reference > docs/reference/bare-metal-machines.md
	@$(BIN)/python -m aifactory_iac.report.estimate_names > docs/reference/estimates.md
	@$(BIN)/python -m aifactory_iac.cli.reference > docs/reference/cli.md
	@$(BIN)/python docs/refresh.py

lock: $(VENV)/.test ## resolve the dependencies anew, with hashes
	@$(LOCK) --extra dev --extra inventory --extra lab pyproject.toml -o requirements-dev.lock
	@$(LOCK) -c requirements-dev.lock pyproject.toml -o requirements.lock

wheel: $(VENV)/.test ## wheel and sdist into dist/
	@$(BIN)/python -m build --no-isolation --outdir dist .

clean: ## remove what make has made
	@rm -rf $(VENV) .venv-ironic dist .mypy_cache .ruff_cache .coverage htmlcov
