"""Where the REST interface is."""

from __future__ import annotations

__all__ = ["API"]

API = "af-lab/api"
"""Path of the interface, below the server's base URL."""
