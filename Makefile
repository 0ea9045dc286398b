# make demo | run | test | proof | bench | pictures | lint | format | lock
#
# .venv is built on first use. The stamp's name holds a checksum of the requirement
# files, the lab's own among them, so a later start costs nothing and a changed
# requirement is installed.

SHELL := /bin/sh
VENV := .venv
PYTHON := $(VENV)/bin/python
SOUND := $(shell $(PYTHON) -c 'import sys, pip; print(sys.version_info >= (3, 11))' 2>/dev/null)
ifeq ($(SOUND),True)
RUNTIME := $(shell ./deploy/build-venv stamp runtime)
DEVELOP := $(shell ./deploy/build-venv stamp develop)
else
RUNTIME := build-runtime
DEVELOP := build-develop
endif

.PHONY: help demo run test proof bench pictures lint format lock build-runtime build-develop

help:
	@echo "make demo    a lab with example data, at http://127.0.0.1:8000"
	@echo "make run     the same with your own data"
	@echo "make test    lint, then every test on SQLite and the database's own on PostgreSQL"
	@echo "make proof   what is counted in hundreds, and every test on PostgreSQL; resumable"
	@echo "make bench   the measured ratios; fails where a stated goal is missed"
	@echo "make pictures  the docs' pictures, taken anew by the browser tests"
	@echo "make lint    ruff, the import contracts and mypy; make format mends what it can"
	@echo "make lock    requirements.lock anew, after a change of requirements.txt"

demo: $(RUNTIME)
	@exec $(PYTHON) manage.py demo

run: $(RUNTIME)
	@exec $(PYTHON) manage.py serve

test: $(DEVELOP)
	@exec $(PYTHON) -m tests.passes

proof: $(DEVELOP)
	@exec $(PYTHON) -m tests.proof

bench: $(DEVELOP)
	@exec $(PYTHON) -m bench --check

pictures: $(DEVELOP)
	@LABDATA_PICTURES=docs/images $(PYTHON) -m pytest -q tests/browser/test_pictures.py tests/browser/test_first_hour.py
	@$(PYTHON) -m docs.draw_architecture

lint: $(DEVELOP)
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(VENV)/bin/lint-imports
	@$(PYTHON) -m tests.pure

format: $(DEVELOP)
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

# Versions and hashes of everything requirements.txt brings along, for every platform.
lock: $(DEVELOP)
	@$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 \
		--generate-hashes --no-strip-extras --annotation-style line \
		--custom-compile-command "make lock" \
		--output-file requirements.lock requirements.txt

build-runtime:
	@./deploy/build-venv runtime

build-develop:
	@./deploy/build-venv develop

$(VENV)/runtime-%:
	@./deploy/build-venv runtime

$(VENV)/develop-%:
	@./deploy/build-venv develop
