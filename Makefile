# `make serve` and `make test` set everything up by themselves; Python 3.11 or later is all they need.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin

.PHONY: install docs cluster serve test test-all attack rebuild floors check dist lock clean

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info[:2] < (3, 14) else "Exoscore needs Python 3.11, 3.12 or 3.13; this is " + sys.version.split()[0] + ". Name one with make PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# The manual that the service shows at /help, and what it is made of.
docs:
	@rm -f .venv/documented
	@$(MAKE) --no-print-directory .venv/documented

.venv/documented: .venv/installed requirements-docs.lock mkdocs.yml CHANGELOG.md training/data/DATASHEET.md \
  models/knowledge/README.md $(shell find docs -type f -not -name '*.pyc')
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-docs.lock
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@touch $@

.venv/developed: .venv/installed requirements-dev.lock client/pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable client
	@touch $@

# What work on a Dask cluster needs besides.
cluster: .venv/installed requirements-cluster.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-cluster.lock

serve: .venv/documented
	$(BIN)/exoscore serve --var "$${EXOSCORE_VAR:-var}"

# A test that fails is run once more, which the summary shows as a RERUN: one that passes only then has an error of its own.
RETRY := --reruns 1

# Every claim once, without any server but the product's own.
test: .venv/developed
	$(BIN)/python -m pytest -m "not full" $(RETRY) --numprocesses auto --dist worksteal

# What `make test` leaves out: browsers, PostgreSQL, Redis, Dask, faults, and properties with many more examples.
test-all: .venv/developed .venv/documented
	$(BIN)/python -m pytest -m "full or fuzzing" --hypothesis-profile thorough $(RETRY) --numprocesses auto --dist loadfile

# What was tried against a running service, and what held: a table, in under five minutes on two cores. Part of `test-all`.
attack: .venv/developed
	$(BIN)/python -m pytest -p tests.attack_table --numprocesses auto --dist loadfile tests/journeys/attacks

# Trains the shipped model anew in an empty folder, and fails where it is not the recorded one. After a change that is meant to
# change the model: `python benchmarks/rebuild.py --write`.
rebuild: .venv/developed
	$(BIN)/python benchmarks/rebuild.py

# Fails where a fast path is lost: short benchmarks, each with a floor under its ratio to the plain way in the same run.
floors: .venv/developed
	$(BIN)/python benchmarks/floors.py

check: .venv/developed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What others install: a wheel and a source archive, with the manual, and the same of the client.
DIST := dist
dist: docs
	$(BIN)/python -m hatchling build --directory $(abspath $(DIST))
	cd client && $(abspath $(BIN))/python -m hatchling build --directory $(abspath $(DIST))

# Writes the lock files anew; needs uv. Same versions for Python 3.11 to 3.13, on every platform.
lock:
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements.lock
	uv pip compile pyproject.toml --group docs --constraint requirements.lock --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements-docs.lock
	uv pip compile pyproject.toml --group build --extra cluster --constraint requirements.lock --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements-cluster.lock
	uv pip compile client/pyproject.toml --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --output-file client/requirements.lock
	uv pip compile pyproject.toml --group build --group docs --group lint --group test --constraint requirements.lock \
	  --constraint requirements-docs.lock --constraint client/requirements.lock --universal \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements-dev.lock

clean:
	rm -rf .venv dist service/pages/manual_site .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
