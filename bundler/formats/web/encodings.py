"""Graphs of TensorFlow.js in the encodings of its older converters, as protobuf's JSON has them.

tfjs-converter reads them all (src/operations/operation_mapper.ts: parseStringParam, parseNumber).
"""

from __future__ import annotations

import base64
from typing import Any

# Keys whose values are bytes: base64 today, lists of numbers once.
BYTES = {"s", "tensorContent", "tensor_content", "stringVal", "string_val"}
LONG = {"low", "high"}


def plain(value: Any, key: str = "") -> Any:
    """The topology with base64 for all bytes, and numbers for 64-bit integers in two halves."""
    if key in BYTES:
        return _bytes(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() - {"unsigned"} == LONG:
        whole = (int(value["high"]) << 32) | (int(value["low"]) & 0xFFFFFFFF)
        return str(whole)
    return {name: plain(item, name) for name, item in value.items()}


def _bytes(value: Any) -> Any:
    """Bytes as they come from a list of them, Node's Buffer or a typed array, or lists of such."""
    if isinstance(value, dict):
        value = value["data"] if isinstance(value.get("data"), list) else list(value.values())
    if not isinstance(value, list):
        return value
    if value and all(isinstance(item, int) for item in value):
        return base64.b64encode(bytes(item & 255 for item in value)).decode()
    return [_bytes(item) for item in value]
