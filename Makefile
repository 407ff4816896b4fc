# Everything that one needs to know to try, test and check Rapport. Needs Rust, a C compiler and Node 20 (for the pages).

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

# With the pages inside the binary. Without this feature Rust work needs no Node: `cargo build -p rapport`.
UI := --features rapport/ui
# The same for every target that runs debug binaries: another selection of packages has other features, and compiles most of them again.
BUILD := cargo build --workspace --all-targets --locked $(UI)
PAGES := web/app/dist/index.html
PACKAGES := web/node_modules/.package-lock.json
PAGE_SOURCES := $(shell find web/app/src web/app/build web/app/public docs/guide -type f -not -name message-ids.d.ts) web/app/index.html web/app/vite.config.ts
RAPPORT_CHROMIUM ?= /usr/bin/chromium
# Kept outside the checkout, like the target folder.
SCHEMATHESIS_VERSION ?= 4.32.5
SCHEMATHESIS_HOME ?= $(HOME)/.cache/rapport-schemathesis-$(SCHEMATHESIS_VERSION)
SCHEMATHESIS := $(SCHEMATHESIS_HOME)/bin/schemathesis
DUCKDB_VERSION ?= 2.0.1
DUCKDB_HOME ?= $(HOME)/.cache/rapport-duckdb-$(DUCKDB_VERSION)
DUCKDB_PYTHON := $(DUCKDB_HOME)/bin/python
MOTO_VERSION ?= 5.2.5
MOTO_HOME ?= $(HOME)/.cache/rapport-moto-$(MOTO_VERSION)
MOTO := $(MOTO_HOME)/bin/moto_server
PRISM_VERSION ?= 5.16.0
PRISM_HOME ?= $(HOME)/.cache/rapport-prism-$(PRISM_VERSION)
PRISM := $(PRISM_HOME)/node_modules/.bin/prism

.PHONY: help demo test test-rust test-web test-api test-contract test-duckdb test-s3 test-browser check bench bench-own bench-world bench-growth bench-pages codegen compare-models nextest web screenshots

help: ## Say what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1|\2/' | awk -F'|' '{printf "  %-14s %s\n", $$1, $$2}'

demo: $(PAGES) ## Load the demo organization and serve it on LISTEN (default 127.0.0.1:8080)
	cargo build --release --locked -p rapport $(UI)
	$(RELEASE_BIN)/rapport --data $(DEMO_DATA) demo --listen $(LISTEN)

test: test-rust test-web test-api test-contract test-duckdb test-s3 test-browser ## Build everything and run all tests

test-rust: nextest $(PAGES)
	$(BUILD)
	cargo nextest run --workspace --locked $(UI)
	cargo test --doc --workspace --locked --quiet $(UI)

test-web: $(PACKAGES)
	cd web && npm run --silent test

# Every operation of the OpenAPI document, with sound and unsound requests, as a seller and as an administrator.
test-api: $(PAGES)
	$(BUILD)
	@if [ -x "$(SCHEMATHESIS)" ] || { python3 -m venv $(SCHEMATHESIS_HOME) && $(SCHEMATHESIS_HOME)/bin/pip install --quiet --disable-pip-version-check schemathesis==$(SCHEMATHESIS_VERSION); }; then \
		RAPPORT_BIN=$(DEBUG_BIN)/rapport $(DEBUG_BIN)/xtask schemathesis $(SCHEMATHESIS); \
	elif [ "$$CI" = true ]; then \
		echo "error: schemathesis $(SCHEMATHESIS_VERSION) cannot be installed: it needs python3 with venv, and PyPI"; exit 1; \
	else \
		echo "SKIPPED: make test-api: schemathesis $(SCHEMATHESIS_VERSION) cannot be installed (it needs python3 with venv, and PyPI)"; \
	fi

# Every request to Microsoft Graph, judged by the OpenAPI form of its documents. The test itself says when those are not there.
test-contract: nextest
	@if [ -x "$(PRISM)" ] || npm install --prefix $(PRISM_HOME) --no-audit --no-fund --silent @stoplight/prism-cli@$(PRISM_VERSION); then \
		RAPPORT_PRISM=$(PRISM) cargo nextest run --workspace --locked $(UI) --no-capture -E 'package(rapport-connect) and binary(graph) and test(contract)'; \
	elif [ "$$CI" = true ]; then \
		echo "error: prism $(PRISM_VERSION) cannot be installed: it needs Node, and the registry of npm"; exit 1; \
	else \
		echo "SKIPPED: make test-contract: prism $(PRISM_VERSION) cannot be installed (it needs Node, and the registry of npm)"; \
	fi

