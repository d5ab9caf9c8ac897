"""Records how a run of pytest goes, as lines of JSON that `make test` reads while it runs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, TextIO

import pytest

from tests.plugins import FIGURE


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", type=Path, help="Where to record how the run goes, as lines of JSON.")


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption("--record")
    # Processes that only run tests report to the one that started them.
    if path is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(path, os.path.relpath(config.rootpath, config.invocation_params.dir)))


class Recorder:
    """Writes one line for each thing that happens.

    Parameters
    ----------
    path
        The file.
    folder
        What the names of tests are relative to, seen from the working directory.
    """

    def __init__(self, path: Path, folder: str) -> None:
        self._prefix = "" if folder == "." else f"{folder}/"
        self._file: TextIO = path.open("a", encoding="utf-8", buffering=1)

    def pytest_unconfigure(self) -> None:
        self._file.close()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._write("collected", count=len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self._write("collected", count=len(ids))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._write_phase(report, "collect", 0.0)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._write_phase(report, report.when or "call", report.duration)

    def pytest_internalerror(self, excrepr: object) -> None:
        self._write("broken", text=str(excrepr))

    def _write_phase(self, report: pytest.TestReport | pytest.CollectReport, when: str, seconds: float) -> None:
        told: dict[str, Any] = {"id": f"{self._prefix}{report.nodeid}", "when": when}
        told |= {"outcome": report.outcome, "seconds": seconds}
        if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
            told["text"] = report.longrepr[2]
        elif report.outcome != "passed":
            told["text"] = report.longreprtext
            told["sections"] = [[title, text] for title, text in report.sections]
        elif when == "call" and isinstance(report, pytest.TestReport):
            told["figures"] = [text for name, text in report.user_properties if name == FIGURE]
        self._write("phase", **told)

    def _write(self, kind: str, **content: Any) -> None:
        self._file.write(json.dumps({"kind": kind, **content}) + "\n")
