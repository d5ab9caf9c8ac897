"""The base class of the records of a specification."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["STORED", "StrictModel"]

STORED = object()
"""Context of a validation: the record was checked when its cluster was made.

Its Python or a site may have been removed since then, which must not hide the cluster.
"""


class StrictModel(BaseModel):
    """An immutable record that accepts only its own fields, with values of their types."""

    # The defaults come from the configuration, which may contain any value.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)
