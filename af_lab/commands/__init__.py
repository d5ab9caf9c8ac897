"""The commands `af-lab cluster ...`: a thin face of the cluster manager for terminals and scripts."""
