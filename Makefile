PYTHON ?= python3

.PHONY: help playground test check venv bench

help:
	@echo "make playground  a pool of one's own and JupyterLab with a first notebook"
	@echo "make test        all tests: Python, TypeScript, browser"
	@echo "make check       style and types, both languages"
	@echo "make venv        .venv with the package, its examples and test requirements"
	@echo "make bench       the benchmarks, beside dask-jobqueue on the same pool"
	@echo
	@echo "Each makes .venv first where it is missing or out of date."

playground test check venv bench:
	@$(PYTHON) tools/make.py $@
