# make run: set up and run the main job. make test: set up and pass the tests. Needs Python >= 3.11 with venv, make, git and libgomp1.
.ONESHELL:
.DELETE_ON_ERROR:
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export DO_NOT_TRACK := 1
export DVC_NO_ANALYTICS := 1
export GX_ANALYTICS_ENABLED := false
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: setup run test test-roads bench-overhead bench-scale bench-quality bench-contracts bench-ablation bench-ladder bench-networks bench-profile clean

setup: .venv/.project-installed

.venv/.lock-installed: requirements.lock
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if (3, 11) <= v < (3, 14) else f"Python 3.11 to 3.13 is needed, this is {v.major}.{v.minor}: make PYTHON=python3.12 ...")'
	echo "setting up .venv from requirements.lock (once; a few minutes)"
	$(PYTHON) -m venv .venv
	python -m pip install --quiet --require-hashes --no-deps -r requirements.lock
	touch $@

.venv/.project-installed: .venv/.lock-installed pyproject.toml
	@python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

run: setup
	@dvc repro --quiet examples@randhie
	python -m flows.automl params/randhie.yaml

test: setup
	@ruff check .
	ruff format --check --quiet .
	mypy
	lint-imports
	OPENBLAS_NUM_THREADS=1 python -m pytest -q -n 2 --dist loadfile --ignore=tests/roads  # BLAS as a trial on one core has it: its threads spin

test-roads: setup
	@python -m pytest -q tests/roads

bench-overhead: setup
	@python -m benchmarks.overhead

bench-scale: setup
	@python -m benchmarks.scale $(ARGS)

bench-quality: setup
	@python -m benchmarks.quality $(ARGS)

bench-contracts: setup
	@python -m benchmarks.contracts $(ARGS)

bench-ablation: setup
	@python -m benchmarks.ablation $(ARGS)

bench-ladder: setup
	@python -m benchmarks.sample_ladder

bench-networks: setup
	@python -m benchmarks.networks $(ARGS)

bench-profile: setup
	@python -m benchmarks.profile_run $(ARGS)

# What can be made again: caches and the environment. data/ stays.
clean:
	@rm -rf .venv build dist bakeoff.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find bakeoff flows tasks tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
