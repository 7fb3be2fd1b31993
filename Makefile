# Every target works from a fresh clone with nothing but Python and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test check format bench docs clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# The stamps stand for "installed as pyproject.toml says"; a changed pyproject.toml installs again.
$(VENV)/.core: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.core

demo: $(VENV)/.core ## repair, retranslate and score the seed article, offline, into out/demo
	$(BIN)/regloss run seeds/article.en.txt --source seeds/article.zh.txt -o out/demo --force

test: $(VENV)/.dev ## run the tests
	$(BIN)/python -m pytest -n 2 -q

check: $(VENV)/.dev ## lint, types, import order
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## let ruff lay out the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## print the figures that the README quotes
	$(BIN)/python benchmarks/repair.py
	$(BIN)/python benchmarks/repair_speed.py

docs: $(VENV)/.dev ## write docs/help.md from the commands themselves
	$(BIN)/python docs/generate_help.py

clean: ## remove what the other targets made
	rm -rf $(VENV) out dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
