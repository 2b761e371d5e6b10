# What there is to do, from the first start to the benchmarks. `make help` lists it.
SHELL := /bin/sh
BIN := .venv/bin
PYTHONPATH :=
.DEFAULT_GOAL := help

.PHONY: help
help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

.PHONY: run
run: ## start Pikett with demo data: telephone in the browser, FastAGI, worker
	@tools/venv.sh run
	@$(BIN)/pikett demo
	@$(BIN)/pikett prompts build
	@exec $(BIN)/pikett run

.PHONY: call
call: ## a rehearsed call in the terminal; arguments in ARGS="--from ... --at ..."
	@tools/venv.sh run
	@$(BIN)/pikett demo >/dev/null
	@$(BIN)/pikett prompts build
	@$(BIN)/pikett call $(ARGS)

.PHONY: test
test: environment ## all tests; as root on Debian also Asterisk, SIPp, PostgreSQL and Chromium
	@$(BIN)/python -m tests.lab.parts
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "not asterisk" $(ARGS)
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m asterisk $(ARGS)

.PHONY: test-fast
test-fast: environment ## the tests that need no system packages, under two minutes
	@$(BIN)/python -m pytest -n auto -m "not asterisk and not chromium and not postgresql and not alertmanager and not slow" $(ARGS)

.PHONY: check
check: environment ## style, types, import directions
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: lab
lab: environment ## a real Asterisk with our configuration, for your softphone (root on Debian)
	@$(BIN)/python -m tests.lab.parts
	@exec $(BIN)/python -m tests.lab

.PHONY: bench
bench: environment ## the figures of docs/bench, measured here; ARGS="--quick" for a look
	@$(BIN)/python -m tests.lab.parts
	@$(BIN)/python -m tests.bench $(ARGS)

.PHONY: diagram
diagram: environment ## draw the state diagrams in docs/diagrams from the tables
	@$(BIN)/python -m tools.diagram

.PHONY: rules
rules: environment ## write docs/rules.md: every rule with the tests that show it
	@$(BIN)/python -m tools.rules

.PHONY: release
release: environment ## wheel, source and built sounds in dist/
	@tools/release.sh $(BIN)/python

.PHONY: environment
environment:
	@tools/venv.sh all
