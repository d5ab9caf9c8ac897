"""Communication with HTCondor: the queue, its jobs and events, the pool, why jobs wait, and the helper process."""
