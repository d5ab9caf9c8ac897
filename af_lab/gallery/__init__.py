"""The examples: the list of them, and copies that users can change."""
