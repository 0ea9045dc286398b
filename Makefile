# make demo | run | test | bench | pictures | lint | format
#
# .venv is built on first use. The stamp's name holds a checksum of the requirement
# files, so a later start costs nothing and a changed requirement is installed.

SHELL := /bin/sh
VENV := .venv
PYTHON := $(VENV)/bin/python
SOUND := $(shell $(PYTHON) -c 'import sys, pip; print(sys.version_info >= (3, 11))' 2>/dev/null)
ifeq ($(SOUND),True)
RUNTIME := $(VENV)/runtime-$(shell cat requirements.txt | cksum | cut -d' ' -f1)
DEVELOP := $(VENV)/develop-$(shell cat requirements.txt requirements-dev.txt | cksum | cut -d' ' -f1)
else
RUNTIME := build-runtime
DEVELOP := build-develop
endif

.PHONY: help demo run test bench pictures lint format build-runtime build-develop

help:
	@echo "make demo    a lab with example data, at http://127.0.0.1:8000"
	@echo "make run     the same with your own data"
	@echo "make test    lint, then every test on SQLite and on PostgreSQL"
	@echo "make bench   the measured ratios"
	@echo "make pictures  the docs' pictures, taken anew by the browser tests"
	@echo "make lint    ruff, the import contracts and mypy; make format mends what it can"

demo: $(RUNTIME)
	@exec $(PYTHON) manage.py demo

run: $(RUNTIME)
	@exec $(PYTHON) manage.py serve

test: $(DEVELOP)
	@exec $(PYTHON) -m tests.passes

bench: $(DEVELOP)
	@exec $(PYTHON) -m bench

pictures: $(DEVELOP)
	@LABDATA_PICTURES=docs/images $(PYTHON) -m pytest -q tests/browser/test_pictures.py tests/browser/test_first_hour.py

lint: $(DEVELOP)
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(VENV)/bin/lint-imports
	@$(PYTHON) -m tests.pure

format: $(DEVELOP)
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

build-runtime:
	@./deploy/build-venv runtime requirements.txt

build-develop:
	@./deploy/build-venv develop requirements-dev.txt

$(VENV)/runtime-%:
	@./deploy/build-venv runtime requirements.txt

$(VENV)/develop-%:
	@./deploy/build-venv develop requirements-dev.txt
