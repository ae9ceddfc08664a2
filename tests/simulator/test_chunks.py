"""The upload host: chunks in order, every answer it can give."""

import hashlib
import socket
import threading
from urllib.parse import urlsplit

import httpx
import pytest

from tests.processes import Simulator
from tests.simulator.speaking import MEGABYTE, Phone, noise, put

CHUNK = 5_242_880
SIZE = 2 * CHUNK + 1000


def progress(response: httpx.Response) -> tuple[int, str | None]:
    assert response.content == b""
    return response.status_code, response.headers.get("Content-Range")


def test_whole_file_in_one_chunk(poppy: Phone, simulator: Simulator) -> None:
    film = noise(3 * MEGABYTE)
    upload = poppy.begin(len(film))
    assert progress(put(upload.url, film, 0, len(film))) == (201, "bytes 0-3000000/3000000")
    post = simulator.wait_until_checked(upload.publish_id)
    assert post["bytes"] == len(film)
    assert post["sha256"] == hashlib.sha256(film).hexdigest()


def test_chunks_in_order_the_last_takes_the_rest(poppy: Phone, simulator: Simulator) -> None:
    film = noise(SIZE)
    upload = poppy.begin(SIZE, CHUNK, 2)
    assert progress(put(upload.url, film[:CHUNK], 0, SIZE)) == (206, f"bytes 0-{CHUNK}/{SIZE}")
    assert poppy.state_of(upload.publish_id)["uploaded_bytes"] == CHUNK
    assert progress(put(upload.url, film[CHUNK:], CHUNK, SIZE)) == (201, f"bytes 0-{SIZE}/{SIZE}")
    assert simulator.wait_until_checked(upload.publish_id)["sha256"] == hashlib.sha256(film).hexdigest()


def test_a_chunk_out_of_order_is_416_with_the_real_progress(poppy: Phone, simulator: Simulator) -> None:
    film = noise(SIZE)
    upload = poppy.begin(SIZE, CHUNK, 2)
    assert progress(put(upload.url, film[CHUNK:], CHUNK, SIZE)) == (416, f"bytes 0-0/{SIZE}")
    put(upload.url, film[:CHUNK], 0, SIZE)
    assert progress(put(upload.url, film[:CHUNK], 0, SIZE)) == (416, f"bytes 0-{CHUNK}/{SIZE}")
    assert simulator.posts()[0]["bytes"] == CHUNK
    put(upload.url, film[CHUNK:], CHUNK, SIZE)
    assert progress(put(upload.url, film[CHUNK:], CHUNK, SIZE)) == (416, f"bytes 0-{SIZE}/{SIZE}")
    assert simulator.wait_until_checked(upload.publish_id)["sha256"] == hashlib.sha256(film).hexdigest()


def test_progress_may_be_told_as_the_last_index(poppy: Phone, simulator: Simulator) -> None:
    simulator.switch(content_range="last")
    film = noise(SIZE)
    upload = poppy.begin(SIZE, CHUNK, 2)
    assert progress(put(upload.url, film[:CHUNK], 0, SIZE)) == (206, f"bytes 0-{CHUNK - 1}/{SIZE}")
    assert progress(put(upload.url, film[:CHUNK], 0, SIZE)) == (416, f"bytes 0-{CHUNK - 1}/{SIZE}")
    assert progress(put(upload.url, film[CHUNK:], CHUNK, SIZE)) == (201, f"bytes 0-{SIZE - 1}/{SIZE}")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Range": "bytes 0-999/2000"},
        {"Content-Range": "bytes 0-998/1000"},
        {"Content-Range": "bytes 1-999/1000"},
        {"Content-Range": "0-999/1000"},
        {"Content-Range": "bytes 0-999/*"},
        {"Content-Range": "bytes 0-1000/1000"},
        {"Content-Range": ""},
        {"Content-Type": "application/octet-stream"},
        {"Content-Type": "image/gif"},
        {"Content-Type": "video/mp4; charset=utf-8"},
    ],
)
def test_malformed_headers_are_400(poppy: Phone, simulator: Simulator, headers: dict[str, str]) -> None:
    upload = poppy.begin(1000)
    right = {"Content-Type": "video/mp4", "Content-Range": "bytes 0-999/1000"}
    response = httpx.put(upload.url, content=noise(1000), headers=right | headers)
    assert progress(response) == (400, None)
    assert simulator.posts()[0]["bytes"] == 0
    assert put(upload.url, noise(1000), 0, 1000).status_code == 201


def test_a_body_of_another_length_than_the_range_is_400(poppy: Phone) -> None:
    upload = poppy.begin(1000)
    headers = {"Content-Type": "video/mp4", "Content-Range": "bytes 0-999/1000"}
    assert httpx.put(upload.url, content=noise(999), headers=headers).status_code == 400
    assert httpx.put(upload.url, content=noise(1001), headers=headers).status_code == 400


def test_a_body_without_length_is_400(poppy: Phone) -> None:
    upload = poppy.begin(1000)
    headers = {"Content-Type": "video/mp4", "Content-Range": "bytes 0-999/1000"}
    assert httpx.put(upload.url, content=iter([noise(1000)]), headers=headers).status_code == 400


