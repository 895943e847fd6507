"""Files that want to be opened as something else: a playlist, list or manifest named .mp4 opens nothing,
whatever it points at, and the bombs end within their limits."""

import ctypes
import os
import socket
import struct
import threading
import time

import pytest

from harness import processes, sample
from harness.waiting import until

IN_OPEN = 0x20
SECRET = "The secret word is elephant. Nobody else may hear that the secret word is elephant."


class Watch:
    """Tells whether somebody opened one of these files. Source: inotify(7)."""

    def __init__(self, *files):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor = self.libc.inotify_init1(os.O_NONBLOCK)
        for file in files:
            assert self.libc.inotify_add_watch(self.descriptor, str(file).encode(), IN_OPEN) >= 0

    def was_opened(self) -> bool:
        try:
            return bool(os.read(self.descriptor, 65536))
        except BlockingIOError:
            return False

    def close(self) -> None:
        os.close(self.descriptor)


class Listener:
    """A server that nobody should call."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.calls: list[bytes] = []
        threading.Thread(target=self._take, daemon=True).start()

    @property
    def port(self) -> int:
        return self.socket.getsockname()[1]

    def _take(self) -> None:
        while True:
            try:
                line, _ = self.socket.accept()
            except OSError:
                return
            with line:
                line.settimeout(2)
                try:
                    self.calls.append(line.recv(1000))
                except TimeoutError:
                    self.calls.append(b"")

    def close(self) -> None:
        self.socket.close()


@pytest.fixture(scope="module")
def stage(make_module_server, samples, tmp_path_factory):
    """A server with somebody's finished recording, a file on the machine, and a listener."""
    server = make_module_server().start()
    folder = tmp_path_factory.mktemp("canary")
    secret = folder / "secret.wav"
    sample.say(SECRET, secret)
    victim = server.client.wait_completed(server.client.submit(secret.read_bytes(), name="secret.wav"))
    assert (
        "elephant" in victim["result"]["transcript"]["text"].lower()
    ), "the secret can be heard, so its leak would be"
    (blob,) = server.blobs().values()
    listener = Listener()
    watch = Watch(blob, secret)
    assert blob.read_bytes() and watch.was_opened(), "the watch works"
    with socket.create_connection(("127.0.0.1", listener.port)) as line:
        line.sendall(b"hello")
    until(lambda: listener.calls, why="the listener works")
    listener.calls.clear()
    yield server, blob, secret, listener, watch
    watch.close()
    listener.close()


def targets(blob, secret, listener) -> dict[str, str]:
    return {
        "another item's file": str(blob),
        "a file of the machine": str(secret),
        "a file address": f"file://{secret}",
        "an address": f"http://127.0.0.1:{listener.port}/x.ts",
        "a relative name": "../" + "/".join(blob.parts[-2:]),
        "a sibling": blob.name,
        "a pipe": f"concat:{secret}|{blob}",
        "a subfile": f"subfile,,start,0,end,0,,:{secret}",
    }


def playlist(target: str) -> bytes:
    head = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n"
    return f"{head}#EXTINF:10,\n{target}\n#EXT-X-ENDLIST\n".encode()


def manifest(target: str) -> bytes:
    return f"""<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"
mediaPresentationDuration="PT10S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet
mimeType="audio/mp4"><Representation id="1" bandwidth="1"><BaseURL>{target}</BaseURL></Representation>
</AdaptationSet></Period></MPD>""".encode()


def description(target: str) -> bytes:
    port = target.rpartition(":")[2].partition("/")[0]
    port = port if port.isdigit() else "5004"
    return (
        f"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns={target}\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP 0\r\n"
    ).encode()


LISTS = {
    "hls": playlist,
    "ffconcat": lambda target: f"ffconcat version 1.0\nfile '{target}'\n".encode(),
    "dash": manifest,
    "sdp": description,
    "m3u": lambda target: f"{target}\n".encode(),
    "pls": lambda target: f"[playlist]\nFile1={target}\nNumberOfEntries=1\nVersion=2\n".encode(),
    "smil": lambda target: f'<smil><body><audio src="{target}"/></body></smil>'.encode(),
    "asx": lambda target: f'<asx version="3.0"><entry><ref href="{target}"/></entry></asx>'.encode(),
    "rtsp": lambda target: f"RTSPtext\nrtsp://{target}\n".encode(),
    "svg": lambda target: f'<svg xmlns:x="w3.org/1999/xlink"><image x:href="{target}"/></svg>'.encode(),
    "byte order mark": lambda target: b"\xef\xbb\xbf" + playlist(target),
    "blanks before": lambda target: b"\n \n" + playlist(target),
}


def with_tag(body: bytes) -> bytes:
    """An ID3 tag, as of an MP3, and then the list."""
    return b"ID3\4\0\0\0\0\0\12" + bytes(10) + body


def in_wav(body: bytes) -> bytes:
    return sample.wav_head(len(body)) + body


def after_ftyp(body: bytes) -> bytes:
    return b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + struct.pack(">I", len(body) + 8) + b"mdat" + body


def as_stream(body: bytes) -> bytes:
    """188-byte packets with the sync byte of a transport stream, the list inside."""
    padded = body + bytes(-len(body) % 184)
    return b"".join(b"\x47\x40\0\x10" + padded[at : at + 184] for at in range(0, len(padded), 184)) * 8


