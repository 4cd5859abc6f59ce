"""Which Python wrote the bytecode of a Lambda: no other can run it, and some would crash on it.

Format: Python/marshal.c; the header of a code object changed in 3.8 and 3.11, the opcode with
which every function begins (RESUME) in 3.13 and 3.14.
"""

from __future__ import annotations

import base64
import binascii
import sys
from typing import Any

OLD, MIDDLE, ELEVEN, THIRTEEN, FOURTEEN = (
    "Python 3.7 or older", "Python 3.8 to 3.10", "Python 3.11 or 3.12", "Python 3.13",
    "Python 3.14 or newer",
)  # fmt: skip
RESUMES = {151: ELEVEN, 149: THIRTEEN, 128: FOURTEEN}
CODE, BYTES, FLAG = ord("c"), ord("s"), 0x80
INTEGER = 4


def written_by(code: Any) -> str:
    """The Python of a Lambda's code in base64; "" if it is none that is known."""
    try:
        data = base64.b64decode(code, validate=False)
    except (binascii.Error, ValueError, TypeError):
        return ""
    if not data or data[0] & ~FLAG != CODE:
        return ""
    six, five = 1 + 6 * INTEGER, 1 + 5 * INTEGER
    if _begins_bytes(data, six):
        return MIDDLE
    if not _begins_bytes(data, five):
        return ""
    first = data[five + 1 + INTEGER :][:16:2]
    return next((python for opcode, python in RESUMES.items() if opcode in first), OLD)


def _begins_bytes(data: bytes, at: int) -> bool:
    return len(data) > at and data[at] & ~FLAG == BYTES


def this_python() -> str:
    """How `written_by` calls the Python that runs."""
    minor = sys.version_info[1]
    bounds = ((8, OLD), (11, MIDDLE), (13, ELEVEN), (14, THIRTEEN))
    return next((python for bound, python in bounds if minor < bound), FOURTEEN)


def foreign(code: Any) -> str:
    """The Python that wrote a code, if this one cannot run it."""
    found = written_by(code)
    return "" if found == this_python() else found
