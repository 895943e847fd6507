#!/usr/bin/env python3
"""Whisper (CTranslate2, 16-bit) -> whisper.cpp's ggml file, 16-bit.

Usage: whisper_to_ggml.py CT2_FOLDER OUT.bin    (the folder holds model.bin and vocabulary.txt)

Needs only numpy. The result is, byte for byte, the file that whisper.cpp's own converter makes from the
original checkpoint: tensors are written in the checkpoint's order. CTranslate2 stores some matrices fused
(query, key and value below each other); they are cut apart here.
"""

import os
import struct
import sys

import numpy as np

from ggml_file import F16, MAGIC, write_bytes, write_integers, write_tensor

CT2_DTYPES = {0: "<f4", 1: "<i1", 2: "<i2", 3: "<i4", 4: "<f2"}
CT2_VERSION, WHISPER_REVISION = 6, 3
SAMPLE_RATE, FFT_SIZE = 16000, 400


class Reader:
    """A cursor over the bytes of a CTranslate2 model."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self, code):
        (value,) = struct.unpack_from("<" + code, self.data, self.at)
        self.at += struct.calcsize("<" + code)
        return value

    def text(self):
        length = self.number("H")
        self.at += length
        return self.data[self.at - length : self.at].rstrip(b"\0").decode()

    def array(self):
        shape = [self.number("I") for _ in range(self.number("B"))]
        dtype = np.dtype(CT2_DTYPES[self.number("B")])
        size = self.number("I")
        values = np.frombuffer(self.data, dtype, size // dtype.itemsize, self.at).reshape(shape)
        self.at += size
        return values


def read_ct2(path):
    """Returns name -> array of every tensor in a CTranslate2 Whisper model."""
    with open(path, "rb") as file:
        reader = Reader(file.read())
    found = (reader.number("I"), reader.text(), reader.number("I"))
    if found != (CT2_VERSION, "WhisperSpec", WHISPER_REVISION):
        sys.exit(f"{path} is not a CTranslate2 Whisper model of the version this converter knows")
    tensors = {}
    for _ in range(reader.number("I")):
        name = reader.text()
        tensors[name] = reader.array()
    for _ in range(reader.number("I")):  # second names of tensors above; ggml ties them itself
        reader.text(), reader.text()
    if reader.at != len(reader.data):
        sys.exit(f"{path} has bytes after its last tensor")
    return tensors


def mel_filters(bands):
    """The original's mel filter bank (Slaney's scale and norm): linear below 1 kHz, logarithmic above."""
    hertz_per_mel, knee_hertz, log_step = 200.0 / 3, 1000.0, np.log(6.4) / 27.0
    knee = knee_hertz / hertz_per_mel
    highest = knee + np.log(SAMPLE_RATE / 2 / knee_hertz) / log_step
    mels = np.linspace(0.0, highest, bands + 2)
    edges = np.where(mels >= knee, knee_hertz * np.exp(log_step * (mels - knee)), hertz_per_mel * mels)
    ramps = np.subtract.outer(edges, np.linspace(0, SAMPLE_RATE / 2, 1 + FFT_SIZE // 2))
    widths = np.diff(edges)
    filters = np.zeros((bands, ramps.shape[1]), np.float32)
    for i in range(bands):
        filters[i] = np.maximum(0, np.minimum(-ramps[i] / widths[i], ramps[i + 2] / widths[i + 1]))
    filters *= (2.0 / (edges[2 : bands + 2] - edges[:bands]))[:, np.newaxis]
    return filters + np.float32(0)  # turns -0.0 into 0.0


def vocabulary(path):
    """Yields each token as raw bytes, from GPT-2's spelling in which every byte is a printable character."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    byte_of = {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}
    with open(path, encoding="utf-8", newline="\n") as file:
        for line in file:
            token = line.rstrip("\n")
            if token == "<|endoftext|>":
                return  # the special tokens from here on are made by whisper.cpp itself
            yield bytes(byte_of[character] for character in token)


def norm(ggml, ct2):
    return [(f"{ggml}.weight", f"{ct2}/gamma", None), (f"{ggml}.bias", f"{ct2}/beta", None)]


def linear(ggml, ct2, part=None, bias=True):
    """PART is (which, of how many) of the rows of a fused matrix."""
    pair = [(f"{ggml}.weight", f"{ct2}/weight", part), (f"{ggml}.bias", f"{ct2}/bias", part)]
    return pair if bias else pair[:1]


