"""Train the demo: `python train.py` writes `spoken-digits.keras` and `examples/` beside itself.

Two of six people are never trained with, and some of espeak-ng's voices are not either. `--each`
leaves out the other people, two by two, as well, and says how much of each is understood.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import librosa
import numpy as np
import tensorflow as tf
from scipy.io import wavfile
from voices import (
    BANDS,
    FRAMES,
    HOP,
    LENGTH,
    RATE,
    SEED,
    TOP_DB,
    WORDS,
    Spoken,
    gather,
    log_mel,
    speak,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
# The people who are never trained with, and which of espeak-ng's voices are not.
HELD_OUT = (4, 5)
OTHERS = ((0, 1), (2, 3))
EVERY = 5
EPOCHS = 14
BATCH = 128
# By voices that are not trained with.
EXAMPLES = {
    "seven": "en-us+m2", "three": "en-gb+f4", "zero": "en-gb-scotland+edward",
    "nine": "en-us+steph3", "four": "en-gb-x-rp+miguel", "eight": "en-029+Marco",
}  # fmt: skip


class Batches(keras.utils.PyDataset):
    """What is heard, in another order in every epoch, some bands and some moments of it missing."""

    def __init__(self, heard: NDArray[np.float16], digits: NDArray[np.int64]) -> None:
        super().__init__()
        self.heard, self.digits = heard, keras.utils.to_categorical(digits, len(WORDS))
        self.rng = np.random.default_rng(SEED)
        self.on_epoch_end()

    def on_epoch_end(self) -> None:
        self.order = self.rng.permutation(len(self.heard))

    def __len__(self) -> int:
        return -(-len(self.heard) // BATCH)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        chosen = self.order[index * BATCH : (index + 1) * BATCH]
        heard = self.heard[chosen].astype(np.float32)
        for one in heard:
            band, moment = self.rng.integers(BANDS), self.rng.integers(FRAMES)
            one[band : band + self.rng.integers(8)] = -TOP_DB / 2
            one[:, moment : moment + self.rng.integers(16)] = -TOP_DB / 2
        return heard, self.digits[chosen]


def build(frames: int) -> keras.Model:
    """Bands and frames to a digit, wherever in them it is."""
    sound = keras.Input((BANDS, frames), name="sound")
    x = keras.layers.Rescaling(2 / TOP_DB, offset=1)(sound)
    x = keras.layers.Reshape((BANDS, frames, 1))(x)
    for filters, strides in ((16, 2), (24, 2), (32, (2, 1)), (48, 2)):
        x = keras.layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.ReLU()(x)
    # All bands of about two fifths of a second.
    x = keras.layers.Conv2D(64, (3, 5), use_bias=False)(x)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.ReLU()(x)
    x = keras.layers.GlobalMaxPooling2D()(x)
    x = keras.layers.Dropout(0.2)(x)
    digit = keras.layers.Dense(len(WORDS), activation="softmax", name="digit")(x)
    return keras.Model(sound, digit, name="spoken_digits")


def fit(heard: NDArray[np.float16], digits: NDArray[np.int64]) -> keras.Model:
    """A network of two seconds, trained with a rate that falls to nothing."""
    keras.utils.set_random_seed(SEED)
    batches, model = Batches(heard, digits), build(FRAMES)
    rate = keras.optimizers.schedules.CosineDecay(3e-3, EPOCHS * len(batches))
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.05)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=1e-3), loss)
    model.fit(batches, epochs=EPOCHS, verbose=2)
    whole = build(1 + LENGTH // HOP)
    whole.set_weights(model.get_weights())
    return whole


def accuracy(model: keras.Model, said: Spoken, chosen: NDArray[np.bool_]) -> float:
    """Share of recordings, as they are, whose digit is understood."""
    heard = np.stack(
        [
            log_mel(librosa.util.fix_length(said.sounds[one], size=LENGTH))
            for one in np.flatnonzero(chosen)
        ]
    )
    answers = model.predict(heard, verbose=0).argmax(axis=1)
    for digit, word in enumerate(WORDS):
        counts = np.bincount(answers[said.digits[chosen] == digit], minlength=len(WORDS))
        print(f"  {word}: {counts[digit] / counts.sum():.2f}", counts)
    return float(np.mean(answers == said.digits[chosen]))


def write_examples() -> None:
    """Words by voices that were held out, each with a moment of silence around it."""
    (HERE / "examples").mkdir(exist_ok=True)
    for word, voice in EXAMPLES.items():
        sound = np.pad(speak(word, voice), (RATE // 4, RATE // 4))
        whole = np.rint(sound * 32767).astype(np.int16)
        wavfile.write(HERE / "examples" / f"{word}.wav", RATE, whole)


def main() -> None:
    """Train without two people and some voices, measure with them, save; then leave out others."""
    tf.config.experimental.enable_op_determinism()
    tf.config.threading.set_intra_op_parallelism_threads(2)
    said, spoken = gather()
    heard, digits = spoken.but(unheard := spoken.speakers % EVERY == 0)
    shares = {}
    for people in [HELD_OUT, *(OTHERS if "--each" in sys.argv else ())]:
        theirs, their_digits = said.but(np.isin(said.speakers, people))
        model = fit(np.concatenate([theirs, heard]), np.concatenate([their_digits, digits]))
        for person in people:
            shares[person] = accuracy(model, said, said.speakers == person)
            print(f"person {person}, never heard: {shares[person]:.4f}", flush=True)
        if people == HELD_OUT:
            print(f"voices of espeak-ng, never heard: {accuracy(model, spoken, unheard):.4f}")
            model.save(HERE / "spoken-digits.keras")
            write_examples()
    print(f"mean over {len(shares)} people: {np.mean(list(shares.values())):.4f}")


if __name__ == "__main__":
    main()
