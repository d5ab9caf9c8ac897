"""What the records of a specification have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["STORED", "StrictModel"]

STORED = object()
"""Context of a validation: the record was checked when its cluster was made.

Its Python or a site may have gone since, which must not hide the cluster.
"""


class StrictModel(BaseModel):
    """A record that takes the fields it has, with values of their types, and does not change."""

    # The defaults come from the configuration, where anything may stand.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)
