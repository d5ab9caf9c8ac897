"""Questions to a runner in whose place somebody else listens."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from distributed.comm.core import CommClosedError
from tornado.iostream import IOStream

from af_lab.home import af_lab_home
from af_lab.manager import runner_client
from af_lab.model.credentials import make_credentials
from af_lab.model.folder import ClusterFolder
from tests.model.jobs import scheduler_job
from tests.support import LIMIT


@pytest.fixture
def rude() -> Iterator[str]:
    """Address of a listener that resets each connection at once."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def reset() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                # A reset, and no orderly end.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.close()

        thread = threading.Thread(target=reset)
        thread.start()
        yield f"tls://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


async def test_who_resets_connections_gives_no_answer(rude: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_client, "CONNECT_TIMEOUT", 0.1)
    job = scheduler_job(ClusterFolder.create(af_lab_home(), make_credentials("x")).path, address=rude)
    for _ in range(5):
        assert await runner_client.RunnerClient(job).snapshot() is None


async def test_a_connection_that_is_closed_before_tls_begins_gives_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it comes of a reset now and then; tornado raises a ValueError then, and no OSError."""
    start_tls, begun = IOStream.start_tls, list[IOStream]()

    def start_late(stream: IOStream, *given: Any, **more: Any) -> Any:
        begun.append(stream)
        stream.close()
        return start_tls(stream, *given, **more)

    for limit in ("CONNECT_TIMEOUT", "TIMEOUT"):
        monkeypatch.setattr(runner_client, limit, LIMIT)
    monkeypatch.setattr(IOStream, "start_tls", start_late)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"tls://127.0.0.1:{listener.getsockname()[1]}"
        job = scheduler_job(ClusterFolder.create(af_lab_home(), make_credentials("x")).path, address=address)
        assert await runner_client.RunnerClient(job).snapshot() is None
    assert len(begun) == 1


def test_only_what_says_that_it_was_closed_is_a_closed_connection() -> None:
    stream = IOStream(socket.socket())
    stream.close()
    with pytest.raises(CommClosedError), runner_client.closed_before_tls():
        stream.start_tls(False)
    with pytest.raises(ValueError, match="another"), runner_client.closed_before_tls():
        raise ValueError("another")
