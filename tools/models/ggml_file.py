"""Writes the ggml container that whisper.cpp reads: a header of integers, then tensors, all little-endian."""

import struct

import numpy as np

MAGIC = 0x67676D6C
F32, F16 = 0, 1


def write_integers(out, *values):
    """Writes each value as a signed 32-bit integer."""
    out.write(struct.pack(f"<{len(values)}i", *values))


def write_bytes(out, data):
    """Writes the length and then the bytes."""
    write_integers(out, len(data))
    out.write(data)


def write_tensor(out, name, array, as_f32):
    """Writes one tensor as f32 or f16; ggml counts dimensions from the fastest, numpy from the slowest."""
    encoded = name.encode()
    write_integers(out, array.ndim, len(encoded), F32 if as_f32 else F16, *reversed(array.shape))
    out.write(encoded)
    out.write(np.ascontiguousarray(array, "<f4" if as_f32 else "<f2").tobytes())
