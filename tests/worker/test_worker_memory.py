"""Each worker loads the module that measures its memory, beside what a configuration names."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import dask.config
import pytest
from distributed.preloading import process_preloads

from af_lab.worker.worker_memory import measure_memory_of

OURS = "af_lab.worker.worker_memory"


@pytest.mark.parametrize(
    ("own", "configured", "argv", "names"),
    [
        (None, [], [], [OURS]),
        ((), [], [], [OURS]),
        ((), "json", [], ["json", OURS]),
        ([], ["json", "csv"], ["--flag"], ["json", "csv", OURS]),
        (["json", "csv"], ["bisect"], [["--one"], ["--two"]], ["json", "csv", OURS]),
    ],
)
def test_what_is_configured_is_loaded_as_well(own: Any, configured: Any, argv: Any, names: list[str]) -> None:
    with dask.config.set({"distributed.worker.preload": configured, "distributed.worker.preload-argv": argv}):
        nanny: Any = SimpleNamespace(preload=own, preload_argv=None)
        measure_memory_of(nanny)
    preloads = process_preloads(cast(Any, None), nanny.preload, nanny.preload_argv)
    assert [preload.name for preload in preloads] == names