def test_a_chunk_of_another_size_than_announced_is_400(poppy: Phone) -> None:
    upload = poppy.begin(SIZE, CHUNK, 2)
    assert put(upload.url, noise(CHUNK + 1), 0, SIZE).status_code == 400
    assert put(upload.url, noise(CHUNK - 1), 0, SIZE).status_code == 400
    assert put(upload.url, noise(SIZE), 0, SIZE).status_code == 400


@pytest.mark.parametrize("content_type", ["video/mp4", "video/quicktime", "video/webm"])
def test_three_content_types_are_taken(poppy: Phone, content_type: str) -> None:
    upload = poppy.begin(1000)
    assert put(upload.url, noise(1000), 0, 1000, content_type=content_type).status_code == 201


def test_an_unknown_upload_or_a_wrong_upload_token_is_404(poppy: Phone, simulator: Simulator) -> None:
    upload = poppy.begin(1000)
    nobodys = f"{simulator.url}/upload?upload_id=none&upload_token=none"
    assert progress(put(nobodys, noise(1000), 0, 1000)) == (404, None)
    assert progress(put(upload.url + "x", noise(1000), 0, 1000)) == (404, None)
    assert put(upload.url, noise(1000), 0, 1000).status_code == 201


def test_an_upload_url_lives_one_hour(poppy: Phone, simulator: Simulator) -> None:
    upload = poppy.begin(SIZE, CHUNK, 2)
    simulator.advance(3598)
    assert put(upload.url, noise(CHUNK), 0, SIZE).status_code == 206
    simulator.advance(3)
    assert progress(put(upload.url, noise(SIZE - CHUNK), CHUNK, SIZE)) == (403, None)


def test_its_life_is_a_switch(poppy: Phone, simulator: Simulator) -> None:
    simulator.switch(upload_url_seconds=0)
    assert put(poppy.begin(1000).url, noise(1000), 0, 1000).status_code == 403


def test_removed_access_ends_the_upload(poppy: Phone, simulator: Simulator) -> None:
    upload = poppy.begin(SIZE, CHUNK, 2)
    put(upload.url, noise(CHUNK), 0, SIZE)
    simulator.revoke("poppy.public")
    assert put(upload.url, noise(SIZE - CHUNK), CHUNK, SIZE).status_code == 404
    (post,) = simulator.posts()
    assert (post["status"], post["fail_reason"]) == ("FAILED", "auth_removed")


def test_a_chunk_cut_off_in_the_middle_does_not_count(poppy: Phone, simulator: Simulator) -> None:
    film = noise(SIZE)
    upload = poppy.begin(SIZE, CHUNK, 2)
    send_part(upload.url, film[:CHUNK], SIZE, part=CHUNK // 2)
    assert progress(put(upload.url, film[CHUNK:], CHUNK, SIZE)) == (416, f"bytes 0-0/{SIZE}")
    assert put(upload.url, film[:CHUNK], 0, SIZE).status_code == 206
    assert put(upload.url, film[CHUNK:], CHUNK, SIZE).status_code == 201
    assert simulator.wait_until_checked(upload.publish_id)["sha256"] == hashlib.sha256(film).hexdigest()


def send_part(url: str, chunk: bytes, total: int, *, part: int) -> None:
    """Announce a first chunk, send a part of it and hang up."""
    parts = urlsplit(url)
    head = (
        f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: video/mp4\r\n"
        f"Content-Length: {len(chunk)}\r\nContent-Range: bytes 0-{len(chunk) - 1}/{total}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as sock:
        sock.sendall(head.encode() + chunk[:part])
        sock.shutdown(socket.SHUT_WR)
        # The simulator answers nothing, and then closes.
        assert sock.recv(1024) == b""


def test_the_same_chunk_sent_twice_at_once_is_taken_once(poppy: Phone, simulator: Simulator) -> None:
    film = noise(SIZE)
    upload = poppy.begin(SIZE, CHUNK, 2)
    answers: list[tuple[int, str | None]] = []

    def send() -> None:
        answers.append(progress(put(upload.url, film[:CHUNK], 0, SIZE)))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken, refused = (206, f"bytes 0-{CHUNK}/{SIZE}"), (416, f"bytes 0-{CHUNK}/{SIZE}")
    assert sorted(answers) == [taken, refused, refused, refused]
    assert simulator.posts()[0]["bytes"] == CHUNK


def test_a_refused_chunk_leaves_the_connection_usable(poppy: Phone) -> None:
    upload = poppy.begin(SIZE, CHUNK, 2)
    headers = {"Content-Type": "video/mp4", "Content-Range": f"bytes {CHUNK}-{SIZE - 1}/{SIZE}"}
    with httpx.Client() as http:
        for _ in range(3):
            assert http.put(upload.url, content=noise(SIZE - CHUNK), headers=headers).status_code == 416
        first = {"Content-Type": "video/mp4", "Content-Range": f"bytes 0-{CHUNK - 1}/{SIZE}"}
        assert http.put(upload.url, content=noise(CHUNK), headers=first).status_code == 206
