# Every target makes what it needs and is safe to repeat. `make` lists them.

.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV ?= .venv
PYTHON ?= python3
RUN := $(VENV)/bin/
OPENAI2 := $(abspath $(VENV))/openai2
OF_THE_CLIENT := tests/models $(patsubst %,tests/session/test_%.py,wires_agree faults malformed)
DEMO_DATA := notebooks/data/fertility.csv
DEMO_QUESTION := How did the number of births per woman change over time, and where is it highest?

.PHONY: help demo test check bench soak lab format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.run ## answer a question about the bundled table, offline, and write its notebook
	@mkdir -p out
	$(RUN)analyst ask $(DEMO_DATA) "$(DEMO_QUESTION)" --model offline -o out/demo.ipynb

test: $(VENV)/.test ## run the tests
	$(RUN)python -m pytest

check: $(VENV)/.dev ## format, lint and types, without changing anything
	$(RUN)ruff format --check .
	$(RUN)ruff check .
	$(RUN)mypy

format: $(VENV)/.dev ## format the code
	$(RUN)ruff format .
	$(RUN)ruff check --fix .

bench: $(VENV)/.test ## measure against raw jupyter_client, side by side
	$(RUN)python tests/bench/bench.py
	$(RUN)python tests/bench/data.py

soak: export ANALYST_SOAK := 1
soak: $(VENV)/.test $(VENV)/.openai2 ## the batteries of the tests in their large size, with both clients
	$(RUN)python -m pytest -o faulthandler_timeout=1800 -m battery
	ANALYST_OPENAI_MAJOR=2 PYTHONPATH=$(OPENAI2) \
	  $(RUN)python -m pytest -o faulthandler_timeout=1800 $(OF_THE_CLIENT)

lab: $(VENV)/.lab ## open JupyterLab on the notebooks
	$(RUN)jupyter lab notebooks

clean: ## remove what the other targets made
	rm -rf $(VENV) out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environments, one on top of the other: to run, to test, to develop, to look.
# uv makes them where it is present, Python's own venv and pip where it is not.

$(VENV)/.run: pyproject.toml
	@tests/tools/make_env $(VENV) $(PYTHON) run

$(VENV)/.test: $(VENV)/.run
	@tests/tools/make_env $(VENV) $(PYTHON) test

$(VENV)/.dev: $(VENV)/.test
	@tests/tools/make_env $(VENV) $(PYTHON) dev

$(VENV)/.openai2: $(VENV)/.test
	@tests/tools/make_env $(VENV) $(PYTHON) openai2

$(VENV)/.lab: $(VENV)/.run
	@tests/tools/make_env $(VENV) $(PYTHON) lab
