"""Somebody who is told of alerts: a webhook's other end, that can be away and come back on the same port."""

import base64
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from harness.processes import free_port

SECRET = "whsec_" + base64.b64encode(b"a secret of the tests' own").decode()


class Receiver:
    """`got` are the notices that came, oldest first, each with its `id`; one whose signature is wrong stands in
    `forged`. `status` is what the next ones are answered with: only what is answered with 204 counts as taken."""

    def __init__(self):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/hook?key=canary-9126"
        self.got: list[dict] = []
        self.forged: list[str] = []
        self.tries = 0
        self.status = 204
        self._server: ThreadingHTTPServer | None = None

    @property
    def settings(self) -> dict[str, str]:
        return {"HOLDFAST_ALERTS_WEBHOOK": self.url, "HOLDFAST_ALERTS_SECRET": SECRET}

    def open(self) -> "Receiver":
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler_for(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        self._server = None

    def said(self, alert: str, subject: str | None = None) -> list[str]:
        """The states that were told of an alert, in order; one that was told twice counts once."""
        notices = {n["id"]: n for n in self.got if n["alert"] == alert and (subject is None or n["subject"] == subject)}
        return [notice["state"] for notice in notices.values()]

    def take(self, headers, body: bytes) -> int:
        self.tries += 1
        if self.status != 204:
            return self.status
        number, moment = headers["webhook-id"], headers["webhook-timestamp"]
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        digest = hmac.new(key, f"{number}.{moment}.".encode() + body, hashlib.sha256).digest()
        if headers["webhook-signature"] != "v1," + base64.b64encode(digest).decode():
            self.forged.append(number)
        notice = json.loads(body)
        assert notice["id"] == number
        self.got.append(notice)
        return 204


def _handler_for(receiver: Receiver):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(receiver.take(self.headers, body))
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    return Handler
