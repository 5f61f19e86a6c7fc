# A thin front of CMake and scripts/. `make` builds the program into build/release/levada.
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 60

build = cmake --preset $(1) --log-level=WARNING && cmake --build --preset $(1) -j $(JOBS)
sources = $(shell git ls-files -co --exclude-standard 'src/*.c' 'src/*.h' 'tests/*.c' 'tests/*.h')

.PHONY: release dev tsan fuzzers deps demo test check bench fuzz fmt lint install clean help

release: ## the program: build/release/levada
	$(call build,release)

dev: ## with ASan, UBSan and every assertion: build/dev
	$(call build,dev)

tsan: ## with ThreadSanitizer: build/tsan
	$(call build,tsan)

fuzzers: ## the fuzz targets: build/fuzz
	$(call build,fuzz)

deps: ## installs what the build needs (Debian packages)
	scripts/deps.sh build

demo: deps release ## a hub, events, a pipeline and its table, for 20 seconds
	scripts/demo.sh

test: ## everything; sets itself up. SUITES="unit interop" runs some, FUZZ_SECONDS is per target
	scripts/deps.sh test
	JOBS=$(JOBS) FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/test.py $(SUITES)

check: dev ## the fast tier: units under ASan and UBSan, the rules of tidy.py; no network
	ctest --test-dir build/dev -L unit -j $(JOBS) --output-on-failure --no-tests=error
	scripts/tidy.py

bench: ## against Spark and a Python script on a real Kafka: writes bench/RESULTS.md. BENCH="levada spark" runs some
	scripts/deps.sh test
	$(call build,release)
	cmake --build --preset release --target bench_json_levada bench_json_simdjson
	bash -c '. scripts/env.sh && "$$LEVADA_VENV/bin/python" bench/run.py $(BENCH)'

fuzz: fuzzers ## every fuzz target for FUZZ_SECONDS
	FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/fuzz.sh

fmt: ## formats the sources
	@clang-format -i $(sources)

lint: dev ## clang-format's and clang-tidy's opinion
	scripts/tidy.py
	@clang-format --dry-run -Werror $(sources)
	git ls-files 'src/*.c' | xargs -P $(JOBS) -n 4 clang-tidy -quiet -p build/dev --extra-arg=-Wno-unknown-warning-option

install: release ## PREFIX=/usr/local
	cmake --install build/release --prefix $(PREFIX)

clean: ## what was built; the parts of the tests stay in .cache
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1: /p' Makefile | column -t -s: -l 2
