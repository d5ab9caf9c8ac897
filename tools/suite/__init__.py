"""Runs the tests: several parts at a time, each process with its own pool."""
