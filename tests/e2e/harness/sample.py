"""Recordings made at test time with espeak-ng and ffmpeg. Each is made once for a run, in the folder
given."""

import struct
import subprocess
import wave
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

INTRODUCTION = (
    "Hello, my name is Anna Keller. I come from Vienna. I study computer science at the university. "
    "I like hiking and photography. My goal is to become an engineer. I speak German and English."
)
CHAPTERS = (
    "The first chapter is about the sea. Ships leave the harbour early in the morning and come back when the "
    "sun goes down. The fishermen sell what they caught at the market beside the old lighthouse.",
    "The second chapter is about the mountains. Snow falls in winter, and in summer the shepherds bring "
    "their animals to the high meadows. In the evening they sing songs around the fire.",
    "The third chapter is about the city. Trains arrive every ten minutes, people hurry to their work, and "
    "the shops open at seven. At night the streets are empty and the lamps are bright.",
    "The fourth chapter is about the forest. Old trees give shelter to birds, and a small river runs through "
    "the valley. Children look for mushrooms under the leaves.",
    "The fifth chapter is about the desert. The days are hot, the nights are cold, and the wind moves the "
    "sand from place to place. Camels carry water from one village to the next.",
    "The last chapter is about the people. They tell each other stories, they cook together, and they build "
    "houses of wood and stone. That is the end of this little book.",
)
SAMPLE_RATE = 16_000


def run(*command: str) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    assert done.returncode == 0, f"{command[0]} failed: {done.stderr.decode(errors='replace')[-800:]}"


def ffmpeg(*words: str) -> None:
    run("ffmpeg", "-v", "error", "-y", "-nostdin", *words)


def say(text: str, path: Path, speed: int = 145) -> None:
    run("espeak-ng", "-v", "en-us", "-s", str(speed), "-w", str(path), text)


class Samples:
    """Every method gives the path of a file; the first call makes it."""

    def __init__(self, folder: Path):
        self.folder = folder

    def made(self, name: str, make: Callable[[Path], None]) -> Path:
        path = self.folder / name
        if not path.exists():
            make(path)
        return path

    def introduction(self) -> Path:
        """About 15 s of speech."""
        return self.made("introduction.wav", lambda path: say(INTRODUCTION, path, 140))

    def sentence(self, number: int = 0) -> Path:
        """Two or three seconds of speech, each number another one."""
        places = ("the blue ocean", "the high mountains", "the big city", "the green forest", "the hot desert")
        text = f"This recording is about {places[number % len(places)]} and the people who live there."
        return self.made(f"sentence{number}.wav", lambda path: say(text, path))

    def video(self) -> Path:
        """The introduction with a picture, as MP4."""
        return self.made(
            "introduction.mp4",
            lambda path: ffmpeg(
                "-f",
                "lavfi",
                "-i",
                "testsrc=size=320x240:rate=10",
                "-i",
                str(self.introduction()),
                "-shortest",
                "-c:v",
                "mpeg4",
                "-c:a",
                "aac",
                "-movflags",
                "+faststart",
                str(path),
            ),
        )

    def chapters(self, count: int = len(CHAPTERS)) -> Path:
        """About 12 s for each chapter, with a pause of two seconds after it."""

        def make(path: Path) -> None:
            inputs, parts = [], ""
            for number, text in enumerate(CHAPTERS[:count]):
                part = self.folder / f"chapter{number}.wav"
                say(text, part, 150)
                inputs += ["-i", str(part)]
                parts += f"[{number}]apad=pad_dur=2[p{number}];"
            names = "".join(f"[p{number}]" for number in range(count))
            ffmpeg(
                *inputs,
                "-filter_complex",
                f"{parts}{names}concat=n={count}:v=0:a=1",
                "-ar",
                "16000",
                str(path),
            )

        return self.made(f"chapters{count}.wav", make)

    def silence(self, seconds: int = 3) -> Path:
        return self.made(f"silence{seconds}.wav", lambda path: path.write_bytes(silent_wav(seconds)))

    def mute_video(self) -> Path:
        """A picture without a sound track."""
        return self.made(
            "mute.mp4",
            lambda path: ffmpeg(
                "-f",
                "lavfi",
                "-i",
                "testsrc=size=160x120:rate=5:duration=2",
                "-an",
                "-c:v",
                "mpeg4",
                str(path),
            ),
        )

    def truncated_video(self) -> Path:
        """An MP4 whose index stood at the end, which is gone."""

        def make(path: Path) -> None:
            whole = self.folder / "index-at-end.mp4"
            ffmpeg("-i", str(self.introduction()), "-c:a", "aac", str(whole))
            content = whole.read_bytes()
            path.write_bytes(content[: len(content) * 3 // 4])

        return self.made("truncated.mp4", make)

    def many_streams(self, count: int = 1000) -> Path:
        """A Matroska file with that many sound tracks of a tenth of a second."""

        def make(path: Path) -> None:
            maps = [word for _ in range(count) for word in ("-map", "0:a")]
            ffmpeg(
                "-f",
                "lavfi",
                "-i",
                "sine=frequency=300:duration=0.1:sample_rate=8000",
                *maps,
                "-c:a",
                "pcm_s16le",
                "-ac",
                "1",
                str(path),
            )

        return self.made(f"streams{count}.mkv", make)

    def silent_flac(self, hours: int, channels: int = 1, rate: int = 16_000) -> Path:
        """Hours of silence in few bytes."""
        layout = {1: "mono", 2: "stereo", 8: "7.1"}[channels]
        return self.made(
            f"silent{hours}h{channels}c{rate}.flac",
            lambda path: ffmpeg(
                "-f",
                "lavfi",
                "-i",
                f"anullsrc=r={rate}:cl={layout}",
                "-t",
                str(hours * 3600),
                "-c:a",
                "flac",
                "-compression_level",
                "0",
                str(path),
            ),
        )

    def big_picture(self) -> Path:
        """A small PNG of 400 million points."""
        return self.made("picture.png", lambda path: path.write_bytes(black_png(20_000)))


def black_png(side: int) -> bytes:
    """A square of points of one bit. Source: RFC 2083."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress(bytes((side + 7) // 8 + 1) * side)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def wav_head(data_bytes: int, rate: int = SAMPLE_RATE) -> bytes:
    """The 44 bytes before `data_bytes` of mono samples of 16 bits."""
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        min(36 + data_bytes, 0xFFFFFFFF),
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        rate,
        rate * 2,
        2,
        16,
        b"data",
        min(data_bytes, 0xFFFFFFFF),
    )


def silent_wav(seconds: float, tag: bytes = b"") -> bytes:
    """Silence with `tag` in its first samples, so that each file can have a hash of its own."""
    count = int(seconds * SAMPLE_RATE) * 2
    return wav_head(count) + tag + bytes(count - len(tag))


def big_wav(total: int, chunk: int = 1 << 20) -> Iterator[bytes]:
    """`total` bytes of a WAV file of silence, made as they are asked for."""
    yield wav_head(total - 44)
    left, zeros = total - 44, bytes(chunk)
    while left > 0:
        yield zeros[: min(chunk, left)]
        left -= chunk


def wav_seconds(path: Path) -> float:
    with wave.open(str(path)) as sound:
        return sound.getnframes() / sound.getframerate()
