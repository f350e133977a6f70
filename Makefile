# Everything goes through here; `make help` lists it. The virtual environments are made when something needs them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3.11
STAGE ?= local
BIN := .venv/bin
WORKERS ?= 2

.PHONY: help run demo demo-practice test check _ready format notice promises promises-mutations first-operator verify-ledger bench package lock audit docs clean venv

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

run: venv ## the whole product on this machine: local cloud, demo business, API docs, inbox; Ctrl-C stops it
	@$(BIN)/python -m infra.local

demo: venv ## the product's story on the real artefact, a year of time included
	@$(BIN)/python -m infra.local.demo

demo-practice: venv ## another story: a practice with twelve experts at two sites
	@$(BIN)/python -m infra.local.demo.practice

test: ## everything that must pass
	@$(MAKE) --no-print-directory -j 2 check _ready
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadscope -m "not deployed"
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadscope -m deployed

check: venv ## format, lint, types, import contracts, generated documents
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo 2>&1 | tail -n 4; exit $${PIPESTATUS[0]}
	$(BIN)/python -m infra.tools.render --check

# On a new machine this waits for downloads and installs on one core, while the checks need the other one.
_ready: venv
	@$(BIN)/python -m infra.local.venvs cloud lambda
	@$(BIN)/python -m infra.local.browsers
	@for stage in local prod; do \
		$(BIN)/python -m infra.tools.package --stage $$stage --out build/$$stage >/dev/null || exit 1; done

format: venv ## put the code into form
	$(BIN)/ruff format -q .
	$(BIN)/ruff check -q --fix .

docs: venv ## write the generated documents anew
	$(BIN)/python -m infra.tools.render

notice: venv ## publish a version of the privacy notice: make notice VERSION=2026-11-23 [EFFECTIVE=2026-12-01]
	@$(BIN)/python -m infra.tools.notice $(VERSION) $(if $(EFFECTIVE),--effective $(EFFECTIVE))

promises: venv ## run the promise checks on the deployed stack
	@$(BIN)/python -m infra.tools.promises

promises-mutations: venv ## break each kept promise on purpose in a copy, and see its check go red (about 15 minutes)
	@$(BIN)/python -m infra.tools.mutations $(PROMISES)

first-operator: venv ## the last step of a deployment: the operator's first account and its one-time password: make first-operator STAGE=prod
	@$(BIN)/python -m infra.tools.first_operator --stage $(STAGE) $(if $(REGION),--region $(REGION)) $(if $(ENDPOINT),--endpoint-url $(ENDPOINT))

verify-ledger: venv ## compare the ledger with its proofs: make verify-ledger STAGE=prod, or ENDPOINT=http://127.0.0.1:... for a local cloud
	@$(BIN)/python -m infra.tools.verify_ledger --stage $(STAGE) $(if $(REGION),--region $(REGION)) $(if $(ENDPOINT),--endpoint-url $(ENDPOINT))

bench: venv ## print the budgets with measured figures
	@$(BIN)/python -m infra.bench

package: venv ## the deployable template and bundle: make package STAGE=prod
	@$(BIN)/python -m infra.tools.package --stage $(STAGE) --out build/$(STAGE)

lock: venv ## pin the requirements anew, with hashes
	$(BIN)/python -m infra.tools.lock

audit: ## compare the pinned libraries with published advisories, which are asked for over the internet
	@test -x build/audit/bin/pip-audit || { $(PYTHON) -m venv build/audit && build/audit/bin/pip install -q pip-audit==2.10.1; }
	build/audit/bin/pip-audit --strict --require-hashes --disable-pip -r requirements.txt

clean: ## remove everything that is made
	rm -rf build run .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

venv:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: install it, or name it with PYTHON=..."; exit 1; }
	@$(PYTHON) -m infra.local.venvs dev
