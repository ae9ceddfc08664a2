"""How long TikTok waits for our 200: two hundred events a second on the web server that `make run` starts.

The times are counted from the moment an event was to be sent, so that a server that falls behind does not look well.
"""

import hashlib
import hmac
import http.client
import json
import queue
import threading
import time
from collections import Counter

from tests.bench.figures import Figure
from tests.installation import Installation

PER_SECOND = 200
SECONDS = 20.0
WITHIN_MS = 50.0
# As a proxy in front keeps them open.
CONNECTIONS = 16


def measure_webhooks(installation: Installation, database: str) -> list[Figure]:
    """Send for some seconds, all different and rightly signed, and look at the slowest of a hundred answers."""
    installation.start("web")
    installation.wait_for("web server", lambda: _post(installation, b"{}") == 200)
    waits, statuses = _send(installation)
    waits.sort()
    p50, p99 = waits[len(waits) // 2], waits[round(0.99 * len(waits)) - 1]
    is_kept = p99 <= WITHIN_MS and set(statuses) == {200}
    return [
        Figure(f"events taken on {database}", f"{statuses[200]} of {len(waits)}"),
        Figure("  half of them answered within", f"{p50:.1f} ms"),
        Figure("  99 of 100 answered within", f"{p99:.1f} ms", f"{WITHIN_MS:.0f} ms", is_kept),
        Figure("  the slowest", f"{waits[-1]:.1f} ms"),
    ]


def _send(installation: Installation) -> tuple[list[float], Counter[int]]:
    due: queue.SimpleQueue[tuple[float, bytes] | None] = queue.SimpleQueue()
    waits: list[float] = []
    statuses: Counter[int] = Counter()
    guard = threading.Lock()

    def bring() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=30)
        while (job := due.get()) is not None:
            at, body = job
            connection.request("POST", "/webhooks/tiktok/", body, _headers(installation, body))
            answer = connection.getresponse()
            answer.read()
            with guard:
                waits.append((time.perf_counter() - at) * 1000)
                statuses[answer.status] += 1
        connection.close()

    threads = [threading.Thread(target=bring) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    began = time.perf_counter()
    for number in range(round(PER_SECOND * SECONDS)):
        at = began + number / PER_SECOND
        time.sleep(max(0.0, at - time.perf_counter()))
        due.put((at, _event(installation, number)))
    for _ in threads:
        due.put(None)
    for thread in threads:
        thread.join()
    return waits, statuses


def _post(installation: Installation, body: bytes) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=5)
    try:
        connection.request("POST", "/webhooks/tiktok/", body, _headers(installation, body))
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def _headers(installation: Installation, body: bytes) -> dict[str, str]:
    stamp = str(int(time.time()))
    key = installation.simulator.client_secret.encode()
    signature = hmac.digest(key, f"{stamp}.".encode() + body, hashlib.sha256).hex()
    return {"Content-Type": "application/json", "TikTok-Signature": f"t={stamp},s={signature}"}


def _event(installation: Installation, number: int) -> bytes:
    content = {"publish_id": f"v_pub_file~v2-1.{number}", "publish_type": "DIRECT_PUBLISH"}
    envelope = {
        "client_key": installation.simulator.client_key,
        "event": "post.publish.complete",
        "create_time": int(time.time()),
        "user_openid": "-000benchOpenId",
        "content": json.dumps(content),
    }
    return json.dumps(envelope).encode()
