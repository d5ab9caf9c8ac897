"""Plugins of pytest for whole runs of the suite; `make test` loads them by name."""
