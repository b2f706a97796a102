# `make solve` is the main job, `make test` the tests; both make what they need first.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
INSTANCE := seed/five-region-week-tight

.PHONY: solve test test-all bench docs lint wheel lock clean

solve: .venv/installed
	mkdir -p out
	$(BIN)/planner solve $(INSTANCE) --time-limit 60 -o out/plan.json
	$(BIN)/planner gap $(INSTANCE) --plan out/plan.json
	$(BIN)/planner map seed/five-region-week -o out/map.csv -o out/map.png

test: .venv/installed
	$(BIN)/python -m pytest -n 2 --cov

test-all: .venv/installed
	$(BIN)/python -m pytest -n 2 -m "slow or not slow" --hypothesis-profile explore

bench: .venv/installed
	mkdir -p out
	$(BIN)/python -m tests.benchmarks
	$(BIN)/python -m tests.benchmarks.decisions
	$(BIN)/python -m tests.benchmarks.replay_year

docs: .venv/installed
	rm -rf build/pages
	$(BIN)/python -m tests.docs.pages build/pages
	$(BIN)/zensical build --clean --strict

lint: .venv/installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy planner models
	$(BIN)/lint-imports

wheel: .venv/installed
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation -w dist .

# Writes requirements.lock anew: names, versions and hashes only.
lock:
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet pip-tools
	build/lock/bin/pip-compile --quiet --extra dev --extra bench --extra dask --extra hipo --extra serve --extra data --extra campaign --generate-hashes --allow-unsafe --strip-extras --no-header \
		--no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
		-o requirements.lock pyproject.toml

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

clean:
	rm -rf .venv build dist out .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage*
