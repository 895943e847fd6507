"""Intake: what is acknowledged is durable once, what is refused leaves nothing, and memory stays flat."""

import hashlib
import http.client
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import processes
from harness.client import multipart, raw_path, read_all
from harness.disk import Disk, needs_scratch_disks
from harness.sample import big_wav, silent_wav
from harness.server import NO_WORK
from harness.waiting import until

MIB = 1 << 20


@pytest.fixture(scope="module")
def intake(make_module_server):
    return make_module_server(NO_WORK | {"HOLDFAST_UPLOADS_MAX_SIZE": "3 GB"}).start()


@pytest.fixture
def unchanged(intake):
    """Whatever the test sends is refused, so files, half files and items stay as they were."""
    before = (set(intake.blobs()), len(intake.client.items()))
    yield intake
    until(lambda: not intake.parts(), why="a refused upload left a staging file")
    assert (set(intake.blobs()), len(intake.client.items())) == before


def assert_problem(answer, status: int, code: str) -> None:
    assert (answer.status, answer.code) == (status, code), answer
    problem = answer.json()
    for field in ("type", "title", "status", "detail", "code", "what_to_do", "retryable"):
        assert field in problem, problem
    assert problem["status"] == status and problem["what_to_do"]


# The same key


def test_VS_3_same_key_and_file_give_the_same_job(intake):
    content = silent_wav(0.1, b"same key")

    first = intake.client.upload(content, key="lesson-1")
    again = intake.client.upload(content, key="lesson-1")
    raw = intake.client.upload_raw(content, key="lesson-1")

    assert [first.status, again.status, raw.status] == [201, 200, 200]
    assert first.json()["id"] == again.json()["id"] == raw.json()["id"]
    assert first.json()["job_id"] == "lesson-1"
    assert again.headers["idempotency-replayed"] == "true"


def test_VS_3_other_content_under_a_used_key_is_refused(intake):
    first = intake.client.submit(silent_wav(0.1, b"first"), key="lesson-2")
    blobs = set(intake.blobs())

    other = intake.client.upload(silent_wav(0.1, b"other"), key="lesson-2")
    recipe = intake.client.upload(silent_wav(0.1, b"first"), key="lesson-2", recipe="introductions")

    assert_problem(other, 422, "HF-IDM-01")
    assert_problem(recipe, 422, "HF-IDM-01")
    until(lambda: set(intake.blobs()) == blobs, why="the refused body is to be removed again")
    assert intake.client.item(first)["input"]["bytes"] == len(silent_wav(0.1, b"first"))


def test_VS_3_two_uploads_with_one_key_at_once_make_one_job(intake):
    content = silent_wav(0.5, b"at once")
    before = len(intake.client.items())

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: intake.client.upload(content, key="race"), range(8)))

    assert sorted(answer.status for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(intake.client.items()) == before + 1
    digest = hashlib.sha256(content).hexdigest()
    until(
        lambda: [hashlib.sha256(path.read_bytes()).hexdigest() for path in intake.blobs().values()].count(
            digest
        )
        == 1,
        why="one file for one job",
    )


def test_VS_3_two_different_bodies_with_one_key_at_once(intake):
    bodies = [silent_wav(0.5, bytes([number + 1]) * 4) for number in range(8)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda body: intake.client.upload(body, key="race-2"), bodies))

    assert sorted(answer.status for answer in answers) == [201] + [422] * 7
    (winner,) = [answer.json() for answer in answers if answer.status == 201]
    item = intake.client.item(winner["id"])
    assert item["input"]["sha256"] in [hashlib.sha256(body).hexdigest() for body in bodies]


def test_VS_3_files_with_the_same_content_are_jobs_of_their_own(intake):
    content = silent_wav(0.1, b"twice")
    assert intake.client.submit(content) != intake.client.submit(content)


# What is refused


def test_empty_file_is_refused(unchanged):
    assert_problem(unchanged.client.upload(b""), 400, "HF-UPL-08")
    assert_problem(unchanged.client.upload_raw(b""), 400, "HF-UPL-08")


@pytest.mark.parametrize(
    "content",
    [
        b"just some text in a file\n" * 400,
        b"\x89PNG\r\n\x1a\n" + bytes(9000),
        b"%PDF-1.7\n" + bytes(9000),
        b"PK\x03\x04" + bytes(9000),
        bytes(9000),
        b"x",
    ],
)
def test_what_is_not_audio_or_video_is_refused(unchanged, content):
    assert_problem(unchanged.client.upload(content, name="talk.mp4"), 415, "HF-UPL-02")


def test_unknown_recipe_is_refused(unchanged):
    assert_problem(unchanged.client.upload(silent_wav(0.1), recipe="no-such"), 422, "HF-UPL-09")