# The files of the ledger, read by another engine that knows only docs/segments.md.
test-duckdb: nextest $(PAGES)
	@if [ -x "$(DUCKDB_PYTHON)" ] || { python3 -m venv $(DUCKDB_HOME) && $(DUCKDB_HOME)/bin/pip install --quiet --disable-pip-version-check duckdb==$(DUCKDB_VERSION) pytz; }; then \
		RAPPORT_DUCKDB_PYTHON=$(DUCKDB_PYTHON) cargo nextest run --workspace --locked $(UI) --no-capture duckdb; \
	elif [ "$$CI" = true ]; then \
		echo "error: duckdb $(DUCKDB_VERSION) cannot be installed: it needs python3 with venv, and PyPI"; exit 1; \
	else \
		echo "SKIPPED: make test-duckdb: duckdb $(DUCKDB_VERSION) cannot be installed (it needs python3 with venv, and PyPI)"; \
	fi

# Segments in what speaks the protocol of S3.
test-s3: nextest $(PAGES)
	@if [ -x "$(MOTO)" ] || { python3 -m venv $(MOTO_HOME) && $(MOTO_HOME)/bin/pip install --quiet --disable-pip-version-check 'moto[server,s3]==$(MOTO_VERSION)'; }; then \
		RAPPORT_MOTO=$(MOTO) cargo nextest run --workspace --locked $(UI) --no-capture protocol_of_s3; \
	elif [ "$$CI" = true ]; then \
		echo "error: moto $(MOTO_VERSION) cannot be installed: it needs python3 with venv, and PyPI"; exit 1; \
	else \
		echo "SKIPPED: make test-s3: moto $(MOTO_VERSION) cannot be installed (it needs python3 with venv, and PyPI)"; \
	fi

# The real binary with the demo organization in a real browser. Where there is none the tests are left out, loudly; CI fails instead.
test-browser: $(PAGES)
	$(BUILD)
	@if [ -x "$(RAPPORT_CHROMIUM)" ]; then \
		cd web && RAPPORT_BIN=$(DEBUG_BIN)/rapport RAPPORT_CHROMIUM=$(RAPPORT_CHROMIUM) npm run --silent test -w e2e; \
	elif [ "$$CI" = true ]; then \
		echo "error: no browser at $(RAPPORT_CHROMIUM): install Debian's package chromium, or set RAPPORT_CHROMIUM"; exit 1; \
	else \
		echo "SKIPPED: all browser tests of web/e2e: no browser at $(RAPPORT_CHROMIUM) (Debian's package chromium, or set RAPPORT_CHROMIUM)"; \
	fi

check: $(PAGES) ## Format, lints, rules of the house, generated files
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked $(UI) -- -D warnings
	cargo clippy -p rapport --locked -- -D warnings
	$(BUILD)
	$(DEBUG_BIN)/xtask tidy
	RAPPORT_BIN=$(DEBUG_BIN)/rapport $(DEBUG_BIN)/xtask codegen --check
	cd web && npm run --silent check

codegen: $(PACKAGES) ## Make the generated files anew: docs/reference, and from it the types of the pages
	$(BUILD)
	RAPPORT_BIN=$(DEBUG_BIN)/rapport $(DEBUG_BIN)/xtask codegen
	cd web && npm run --silent types

web: $(PAGES) ## Build the pages alone

screenshots: $(PAGES) ## Take the pictures of docs/screenshots anew
	$(BUILD)
	cd web && RAPPORT_BIN=$(DEBUG_BIN)/rapport RAPPORT_CHROMIUM=$(RAPPORT_CHROMIUM) npm run --silent screenshots -w e2e

