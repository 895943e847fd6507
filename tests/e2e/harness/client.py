"""A small HTTP client for the tests: whole requests with http.client, broken ones on a bare socket."""

import http.client
import io
import json
import secrets
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

OVER = ("completed", "failed", "cancelled")


@dataclass
class Answer:
    status: int
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case
    body: bytes = b""

    def json(self):
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The stable code of a problem."""
        assert self.headers.get("content-type", "").startswith("application/problem+json"), self
        return self.json()["code"]


def quoted_name(name: str) -> bytes:
    """A file name as a browser writes it in a multipart head."""
    raw = name.encode("utf-8", "surrogateescape")
    return raw.replace(b'"', b"%22").replace(b"\r", b"%0D").replace(b"\n", b"%0A")


def multipart(fields: dict[str, str], name: str, length: int) -> tuple[bytes, bytes, str, int]:
    """Head and tail of a body with one file between them, its content type and whole length."""
    boundary = "hf-" + secrets.token_hex(12)
    head = b""
    for key, value in fields.items():
        head += f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
    head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="'.encode()
    head += quoted_name(name) + b'"\r\nContent-Type: application/octet-stream\r\n\r\n'
    tail = f"\r\n--{boundary}--\r\n".encode()
    return head, tail, f"multipart/form-data; boundary={boundary}", len(head) + length + len(tail)


class Client:
    """Talks to 127.0.0.1 only. One connection for each request. `token`: who asks; empty: nobody says."""

    def __init__(self, host: str, port: int, token: str = ""):
        self.host, self.port, self.token = host, port, token

    def log_in(self, name: str, password: str) -> Answer:
        form = urlencode({"username": name, "password": password})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.request("POST", "/auth/jwt/login", form, kind)

    def send_json(self, method: str, path: str, body: dict, **options) -> Answer:
        headers = {"Content-Type": "application/json"} | options.pop("headers", {})
        return self.request(method, path, json.dumps(body), headers, **options)

    def request(
        self, method: str, path: str, body=None, headers: dict[str, str] | None = None, timeout: float = 60
    ) -> Answer:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout, blocksize=1 << 18)
        headers = self.who() | (headers or {})
        try:
            try:
                connection.request(method, path, body, headers)
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused while we still sent: the answer is there to be read
            response = connection.getresponse()
            named = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, named, response.read())
        finally:
            connection.close()

    def who(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def status(self, method: str, path: str, headers: dict[str, str] | None = None) -> int:
        """Of an answer whose body may never end."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            connection.request(method, path, headers=self.who() | (headers or {}))
            return connection.getresponse().status
        finally:
            connection.close()

    def get(self, path: str, **options) -> Answer:
        return self.request("GET", path, **options)

    def json(self, path: str):
        answer = self.get(path)
        assert answer.status == 200, answer
        return answer.json()

    # Sending files

    def upload(
        self, content: bytes, name: str = "recording.wav", recipe: str = "voicesync", key: str = "", **options
    ) -> Answer:
        fields = {"recipe": recipe} | ({"job_id": key} if key else {})
        return self.send_form("/api/v1/items", content, name, fields, **options)

    def upload_video(self, content: bytes, name: str = "recording.wav", **options) -> Answer:
        """The short way, which says nothing of recipes."""
        return self.send_form("/upload-video", content, name, {}, **options)

    def send_form(self, path: str, content: bytes, name: str, fields: dict[str, str], **options) -> Answer:
        head, tail, kind, length = multipart(fields, name, len(content))
        headers = {"Content-Type": kind, "Content-Length": str(length)} | options.pop("headers", {})
        return self.request("POST", path, head + content + tail, headers, **options)

    def upload_raw(
        self, content: bytes, name: str = "recording.wav", recipe: str = "voicesync", key: str = "", **options
    ) -> Answer:
        headers = {"Content-Type": "application/octet-stream"} | ({"Idempotency-Key": key} if key else {})
        headers |= options.pop("headers", {})
        return self.request("POST", raw_path(recipe, name), content, headers, **options)

    def upload_stream(
        self,
        pieces: Iterable[bytes],
        length: int,
        name: str = "big.wav",
        recipe: str = "voicesync",
        **options,
    ) -> Answer:
        """A body of known length that is never in memory as a whole."""
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(length)}
        body = io.BufferedReader(_Pieces(iter(pieces)), 1 << 20)
        return self.request("POST", raw_path(recipe, name), body, headers, **options)

    def submit(self, content: bytes, **options) -> str:
        """Uploads and gives the item's id."""
        answer = self.upload(content, **options)
        assert answer.status in (200, 201, 202), answer
        return answer.json()["id"]

    # Items

    def item(self, item_id: str) -> dict:
        return self.json(f"/api/v1/items/{item_id}")

    def items(self, query: str = "limit=200") -> list[dict]:
        return self.json(f"/api/v1/items?{query}")["data"]

    def audit(self, item_id: str) -> list[dict]:
        return self.json(f"/api/v1/items/{item_id}/audit")["data"]

    def wait(self, item_id: str, seconds: float = 300) -> dict:
        """The item once it is over."""
        deadline = time.monotonic() + seconds
        while (item := self.item(item_id))["status"] not in OVER:
            assert time.monotonic() < deadline, f"not over within {seconds} s: {json.dumps(item)[:3000]}"
            time.sleep(0.1)
        return item

    def wait_and_listen(self, item_id: str, seconds: float = 300) -> tuple[dict, list[str]]:
        """The completed item, and every sentence that its owner was told meanwhile."""
        deadline, heard = time.monotonic() + seconds, []
        while (item := self.item(item_id))["status"] not in OVER:
            heard += [message for message in item["messages"] if message not in heard]
            assert time.monotonic() < deadline, f"not over within {seconds} s: {json.dumps(item)[:3000]}"
            time.sleep(0.02)
        assert item["status"] == "completed", f"{item['status']}: {item['error']}"
        return item, heard

    def wait_completed(self, item_id: str, seconds: float = 300) -> dict:
        item = self.wait(item_id, seconds)
        assert item["status"] == "completed", f"{item['status']}: {item['error']}"
        return item

    # Bare sockets

    def dial(self, timeout: float = 30) -> socket.socket:
        return socket.create_connection((self.host, self.port), timeout)

    def send_raw(self, request: bytes, timeout: float = 30) -> bytes:
        """Sends bytes as they are and takes what comes until the other side closes."""
        with self.dial(timeout) as line:
            line.sendall(request)
            return read_all(line)


def raw_path(recipe: str, name: str) -> str:
    return (
        f"/api/v1/items?recipe={quote(recipe)}&name={quote(name.encode('utf-8', 'surrogateescape'), safe='')}"
    )


def read_all(line: socket.socket) -> bytes:
    out = b""
    try:
        while piece := line.recv(65536):
            out += piece
    except (ConnectionResetError, TimeoutError):
        pass
    return out


class _Pieces(io.RawIOBase):
    """An iterator of bytes as a file that can be read once."""

    def __init__(self, pieces: Iterator[bytes]):
        self.pieces, self.rest = pieces, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        if not self.rest:
            self.rest = next(self.pieces, b"")
        count = min(len(buffer), len(self.rest))
        buffer[:count] = self.rest[:count]
        self.rest = self.rest[count:]
        return count