def test_two_files_in_one_form_are_refused(unchanged):
    head, tail, kind, _ = multipart({"recipe": "voicesync"}, "a.wav", 0)
    boundary = kind.partition("boundary=")[2]
    second = (
        f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="b.wav"\r\n\r\n'.encode()
    )
    body = head + silent_wav(0.1, b"a") + second + silent_wav(0.1, b"b") + tail

    answer = unchanged.client.request("POST", "/api/v1/items", body, {"Content-Type": kind})

    assert_problem(answer, 400, "HF-UPL-10")


def test_declared_size_over_the_limit_is_refused_before_the_body(make_server):
    server = make_server(NO_WORK | {"HOLDFAST_UPLOADS_MAX_SIZE": "1 MB"}).start()
    with server.client.dial() as line:
        line.sendall(
            f"POST {raw_path('voicesync', 'a.wav')} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            "Content-Type: application/octet-stream\r\nContent-Length: 100000000\r\n"
            "Expect: 100-continue\r\n\r\n".encode()
        )
        answer = line.recv(65536)

    assert answer.startswith(b"HTTP/1.1 413 "), answer[:200]
    assert b"problem+json" in answer
    assert server.parts() == [] and not server.blobs()


def test_size_over_the_limit_is_refused_while_it_comes(make_server):
    server = make_server(NO_WORK | {"HOLDFAST_UPLOADS_MAX_SIZE": "1 MB"}).start()
    content = silent_wav(60)

    declared = server.client.upload(content)
    chunked = chunked_upload(server, [content[i : i + 65536] for i in range(0, len(content), 65536)])

    assert_problem(declared, 413, "HF-UPL-01")
    assert chunked[0] == 413 and b"HF-UPL-01" in chunked[1]
    until(lambda: not server.parts(), why="nothing partial remains")
    assert not server.blobs() and server.client.items() == []
    assert server.client.upload(silent_wav(1)).status == 201, "what fits is still taken"


def chunked_upload(server, pieces) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        try:
            connection.request(
                "POST",
                raw_path("voicesync", "a.wav"),
                iter(pieces),
                encode_chunked=True,
                headers={"Content-Type": "application/octet-stream", "Transfer-Encoding": "chunked"},
            )
        except (BrokenPipeError, ConnectionResetError):
            pass
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_chunked_body_of_unknown_length_is_taken_whole(intake):
    content = silent_wav(3, b"chunked")
    status, body = chunked_upload(intake, [content[i : i + 7001] for i in range(0, len(content), 7001)])

    assert status == 201, body
    assert hashlib.sha256(content).hexdigest().encode() in body


def test_disk_below_the_reserve_refuses_and_keeps_what_is_there(make_server):
    server = make_server(NO_WORK).start()
    kept = server.client.submit(silent_wav(0.1, b"kept"))
    assert server.term() == 0
    free = os.statvfs(server.data)
    server.environment["HOLDFAST_STORAGE_RESERVE"] = f"{free.f_bavail * free.f_frsize // 10**9 + 1000} GB"
    server.start()

    answer = server.client.upload(silent_wav(0.1, b"too much"))

    assert_problem(answer, 507, "HF-STO-02")
    assert server.parts() == [] and len(server.blobs()) == 1
    until(lambda: server.client.item(kept)["status"] == "pending", why="held")
    assert server.verify() == []


@pytest.mark.parametrize("declared", [True, False])
def test_disk_that_fills_up_while_a_body_comes(make_server, tmp_path, declared):
    needs_scratch_disks("ext4")
    with Disk(tmp_path / "disk", "ext4", 64) as disk:
        server = make_server(
            NO_WORK | {"HOLDFAST_STORAGE_RESERVE": "1 MB"}, data=disk.mount_point / "data"
        ).start()
        kept = server.client.submit(silent_wav(1, b"kept"))

        if declared:
            answer = server.client.upload_stream(big_wav(100 * MIB), 100 * MIB)
            status, body = answer.status, answer.body
        else:
            status, body = chunked_upload(server, big_wav(100 * MIB))

        assert status == 507 and b"HF-STO-02" in body
        until(lambda: not server.parts(), why="nothing partial remains")
        assert len(server.blobs()) == 1
        assert (
            server.client.upload(silent_wav(1)).status == 201
        ), "there is room again, and the server goes on"
        assert server.client.item(kept)["status"] == "pending"
        assert server.verify() == []
        server.stop()


# Bodies that end early


def half_sent(server, content: bytes, part: float) -> socket.socket:
    head, tail, kind, length = multipart({"recipe": "voicesync"}, "half.wav", len(content))
    body = head + content + tail
    line = server.client.dial()
    line.sendall(
        f"POST /api/v1/items HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {length}\r\n\r\n".encode() + body[: int(length * part)]
    )
    return line


