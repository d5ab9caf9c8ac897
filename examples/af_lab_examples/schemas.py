"""A schema of coffea that processes without af_lab can use as well."""

from __future__ import annotations

import copyreg
import sys
from collections.abc import Callable
from typing import Any

import cloudpickle

__all__ = ["SentByValue"]

cloudpickle.register_pickle_by_value(sys.modules[__name__])


class SentByValue(type):
    """A class of classes that every pickle contains as a whole, as if they were defined in a notebook.

    Executors of coffea pickle the schema with `pickle`, with `multiprocessing`, or with what Dask makes of both. All of
    them would otherwise write down only where it can be imported, and processes that lack the module fail or hang.
    """


def _whole(schema: SentByValue) -> tuple[Callable[[bytes], Any], tuple[bytes]]:
    return cloudpickle.loads, (cloudpickle.dumps(schema),)


copyreg.pickle(SentByValue, _whole)
