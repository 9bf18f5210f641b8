# One command for each thing people do here; `make help` lists them.
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
export PYTHONPATH := operator

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv: requirements-dev.lock
	python3 -m venv .venv || { apt-get update -q && apt-get install -qy --no-install-recommends python3-venv && python3 -m venv --clear .venv; }
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch .venv

demo: .venv ## a cluster of two nodes, the operator, the example, and what happened on each node
	$(PYTHON) -m tests.cluster.demo

test: lint ## every test, those on real clusters included; two at a time
	$(PYTHON) -m tests.cluster build
	$(PYTHON) -m tests.monitoring.prometheus
	$(PYTHON) -m tests.gitops
	$(PYTHON) -m tests.web
	$(PYTHON) -m pytest -n 2 --dist loadfile

lint: .venv ## format, style, types, layers
	.venv/bin/ruff format --check --quiet .
	.venv/bin/ruff check --quiet .
	.venv/bin/mypy
	.venv/bin/lint-imports

unit: .venv ## the tests that need no cluster
	$(PYTHON) -m pytest -m "not cluster and not kind"

faults: .venv ## faults on a real cluster at length: 20 kills of the operator, long cuts of the network, 10 minutes of silence
	KILLS=20 QUIET_SECONDS=600 $(PYTHON) -m pytest -rP -m cluster tests/cluster/test_faults*.py tests/cluster/test_quiet.py

cluster: .venv ## only a real Kubernetes cluster, on this machine, without a container engine
	$(PYTHON) -m tests.cluster up

cluster-down: .venv ## end it and remove all its traces
	$(PYTHON) -m tests.cluster down

kind-demo: .venv ## the demo on kind: with Docker where that is there, with podman where not
	$(PYTHON) -m tests.cluster.kind demo

image: .venv ## the operator's image as an archive
	$(PYTHON) -m tests.cluster.image

conformance: .venv ## 5,000 random sequences of calls on a real API server and on the simulation's
	CONFORMANCE_SEQUENCES=5000 $(PYTHON) -m pytest tests/simulation/test_conformance.py

cli-page: .venv ## write the outputs in docs/cli.md anew, from a recorded cluster
	$(PYTHON) -m tests.cli.page

cli-record: .venv ## record that cluster anew
	$(PYTHON) -m tests.cluster.record_cli

crds: .venv ## write crds/, docs/reference/ and docs/metrics.md anew from the models and declarations
	$(PYTHON) -m batchyard.api.crd
	$(PYTHON) -m batchyard.api.reference
	$(PYTHON) -m batchyard.metrics.page

sbom: .venv ## print the bill of materials of the image (CycloneDX), from its lock
	@$(PYTHON) -m tests.chart.sbom

release: .venv ## image, chart, command line and bill of materials of the last commit into dist/, with their sums; with SIGN_KEY=ID signed by gpg
	$(PYTHON) -m tests.release

chart-readme: .venv ## write the table of values in the chart's README anew
	$(PYTHON) -m tests.chart.readme

docs: .venv ## the site of docs/ into .site/
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict

simulate: .venv ## every crash plan of every workload in a simulated cluster; with SEEDS=a..b these storms instead
	$(PYTHON) -m tests.simulation $(if $(SEEDS),--seeds $(SEEDS))

mutants: .venv ## known bugs put back into the operator, one after another: what tells of each; with SEARCH=1 wherever make test looks
	$(PYTHON) -m tests.mutants $(if $(SEARCH),--search)

benchmark: .venv ## what a job costs: seconds, memory, CPU, writes for each task, start of the command line
	$(PYTHON) -m tests.benchmark.cli_start
	$(PYTHON) -m tests.benchmark.planning
	$(PYTHON) -m tests.benchmark.ranges
	$(PYTHON) -m tests.benchmark.restart
	$(PYTHON) -m tests.benchmark.memory
	$(PYTHON) -m tests.benchmark

lock: .venv ## pin all dependencies anew
	.venv/bin/pip install --quiet uv==0.13.9
	UV_CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url pyproject.toml -o requirements.lock
	UV_CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url pyproject.toml --group dev --extra cli -c requirements.lock -o requirements-dev.lock

.PHONY: help demo test lint unit faults cluster cluster-down kind-demo image conformance mutants cli-page cli-record crds sbom release chart-readme docs simulate benchmark lock
