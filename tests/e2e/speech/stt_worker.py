"""Speaks the worker protocol (docs/worker-protocol.md) with one holdfast-stt process."""
import array
import hashlib
import json
import os
import socket
import struct
import subprocess

CHANNEL_FD = 3
DEADLINE_S = 900


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


class WorkerGone(Exception):
    """The worker closed its end."""


class SttWorker:
    """A worker process. Use as a context manager: it is ended on the way out."""

    def __init__(self, program, model, vad=None, threads=2, sums=None, before=None):
        sums = sums or {}
        command = [str(program), "--model", str(model), "--model-sha256", sums.get("model") or sha256_of(model)]
        if vad:
            command += ["--vad", str(vad), "--vad-sha256", sums.get("vad") or sha256_of(vad)]
        command += ["--threads", str(threads)]
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(DEADLINE_S)

        def become_worker():
            os.dup2(theirs.fileno(), CHANNEL_FD)
            if before:
                before()

        self.process = subprocess.Popen(command, preexec_fn=become_worker,
                                        pass_fds=(CHANNEL_FD,), stdin=subprocess.DEVNULL)
        theirs.close()
        self.last_id = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def read(self):
        """The next frame as a dict. Raises WorkerGone."""
        length = struct.unpack(">I", self._read_bytes(4))[0]
        return json.loads(self._read_bytes(length).decode("utf-8"))

    def _read_bytes(self, count):
        got = b""
        while len(got) < count:
            more = self.socket.recv(count - len(got))
            if not more:
                raise WorkerGone(self.process.wait(timeout=30))
            got += more
        return got

    def write(self, frame, file=None):
        body = json.dumps(frame).encode()
        message = struct.pack(">I", len(body)) + body
        if file is None:
            self.socket.sendall(message)
            return
        with open(file, "rb") as opened:
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [opened.fileno()]))]
            sent = self.socket.sendmsg([message], rights)
        self.socket.sendall(message[sent:])

    def request(self, wav, **fields):
        self.last_id += 1
        frame = {"type": "transcribe", "id": self.last_id, "from_ms": 0, "language": "auto", "beam_size": 5,
                 "word_times": True}
        self.write(frame | fields, wav)
        return self.last_id

    def frames(self, wav, **fields):
        """Sends one request and yields its frames, the last one is `finished` or `failed`."""
        request_id = self.request(wav, **fields)
        while True:
            frame = self.read()
            assert frame["id"] == request_id, frame
            yield frame
            if frame["type"] in ("finished", "failed"):
                return

    def transcribe(self, wav, **fields):
        """The whole answer: segments, gaps, windows (their frames), body of `finished`. Fails on `failed`."""
        windows, progress = [], []
        for frame in self.frames(wav, **fields):
            if frame["type"] == "segments":
                windows.append(frame)
            elif frame["type"] == "progress":
                progress.append(frame["fraction"])
        assert frame["type"] == "finished", frame
        segments = [segment for window in windows for segment in window["segments"]]
        gaps = [gap for window in windows for gap in window["gaps"]]
        return {"segments": segments, "gaps": gaps, "windows": windows, "progress": progress, "body": frame["body"],
                "text": " ".join(segment["text"] for segment in segments)}
