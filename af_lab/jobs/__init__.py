"""How jobs are described to HTCondor, of whatever kind: sites, submit commands, environments."""
