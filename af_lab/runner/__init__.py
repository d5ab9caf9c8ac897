"""The program of a scheduler job: a Dask scheduler, and the loop that adjusts its worker jobs to the number wanted."""
