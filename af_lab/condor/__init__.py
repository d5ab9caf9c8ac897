"""All talk with HTCondor: the queue, its jobs, and the helper process that calls the bindings."""
