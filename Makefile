# `make run` and `make test` each do their own set-up; `make help` lists the rest.
# All that is assumed: make, Python 3.11, and a network that reaches the package registries.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup run test lint packages bench audit scan lock

PORT ?= 8000
PYTHON ?=
PY := .venv/bin/python

# The environment of whoever calls must not reach into ours.
unexport PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV PYTHONPATH PYTHONHOME VIRTUAL_ENV
ifeq ($(strip $(HOME)),)
export HOME := $(CURDIR)/.make/home
$(shell mkdir -p .make/home)
endif
# pip complains at length about a cache that is not its own, so it gets none there.
CACHE = $(shell test -O "$$HOME" && test -w "$$HOME" || echo --no-cache-dir)
PIP = $(PY) -m pip --disable-pip-version-check --no-input --quiet $(CACHE) install
LOCK = $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(if $(UPGRADE),--upgrade)

help: ## List what make can do here
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1:\2/p' Makefile | while IFS=: read -r name words; do printf 'make %-9s %s\n' "$$name" "$$words"; done

setup: .venv/.developer ## Make .venv from the locked packages, with the command `commonpurse` in .venv/bin
	@echo "Ready: .venv/bin/commonpurse --help"

run: .venv/.product ## Serve the site with its demonstration on http://127.0.0.1:8000 (PORT=… for another); keeps the data
	@$(PY) -m app db upgrade
	@$(PY) -m app seed
	@exec $(PY) -m app serve --port $(PORT)

test: .venv/.developer packages lint ## Test everything, in a real PostgreSQL and a real Chromium
	@$(PY) -m pytest -n 2 -m "not slow" --cov --cov-report=term

lint: .venv/.developer ## Check style, types and import directions
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-logo

packages: .venv/.developer ## Install Chromium, PostgreSQL and hledger for the tests (as root on Debian), or say what to install
	@$(PY) -m tests.system_packages

bench: .venv/.developer packages ## Measure the ledger beside its peers in one table, then run the counts that take long
	@$(PY) -m tests.bench
	@$(PY) -m pytest -m slow --durations=0

audit: .venv/.developer scan ## Let scanners attack the site, and look each package up in the database of known faults (internet)
	@$(PY) -m pip --disable-pip-version-check check
	@mkdir -p .make
	@{ echo '# /// script'; echo '# requires-python = "==3.11.*"'; echo '# dependencies = ['; \
	  sed -n 's/^\([a-z0-9].*==.*[^ ]\) *\\$$/#   "\1",/p' requirements-dev.txt; echo '# ]'; echo '# ///'; } > .make/locked.py
	@$(PY) -m uv audit --preview-features audit-command --script .make/locked.py

scan: .venv/.developer .make/audit/.installed .make/wapiti/.installed ## Let scanners read the code and attack the running demonstration (QUICK=1: in minutes)
	@$(PY) -m tests.attack $(if $(QUICK),--quick)

lock: .venv/.developer ## Write requirements*.txt from pyproject.toml (UPGRADE=1: to the newest versions)
	@$(LOCK) pyproject.toml --output-file requirements.txt
	@$(LOCK) --extra dev --constraint requirements.txt pyproject.toml --output-file requirements-dev.txt
	@$(subst --universal ,,$(LOCK)) --group pyproject.toml:audit --output-file requirements-audit.txt
	@$(subst --universal ,,$(LOCK)) --group pyproject.toml:wapiti --output-file requirements-wapiti.txt
	@$(PIP) --require-hashes -r requirements-dev.txt
	@$(PY) -m tests.house.licences

.venv/.product: requirements.txt | .venv/bin/python
	@echo "Installing the locked packages (once) …"
	@$(PIP) --require-hashes -r requirements.txt
	@touch $@

.make/%/.installed: requirements-%.txt | .venv/bin/python
	@echo "Installing the locked scanners of $< (once) …"
	@$(PY) -m venv --clear .make/$*
	@.make/$*/bin/python -m pip --disable-pip-version-check --no-input --quiet $(CACHE) install --no-deps --require-hashes -r $<
	@touch $@

.venv/.developer: requirements-dev.txt pyproject.toml | .venv/bin/python
	@echo "Installing the locked packages for developers (once) …"
	@$(PIP) --require-hashes -r requirements-dev.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

# The first Python 3.11 on the PATH that runs and can make an environment: a pyenv shim may be there and yet not run.
.venv/bin/python:
	@find_python() { \
	  for name in $(or $(PYTHON),python3.11 python3 python); do \
	    case $$name in */*) folders=$${name%/*} ;; *) folders=$$PATH ;; esac; \
	    IFS=:; for folder in $$folders; do unset IFS; \
	      python=$${folder:-.}/$${name##*/}; \
	      if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1; \
	      then return 0; fi; \
	    done; unset IFS; \
	  done; return 1; }; \
	if find_python; then echo "Making .venv with $$python …"; "$$python" -m venv --clear .venv; else \
	  echo "Commonpurse needs Python 3.11 with its venv module. Install it (on Debian: apt-get install python3.11-venv)," \
	       "or say where it is: make PYTHON=/path/to/python3.11 …" >&2; exit 1; fi
