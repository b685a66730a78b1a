# Everything a person or a machine does with this repository. Needs Python 3.11 with venv; nothing else.
PYTHON ?= python3.11
VENV   := .venv
PARITY := .venv-parity
SUPPLY := .venv-supply
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check
export OMP_NUM_THREADS ?= 1

.PHONY: help demo up test unit integration e2e parity check format clean
.DEFAULT_GOAL := help

help: ## show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) not found: install Python 3.11 or say make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml constraints.txt $(VENV)/bin/python
	$(PIP) install -q -c constraints.txt -e '.[demo]'
	@$(BIN)/python -c 'import cv2' || { echo "OpenCV needs the system library libGL.so.1 (Debian: libgl1)"; exit 1; }
	$(BIN)/ekyc weights fetch
	@touch $@

# facenet-pytorch's metadata pins numpy < 2 and torch < 2.3, all outdated: docs/decisions/0006
$(VENV)/.dev: $(VENV)/.demo
	$(PIP) install -q -c constraints.txt torch
	$(PIP) install -q -c constraints.txt -e '.[dev]'
	$(PIP) install -q -c constraints.txt --no-deps facenet-pytorch
	@touch $@

demo: $(VENV)/.demo ## set up and run the main job end to end: real servers, real models, seven cases
	$(BIN)/ekyc demo

up: $(VENV)/.demo ## set up and keep the whole system running here; Ctrl-C stops it
	$(BIN)/ekyc up

test: unit integration e2e ## set up and run every test

unit: $(VENV)/.dev ## offline tests, no servers
	$(BIN)/python -m pytest tests/unit -q -n 2

integration: $(VENV)/.dev ## tests on real Postgres and Valkey, which they start themselves
	$(BIN)/python -m pytest tests/integration -q -n 2

e2e: $(VENV)/.dev ## tests with real gateway, worker and sweeper processes
	$(BIN)/python -m pytest tests/e2e -q

# Apart (2.9 GB in all), because paddlepaddle is 0.7 GB that nothing else needs (docs/decisions/0003)
$(PARITY)/.done: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(PARITY)
	$(PARITY)/bin/python -m pip --disable-pip-version-check install -q -c constraints.txt -e '.[parity]'
	@touch $@

parity: $(PARITY)/.done ## hold the recogniser's torch, ONNX and Paddle forms to each other, with paddlepaddle
	$(PARITY)/bin/python -m pytest tests/unit/training/test_parity.py -q

# Apart, so that what looks at the environment is not part of it
$(SUPPLY)/.done:
	$(PYTHON) -m venv $(SUPPLY)
	$(SUPPLY)/bin/python -m pip --disable-pip-version-check install -q cyclonedx-bom==7.5.0 pip-audit==2.10.1
	@touch $@

sbom: $(VENV)/.demo $(SUPPLY)/.done ## write sbom.json (CycloneDX) of what is installed
	$(SUPPLY)/bin/cyclonedx-py environment $(VENV) --pyproject pyproject.toml --of JSON -o sbom.json

audit: $(VENV)/.demo $(SUPPLY)/.done ## compare what is installed with known vulnerabilities; needs pypi.org itself
	$(SUPPLY)/bin/pip-audit --strict --path $(VENV)/lib/python3.11/site-packages

check: $(VENV)/.dev ## lint, format, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## format and fix what can be fixed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove what was installed and what `up` and `demo` stored
	rm -rf $(VENV) $(PARITY) $(SUPPLY) .ekyc weights/fetched
