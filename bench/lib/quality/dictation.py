"""Stands in for the speech worker where a text is to be taken for a transcript, word for word (docs/worker-protocol.md).

Each text has a number, and its recording is a silence whose length says which: the recipe memories takes recordings
only, and so the whole server is as it always is, but for who writes down what was said.
"""
import json
import os
import pathlib
import socket
import struct

RATE = 16_000
HEAD_BYTES = 44
FIRST_MS, STEP_MS = 1_000, 100  # of the silence of text 0, and more for each further one
SENTENCE_MS = 2_000


def recording(number: int) -> bytes:
    """The silence that stands for a text: WAV, 16 kHz, mono, 16 bit."""
    size = (FIRST_MS + number * STEP_MS) * RATE // 1000 * 2
    return struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", HEAD_BYTES - 8 + size, b"WAVE", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16,
                       b"data", size) + bytes(size)


def number_of(bytes_count: int) -> int:
    """The head may be longer than ours: FFmpeg says who it is. So the number is that of the nearest length."""
    milliseconds = (bytes_count - HEAD_BYTES) * 1000 / (2 * RATE)
    return round((milliseconds - FIRST_MS) / STEP_MS)


def segments_of(sentences: list[str]) -> list[dict]:
    return [{"start_ms": at * SENTENCE_MS, "end_ms": (at + 1) * SENTENCE_MS, "text": text, "confidence": 1, "words": []}
            for at, text in enumerate(sentences)]


def send(channel: socket.socket, frame: dict) -> None:
    body = json.dumps(frame).encode()
    channel.sendall(struct.pack(">I", len(body)) + body)


def answer(channel: socket.socket, request: dict, text: dict) -> None:
    segments = segments_of(text["sentences"])
    end_ms = segments[-1]["end_ms"]
    send(channel, {"type": "segments", "id": request["id"], "position_ms": end_ms, "language": text["language"],
                   "segments": segments, "gaps": []})
    body = {"language": text["language"], "language_probability": 1, "duration_ms": end_ms, "speech_ms": end_ms}
    send(channel, {"type": "finished", "id": request["id"], "body": body})


def serve(channel: socket.socket, texts: pathlib.Path) -> None:
    """Until the server is gone. `texts`: a list of {"language", "sentences"}, as JSON."""
    listed = json.loads(texts.read_text())
    send(channel, {"type": "ready", "engine": "whisper.cpp", "load_ms": 0})
    read, files = b"", []
    while True:
        piece, more, _, _ = socket.recv_fds(channel, 1 << 16, 1)
        if not piece:
            return
        read, files = read + piece, files + more
        while len(read) >= 4 and len(read) >= 4 + (length := struct.unpack(">I", read[:4])[0]):
            request, read = json.loads(read[4:4 + length]), read[4 + length:]
            file = files.pop(0)
            answer(channel, request, listed[number_of(os.fstat(file).st_size)])
            os.close(file)
