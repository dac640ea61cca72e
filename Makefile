# Every command the README names. `make help` lists them.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Debian release of the test nodes: bookworm (12) or trixie (13).
DEBIAN ?= bookworm
# Two clones on one machine never meet: every container and network carries this name.
RUN := $(shell printf %s "$(CURDIR)" | sha256sum | cut -c1-6)

export PATH := $(CURDIR)/.venv/bin:$(PATH)
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
# Without a locale of its own a bare machine gives Ansible ASCII, and the ERP speaks Arabic.
export LC_ALL := C.UTF-8

# What starts on a bare Debian and provisions it; every other scenario starts from the image of a provisioned node.
BARE := demo restore topology
# Scenarios in whose nodes systemd sandboxes its units for real.
PRIVILEGED := hardening backup sequences
SCENARIOS = $(sort $(patsubst molecule/%/molecule.yml,%,$(wildcard molecule/*/molecule.yml)))
# Only a whole test takes the image of the newest code; any other step keeps the nodes that are up.
IMAGE = $(if $(filter $(1),$(BARE)),containers/build-base-image $(DEBIAN),\
	containers/build-node-image $(DEBIAN) $(if $(filter-out test,$(DO)),$(RUN)-$(1)))

NODES = ERP_OPS_RUN="$(RUN)-$(1)" \
	ERP_OPS_IMAGE="$$($(call IMAGE,$(1)))" \
	ERP_OPS_WHEELHOUSE="$$(containers/build-wheelhouse $(DEBIAN))" \
	ERP_OPS_SOURCE="$$(containers/build-source)"

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

.PHONY: setup
setup: .venv/.complete ## Install what the toolkit needs and build the base image
	@containers/build-base-image $(DEBIAN) >/dev/null
	@containers/build-wheelhouse $(DEBIAN) >/dev/null

.venv/.complete: requirements.txt requirements-dev.txt constraints.txt setup/debian-packages.txt
	@setup/install-debian-packages
	@test -x .venv/bin/python || python3 -m venv .venv
	@echo "installing the Python packages into .venv ..."
	@.venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt --constraint constraints.txt
	@touch $@

.PHONY: constraints
constraints: ## Write constraints.txt anew from what .venv holds
	@{ head -n 1 constraints.txt; .venv/bin/pip freeze; } > constraints.txt.part && mv constraints.txt.part constraints.txt

.PHONY: demo
demo: setup ## Set everything up and run the main job on real servers
	@$(call NODES,demo) demo/run

.PHONY: demo-down
demo-down: ## Stop the demo and remove what it started
	@$(call NODES,demo) ansible-playbook -i inventory/molecule molecule/shared/destroy.yml >/dev/null
	@echo "The demo is gone."

# Two at a time for two cores, begun in this order: the long ones first, and no two that begin with the same preparation.
PARTS := $(addprefix part-,restore lint sanity deploy test-sequences application hardening test-python awx pool test-races faults incidents bench-sequences)
NODE_PARTS := $(filter $(addprefix part-,$(SCENARIOS)),$(PARTS))
CODE_PARTS := $(filter-out $(NODE_PARTS),$(PARTS))
.PHONY: test $(PARTS)
test: setup ## Set everything up and pass the tests
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target $(PARTS)

part-bench-sequences: export BENCH := small

$(NODE_PARTS): part-%:
	+@begin=$$SECONDS; $(MAKE) --no-print-directory scenario NAME=$*; echo "== scenario $*: $$((SECONDS - begin)) s"
$(CODE_PARTS): part-%:
	+@begin=$$SECONDS; $(MAKE) --no-print-directory $*; echo "== $*: $$((SECONDS - begin)) s"

.PHONY: test-all
test-all: setup ## What make test does, and the long forms (hours)
	@$(MAKE) --no-print-directory test
	@ERP_OPS_CASES=all $(MAKE) --no-print-directory scenario NAME=faults
	@$(MAKE) --no-print-directory scenario NAME=adopt
	@$(MAKE) --no-print-directory scenario NAME=topology
	@ERP_OPS_EXECUTION_ENVIRONMENT="$$(containers/build-execution-environment $(DEBIAN))" $(MAKE) --no-print-directory scenario NAME=awx
	@ERP_OPS_EVERYTHING=1 $(MAKE) --no-print-directory test-sequences
	@$(MAKE) --no-print-directory bench-sequences
	@for debian in bookworm trixie; do \
		ERP_OPS_CASES=all $(MAKE) --no-print-directory scenario NAME=restore DEBIAN=$$debian; \
		$(MAKE) --no-print-directory scenario NAME=hardening DEBIAN=$$debian; \
		$(MAKE) --no-print-directory scenario NAME=backup DEBIAN=$$debian; \
		$(MAKE) --no-print-directory scenario NAME=sequences DEBIAN=$$debian; \
		$(MAKE) --no-print-directory scenario NAME=incidents DEBIAN=$$debian; \
		$(MAKE) --no-print-directory scenario NAME=pool DEBIAN=$$debian; \
		ERP_OPS_CASES=all $(MAKE) --no-print-directory scenario NAME=application DEBIAN=$$debian; \
		ERP_OPS_CASES=all $(MAKE) --no-print-directory scenario NAME=deploy DEBIAN=$$debian; \
	done

.PHONY: test-sequences
test-sequences: .venv/.complete ## Only the tests of the sequence engine, on PostgreSQL 15 (Debian's), 16, 17 and 18
	@tests/integration/on-each-server -q tests/integration/sequences

.PHONY: test-races test-python
test-races: .venv/.complete ## Only the race between a repair and inserts
	@ERP_OPS_RACE_REPAIRS=200 pytest tests/integration/sequences/test_races.py
test-python: .venv/.complete ## All that pytest runs, but for the sequence engine
	@pytest --ignore=tests/integration/sequences

.PHONY: sanity
sanity: .venv/.complete ## ansible-test sanity for the modules
	@tests/sanity/run $(ONLY)

.PHONY: test-unit
test-unit: .venv/.complete ## Only the unit tests (seconds)
	@pytest tests/unit

.PHONY: test-integration
test-integration: .venv/.complete ## Only the tests against a throwaway PostgreSQL
	@pytest tests/integration

.PHONY: scenario
scenario: setup ## One Molecule scenario: make scenario NAME=restore [DO=converge]
	@[ -n "$(NAME)" ] && [ -e molecule/$(NAME)/molecule.yml ] || { echo "make scenario: there is no scenario \"$(NAME)\". Name one of them: make scenario NAME=..., of $(SCENARIOS)." >&2; exit 2; }
	@$(call NODES,$(NAME)) $(if $(filter $(NAME),$(PRIVILEGED)),containers/privileged) molecule $(or $(DO),test) --scenario-name $(NAME)

# Debian releases that the benchmarks measure.
DEBIANS ?= $(if $(filter small,$(BENCH)),bookworm,bookworm trixie)

.PHONY: bench-restart bench-deploy bench-restore bench-fleet
bench-restart: ## What users notice of each restart and fault: BENCH=small under 5 minutes, all about an hour
bench-deploy: ## What users notice of a deploy and of one that goes back: minutes
bench-restore: ## What users notice of a restore, against pg_restore: BENCH=small (under 5 minutes), else 2 GB, 3 rounds
bench-fleet: ## How a check over 1, 10, 50 hosts grows: BENCH=small (1 and 10) under 5 minutes
bench-restart bench-deploy bench-restore bench-fleet: setup
	@rm -f .cache/$@/*.json
	@for debian in $(DEBIANS); do $(MAKE) --no-print-directory $@-measure DEBIAN=$$debian; done
	@python -m $(subst -,.,$@) report

.PHONY: bench-restart-measure bench-deploy-measure bench-restore-measure bench-fleet-measure
bench-restart-measure bench-deploy-measure bench-fleet-measure: bench-%-measure: setup
	@$(call NODES,bench-$*-$(DEBIAN)) python -m bench.$* measure --debian $(DEBIAN) $(CASES)
bench-restore-measure: setup
	@$(call NODES,bench-restore-$(DEBIAN)) python -m bench.restore measure --debian $(DEBIAN) $(SIZE)

.PHONY: lint
lint: .venv/.complete ## Linters and type checks
	@ruff check .
	@ruff format --check .
	@mypy
	@yamllint --strict .
	@ansible-lint --offline

.cache/bench/.complete: bench/requirements.txt .venv/.complete
	@.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --upgrade --target .cache/bench --requirement bench/requirements.txt
	@touch $@

.PHONY: bench-sequences
bench-sequences: .cache/bench/.complete ## The sequence engine against its peers, as ratios (BENCH=small: minutes)
	@PYTHONPATH="$(CURDIR):$(CURDIR)/module_utils:$(CURDIR)/.cache/bench" python -m bench.sequences

# pgBadger (a script of Perl's) and lnav of Debian, unpacked and not installed; what does not run on this machine is left out.
.cache/bench-report/.peers:
	@mkdir -p .cache/bench-report
	@cd .cache/bench-report && apt-get download --quiet pgbadger lnav >/dev/null && for package in *.deb; do dpkg-deb --extract $$package .; done
	@touch $@

.PHONY: bench-report
bench-report: .venv/.complete .cache/bench-report/.peers ## The incident report's speed and memory (BENCH=small: a minute)
	@PYTHONPATH="$(CURDIR):$(CURDIR)/module_utils" python -m bench.report
