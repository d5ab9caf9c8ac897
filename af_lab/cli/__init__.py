"""The command `af-lab`: clusters, examples and personal pools, for terminals and scripts."""
