# What a developer types. `make check` is what CI runs.

GO       ?= go
# A number of runs and no duration: a deadline can end a good run as a failure.
FUZZTIME ?= 10000x
COUNT    ?= 5

.DEFAULT_GOAL := build
.PHONY: run test rows bench bench-http check lint fmt vet staticcheck mappings golden fuzz build docs dist cross clean

# A terminal's Ctrl-C goes to the server alone, which ends by it as it should:
# make would call it an error of its own.
run: build ## serve the embedded dialects
	@set -m 2>/dev/null; bin/polylink serve; exit $$?

build: ## bin/polylink
	$(GO) build -trimpath -o bin/polylink ./cmd/polylink

test:
	$(GO) test -race -shuffle=on -timeout 20m ./...

bench: ## COUNT runs of each, for benchstat; x_baseline is the ratio to a handler written by hand
	$(GO) test -run '^$$' -bench . -count $(COUNT) ./bench/...

bench-http: build ## what a request costs beside hand-written servers, and an earlier build with BASE=FILE; writes bench/RESULTS.md
	$(GO) build -trimpath -o bin/floor ./bench/floor
	$(GO) run ./bench/http -base "$(BASE)" $(ARGS)

check: fmt vet staticcheck test rows fuzz mappings

# All of check but the tests, for a CI that has run them.
lint: fmt vet staticcheck fuzz mappings

fmt: ## fails and lists the files that gofmt would change
	@files=$$(gofmt -l .); if [ -n "$$files" ]; then echo "run gofmt -w on:"; echo "$$files"; exit 1; fi

vet:
	$(GO) vet ./...

staticcheck:
	$(GO) tool staticcheck ./...

mappings: ## compiles every embedded mapping file
	$(GO) run ./cmd/polylink check

rows: ## the contract test of engines with a million rows
	POLYLINK_ROWS=1000000 $(GO) test -count 1 -p 1 -run 'Contract/.*many' ./mockstore ./store/...

fuzz: ## FUZZTIME of every fuzzer that go test lists
	@set -e; for pkg in $$($(GO) list ./...); do \
		names=$$($(GO) test -list '^Fuzz' "$$pkg"); \
		for name in $$(echo "$$names" | grep '^Fuzz' || true); do \
			echo "fuzz $$pkg $$name"; \
			$(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$pkg"; \
		done; \
	done

golden: ## rewrites the golden exchanges and the outputs in scripts; review the diff
	POLYLINK_GOLDEN=write $(GO) test -count 1 -run 'Golden|Scripts' ./...

docs: ## docs/dialects, the lists in docs/mappings.md and docs/architecture.md, NOTICE and THIRD_PARTY_LICENSES
	POLYLINK_DOCS=write $(GO) test -count 1 -run Docs ./docs ./internal/arch ./internal/licences

PLATFORMS ?= linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
VERSION   ?=
dist: ## dist/: binaries for PLATFORMS, npm packages, man page, completions, SBOM, checksums; the same bytes every time
	$(GO) run ./cmd/dist -platforms "$(PLATFORMS)" -version "$(VERSION)"

cross: ## compiles the program for the systems on which no test is run
	@set -e; for os in darwin windows; do for arch in amd64 arm64; do echo "$$os/$$arch"; CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch $(GO) build ./...; done; done

clean:
	rm -rf bin dist
	$(GO) clean -testcache -fuzzcache
