# Everything a newcomer needs: `make demo` and `make test` do their own set-up.
#
# Set-up makes .venv and installs the hash-locked requirements; it runs again only when a lock
# changes. Nothing outside this folder is touched, and nothing but Python 3.11 or later is needed;
# PYTHON=... says which, if the first one on the path is not to your liking.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo serve test check bench bench-peers eval fit faults agents parity docs lock clean

BIN := .venv/bin
PYTHONS := $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3 python
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
CODE := src tests bench evaluation faults agents parity tools

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile

setup: .venv/dev.stamp ## make .venv, with everything that tests and checks need
	@echo "set-up is done: .venv has everything"

demo: .venv/run.stamp ## run the main job on simulated providers, below a minute
	@$(BIN)/switchgear demo $(ARGS)

serve: .venv/run.stamp ## run the gateway; ARGS="--config FILE" for your own configuration
	@$(BIN)/switchgear serve $(ARGS)

test: .venv/dev.stamp ## run all tests; ARGS="tests/wire -k sse" for some
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

check: .venv/dev.stamp ## lint, types, imports, and docs that are as the code says
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/mypy $(CODE)
	@$(BIN)/lint-imports
	@$(BIN)/python tools/reference.py --check

bench: .venv/dev.stamp ## measure, and write docs/benchmarks.md and .json
	@$(BIN)/python -m bench.run $(ARGS)

bench-peers: | $(BIN)/pip ## install what the bench compares with: wrk, nginx, Portkey, LiteLLM
	@command -v wrk >/dev/null && command -v nginx >/dev/null || apt-get install -y wrk nginx-light
	@mkdir -p build/peers/portkey
	@npm install --silent --no-audit --no-fund --prefix build/peers/portkey @portkey-ai/gateway
	@$(BIN)/python -m venv build/peers/litellm
	@build/peers/litellm/bin/python -m pip install --quiet 'litellm[proxy]'

eval: .venv/dev.stamp build/eval/done.stamp ## measure routing, estimates of tokens, loop detection, and write their pages; ARGS=--check fails on a missed bar
	@$(BIN)/python -m evaluation.run $(ARGS)
	@$(BIN)/python -m evaluation.loops $(ARGS)

fit: .venv/dev.stamp ## fit what ships with the program to public outcomes; write adapters/prior.json
	@$(BIN)/python -m evaluation.fit $(ARGS)

build/eval/done.stamp: evaluation/requirements.txt | $(BIN)/pip
	@echo "set-up: making build/eval with the tokenizers (once, a few minutes)"
	@$(BIN)/python -m venv build/eval
	@grep -v '^litellm' $< > build/eval/counters.txt
	@build/eval/bin/python -m pip install --quiet -r build/eval/counters.txt
	@grep '^litellm' $< > build/eval/data.txt
	@build/eval/bin/python -m pip install --quiet --no-deps -r build/eval/data.txt
	@touch $@

faults: .venv/dev.stamp ## try every fault, and write docs/faults.md and .json
	@$(BIN)/python -m faults.run $(ARGS)

agents: .venv/dev.stamp ## run real agents through the gateway, and write docs/agents.md and .json
	@$(BIN)/python -m agents.run $(ARGS)
	@$(BIN)/python -m agents.runaway $(if $(findstring --light,$(ARGS)),openai)

parity: .venv/dev.stamp ## try every feature on every wire, and write docs/parity.md and .json
	@$(BIN)/python -m parity.run $(ARGS)

docs: .venv/dev.stamp ## write docs/reference/ from the code
	@$(BIN)/python tools/reference.py

lock: .venv/dev.stamp ## write requirements/ from pyproject.toml; ARGS=--upgrade for newer versions
	@$(BIN)/python tools/lock.py $(ARGS)

clean: ## remove .venv and all caches
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/dev.stamp: requirements/dev.txt | $(BIN)/pip
	@echo "set-up: installing what tests and checks need (once, about a minute)"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch .venv/run.stamp $@

.venv/run.stamp: requirements/run.txt | $(BIN)/pip
	@echo "set-up: installing what switchgear needs to run (once, less than a minute)"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(BIN)/pip:
	@for python in $(PYTHONS); do \
	  if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "set-up: making .venv with $$($$python --version)"; \
	    exec $$python -m venv .venv; \
	  fi; \
	done; \
	echo "switchgear needs Python 3.11 or later with its venv module, and found none." >&2; \
	echo "Looked for: $(PYTHONS). On Debian and Ubuntu: apt install python3 python3-venv" >&2; \
	exit 1
