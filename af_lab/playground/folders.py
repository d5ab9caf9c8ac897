"""The folders of personal pools and of their HTCondor."""

from __future__ import annotations

from pathlib import Path

from af_lab.home import af_lab_home

__all__ = ["installation_folder", "pool_folder"]


def installation_folder() -> Path:
    """Return where `af-lab pool install` puts HTCondor."""
    return af_lab_home() / "condor"


def pool_folder(name: str) -> Path:
    """Return the folder with the configuration and all state of one pool."""
    return af_lab_home() / "pools" / name
