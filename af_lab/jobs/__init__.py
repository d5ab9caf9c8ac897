"""Parts of the description of any job: sites, submit commands, environments."""
