# One word each; every target makes the virtual environment it needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?=

.PHONY: install example test test-all check fix clean

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

install: $(BIN)/python  ## the library, with the backend that runs its model
	$(BIN)/pip install -q -c constraints.txt '.[torch]'

example: install  ## frames of the bundled article
	$(BIN)/arevent extract --example

test: $(BIN)/python  ## install the built wheel and test it
	$(BIN)/pip install -q -c constraints.txt '.[dev]'
	$(BIN)/pytest $(PYTEST_ARGS)

test-all:  ## the slow tests too
	$(MAKE) test PYTEST_ARGS="-m 'slow or not slow' $(PYTEST_ARGS)"

check: $(BIN)/python  ## what a reviewer would tell you
	$(BIN)/pip install -q -c constraints.txt '.[dev]'
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fix:
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf build dist $(VENV) .pytest_cache .mypy_cache .ruff_cache
