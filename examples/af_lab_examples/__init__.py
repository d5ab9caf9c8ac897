"""What the example notebooks share: sample data, analyses as plain modules, and their plots."""
