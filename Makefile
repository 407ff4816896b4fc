# Everything that one needs to know to try, test and check Rapport. Needs Rust and a C compiler.

SHELL := /bin/sh
# Outside the checkout, so that a fresh clone builds on what another one built.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/rapport-target
# The demo's store; it is made anew by every `make demo`.
DEMO_DATA ?= $(HOME)/.cache/rapport-demo
LISTEN ?= 127.0.0.1:8080
# Known to build with the oldest compiler that Cargo.toml allows.
NEXTEST_VERSION ?= 0.9.143
DEBUG_BIN := $(CARGO_TARGET_DIR)/debug
RELEASE_BIN := $(CARGO_TARGET_DIR)/release

.PHONY: help demo test check bench codegen nextest

help: ## Say what can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/make \1|\2/' | awk -F'|' '{printf "  %-14s %s\n", $$1, $$2}'

demo: ## Load the demo organization and serve it on LISTEN (default 127.0.0.1:8080)
	cargo build --release --locked -p rapport
	$(RELEASE_BIN)/rapport --data $(DEMO_DATA) demo --listen $(LISTEN)

test: nextest ## Build everything and run all tests
	cargo build --workspace --all-targets --locked
	cargo nextest run --workspace --locked
	cargo test --doc --workspace --locked --quiet

check: ## Format, lints, rules of the house, generated files
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo build --workspace --bins --locked
	$(DEBUG_BIN)/xtask tidy
	RAPPORT_BIN=$(DEBUG_BIN)/rapport $(DEBUG_BIN)/xtask codegen --check

codegen: ## Make the generated files under docs/reference anew
	cargo build --workspace --bins --locked
	RAPPORT_BIN=$(DEBUG_BIN)/rapport $(DEBUG_BIN)/xtask codegen

bench: ## Measure: kernels with criterion, then the binary on generated worlds
	cargo bench --workspace --locked --bench '*'
	cargo build --release --locked -p rapport
	$(RELEASE_BIN)/rapport bench

nextest:
	@cargo nextest --version >/dev/null 2>&1 || cargo install cargo-nextest --locked --version $(NEXTEST_VERSION)
