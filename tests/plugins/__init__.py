"""Plugins of pytest for whole runs of the suite; `make test` loads them by name."""

FIGURE = "figure"
"""The property of a test's report that holds what it measured."""
