# Everything starts here. `make run` and `make test` do their own set-up on a fresh machine.

PYTHON ?= python3
PY := .venv/bin/python

unexport PYTHONDONTWRITEBYTECODE
unexport VIRTUAL_ENV
export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.PHONY: help setup run test test-fast test-browser pictures lint bench drill psql-owner lock clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

setup: ## Install what is locked (done by the others by themselves)
	@$(PYTHON) pharmacrm/runtime/bootstrap.py

run: setup ## The whole product with demonstration data on 127.0.0.1:8000 (PORT moves it)
	@PHARMACRM_DEMO=$${PHARMACRM_DEMO-1} exec $(PY) -m pharmacrm.runtime run

test: setup ## The whole suite; the browser part where a browser can be had
	@exec $(PY) -m pharmacrm.runtime test

test-fast: setup ## The suite without the browser
	@exec $(PY) -m pharmacrm.runtime test --no-browser

test-browser: setup ## The browser part only; fails where no browser can be had
	@exec $(PY) -m pharmacrm.runtime test --only-browser

pictures: setup ## The pictures of both READMEs, taken from a fresh demonstration: docs/img/*.png
	@exec $(PY) -m pharmacrm.runtime exec --throwaway --home var/pictures -- $(PY) -m tests.browser.pictures

lint: setup ## Style, types, import graph, templates, translations
	@exec $(PY) -m pharmacrm.runtime lint

bench: setup ## Speed, as ratios against a floor of the same run: var/bench/latest.json
	@exec $(PY) -m pharmacrm.runtime exec --owner --home var/bench -- $(PY) -m bench $(ARGS)

drill: setup ## Fault drills: var/drill/latest.json
	@exec $(PY) -m pharmacrm.runtime exec --throwaway --home var/drill -- $(PY) -m tests.drills $(ARGS)

psql-owner: setup ## A database shell as the owner of the tables
	@exec $(PY) -m pharmacrm.runtime psql-owner

lock: setup ## Write the locks again after a change to pyproject.toml
	@exec $(PY) -m pharmacrm.runtime.lock

clean: ## Remove what make installed; data under var/ stays
	rm -rf .venv node_modules .mypy_cache .ruff_cache
