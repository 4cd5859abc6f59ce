"""Pictures of dice on a table, with where each die is and what it shows.

A pinhole camera looks from above, at most 40 degrees aslant, at cubes with round edges, in one
light with a shadow, out of focus and with noise; coins, cards and pens may lie about. All of a die
is in the picture. Everything follows from the generator that is passed in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

Array = npt.NDArray[np.float64]
HEIGHT, WIDTH = 240, 320
MOST_DICE = 6
RADIUS = 0.14  # of the edges, of a die whose side is 1
PIP = 0.1
FAR = 0.27
# Of pictures, how many have no dice; how far they are out of focus, and their noise.
EMPTY = 0.05
BLUR, NOISE = (0.4, 1.3), (1, 6)
PIPS = {
    1: [(0, 0)],
    2: [(-1, -1), (1, 1)],
    3: [(-1, -1), (0, 0), (1, 1)],
    4: [(-1, -1), (1, -1), (-1, 1), (1, 1)],
    5: [(-1, -1), (1, -1), (-1, 1), (1, 1), (0, 0)],
    6: [(-1, -1), (1, -1), (-1, 1), (1, 1), (-1, 0), (1, 0)],
}
# Ivory, white, black, red, blue, green; and pips that can be seen on them.
COLOURS = [
    ((240, 232, 210), (30, 28, 28)), ((250, 250, 250), (20, 20, 20)),
    ((250, 250, 250), (190, 25, 30)), ((38, 38, 42), (240, 240, 240)),
    ((190, 32, 38), (250, 245, 240)), ((35, 70, 160), (245, 245, 250)),
    ((30, 120, 70), (245, 250, 245)),
]  # fmt: skip
# Felt, woods, slate, navy, stone, linen, paper.
TABLES = [
    (28, 92, 62), (132, 88, 52), (186, 146, 98), (70, 74, 80), (34, 48, 84),
    (150, 148, 142), (206, 196, 176), (232, 230, 224),
]  # fmt: skip
Colour = tuple[int, int, int]
Place = tuple[float, float, float]


@dataclass(frozen=True)
class Scene:
    """A picture (uint8) and its dice: left, top, right, bottom in its pixels, and pips on top."""

    picture: npt.NDArray[np.uint8]
    boxes: Array
    pips: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Camera:
    """Where it stands, its axes (right, down, forward), and its focal length in pixels."""

    position: Array
    axes: Array
    focal: float
    size: tuple[int, int]

    def project(self, points: Array) -> Array:
        """Where in the picture points of the room are."""
        seen = (points - self.position) @ self.axes.T
        return np.asarray(seen[:, :2] / seen[:, 2:] * self.focal + np.array(self.size) / 2)

    def shows(self, points: Array) -> bool:
        """All of them."""
        places = self.project(points)
        return bool((places > 1).all() and (places < np.array(self.size) - 1).all())


def render(generator: np.random.Generator, light: float | None = None, scale: int = 1) -> Scene:
    """One scene; `light` is the brightness of its lamp, else from dim to bright.

    Of a larger scale is the picture only, not what it shows.
    """
    camera = _camera(generator, scale)
    count = int(generator.integers(1, MOST_DICE + 1)) if generator.random() > EMPTY else 0
    places = _places(generator, count, camera)
    lamp = np.array([*generator.normal(0, 1.0, 2), 2.0])
    lamp /= np.linalg.norm(lamp)
    power = generator.uniform(0.55, 1.15) if light is None else light
    warm = 1 + generator.uniform(-0.12, 0.12) * np.array([1.0, 0.1, -1.0])
    image = _table(generator, camera)
    image = _shadows(image, places, camera, lamp, generator.uniform(0.25, 0.6))
    draw = ImageDraw.Draw(image)
    alike = COLOURS[generator.integers(len(COLOURS))] if generator.random() < 0.6 else None
    found = []
    for place in sorted(places, key=lambda one: -np.linalg.norm(camera.position - _middle(one))):
        top = int(generator.integers(1, 7))
        colours = alike or COLOURS[generator.integers(len(COLOURS))]
        found.append((_die(draw, place, top, colours, camera, lamp, generator), top))
    image = image.filter(ImageFilter.GaussianBlur(generator.uniform(*BLUR) * scale))
    values = np.asarray(image, np.float32) * (power * warm).astype(np.float32)
    noise = np.float32(generator.uniform(*NOISE))
    values += generator.standard_normal(values.shape, np.float32) * noise
    return Scene(
        values.clip(0, 255).round().astype(np.uint8),
        np.array([box for box, _ in found]).reshape(-1, 4),
        np.array([top for _, top in found], np.int64),
    )


def _camera(generator: np.random.Generator, scale: int) -> Camera:
    """Above the table, held nearly upright."""
    tilt, around = generator.uniform(0, 0.7), generator.uniform(0, 2 * np.pi)
    away, roll = generator.uniform(7, 11), generator.normal(0, 0.06)
    aside = np.array([np.cos(around), np.sin(around), 0.0])
    position = away * (np.sin(tilt) * aside + np.cos(tilt) * np.array([0.0, 0.0, 1.0]))
    forward = -position / away
    right = np.array([-np.sin(around), np.cos(around), 0.0])
    flat = np.array([right, np.cross(forward, right)])
    target = np.array([*generator.normal(0, 0.3, 2), 0.0])
    axes = np.array([*(_turn(roll) @ flat), forward])
    focal = generator.uniform(380, 460) * scale
    return Camera(position + target, axes, focal, (WIDTH * scale, HEIGHT * scale))


def _places(generator: np.random.Generator, count: int, camera: Camera) -> list[Place]:
    """Where dice stand, and how they are turned; none touches another one or the border."""
    places: list[Place] = []
    for _ in range(100):
        if len(places) == count:
            break
        x, y = generator.uniform(-3.2, 3.2, 2)
        place = (x, y, generator.uniform(0, np.pi / 2))
        corners = np.concatenate([_square(place, 1.0, height) for height in (0.0, 1.0)])
        is_free = all(np.hypot(x - other[0], y - other[1]) > 1.5 for other in places)
        if is_free and camera.shows(corners):
            places.append(place)
    return places


def _middle(place: Place) -> Array:
    return np.array([place[0], place[1], 0.5])


def _table(generator: np.random.Generator, camera: Camera) -> Image.Image:
    """A colour that changes slowly, with a grain, and flat things that are no dice."""
    width, height = camera.size
    usual = np.array(TABLES[generator.integers(len(TABLES))]) + generator.normal(0, 10, 3)
    base = usual if generator.random() < 0.6 else generator.uniform(30, 235, 3)
    uneven = generator.normal(0, 9, (3, 4, 1)) + generator.normal(0, 4, (3, 4, 3))
    small = Image.fromarray((base + uneven).clip(0, 255).astype(np.uint8))
    table = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC), np.float64)
    depth = generator.uniform(0, 8)
    rows = HEIGHT if generator.random() < 0.5 else 1  # grains, or the lines of a plank
    grain = generator.normal(0, depth, (rows, WIDTH, 1))
    grain = grain.repeat(height // HEIGHT if rows > 1 else 1, 0).repeat(width // WIDTH, 1)
    image = Image.fromarray((table + grain).clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(generator.integers(3)):
        colour = base + generator.normal(0, 40, 3)
        _fill(draw, camera.project(_thing(generator)), colour)
    return image


def _thing(generator: np.random.Generator) -> Array:
    """The rim of a coin, or of a card or a pen."""
    x, y = generator.uniform(-3.2, 3.2, 2)
    if generator.random() < 0.5:
        angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        flat = np.column_stack([np.cos(angles), np.sin(angles)]) * generator.uniform(0.4, 0.8)
    else:
        sides = np.array([generator.uniform(0.2, 2.5), generator.uniform(2, 5)]) / 2
        flat = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * sides
        flat = flat @ _turn(generator.uniform(0, np.pi)).T
    return np.column_stack([flat + np.array([x, y]), np.zeros(len(flat))])


def _shadows(
    image: Image.Image,
    places: list[Place],
    camera: Camera,
    lamp: Array,
    depth: float,
) -> Image.Image:
    mask = Image.new("L", image.size, 0)
    draw = ImageDraw.Draw(mask)
    for place in places:
        corners = np.array([_square(place, 1.0, height) for height in (0.02, 0.9)]).reshape(-1, 3)
        fallen = corners - lamp * (corners[:, 2:] / lamp[2])
        draw.polygon([tuple(point) for point in _hull(camera.project(fallen))], fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(camera.size[0] / 100))
    mask = mask.point(lambda value: int(value * depth))
    return Image.composite(Image.new("RGB", image.size, (12, 12, 16)), image, mask)


def _square(place: Place, side: float, height: float) -> Array:
    turned = _turn(place[2])
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * side / 2 @ turned.T
    return np.column_stack([corners + np.array(place[:2]), np.full(4, height)])


def _turn(angle: float) -> Array:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _hull(points: Array) -> Array:
    """The convex hull, by Andrew's monotone chain; in Python's numbers, which are faster here."""
    ordered = sorted(map(tuple, points.tolist()))

    def half(rows: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
        made: list[tuple[float, ...]] = []
        for x, y in rows:
            while len(made) > 1:
                (x1, y1), (x2, y2) = made[-2:]
                if (x2 - x1) * (y - y1) > (y2 - y1) * (x - x1):
                    break
                made.pop()
            made.append((x, y))
        return made[:-1]

    return np.array(half(ordered) + half(ordered[::-1]))


def _die(
    draw: ImageDraw.ImageDraw,
    place: Place,
    top: int,
    colours: tuple[Colour, Colour],
    camera: Camera,
    lamp: Array,
    generator: np.random.Generator,
) -> Array:
    """Draws a die and returns its box."""
    sides = [value for value in range(1, 7) if value not in (top, 7 - top)]
    front = int(generator.choice(sides))
    beside = int(generator.choice([one for one in sides if one not in (front, 7 - front)]))
    turned = np.eye(3)
    turned[:2, :2] = _turn(place[2])
    middle = _middle(place)
    faces = [
        (np.array(normal, float), value)
        for normal, value in (
            ((0, 0, 1), top), ((0, -1, 0), front), ((0, 1, 0), 7 - front),
            ((1, 0, 0), beside), ((-1, 0, 0), 7 - beside),
        )
    ]  # fmt: skip
    body = np.concatenate([_face(normal) for normal, _ in faces]) @ turned.T + middle
    outline = _hull(camera.project(body))
    base, ink = (np.array(colour, float) for colour in colours)
    _fill(draw, outline, base * 0.8)
    for normal, value in faces:
        towards = turned @ normal
        if (camera.position - middle - towards / 2) @ towards <= 0:
            continue
        bright = 0.5 + 0.5 * max(float(towards @ lamp), 0.0)
        _fill(draw, camera.project(_face(normal) @ turned.T + middle), base * bright)
        for ring in _rings(normal, value, bool(generator.integers(2))):
            _fill(draw, camera.project(ring @ turned.T + middle), ink * (0.4 + 0.6 * bright))
    return np.concatenate([outline.min(0), outline.max(0)])


def _fill(draw: ImageDraw.ImageDraw, points: Array, colour: Array) -> None:
    red, green, blue = (int(value) for value in colour.clip(0, 255))
    draw.polygon([tuple(point) for point in points], fill=(red, green, blue))


def _axes(normal: Array) -> tuple[Array, Array]:
    """Two directions along a face."""
    first = np.array([1.0, 0, 0]) if abs(normal[0]) < 0.5 else np.array([0, 1.0, 0])
    return first, np.array(_cross(normal, first))


def _cross(one: Array, other: Array) -> tuple[float, float, float]:
    """At right angles to both; NumPy's own takes longer for a single one."""
    (a, b, c), (d, e, f) = one.tolist(), other.tolist()
    return b * f - c * e, c * d - a * f, a * e - b * d


def _face(normal: Array) -> Array:
    """The flat part of a face, with round corners."""
    first, second = _axes(normal)
    angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    flat = np.column_stack([np.cos(angles), np.sin(angles)])
    corner = 0.5 - RADIUS * 1.6
    points = np.sign(flat.round(9)) * corner + flat * RADIUS * 1.3
    return normal / 2 + points[:, :1] * first + points[:, 1:] * second


def _rings(normal: Array, value: int, is_turned: bool) -> list[Array]:
    """The rims of the pips on a face."""
    first, second = _axes(normal)
    if is_turned:
        first, second = second, -first
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    circle = np.outer(np.cos(angles), first) + np.outer(np.sin(angles), second)
    return [normal / 2 + FAR * (x * first + y * second) + PIP * circle for x, y in PIPS[value]]
