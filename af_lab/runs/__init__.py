"""Runs that need no cluster: batches of HTCondor jobs."""
