"""Personal pools: find or install HTCondor, start and stop a pool, run commands in it."""
