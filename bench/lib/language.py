"""What the engine adds to a language call, and how many answers it gives when no model does."""
import contextlib
import http.client
import http.server
import itertools
import json
import statistics
import threading
import time

from .instance import Instance
from .measure import row

THINKS_S = 0.1  # of the stand-in: what an answer takes
NOTES = ("citrus", "green", "aquatic", "fruity", "floral", "spicy", "woody", "amber", "musky", "gourmand")
BRIEF = {"style": "fresh", "product_category": "EDT", "intensity": 5, "complexity": 5, "notes_preference": dict.fromkeys(NOTES, 5)}
REQUESTS = "/api/v1/recipes/fragrance/requests"


class StandIn(http.server.BaseHTTPRequestHandler):
    """An OpenAI-compatible endpoint that takes a tenth of a second for each answer."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(THINKS_S)
        message = {"role": "assistant", "content": json.dumps(BRIEF)}
        self._send({"model": "stand-in", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})

    def do_GET(self) -> None:
        self._send({"object": "list", "data": []})

    def _send(self, body: dict) -> None:
        text = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def endpoint():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def post(port: int, path: str, body: bytes) -> tuple[float, int, dict]:
    """Seconds, status and answer of one request on a connection of its own."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return time.perf_counter() - began, answer.status, json.loads(text)


def asked(text: str, mode: str) -> bytes:
    return json.dumps({"text": text, "mode": mode}).encode()


def overhead(seconds: float) -> list[dict]:
    """One after the other, in turn, so that whatever else the machine does touches both."""
    direct, through = [], []
    chat = json.dumps({"model": "stand-in", "messages": [{"role": "user", "content": "A fresh scent"}]}).encode()
    with endpoint() as port, Instance(HOLDFAST_LANGUAGE_URL=f"http://127.0.0.1:{port}/v1") as server:
        for number in range(max(20, int(seconds / (2 * THINKS_S)))):
            direct.append(post(port, "/v1/chat/completions", chat)[0])
            took, status, item = post(server.port, REQUESTS, asked(f"A scent for day {number}", "fast"))
            if status != 200 or item["mode"] != "fast":
                raise RuntimeError(f"not answered by the model: {status} {item}")
            through.append(took)
    alone, whole = (1_000 * statistics.median(times) for times in (direct, through))
    return [row("an endpoint that takes 100 ms, asked directly, median", alone, "ms"),
            row("the same answer saved, worked on and given, median", whole, "ms"),
            row("added", whole - alone, "ms", "S7: 2", 2), row("against the direct call", whole / alone, "x", "S7: 1.01")]


def without_models(seconds: float, clients: int = 8) -> list[dict]:
    """Every model is away: what is ready is given, each time saved first."""
    done = itertools.count()
    with endpoint() as port:
        pass  # nobody listens there any more
    with Instance(HOLDFAST_LANGUAGE_URL=f"http://127.0.0.1:{port}/v1") as server:
        for number in range(5):  # until it is known that nobody answers
            post(server.port, REQUESTS, asked(f"First scent {number}", "creative"))
        until = time.monotonic() + seconds

        def ask(client: int) -> None:
            for number in itertools.count():
                if time.monotonic() > until:
                    return
                _, status, item = post(server.port, REQUESTS, asked(f"Scent {number} of client {client}", "creative"))
                if status != 200 or item["mode"] != "emergency":
                    raise RuntimeError(f"no ready answer: {status} {item}")
                next(done)

        threads = [threading.Thread(target=ask, args=(client,)) for client in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return [row(f"answers with all models away, {clients} clients", next(done) / seconds, "/s")]


def language(seconds: float) -> list[dict]:
    return overhead(seconds) + without_models(seconds)
