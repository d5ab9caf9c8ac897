PYTHON ?= python3

# What `make test` is to run, if not all: paths of tests, and words of their names.
export ONLY

.PHONY: help playground test test-system check venv bench

help:
	@echo "make playground  a pool of one's own and JupyterLab with a first notebook"
	@echo "make test        all tests: Python, TypeScript, browser"
	@echo "make test ONLY='tests/manager/test_life.py'    these alone; also tests/x.py::test_y, or words of names"
	@echo "make test-system the tests that take minutes each: images, other architectures, networks"
	@echo "make check       style and types, both languages"
	@echo "make venv        .venv with the package, its examples and test requirements"
	@echo "make bench       the benchmarks, beside dask-jobqueue on the same pool"
	@echo
	@echo "Each makes .venv first where it is missing or out of date. With PYTHON=python3.13 behind it, it uses"
	@echo "that Python, in an environment of its own where .venv has another one."

playground test test-system check venv bench:
	@$(PYTHON) tools/make.py $@
