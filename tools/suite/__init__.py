"""Runs the tests: several parts at a time, each process with a pool of its own."""
