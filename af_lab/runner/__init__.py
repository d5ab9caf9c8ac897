"""What a scheduler job runs: a Dask scheduler, and the loop that keeps its worker jobs at what is wanted."""
