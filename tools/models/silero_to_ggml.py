#!/usr/bin/env python3
"""Silero VAD (16 kHz, safetensors) -> whisper.cpp's voice activity format.

Usage: silero_to_ggml.py MODEL.safetensors VERSION OUT.bin

Needs only numpy; the same input gives the same bytes. The sizes below are those of the network (STFT, four
convolutions, one LSTM cell, one output), which whisper.cpp takes from the header.
"""

import sys

from ggml_file import MAGIC, write_bytes, write_integers, write_tensor
from safetensors_file import read_safetensors

WINDOW_SAMPLES = 512  # 32 ms at 16 kHz
CONTEXT_SAMPLES = 64
ENCODER_SHAPES = [(129, 128, 3), (128, 64, 3), (64, 64, 3), (64, 128, 3)]  # channels in, channels out, kernel
LSTM_INPUT, LSTM_HIDDEN = 128, 128
OUTPUT_IN, OUTPUT_OUT = 128, 1


def tensors_in_order(source):
    """Yields (whisper.cpp's name, array, as_f32): convolutions are stored as f16, everything else as f32."""
    for i in range(len(ENCODER_SHAPES)):
        yield f"_model.encoder.{i}.reparam_conv.weight", source[f"conv{i + 1}.weight"], False
        yield f"_model.encoder.{i}.reparam_conv.bias", source[f"conv{i + 1}.bias"], True
    for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        yield f"_model.decoder.rnn.{part}", source[f"lstm_cell.{part}"], True
    yield "_model.decoder.decoder.2.weight", source["final_conv.weight"].reshape(OUTPUT_IN), False
    yield "_model.decoder.decoder.2.bias", source["final_conv.bias"].reshape(()), True
    yield "_model.stft.forward_basis_buffer", source["stft_conv.weight"], False


def convert(source, version, path):
    """Writes the model. VERSION is three numbers joined by dots; whisper.cpp shows it on loading."""
    for i, (channels_in, channels_out, kernel) in enumerate(ENCODER_SHAPES):
        if source[f"conv{i + 1}.weight"].shape != (channels_out, channels_in, kernel):
            sys.exit(f"conv{i + 1} has an unexpected shape: not the network this converter knows")
    with open(path, "wb") as out:
        write_integers(out, MAGIC)
        write_bytes(out, b"silero-16k")
        write_integers(out, *(int(part) for part in version.split(".")))
        write_integers(out, WINDOW_SAMPLES, CONTEXT_SAMPLES, len(ENCODER_SHAPES))
        for shape in ENCODER_SHAPES:
            write_integers(out, *shape)
        write_integers(out, LSTM_INPUT, LSTM_HIDDEN, OUTPUT_IN, OUTPUT_OUT)
        for name, array, as_f32 in tensors_in_order(source):
            write_tensor(out, name, array, as_f32)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    convert(read_safetensors(sys.argv[1]), sys.argv[2], sys.argv[3])
