# The commands of the house. `make up` and `make test` need Python 3.11 or newer and nothing else.
PYTHON ?= python3
BIN := .venv/bin

# Compiled code is kept: hundreds of processes are started by the tests, and each would compile all of it anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: up test soak check fmt bench bench-quick

.venv/installed: pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock --editable .
	touch $@

.venv/developing: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1"
	$(BIN)/python -m pip install --quiet -c requirements.lock --group dev
	touch $@

up: .venv/installed
	$(BIN)/mengfu up

test: .venv/developing
	$(BIN)/python -m pytest -n auto --dist worksteal

soak: .venv/developing
	MENGFU_TEST_SOAK=1 $(BIN)/python -m pytest -n auto --dist worksteal

check: .venv/developing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: .venv/developing
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/developing
	$(BIN)/python -m tests.bench

bench-quick: .venv/developing
	$(BIN)/python -m tests.bench --quick
