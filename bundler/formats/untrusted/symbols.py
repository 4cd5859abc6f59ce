"""Which functions of TensorFlow a Keras configuration may name (`TFOpLambda` and its like).

Keras 2 writes every TensorFlow function that was called on a layer's output by its public name
and calls it again with arguments from the file, so io.write_file would write a file.
"""

from __future__ import annotations

import re

from bundler.formats.untrusted import ops

# Namespaces in which every function only computes.
NAMESPACES = (
    "bitwise", "dtypes", "image", "linalg", "math", "nn", "quantization", "ragged", "random",
    "sets", "signal", "sparse", "strings", "__operators__", "experimental.numpy",
    "keras.activations",
)  # fmt: skip
NAMES = re.compile(
    r"""^(
    abs | acosh? | add(_n)? | arg(max|min|sort) | as_string | asinh? | assert_\w+ | atan[2h]?
    | batch_gather | batch_to_space(_nd)? | bincount | bitcast | boolean_mask
    | broadcast_(dynamic_shape|static_shape|to) | cast | ceil | clip_by_(global_norm|norm|value)
    | complex | concat | cond | constant | convert_to_tensor | cosh? | cross | cumprod | cumsum
    | debugging\.(assert_\w+|check_numerics) | depth_to_space | digamma | div | div_no_nan
    | divide | dynamic_(partition|stitch) | edit_distance | eig | eigvals | einsum | ensure_shape
    | equal | erfc? | exp | expand_dims | expm1 | extract_(image|volume)_patches | eye | fill
    | fingerprint | floor | floor_div | floordiv | floormod | gather(_nd)? | greater(_equal)?
    | histogram_fixed_width(_bins)? | identity(_n)? | image_\w+ | imag | is_(finite|inf|nan|tensor)
    | less(_equal)? | linspace | log | log1p | log_sigmoid | logical_(and|not|or|xor) | matmul
    | matrix_\w+ | maximum | meshgrid | minimum | mod | multinomial | multiply | negative
    | no_op | norm | not_equal | one_hot | ones(_like)? | pad | parallel_stack | pow | qr
    | random_\w+ | range | rank | real | realdiv | reciprocal | reduce_\w+ | repeat | reshape
    | reverse(_sequence|_v2)? | rint | roll | round | rsqrt | saturate_cast | scalar_mul
    | scatter_nd | searchsorted | segment_\w+ | sequence_mask | shape(_n)? | sigmoid | sign
    | sinh? | size | slice | sort | space_to_(batch|batch_nd|depth) | split | sqrt | square
    | squared_difference | squeeze | stack | stop_gradient | strided_slice | string_\w+
    | subtract | switch_case | tanh? | tensor_scatter_\w+ | tensordot | tile
    | to_(bfloat16|double|float|int32|int64) | trace | transpose | truediv | truncated_normal
    | truncate(div|mod) | unique(_with_counts)? | unravel_index | unsorted_segment_\w+ | unstack
    | where(_v2)? | zeros(_like)? | zeta
    | io\.(de|en)code_(base64|bmp|gif|image|jpeg|png|raw|and_crop_jpeg)
    | audio\.(de|en)code_wav
    | keras\.backend\.(?!set_|clear_|get_|manual_|function$|py_)[a-z]\w*
    )$""",
    re.VERBOSE,
)
# Within those: what turns a configuration into objects once more, changes TensorFlow's
# settings, or reads a file.
NOT_THESE = re.compile(
    r"^(deserialize|get|serialize|experimental_\w+|set_\w+|seed|fixed_unigram_\w+|quantize_saved_model)$"
)
# Classes whose class methods Keras 2 writes (ClassMethod).
CLASSES = {"RaggedTensor", "SparseTensor", "sparse.SparseTensor"}


def is_harmless(name: str) -> bool:
    """Whether TensorFlow's public symbol `name` only computes."""
    while name.startswith(("compat.v1.", "compat.v2.", "_api.v2.")):
        name = name.split(".", 2)[2]
    namespace, _, last = name.rpartition(".")
    if NOT_THESE.match(last):
        return False
    if namespace == "raw_ops":
        return ops.reason(last, stateful=False) is None
    if any(namespace == known or namespace.startswith(f"{known}.") for known in NAMESPACES):
        return True
    return NAMES.match(name) is not None
