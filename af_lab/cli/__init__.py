"""The command `af-lab`: clusters, examples, and the pool of one's own, for terminals and scripts."""