def test_LAB_1_half_an_upload_leaves_nothing_that_looks_whole(unchanged):
    line = half_sent(unchanged, silent_wav(30, b"half"), 0.5)
    until(unchanged.parts, why="the body is staged while it comes")

    line.close()

    until(lambda: not unchanged.parts(), why="the half body is dropped when its sender is gone")


def test_LAB_1_closing_only_the_sending_side_is_a_clear_error(unchanged):
    with half_sent(unchanged, silent_wav(5, b"shut"), 0.9) as line:
        line.shutdown(socket.SHUT_WR)
        answer = read_all(line)

    assert answer.startswith(b"HTTP/1.1 400 ") and b"HF-UPL-10" in answer


def test_LAB_1_half_an_upload_is_swept_after_a_crash(make_server):
    server = make_server(NO_WORK).start()
    line = half_sent(server, silent_wav(30, b"crash"), 0.6)
    until(server.parts, why="the body is staged while it comes")

    server.kill9()
    line.close()
    (part,) = server.parts()
    assert not server.blobs() and server.verify() == []
    two_hours_ago = time.time() - 7200
    os.utime(part, (two_hours_ago, two_hours_ago))
    server.start()

    until(lambda: not server.parts(), why="what a crash left is swept")
    assert server.client.items() == []


def test_LAB_1_vanishing_senders_do_not_disturb_others(intake):
    lines = [half_sent(intake, silent_wav(10, bytes([number + 1])), 0.3) for number in range(20)]

    assert intake.client.upload(silent_wav(0.1, b"beside")).status == 201

    for line in lines:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")  # a reset, not a goodbye
        line.close()
    until(lambda: not intake.parts(), why="all twenty are dropped")


def test_LAB_12_ten_uploads_at_once_all_arrive_whole(intake):
    bodies = [silent_wav(5, f"many {number}".encode()) for number in range(10)]

    with ThreadPoolExecutor(10) as pool:
        ids = list(pool.map(lambda body: intake.client.submit(body), bodies))

    assert len(set(ids)) == 10
    for item_id, body in zip(ids, bodies):
        assert intake.client.item(item_id)["input"]["sha256"] == hashlib.sha256(body).hexdigest()


# Memory


def upload_and_measure(server, total: int) -> float:
    """MiB that the server's peak grew by during one upload of that many bytes."""
    assert server.client.upload(silent_wav(1)).status == 201  # whatever is made once is made now
    processes.reset_memory_peak(server.pid)
    before = processes.memory_peak_kib(server.pid)

    answer = server.client.upload_stream(big_wav(total), total, timeout=600)

    assert answer.status == 201, answer
    item = server.client.item(answer.json()["id"])
    assert item["input"]["bytes"] == total
    digest = hashlib.sha256()
    for piece in big_wav(total):
        digest.update(piece)
    assert item["input"]["sha256"] == digest.hexdigest()
    return (processes.memory_peak_kib(server.pid) - before) / 1024


def test_VS_3_memory_does_not_grow_with_the_file(make_server):
    server = make_server(NO_WORK).start()
    assert upload_and_measure(server, 256 * MIB) <= 16


@pytest.mark.slow
def test_VS_3_two_gibibytes_add_at_most_sixteen_mebibytes(make_server):
    server = make_server(NO_WORK).start()
    assert upload_and_measure(server, 2048 * MIB) <= 16


# Malformed requests


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 5x\r\n",
        b"Transfer-Encoding: gzip\r\n",
        b"X-A: \0\r\n",
        b"X A: 1\r\n",
        b" folded: 1\r\n",
    ],
)
def test_ambiguous_requests_are_refused_and_the_line_closed(unchanged, head):
    request = (
        b"POST /api/v1/items?recipe=voicesync HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % unchanged.port
        + head
        + b"\r\nhello GET / HTTP/1.1\r\n\r\n"
    )

    answer = unchanged.client.send_raw(request)

    assert answer[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 501", b"HTTP/1.1 411"), answer[:300]
    assert answer.count(b"HTTP/1.1 ") == 1, "what follows is not to be taken for another request"


def test_a_slow_head_is_given_up_and_others_are_served(intake):
    with intake.client.dial(timeout=40) as line:
        line.sendall(b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        assert intake.client.get("/livez").status == 200
        answer = read_all(line)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 408 ")


def test_another_host_or_origin_is_refused(unchanged):
    content = silent_wav(0.1)
    rebound = unchanged.client.get("/api/v1/items", headers={"Host": "evil.example"})
    foreign = unchanged.client.upload(content, headers={"Origin": "http://evil.example"})

    assert (rebound.status, rebound.code) == (421, "HF-REQ-07")
    assert (foreign.status, foreign.code) == (403, "HF-AUT-02")
