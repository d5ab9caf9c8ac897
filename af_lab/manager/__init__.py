"""Clusters: what is asked for, how it becomes jobs, what the scheduler job runs, and the object of a notebook."""