def attention(ggml, ct2):
    """Self-attention: query, key and value are one matrix; the key has no bias."""
    yield from linear(f"{ggml}.query", f"{ct2}/linear_0", (0, 3))
    yield from linear(f"{ggml}.key", f"{ct2}/linear_0", (1, 3), bias=False)
    yield from linear(f"{ggml}.value", f"{ct2}/linear_0", (2, 3))
    yield from linear(f"{ggml}.out", f"{ct2}/linear_1")


def cross_attention(ggml, ct2):
    """Attention of the decoder to the encoder: key and value are one matrix."""
    yield from linear(f"{ggml}.query", f"{ct2}/linear_0")
    yield from linear(f"{ggml}.key", f"{ct2}/linear_1", (0, 2), bias=False)
    yield from linear(f"{ggml}.value", f"{ct2}/linear_1", (1, 2))
    yield from linear(f"{ggml}.out", f"{ct2}/linear_2")


def blocks(side, count):
    """Yields (ggml name, CTranslate2 name, part) of all layers of one side, in the checkpoint's order."""
    for i in range(count):
        ggml, ct2 = f"{side}.blocks.{i}", f"{side}/layer_{i}"
        yield from norm(f"{ggml}.mlp_ln", f"{ct2}/ffn/layer_norm")
        yield from linear(f"{ggml}.mlp.0", f"{ct2}/ffn/linear_0")
        yield from linear(f"{ggml}.mlp.2", f"{ct2}/ffn/linear_1")
        yield from norm(f"{ggml}.attn_ln", f"{ct2}/self_attention/layer_norm")
        yield from attention(f"{ggml}.attn", f"{ct2}/self_attention")
        if side == "decoder":
            yield from norm(f"{ggml}.cross_attn_ln", f"{ct2}/attention/layer_norm")
            yield from cross_attention(f"{ggml}.cross_attn", f"{ct2}/attention")


def names(encoder_layers, decoder_layers):
    yield from blocks("decoder", decoder_layers)
    yield from norm("decoder.ln", "decoder/layer_norm")
    for convolution in ("conv1", "conv2"):
        yield from linear(f"encoder.{convolution}", f"encoder/{convolution}")
    yield from blocks("encoder", encoder_layers)
    yield from norm("encoder.ln_post", "encoder/layer_norm")


def rows(array, part):
    which, of = part
    size = array.shape[0] // of
    return array[which * size : (which + 1) * size]


def tensors(ct2, encoder_layers, decoder_layers):
    """Yields (ggml name, array, as_f32): biases and norms stay 32-bit."""
    yield "decoder.positional_embedding", ct2["decoder/position_encodings/encodings"], True
    yield "encoder.positional_embedding", ct2["encoder/position_encodings/encodings"], True
    yield "decoder.token_embedding.weight", ct2["decoder/embeddings/weight"], False
    for ggml, source, part in names(encoder_layers, decoder_layers):
        array = rows(ct2[source], part) if part else ct2[source]
        if ".conv" in ggml and ggml.endswith(".bias"):
            array = array.reshape(-1, 1)  # whisper.cpp adds it to every frame and wants a column
        yield ggml, array, ggml.endswith(".bias") or array.ndim < 2


def layers_count(ct2, side):
    return sum(name.startswith(f"{side}/layer_") and name.endswith("ffn/linear_0/bias") for name in ct2)


def convert(folder, path):
    """Writes the ggml file."""
    ct2 = read_ct2(os.path.join(folder, "model.bin"))
    encoder_layers, decoder_layers = layers_count(ct2, "encoder"), layers_count(ct2, "decoder")
    vocabulary_size, state = ct2["decoder/embeddings/weight"].shape
    bands = ct2["encoder/conv1/weight"].shape[1]
    filters = mel_filters(bands)
    tokens = list(vocabulary(os.path.join(folder, "vocabulary.txt")))
    with open(path, "wb") as out:
        write_integers(out, MAGIC, vocabulary_size)
        write_integers(out, ct2["encoder/position_encodings/encodings"].shape[0], state)
        write_integers(out, int(ct2["encoder/num_heads"]), encoder_layers)
        write_integers(out, ct2["decoder/position_encodings/encodings"].shape[0], state)
        write_integers(out, int(ct2["decoder/num_heads"]), decoder_layers, bands, F16)
        write_integers(out, *filters.shape)
        out.write(filters.astype("<f4").tobytes())
        write_integers(out, len(tokens))
        for token in tokens:
            write_bytes(out, token)
        for name, array, as_f32 in tensors(ct2, encoder_layers, decoder_layers):
            write_tensor(out, name, array, as_f32)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    convert(sys.argv[1], sys.argv[2])
