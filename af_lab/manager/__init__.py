"""Make, find, follow, scale, explain and end clusters; in any process, and without memory of its own."""
