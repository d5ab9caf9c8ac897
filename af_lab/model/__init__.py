"""A cluster as data: its specification, its ads in the queue, its folder, and what a runner publishes."""
