"""What a file or folder is that no format matches, and which export would work."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import NamedTuple

from bundler.formats import wire


class Foreign(NamedTuple):
    """What something is, and what to do."""

    what: str
    advice: str


_SAVE = 'save it: model.save("model.keras")'
_BACK = f"Go back to the Keras model, and {_SAVE}"
_OTHER = "Only models of TensorFlow and Keras can be converted: build this one in Keras"

PYTORCH = Foreign("a PyTorch model", f"{_OTHER}, copy the weights over, and {_SAVE}")
ONNX = Foreign(
    "an ONNX model",
    "Convert it to a SavedModel with onnx2tf (pip install onnx2tf), or go back to the model that "
    f"it was made from and, in Keras, {_SAVE}",
)
SKLEARN = Foreign(
    "a scikit-learn model (a joblib or pickle file)",
    f"{_OTHER}, train it on the same data, and {_SAVE}",
)
PICKLE = Foreign("a pickled Python object", f"{_OTHER}, and {_SAVE}")
CHECKPOINT = Foreign(
    "a TensorFlow checkpoint: weights without the model",
    "Build the model in Python, load them with model.load_weights(...), and save the whole: "
    'model.save("model.keras")',
)
TFLITE = Foreign("a TensorFlow Lite model", _BACK)
TFJS = Foreign(
    "a folder whose model.json is none of TensorFlow.js", "Copy or download the whole folder again."
)
SAVED_MODEL = Foreign(
    "the graph of a SavedModel without its variables", "Name the folder that it lies in."
)
ZIP = Foreign(
    "an incomplete zip archive, or one without a model",
    "If it should hold a model, download it again, or save it: model.save('model.keras')",
)
LFS = Foreign("a Git LFS pointer, not the model itself", "Run: git lfs pull")
EMPTY = Foreign("an empty file", "Copy, download or save it again.")
UNKNOWN = Foreign(
    "not a model file that this tool knows",
    'For Keras models: open it in Python and save it again: model.save("model.keras")',
)

# What is worth naming when it is all that a folder has.
FAMILIAR = (PYTORCH, ONNX, SKLEARN, PICKLE, CHECKPOINT, TFLITE, LFS)
MOST_FILES = 100

# What a file starts with, after how many bytes.
_SIGNATURES: tuple[tuple[bytes, int, Foreign], ...] = (
    (b"TFL3", 4, TFLITE),
    (b"version https://git-lfs", 0, LFS),
    (b"model_checkpoint_path:", 0, CHECKPOINT),
)
# The last bytes of a checkpoint's .index, which is a table of LevelDB's.
_INDEX_END = b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"
# Words near the beginning of files that have no signature.
HEAD = 4096


def describe(path: Path) -> Foreign:
    """What `path` is."""
    return _folder(path) if path.is_dir() else _file(path)


def _folder(path: Path) -> Foreign:
    names = [file.name for file in path.iterdir()]
    if "model.json" in names:
        return TFJS
    if "checkpoint" in names or any(name.endswith(".index") for name in names):
        return CHECKPOINT
    for file in sorted(file for file in path.iterdir() if file.is_file())[:MOST_FILES]:
        found = _file(file)
        if found in FAMILIAR:
            return Foreign(f"a folder with {found.what} ({file.name})", found.advice)
    return Foreign("a folder without a model", UNKNOWN.advice)


def _file(path: Path) -> Foreign:
    with path.open("rb") as stream:
        head = stream.read(HEAD)
        stream.seek(-min(path.stat().st_size, len(_INDEX_END)), 2)
        end = stream.read()
    if not head:
        return EMPTY
    for magic, offset, found in _SIGNATURES:
        if head[offset:].startswith(magic):
            return found
    if head.startswith(b"PK\x03\x04"):
        return _archive(path)
    if _is_onnx(head):
        return ONNX
    if wire.is_saved_model(path):
        return SAVED_MODEL
    if _is_pickle(head):
        return _pickle(head)
    if end == _INDEX_END or ".data-0" in path.name:  # the weights themselves are bare numbers
        return CHECKPOINT
    return UNKNOWN


def _archive(path: Path) -> Foreign:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return ZIP
    # torch.save() since 1.6 writes a folder with data.pkl; torch.jit.save() also constants.pkl.
    return PYTORCH if any(name.split("/")[-1] == "data.pkl" for name in names) else ZIP


def _is_pickle(head: bytes) -> bool:
    """A pickle of protocol 2 to 5 starts with its number."""
    return head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")


def _pickle(head: bytes) -> Foreign:
    if b"sklearn" in head:
        return SKLEARN
    # torch.save() before 1.6 starts with a magic number of its own, in a pickle.
    if b"torch" in head or b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19" in head:
        return PYTORCH
    return PICKLE


def _is_onnx(head: bytes) -> bool:
    """A ModelProto: field 1, ir_version, is a small number; field 2 names the producer.

    A SavedModel begins like it; there, field 1 is the schema's version, 1.
    """
    return head[:1] == b"\x08" and 1 < head[1] < 32 and head[2:3] in (b"\x12", b"\x3a", b"\x42")
