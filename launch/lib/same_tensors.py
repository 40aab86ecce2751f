"""Exits with an error where two safetensors files differ in a tensor; what they say of themselves may differ."""

import json
import struct
import sys


def tensors(path):
    data = open(path, "rb").read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    return header, data[8 + length :]


if tensors(sys.argv[1]) != tensors(sys.argv[2]):
    sys.exit(f"FAILED: {sys.argv[1]} and {sys.argv[2]} differ")