DISGUISES = {"tag": with_tag, "wav": in_wav, "ftyp": after_ftyp, "transport stream": as_stream}


def assert_nothing_opened(stage, answers) -> None:
    server, _, _, listener, watch = stage
    for answer in answers:
        if answer.status == 201:
            item = server.client.wait(answer.json()["id"])
            text = (item["result"] or {}).get("transcript", {}).get("text", "")
            assert "elephant" not in text.lower(), item
    assert not watch.was_opened(), "somebody's file was opened"
    assert listener.calls == [], "somebody was called"


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_named_mp4_opens_nothing(stage, kind):
    server, blob, secret, listener, watch = stage
    watch.was_opened()

    bodies = [LISTS[kind](target) for target in targets(blob, secret, listener).values()]
    answers = [server.client.upload(body, name="film.mp4") for body in bodies]

    assert {answer.status for answer in answers} == {415}, "refused by what it is, not by what it is called"
    assert {answer.code for answer in answers} == {"HF-UPL-02"}
    assert_nothing_opened(stage, answers)


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_list_behind_the_head_of_a_media_file_opens_nothing(stage, disguise):
    server, blob, secret, listener, watch = stage
    watch.was_opened()
    bodies = [
        DISGUISES[disguise](LISTS[kind](target))
        for kind in ("hls", "ffconcat", "dash", "sdp")
        for target in (str(secret), blob.name, f"http://127.0.0.1:{listener.port}/x.ts")
    ]

    answers = [server.client.upload(body + bytes(4096), name="film.mp4") for body in bodies]

    assert_nothing_opened(stage, answers)


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def test_an_mp4_whose_data_is_said_to_be_elsewhere_opens_nothing(stage, samples, tmp_path):
    """The data reference of an MP4 may name another file or address."""
    server, blob, secret, listener, watch = stage
    whole = tmp_path / "plain.mp4"
    sample.ffmpeg("-i", str(samples.sentence()), "-c:a", "aac", "-movflags", "+faststart", str(whole))
    content = whole.read_bytes()
    plain = box(b"url ", b"\0\0\0\1")
    assert plain in content
    watch.was_opened()
    answers = []
    for target in (str(secret), blob.name, f"http://127.0.0.1:{listener.port}/x"):
        elsewhere = box(b"url ", b"\0\0\0\0", target.encode() + b"\0")
        answers.append(server.client.upload(grown(content, plain, elsewhere), name="film.mp4"))
    assert_nothing_opened(stage, answers)


def grown(content: bytes, old: bytes, new: bytes) -> bytes:
    """Replaces a box deep inside and corrects the length of every box around it."""
    at, more = content.index(old), len(new) - len(old)
    out = bytearray(content[:at] + new + content[at + len(old) :])
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        place = content.rindex(kind, 0, at) - 4
        out[place : place + 4] = struct.pack(">I", struct.unpack(">I", content[place : place + 4])[0] + more)
    return bytes(out)


def test_a_film_with_a_picture_of_a_quarter_of_a_gigapixel_ends_within_its_limits(stage, samples, tmp_path):
    server = stage[0]
    bomb = tmp_path / "bomb.mkv"
    picture = tmp_path / "picture.png"
    picture.write_bytes(sample.black_png(16_000))
    sample.ffmpeg(
        "-i", str(picture), "-i", str(samples.sentence()), "-c:v", "copy", "-c:a", "pcm_s16le", str(bomb)
    )
    processes.reset_memory_peak(server.pid)

    item = server.client.wait(server.client.submit(bomb.read_bytes(), name="film.mkv"))

    assert item["status"] in ("completed", "failed") and item["retry_count"] == 0, item
    assert processes.memory_peak_kib(server.pid) < 300 * 1024
    assert server.client.get("/livez").status == 200


def test_a_picture_bomb_is_refused_at_the_door(stage, samples):
    content = samples.big_picture().read_bytes()
    answer = stage[0].client.upload(content, name="film.mp4")
    assert (answer.status, answer.code) == (415, "HF-UPL-02")


def test_thousand_streams_end_within_their_limits(stage, samples):
    server = stage[0]
    began = time.monotonic()
    item = server.client.wait(server.client.submit(samples.many_streams().read_bytes(), name="film.mp4"), 120)
    assert item["error"]["code"] == "HF-MED-06"
    assert time.monotonic() - began < 120


@pytest.mark.slow
def test_a_sound_bomb_of_eight_channels_ends_within_its_limits(make_server, samples):
    """Megabytes that unpack to gigabytes: refused, or made small without filling the disk."""
    server = make_server().start()
    content = samples.silent_flac(1, channels=8, rate=48_000).read_bytes()
    item_id, peak = server.client.submit(content, name="night.flac"), 0

    item = server.client.item(item_id)
    while item["status"] not in ("completed", "failed"):
        size = sum(path.stat().st_size for path in server.data.rglob("*") if path.is_file())
        item, peak = server.client.item(item_id), max(peak, size)
        time.sleep(0.2)

    assert item["retry_count"] == 0
    assert item["status"] == "completed" or item["error"]["code"] == "HF-MED-07", item["error"]
    assert peak < 16_000 * 2 * 3600 * 1.2 + len(content), "no more than its mono sound at 16 kHz"
    assert server.verify() == []
