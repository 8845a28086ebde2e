# make install · make demo · make test · make check · make bench · make eval

PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: install demo test check bench eval clean

install: .venv/installed

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --progress-bar on --quiet --editable '.[dev]'
	touch $@

demo: install
	$(BIN)/shelftalk demo

test: install
	$(BIN)/shelftalk setup --weights-only
	$(BIN)/python -m pytest

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install
	$(BIN)/shelftalk setup
	$(BIN)/python -m benchmarks

eval: install
	$(BIN)/shelftalk setup
	$(BIN)/shelftalk test tests/conversations --live --repeat 3

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache
