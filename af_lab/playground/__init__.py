"""The pool of one's own: find or install HTCondor, start and stop a personal pool, run things in it."""
