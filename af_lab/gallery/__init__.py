"""The examples: the list of them, and copies for their readers to change."""
