#!/usr/bin/env python3
"""all-MiniLM-L6-v2 (safetensors, vocab.txt) -> GGUF for llama.cpp, 16-bit.

Usage: minilm_to_gguf.py MODEL_FOLDER OUT.gguf

Needs only numpy; the same input gives the same bytes. Matrices become 16-bit; biases, norms and the small tables of
positions and token types stay 32-bit. The pooler, which this model does not use, is left out.
"""

import json
import os
import struct
import sys

from safetensors_file import read_safetensors

ALIGNMENT = 32
F32, F16 = 0, 1
MEAN_POOLING = 1
TOKEN_NORMAL, TOKEN_CONTROL = 1, 3
UNUSED = ("embeddings.position_ids",)
KEPT_F32 = ("position_embd.weight", "token_types.weight")
TABLES = {
    "embeddings.word_embeddings": "token_embd",
    "embeddings.position_embeddings": "position_embd",
    "embeddings.token_type_embeddings": "token_types",
    "embeddings.LayerNorm": "token_embd_norm",
}
LAYER_PARTS = {
    "attention.self.query": "attn_q",
    "attention.self.key": "attn_k",
    "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down",
    "output.LayerNorm": "layer_output_norm",
}


def gguf_name(name):
    """llama.cpp's name of a BERT tensor; empty: it is not used."""
    if name.startswith("pooler."):
        return ""
    stem, kind = name.rsplit(".", 1)
    if stem in TABLES:
        return f"{TABLES[stem]}.{kind}"
    prefix = "encoder.layer."
    number, _, part = stem[len(prefix) :].partition(".")
    if not stem.startswith(prefix) or part not in LAYER_PARTS:
        sys.exit(f"{name}: not the network this converter knows")
    return f"blk.{number}.{LAYER_PARTS[part]}.{kind}"


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


#: Kind of a value -> its number in GGUF, and its bytes.
KINDS = {
    "u32": (4, lambda value: struct.pack("<I", value)),
    "i32": (5, lambda value: struct.pack("<i", value)),
    "f32": (6, lambda value: struct.pack("<f", value)),
    "bool": (7, lambda value: struct.pack("<?", value)),
    "text": (8, text),
}
LIST = 9


def entry(key, kind, value):
    """One line of the head: a name, the kind of value, the value; lists of values too."""
    number, pack = KINDS[kind]
    if isinstance(value, list):
        packed = b"".join(pack(one) for one in value)
        return text(key) + struct.pack("<IIQ", LIST, number, len(value)) + packed
    return text(key) + struct.pack("<I", number) + pack(value)


def network(config):
    """The head's lines about the network, in the order of the file."""
    yield entry("general.architecture", "text", "bert")
    yield entry("general.name", "text", "all-MiniLM-L6-v2")
    yield entry("general.file_type", "u32", F16)
    yield entry("general.alignment", "u32", ALIGNMENT)
    yield entry("bert.block_count", "u32", config["num_hidden_layers"])
    yield entry("bert.context_length", "u32", config["max_position_embeddings"])
    yield entry("bert.embedding_length", "u32", config["hidden_size"])
    yield entry("bert.feed_forward_length", "u32", config["intermediate_size"])
    yield entry("bert.attention.head_count", "u32", config["num_attention_heads"])
    yield entry("bert.attention.layer_norm_epsilon", "f32", config["layer_norm_eps"])
    yield entry("bert.attention.causal", "bool", False)
    yield entry("bert.pooling_type", "u32", MEAN_POOLING)


def vocabulary(config, path):
    """The head's lines about the tokens. llama.cpp marks a word's beginning, BERT its continuation."""
    with open(path, encoding="utf-8") as file:
        tokens = file.read().split("\n")[: config["vocab_size"]]
    if len(tokens) != config["vocab_size"]:
        sys.exit(f"{path} has {len(tokens)} tokens, expected {config['vocab_size']}")
    special = {token: tokens.index(token) for token in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")}

    def spelled(token):
        if token in special:
            return token
        return token[2:] if token.startswith("##") else "\u2581" + token

    yield entry("tokenizer.ggml.model", "text", "bert")
    yield entry("tokenizer.ggml.pre", "text", "jina-v2-en")
    yield entry("tokenizer.ggml.token_type_count", "u32", config["type_vocab_size"])
    yield entry("tokenizer.ggml.tokens", "text", [spelled(token) for token in tokens])
    kinds = [TOKEN_CONTROL if token in special else TOKEN_NORMAL for token in tokens]
    yield entry("tokenizer.ggml.token_type", "i32", kinds)
    for name, token in (("unknown", "[UNK]"), ("seperator", "[SEP]"), ("padding", "[PAD]"), ("cls", "[CLS]"), ("mask", "[MASK]")):
        yield entry(f"tokenizer.ggml.{name}_token_id", "u32", special[token])


def padded(data):
    return data + b"\0" * (-len(data) % ALIGNMENT)


def tensors(source):
    """Yields (name, shape, kind, bytes) in the order of the names in the source."""
    for name, array in sorted(source.items()):
        renamed = gguf_name(name)
        if not renamed:
            continue
        kind = F16 if array.ndim == 2 and renamed not in KEPT_F32 else F32
        yield renamed, array.shape, kind, padded(array.astype("<f2" if kind == F16 else "<f4").tobytes())


def check(folder, config):
    """Stops at a model of another build: what the head says would be wrong of it."""
    with open(os.path.join(folder, "1_Pooling", "config.json"), encoding="utf-8") as file:
        pooling = json.load(file)
    if config["architectures"] != ["BertModel"] or config["hidden_act"] != "gelu":
        sys.exit(f"{folder}: not the network this converter knows")
    if not pooling["pooling_mode_mean_tokens"]:
        sys.exit(f"{folder}: its vectors are not means")


def convert(folder, path):
    """Writes the GGUF file: magic, counts, head, list of tensors, tensors."""
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    check(folder, config)
    head = [*network(config), *vocabulary(config, os.path.join(folder, "vocab.txt"))]
    index, data, offset = [], [], 0
    for name, shape, kind, numbers in tensors(read_safetensors(os.path.join(folder, "model.safetensors"), UNUSED)):
        dimensions = struct.pack(f"<I{len(shape)}Q", len(shape), *reversed(shape))
        index.append(text(name) + dimensions + struct.pack("<IQ", kind, offset))
        data.append(numbers)
        offset += len(numbers)
    counts = struct.pack("<IQQ", 3, len(index), len(head))
    with open(path, "wb") as out:
        out.write(padded(b"GGUF" + counts + b"".join(head) + b"".join(index)))
        out.writelines(data)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    convert(sys.argv[1], sys.argv[2])
