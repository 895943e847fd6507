"""An OpenAI-compatible language endpoint of our own, whose answers can be held back or spoiled."""

import contextlib
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Endpoint:
    """`hold` keeps every request waiting until it is cleared; `spoil` is called with the request and may
    give another (status, body) or (status, body, headers). `requests` are those that came, oldest first."""

    def __init__(self, port: int = 0):
        self.requests: list[dict] = []
        self.open = threading.Event()
        self.open.set()
        self.spoil = lambda request: None
        self._closed = False
        self._lines: set[socket.socket] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler_for(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def hold(self) -> None:
        self.open.clear()

    def release(self) -> None:
        self.open.set()

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self.release()
        self._server.shutdown()
        self._server.server_close()
        for line in list(self._lines):  # as when a process ends: what is kept open for the next request goes as well
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def answer(self, request: dict) -> tuple:
        self.requests.append(request)
        self.open.wait(120)
        spoiled = self.spoil(request)
        if spoiled is not None:
            return spoiled
        schema = request.get("response_format", {}).get("json_schema", {}).get("schema", {})
        text = json.dumps(smallest(schema))
        return (
            200,
            json.dumps(
                {
                    "id": "1",
                    "object": "chat.completion",
                    "model": "stand-in",
                    "choices": [
                        {
                            "index": 0,
                            "message": {"role": "assistant", "content": text},
                            "finish_reason": "stop",
                        }
                    ],
                    "usage": {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20},
                }
            ).encode(),
        )


def smallest(schema: dict):
    """A value that is valid by the schema."""
    kinds = schema.get("type", "null")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "null" in kinds:
        return None
    if "object" in kinds:
        return {name: smallest(part) for name, part in schema.get("properties", {}).items()}
    if "array" in kinds:
        return []
    if "integer" in kinds or "number" in kinds:
        return max(schema.get("minimum", 0), min(7, schema.get("maximum", 7)))
    return "because it was said"


def _handler_for(endpoint: Endpoint):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self):
            super().setup()
            endpoint._lines.add(self.connection)

        def finish(self):
            endpoint._lines.discard(self.connection)
            super().finish()

        def do_POST(self):
            length = int(self.headers.get("Content-Length", 0))
            self._send(*endpoint.answer(json.loads(self.rfile.read(length))))

        def do_GET(self):
            self._send(200, b'{"object":"list","data":[{"id":"stand-in","object":"model"}]}')

        def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            try:
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the one who asked is gone

        def log_message(self, *_):
            pass

    return Handler
