"""The classes of the maker transformer_custom, as its author has them beside the model."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops


class TransformerBlock(layers.Layer):  # type: ignore[misc]
    def __init__(self, embed_dim: int, num_heads: int, ff_dim: int, rate: float = 0.1) -> None:
        super().__init__()
        self.att = layers.MultiHeadAttention(num_heads=num_heads, key_dim=embed_dim)
        self.ffn = keras.Sequential(
            [layers.Dense(ff_dim, activation="relu"), layers.Dense(embed_dim)]
        )
        self.n1 = layers.LayerNormalization(epsilon=1e-6)
        self.n2 = layers.LayerNormalization(epsilon=1e-6)
        self.d1, self.d2 = layers.Dropout(rate), layers.Dropout(rate)

    def call(self, inputs: Any) -> Any:
        attended = self.n1(inputs + self.d1(self.att(inputs, inputs)))
        return self.n2(attended + self.d2(self.ffn(attended)))


class TokenAndPositionEmbedding(layers.Layer):  # type: ignore[misc]
    def __init__(self, maxlen: int, vocab_size: int, embed_dim: int) -> None:
        super().__init__()
        self.t = layers.Embedding(vocab_size, embed_dim)
        self.p = layers.Embedding(maxlen, embed_dim)

    def call(self, tokens: Any) -> Any:
        return self.t(tokens) + self.p(ops.arange(0, ops.shape(tokens)[-1], 1))
