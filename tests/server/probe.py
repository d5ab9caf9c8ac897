"""Ask servers for their status every few milliseconds until the input ends, and print what each took, as JSON.

Where work ends soon, they are asked on until there is enough to tell. A process of its own, so that nothing in the test
delays it.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from urllib.parse import urlsplit

PAUSE = 0.005
ENOUGH = 100  # answers


def ask(url: str, token: str, over: threading.Event, took: list[float]) -> None:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    headers = {"Authorization": f"token {token}"}
    while not over.is_set() or len(took) < ENOUGH:
        begun = time.perf_counter()
        connection.request("GET", f"{parts.path}api/status?no_track_activity=1", headers=headers)
        connection.getresponse().read()
        took.append(time.perf_counter() - begun)
        time.sleep(PAUSE)
    connection.close()


def main() -> None:
    token, *urls = sys.argv[1:]
    over = threading.Event()
    found: list[list[float]] = [[] for _ in urls]
    threads = [
        threading.Thread(target=ask, args=(url, token, over, took)) for url, took in zip(urls, found, strict=True)
    ]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    over.set()
    for thread in threads:
        thread.join()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
