"""Create, find, follow, scale, explain and end clusters, from any process; the package keeps no state."""
