"""What notebooks and scripts use: the functions of `af_lab`, and the Dask cluster object that they return."""
