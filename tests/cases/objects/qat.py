"""The classes of the maker qat: all that tfmot's own scope knows."""

import tensorflow_model_optimization as tfmot

for known in tfmot.quantization.keras.quantize_scope().custom_objects:
    globals().update(known)
