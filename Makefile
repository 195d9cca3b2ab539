# What there is to do. Every target sets up what it needs first; see docs/development.md.

ifdef CI
# A stable place outside the clone keeps the compiled libraries from one run to the next.
TOOLS_DIR ?= $(or $(OMNIOPS_TOOLS_DIR),$(if $(filter 0,$(shell id -u)),/var/cache/omniops,$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/omniops))
export CARGO_TARGET_DIR ?= $(TOOLS_DIR)/target
# A clone is compiled once: what would speed up a second time only fills the disk.
export CARGO_INCREMENTAL ?= 0
endif
TARGET := $(or $(CARGO_TARGET_DIR),target)
XTASK := cargo xtask

.DEFAULT_GOAL := help
.PHONY: help setup run build dev test lint fmt check bench clean

help: ## Shows this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Installs whatever is missing for everything below
	@scripts/setup.sh all

run: ## Builds the release and starts OmniOps with the demo on http://127.0.0.1:3000
	@scripts/setup.sh run
	@$(XTASK) build --release
	@$(TARGET)/release/omniops serve --demo

build: ## Builds target/release/omniops and target/site/
	@scripts/setup.sh build
	@$(XTASK) build --release

dev: ## Rebuilds and restarts when a file changes
	@scripts/setup.sh dev
	@$(XTASK) dev

test: ## Format, lint, checks, and all tests: Rust, wasm, scripts, browser
	@scripts/setup.sh test
	@$(XTASK) test

lint: ## Format, lint and checks only
	@scripts/setup.sh build
	@$(XTASK) test --only format --only checks --only lint --only lint-wasm

fmt: ## Formats the Rust sources
	@cargo fmt --all

check: ## Import directions, browser packages, SQL, licences, stray hosts
	@$(XTASK) check

bench: ## Runs the benchmarks and writes target/bench.json
	@scripts/setup.sh bench
	@$(XTASK) build --release
	@cargo run --quiet --release --package omniops-bench

clean: ## Removes what was built (not the data, not the downloads)
	@cargo clean
