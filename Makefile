PYTHON := .venv/bin/python
export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 3
export PYTHONWARNINGS := ignore

.DEFAULT_GOAL := help
.PHONY: help run build serve dev test lint types validate content-report content-diff evaluate bench bench-widget bench-console crash verify-audit actions clean

help:  ## Show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: build  ## Set everything up and start the chat on http://127.0.0.1:5005
	@exec $(PYTHON) -m assistant.server serve

build:  ## Set everything up: packages, encoder, spaCy pipeline, trained model
	@scripts/environment.sh
	@$(PYTHON) -m assistant.server build

serve:  ## Start the chat with what is built
	@exec $(PYTHON) -m assistant.server serve

test: dev lint types  ## Set everything up and run all tests
	@$(PYTHON) -m pytest --numprocesses auto --dist loadfile

dev: build
	@scripts/environment.sh dev

lint: dev  ## Check style
	@$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check .

types: dev  ## Check types
	@$(PYTHON) -m mypy

validate:  ## Check the knowledge files
	@scripts/environment.sh
	@$(PYTHON) -m scripts.validate

content-report:  ## Write docs/content-report.md: grades, reviews due, sources seen second-hand
	@scripts/environment.sh
	@$(PYTHON) -m scripts.content_report

content-diff: build  ## Which answers differ from a revision: BASE=<git rev> [FILES="q.jsonl …"] [LOG=conversations.db] [OUT=page.md]
	@test -n "$(BASE)" || { echo "usage: make content-diff BASE=<git rev> [FILES=\"q.jsonl …\"] [LOG=conversations.db] [OUT=page.md]" >&2; exit 2; }
	@$(PYTHON) -m scripts.content_diff "$(BASE)" $(FILES) $(if $(LOG),--log "$(LOG)") $(if $(OUT),--out "$(OUT)")

evaluate: build  ## Ask questions over HTTP: FILE=questions.jsonl [OUT=report.json] [URL=http://…]
	@test -n "$(FILE)" || { echo "usage: make evaluate FILE=questions.jsonl [OUT=report.json] [URL=http://…]" >&2; exit 2; }
	@$(PYTHON) -m benchmarks.evaluation "$(FILE)" $(if $(OUT),--out "$(OUT)") $(if $(URL),--url "$(URL)")

bench: build  ## Compare the speed with stock Rasa and write docs/performance.md (half an hour)
	@exec $(PYTHON) -m benchmarks.speed

bench-widget: dev  ## Compare the widget with two others and write docs/widget-performance.md (needs Node and Chromium)
	@npm ci --prefix widget --ignore-scripts --silent && npm ci --prefix benchmarks/widget --ignore-scripts --legacy-peer-deps --silent
	@exec node benchmarks/widget/bench.js --write

bench-console: build  ## Fill the tables for staff and measure them: [ARGS="--conversations 1000000 --write"]
	@exec $(PYTHON) -m benchmarks.console $(ARGS)

crash: dev  ## Kill chat processes a thousand times and check that nothing is lost: [ARGS="--server"]
	@exec $(PYTHON) -m benchmarks.crash $(ARGS)

verify-audit:  ## Compute all hashes of the staff console's audit anew
	@$(PYTHON) -m assistant.console verify-audit

actions: build  ## Start the standard action server on port 5055
	@SANIC_HOST=127.0.0.1 exec $(PYTHON) -m rasa_sdk --actions actions --port 5055

clean:  ## Remove everything that was built
	rm -rf .venv models/encoder models/spacy models/known_words.txt models/*.tar.gz models/stamps.json
