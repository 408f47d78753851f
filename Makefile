# Works with GNU make 3.81 (macOS) and later. `make` alone prints what there is.

PYTHON ?= python3
COMPLAINTS ?=
INPUT ?=
COLUMNS ?=
ENGINE ?=
KEEP ?=
PORT ?=
CASES ?=
NOTICES ?=
SEARCHED ?=
BOARD ?=
TESTS ?=
ONLY ?=
JOBS ?= 3

# Bytecode is kept whatever the environment says: the tests start some hundred processes, and each would compile
# everything it imports.
export PYTHONDONTWRITEBYTECODE =

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SHELL := /bin/bash

.DEFAULT_GOAL := help
.PHONY: help demo check format test test-unit test-kafka test-browser bench screenshots lock clean

help: ## print this list
	@echo "make TARGET, where TARGET is one of"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-11s %s\n", $$1, $$2}' Makefile

# One environment, rebuilt when the lock or the project's own declaration changes.
# uv is used where it is installed, because it is fast; pip gives the same result.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed; '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if command -v uv >/dev/null 2>&1; then \
		install="uv pip install --quiet --compile-bytecode --python $(BIN)/python"; \
	else \
		install="$(BIN)/python -m pip install --quiet --disable-pip-version-check"; \
	fi; \
	echo "installing the locked packages into $(VENV)"; \
	$$install --require-hashes -r requirements.lock && $$install --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP) ## run everything on this machine: COMPLAINTS=n INPUT=file COLUMNS=map ENGINE=embedded|kafka|kafka3 KEEP=1 PORT=first port of the pages
	@$(BIN)/python -m xn demo $(if $(COMPLAINTS),--complaints $(COMPLAINTS)) $(if $(INPUT),--input "$(INPUT)") $(if $(COLUMNS),--columns "$(COLUMNS)") \
		$(if $(ENGINE),--engine $(ENGINE)) $(if $(PORT),--port $(PORT)) $(if $(filter-out 0 no false,$(KEEP)),--keep)

check: $(STAMP) ## format, lint, types, imports, generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m xn contracts check
	$(BIN)/python -m xn settings check
	$(BIN)/python -m xn cases chart

format: $(STAMP) ## rewrite the code in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test-unit: $(STAMP) ## the tests without engines: TESTS="-k returns"
	$(BIN)/pytest tests/unit $(TESTS)

# Each of the JOBS processes has its own engines; who shares what is said in tests/conftest.py. They wait a third of
# their time, so three keep two cores busy.
test: $(STAMP) ## every test that needs neither Java nor a browser, on the embedded engines: TESTS="-k returns" JOBS=3
	$(BIN)/pytest -m "not kafka and not browser" -n $(JOBS) --dist loadscope --no-loadscope-reorder $(TESTS)

test-kafka: $(STAMP) ## the tests on Apache Kafka (needs Java 17 and Maven): TESTS="-k rebalance"
	$(BIN)/pytest -m kafka -n $(JOBS) --dist loadscope --no-loadscope-reorder $(TESTS)

test-browser: $(STAMP) ## the tests of pages in headless Chromium (needs chromium): TESTS="-k sign_in"
	$(BIN)/pytest -m browser tests/browser -n 2 --dist loadscope --no-loadscope-reorder $(TESTS)

bench: $(STAMP) ## measure throughput, latency and memory; an empty house beside one with CASES=200000; CLOCKS=1000000 open limits; FACTS=100000 of scores; BULLETIN=100000 cases; NOTICES=20000 sent; malformed records beside good ones; attachments of 10 MB; the public pages; SEARCHED=200000 cases in the search index; BOARD=100000 cases behind the cockpit; 200 desks open at once (needs chromium)
	$(BIN)/python -m bench
	$(BIN)/python -m bench.full $(if $(CASES),--cases $(CASES))
	$(BIN)/python -m bench.clocks $(if $(CLOCKS),--cases $(CLOCKS))
	$(BIN)/python -m bench.scores $(if $(FACTS),--facts $(FACTS))
	$(BIN)/python -m bench.bulletin $(if $(BULLETIN),--cases $(BULLETIN))
	$(BIN)/python -m bench.notices $(if $(NOTICES),--notices $(NOTICES))
	$(BIN)/python -m bench.malformed
	$(BIN)/python -m bench.attachments
	$(BIN)/python -m bench.citizen
	$(BIN)/python -m bench.search $(if $(SEARCHED),--cases $(SEARCHED))
	$(BIN)/python -m bench.board $(if $(BOARD),--cases $(BOARD))
	$(BIN)/python -m bench.desks

screenshots: $(STAMP) ## pictures of the pages of a running city, to docs/screenshots (needs chromium): ONLY=desk
	$(BIN)/python -m bench.screenshots $(if $(ONLY),--only $(ONLY))

lock: $(STAMP) ## resolve the dependencies again and write requirements.lock
	@command -v uv >/dev/null 2>&1 || test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	PATH="$$PATH:$(BIN)" uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--extra embedded --extra learn --extra dev --no-header --no-emit-index-url --no-emit-find-links \
		pyproject.toml -o requirements.lock
	@! grep -n '://' requirements.lock || { echo "requirements.lock names a host" >&2; exit 1; }

clean: ## remove the environment and everything generated
	rm -rf $(VENV) var dist build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
