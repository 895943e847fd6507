"""Reads the safetensors container: length of a JSON header, the header, then the raw numbers, all little-endian."""

import json
import struct
import sys

import numpy as np


def read_safetensors(path, skip=()):
    """Returns name -> f32 array. Tensors named in SKIP may be of any kind and are left out."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack_from("<Q", data)
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name == "__metadata__" or name in skip:
            continue
        if entry["dtype"] != "F32":
            sys.exit(f"{path}: {name} is {entry['dtype']}, expected F32")
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = np.frombuffer(data[start:end], "<f4").reshape(entry["shape"])
    return tensors
