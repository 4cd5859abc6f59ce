"""Pictures of coins, washers and stones on paper, with what each pixel is of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

HEIGHT, WIDTH = 160, 208
CLASSES = ("background", "coin", "washer", "stone")
COIN, WASHER, STONE = 1, 2, 3


@dataclass(frozen=True)
class Thing:
    """What lies somewhere: its class, its middle and size in pixels, how it is turned."""

    kind: int
    x: float
    y: float
    radius: float
    turn: float


def smooth(rng: np.random.Generator, cells: float, shape: tuple[int, int]) -> Array:
    """Noise of deviation 1 without sharp edges, of so many cells along the shorter side."""
    scale = cells / min(shape)
    small = rng.normal(0, 1, [max(2, round(side * scale)) for side in shape])
    picture = Image.fromarray(small.astype(np.float32))
    return np.asarray(picture.resize(shape[::-1], Image.Resampling.BICUBIC))


def blur(values: Array, pixels: float) -> Array:
    """By a binomial window, as often as it takes."""
    for _ in range(round(2 * pixels**2)):
        around = np.pad(values, 1, mode="edge")
        values = around[1:-1, 1:-1] / 2 + (around[:-2, 1:-1] + around[2:, 1:-1]) / 4
        around = np.pad(values, 1, mode="edge")
        values = around[1:-1, 1:-1] / 2 + (around[1:-1, :-2] + around[1:-1, 2:]) / 4
    return values


def shift(values: Array, by: Array) -> Array:
    """Moves them by whole pixels; nothing comes in from beside."""
    down, across = np.rint(by).astype(int)
    most = max(abs(down), abs(across))
    rows, columns = (
        slice(most - step, most - step + side)
        for step, side in zip((down, across), values.shape, strict=True)
    )
    return np.pad(values, most)[rows, columns]


def place(rng: np.random.Generator, scale: float) -> list[Thing]:
    """Things that lie beside each other, many small ones or few large ones."""
    things: list[Thing] = []
    usual = rng.uniform(0.05, 0.17) * WIDTH * scale
    wanted = rng.integers(3, 28)
    mixed = rng.dirichlet([1.6, 0.8, 0.8])
    for _ in range(20 * wanted):
        radius = usual * rng.uniform(0.7, 1.35)
        x, y = rng.uniform(-0.2, 1.2) * WIDTH * scale, rng.uniform(-0.2, 1.2) * HEIGHT * scale
        room = rng.uniform(1.0, 1.3)
        if all(np.hypot(x - t.x, y - t.y) > room * (radius + t.radius) for t in things):
            kind = 1 + int(rng.choice(3, p=mixed))
            things.append(Thing(kind, x, y, radius, rng.uniform(0, 2 * np.pi)))
        if len(things) == wanted:
            break
    return things


def outline(rng: np.random.Generator, thing: Thing, angle: Array) -> Array:
    """How far its edge is from its middle, as a share of its radius, by direction."""
    rough = {COIN: rng.choice([0.0, 0.01, 0.03]), WASHER: 0.0, STONE: rng.uniform(0.06, 0.14)}
    edge = np.ones_like(angle)
    for waves in range(2, 7):
        size = rough[thing.kind] * rng.normal() / np.sqrt(waves - 1)
        edge = edge + size * np.cos(waves * (angle - rng.uniform(0, 2 * np.pi)))
    flat = {COIN: rng.uniform(0, 0.1), WASHER: 0.02, STONE: rng.uniform(0.05, 0.3)}
    return np.asarray(edge * (1 - flat[thing.kind] * np.cos(angle) ** 2))


def relief(rng: np.random.Generator, thing: Thing, distance: Array, angle: Array) -> Array:
    """How high its surface is, in radii: what is struck on a coin, the dome of a stone."""
    shape = (distance.shape[0], distance.shape[1])
    around = 2 * np.pi * rng.random()
    if thing.kind == STONE:
        dome = rng.uniform(0.3, 0.9) * np.sqrt(np.clip(1 - distance**2, 0, 1))
        return np.asarray(dome + rng.uniform(0, 0.05) * smooth(rng, rng.uniform(4, 20), shape))
    bevel = 0.05 * np.clip((1 - distance) / 0.1, 0, 1)
    if thing.kind == WASHER:
        return np.asarray(bevel + 0.004 * rng.random() * np.cos(40 * distance + around))
    struck = smooth(rng, rng.uniform(4, 9), shape) + 0.6 * smooth(rng, rng.uniform(9, 18), shape)
    struck = rng.uniform(0.02, 0.1) * np.tanh(2 * struck) * (distance < rng.uniform(0.7, 0.95))
    rim = rng.uniform(0, 0.08) * np.exp(-(((distance - 0.9) / 0.06) ** 2))
    letters = np.cos(rng.integers(12, 40) * angle + around) > 0.2
    legend = 0.05 * rng.integers(2) * letters * (np.abs(distance - 0.78) < 0.07)
    return np.asarray(bevel + struck + rim + legend)


def lay(
    rng: np.random.Generator, thing: Thing, light: Array, seen: Array, classes: NDArray[np.uint8]
) -> None:
    """Adds a thing to what is seen, and to what each pixel is of."""
    reach = round(1.6 * thing.radius) + 2
    rows = slice(max(0, round(thing.y) - reach), max(0, round(thing.y) + reach))
    columns = slice(max(0, round(thing.x) - reach), max(0, round(thing.x) + reach))
    under, kinds = seen[rows, columns], classes[rows, columns]
    if min(under.shape) < 3:
        return
    y, x = np.mgrid[rows, columns][:, : under.shape[0], : under.shape[1]]
    y, x = y - thing.y, x - thing.x
    angle = np.arctan2(y, x) - thing.turn
    distance = np.hypot(x, y) / (thing.radius * outline(rng, thing, angle))
    inside = np.clip((1 - distance) * thing.radius + 0.5, 0, 1)
    if thing.kind == WASHER:
        inside = inside * np.clip((distance - rng.uniform(0.35, 0.6)) * thing.radius + 0.5, 0, 1)
    slope = np.gradient(thing.radius * relief(rng, thing, distance, angle))
    facing = 1 + rng.uniform(0.6, 1.6) * (light[0] * slope[0] + light[1] * slope[1])
    if thing.kind == STONE:
        albedo = rng.uniform(0.15, 0.7) * (1 + 0.1 * smooth(rng, 12, under.shape))
    else:
        worn = 1 + rng.uniform(0, 0.12) * smooth(rng, rng.uniform(3, 10), under.shape)
        albedo = rng.uniform(0.3, 0.85) * worn
        gleam = light[0] * y + light[1] * x
        albedo = albedo * (1 - rng.uniform(0, 0.35) * gleam / thing.radius)
    shadow = shift(inside, thing.radius * rng.uniform(0.03, 0.2) * light)
    under *= 1 - rng.uniform(0.1, 0.6) * blur(shadow, rng.uniform(0.5, 1.5)) * (1 - inside)
    under += inside * (np.clip(albedo * facing, 0, 1.2) - under)
    kinds[inside > 0.5] = thing.kind


def render(
    rng: np.random.Generator, scale: float = 1
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A grey picture, `[height, width]`, and the classes of its pixels."""
    shape = (round(HEIGHT * scale), round(WIDTH * scale))
    grain = 1 + rng.uniform(0, 0.08) * smooth(rng, rng.uniform(20, 120), shape)
    stains = 1 + rng.uniform(0, 0.15) * smooth(rng, rng.uniform(2, 6), shape)
    seen = np.asarray(rng.uniform(0.06, 0.95) * grain * stains, np.float32)
    classes = np.zeros(shape, np.uint8)
    direction = rng.uniform(0, 2 * np.pi)
    light = np.array([np.sin(direction), np.cos(direction)], np.float32)
    for thing in place(rng, scale):
        lay(rng, thing, light, seen, classes)
    y, x = np.mgrid[-0.5 : 0.5 : shape[0] * 1j, -0.5 : 0.5 : shape[1] * 1j]
    fall = 1 - rng.uniform(0, 0.8) * (light[0] * y + light[1] * x)
    seen = blur(seen * fall, scale * rng.choice([0, 0.5, 0.8]))
    seen = np.clip(seen * rng.uniform(0.7, 1.15), 0, 1) ** rng.uniform(0.5, 1.1)
    seen = seen + rng.normal(0, rng.uniform(0.003, 0.03), shape)
    return np.rint(255 * np.clip(seen, 0, 1)).astype(np.uint8), classes
