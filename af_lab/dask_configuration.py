"""Whether Dask can read its configuration: otherwise nothing that needs Dask can be imported."""

from __future__ import annotations

from af_lab.errors import SettingError

__all__ = ["check_dask_configuration"]

REMEDY = (
    "Dask reads /etc/dask, etc/dask in the environment of Python, ~/.config/dask, $DASK_CONFIG and the environment "
    "variables DASK_..."
)


def check_dask_configuration() -> None:
    """Import Dask's configuration.

    Raises
    ------
    SettingError
        A file or an environment variable is malformed; the message names it if Dask does.
    """
    try:
        import dask.config  # noqa: F401
    except ImportError:
        raise
    except Exception as error:
        said = " ".join(str(error).split())
        raise SettingError(f"Dask cannot read its configuration: {said}. {REMEDY}.") from error
