#!/usr/bin/env python3
"""Stands in for holdfast-confine in a scratch folder of programs, and writes down what a language worker is asked and answers.

The real holdfast-confine and worker run behind it, as they always do; frames are passed on as they come
(docs/worker-protocol.md). What is no language worker is not touched at all. `real` beside this program is the folder of
the real ones, `answers.jsonl` gets one line for each answer. Where there is a `texts.json`, dictation.py is the speech worker.
"""
import json
import os
import pathlib
import selectors
import socket
import struct
import sys

import dictation  # put beside this file

HERE = pathlib.Path(sys.argv[0]).parent
CONFINE = str(HERE / "real" / "holdfast-confine")
TEXTS = HERE / "texts.json"
CHANNEL = 3
PIECE = 1 << 16


class Frames:
    """Finds the whole frames in what passes by."""

    def __init__(self):
        self.bytes = b""

    def take(self, piece: bytes) -> list[dict]:
        self.bytes += piece
        found = []
        while len(self.bytes) >= 4:
            (length,) = struct.unpack(">I", self.bytes[:4])
            if len(self.bytes) < 4 + length:
                break
            found.append(json.loads(self.bytes[4:4 + length]))
            self.bytes = self.bytes[4 + length:]
        return found


def note(asked: dict, frame: dict) -> None:
    line = json.dumps({"asked": asked.pop(frame["id"]), "answered": frame}) + "\n"
    with open(HERE / "answers.jsonl", "a", encoding="utf-8") as log:
        log.write(line)


def pass_on(server: socket.socket, worker: socket.socket) -> None:
    """Until either side is gone."""
    asked: dict[int, dict] = {}
    to, frames = {server: worker, worker: server}, {server: Frames(), worker: Frames()}
    with selectors.DefaultSelector() as ready:
        for side in to:
            ready.register(side, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                piece = key.fileobj.recv(PIECE)
                if not piece:
                    return
                for frame in frames[key.fileobj].take(piece):
                    if key.fileobj is server and frame.get("type") == "generate":
                        asked[frame["id"]] = frame
                    elif frame.get("type") in ("finished", "failed") and frame.get("id") in asked:
                        note(asked, frame)
                to[key.fileobj].sendall(piece)


def start(words: list[str], channel: socket.socket) -> int:
    """The real worker behind the real confinement, tied to this process instead of the server."""
    words[words.index("--parent") + 1] = str(os.getpid())
    child = os.fork()
    if child == 0:
        os.dup2(channel.fileno(), CHANNEL)  # which closes the server's end in the child
        os.execv(CONFINE, [CONFINE, *words])
    channel.close()
    return child


def main() -> int:
    words = sys.argv[1:]
    program = pathlib.Path(words[words.index("--") + 1]).name if "--" in words else ""
    if program == "holdfast-stt" and TEXTS.exists():
        dictation.serve(socket.socket(fileno=CHANNEL), TEXTS)
        return 0
    if program != "holdfast-llm" or "--embedder" in words:
        os.execv(CONFINE, [CONFINE, *words])
    server = socket.socket(fileno=CHANNEL)
    ours, theirs = socket.socketpair()
    child = start(words, theirs)
    try:
        pass_on(server, ours)
    except ConnectionError:
        pass  # as good as its end
    ours.close()
    _, status = os.waitpid(child, 0)
    server.close()
    return os.waitstatus_to_exitcode(status) & 0xFF


if __name__ == "__main__":
    sys.exit(main())