# Touches of the world that is folded whole, and beside which peers run. Its folder is made anew by every run.
BENCH_TOUCHES ?= 20000000
BENCH_RUNS ?= 5
BENCH_WORLD ?= /tmp/rapport-bench-world
BENCH_FIGURES := world,decode,whole,answers,warm,cold
# Kept outside the checkout; other versions have another folder.
PEERS_HOME ?= $(HOME)/.cache/rapport-peers-$(shell cksum < bench/peers/requirements.txt | cut -d' ' -f1)

bench: bench-own bench-world ## Measure: kernels with criterion, the binary on generated worlds, peers beside it

bench-own:
	cargo bench --workspace --locked --bench '*'
	cargo build --release --locked -p rapport
	$(RELEASE_BIN)/rapport bench --runs $(BENCH_RUNS)

# DuckDB, Polars and ClickHouse fold the same touches in the same run, and are refused if they answer anything else.
bench-world: ## Measure a world of BENCH_TOUCHES touches and DuckDB, Polars, chdb beside it
	cargo build --release --locked -p rapport
	rm -rf $(BENCH_WORLD)
	$(RELEASE_BIN)/rapport bench --touches $(BENCH_TOUCHES) --runs $(BENCH_RUNS) --figures $(BENCH_FIGURES) --keep $(BENCH_WORLD) --save $(BENCH_WORLD).json
	@if { [ -x "$(PEERS_HOME)/bin/python" ] || python3 -m venv $(PEERS_HOME); } && $(PEERS_HOME)/bin/pip install --quiet --disable-pip-version-check --requirement bench/peers/requirements.txt; then \
		$(PEERS_HOME)/bin/python bench/peers/run.py --ours $(BENCH_WORLD)/answers --runs $(BENCH_RUNS) --json $(BENCH_WORLD)-peers.json; \
	elif [ "$$CI" = true ]; then \
		echo "error: the peers of bench/peers/requirements.txt cannot be installed: they need python3 with venv, and PyPI"; exit 1; \
	else \
		echo "SKIPPED: DuckDB, Polars, chdb: bench/peers/requirements.txt cannot be installed (it needs python3 with venv, and PyPI)"; \
	fi

# What docs/metrics/model-comparison.md shows.
compare-models: ## Hold the models against what happened next on the public sets in RAPPORT_TEST_DATA
	cargo build --locked -p rapport
	RAPPORT_BIN=$(DEBUG_BIN)/rapport python3 bench/models/compare.py

# Worlds of three sizes, one after the other; the largest takes a few gigabytes of disk.
BENCH_GROWTH ?= /tmp/rapport-bench-growth
bench-growth: ## Measure worlds of 1, 10 and 100 million touches and draw how figures grow
	cargo build --release --locked -p rapport
	mkdir -p $(BENCH_GROWTH)
	for touches in 1000000 10000000 100000000; do \
		$(RELEASE_BIN)/rapport bench --touches $$touches --runs $(BENCH_RUNS) --figures world,decode,whole,warm,cold --save $(BENCH_GROWTH)/$$touches.json || exit 1; \
	done
	$(RELEASE_BIN)/rapport bench --plot $(BENCH_GROWTH)/1000000.json,$(BENCH_GROWTH)/10000000.json,$(BENCH_GROWTH)/100000000.json > $(BENCH_GROWTH)/growth.svg
	@echo "the picture is $(BENCH_GROWTH)/growth.svg"

# The folder of the generated organization is made anew by every run.
BENCH_DATA ?= /tmp/rapport-bench
bench-pages: $(PAGES) ## Measure the first render of the pages on a large generated organization
	cargo build --release --locked -p rapport $(UI)
	rm -rf $(BENCH_DATA)
	$(RELEASE_BIN)/rapport bench --runs 1 --keep $(BENCH_DATA)
	cd web && RAPPORT_BIN=$(RELEASE_BIN)/rapport RAPPORT_BENCH_STORE=$(BENCH_DATA)/csv0 npm run --silent bench -w e2e

$(PACKAGES): web/package-lock.json
	cd web && npm ci --no-progress
	@touch $@

$(PAGES): $(PACKAGES) $(PAGE_SOURCES)
	cd web && npm run --silent build

nextest:
	@cargo nextest --version >/dev/null 2>&1 || cargo install cargo-nextest --locked --version $(NEXTEST_VERSION)
