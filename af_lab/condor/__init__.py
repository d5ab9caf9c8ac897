"""All talk with HTCondor: the queue, its jobs and their events, the pool, why jobs wait, and the helper process."""
