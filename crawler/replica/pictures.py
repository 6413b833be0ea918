"""Small pictures made by arithmetic: a landscape in coarse squares, as PNG or baseline JPEG."""

from __future__ import annotations

import random
import struct
import zlib
from functools import lru_cache

_SQUARE = 8
_Colour = tuple[int, int, int]


@lru_cache(maxsize=256)
def picture(seed: str, width: int, ending: str) -> bytes:
    """A valid picture, ``width`` pixels wide, 3:2; ``ending`` is ``jpg`` or ``png``. The same
    seed gives the same scene at every width."""
    columns = max(1, width // _SQUARE)
    rows = max(1, columns * 2 // 3)
    scene = _scene(random.Random(seed), columns, rows)
    return _png(scene) if ending == "png" else _jpeg(scene)


def _scene(rng: random.Random, columns: int, rows: int) -> list[list[_Colour]]:
    sky = (rng.randint(120, 190), rng.randint(170, 215), rng.randint(210, 250))
    field = (rng.randint(70, 150), rng.randint(140, 190), rng.randint(40, 90))
    horizon = rng.uniform(0.35, 0.6)
    sun = (rng.uniform(0.1, 0.9), rng.uniform(0.08, 0.25))
    hills = [rng.uniform(0, 0.15) for _ in range(6)]
    scene = []
    for row in range(rows):
        down = row / rows
        line = []
        for column in range(columns):
            across = column / columns
            shade = int(30 * down)
            if (across - sun[0]) ** 2 + (down - sun[1]) ** 2 < 0.004:
                line.append((250, 220, 120))
            elif down < horizon - hills[int(across * 6)]:
                line.append((sky[0] + shade, sky[1] + shade // 2, sky[2]))
            else:
                furrow = 12 * ((row + column) % 2)
                line.append((field[0] + furrow, field[1] - furrow, field[2] + shade))
        scene.append(line)
    return scene


def _png(scene: list[list[_Colour]]) -> bytes:
    lines = []
    for row in scene:
        line = b"\0" + b"".join(bytes(colour) * _SQUARE for colour in row)
        lines.append(line * _SQUARE)
    size = struct.pack(">IIBBBBB", len(scene[0]) * _SQUARE, len(scene) * _SQUARE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", size), (b"IDAT", zlib.compress(b"".join(lines), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _jpeg(scene: list[list[_Colour]]) -> bytes:
    """Baseline JPEG (ITU T.81) with flat 8x8 blocks: one DC difference and an end of block each.

    With quantisation 8, a DC coefficient of 1 is one step of brightness. Two tiny Huffman tables
    do: DC categories 0..11 in four bits each, and "end of block" as the single bit 0.
    """
    height, width = len(scene) * _SQUARE, len(scene[0]) * _SQUARE
    head = [
        b"\xff\xd8",
        _segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
        _segment(0xDB, b"\0" + b"\x08" * 64),
        _segment(0xC0, struct.pack(">BHHB", 8, height, width, 3) + b"\1\x11\0\2\x11\0\3\x11\0"),
        _segment(0xC4, b"\0" + bytes([0, 0, 0, 12] + [0] * 12) + bytes(range(12))),
        _segment(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0"),
        _segment(0xDA, b"\3\1\0\2\0\3\0\0\x3f\0"),
    ]
    bits = []
    before = [0, 0, 0]
    for row in scene:
        for red, green, blue in row:
            luma = 0.299 * red + 0.587 * green + 0.114 * blue
            values = (luma - 128, 0.564 * (blue - luma), 0.713 * (red - luma))
            for place, value in enumerate(values):
                level = round(value)
                bits.append(_difference(level - before[place]) + "0")
                before[place] = level
    stream = "".join(bits)
    stream += "1" * (-len(stream) % 8)
    data = int(stream, 2).to_bytes(len(stream) // 8)
    return b"".join(head) + data.replace(b"\xff", b"\xff\0") + b"\xff\xd9"


def _difference(value: int) -> str:
    size = abs(value).bit_length()
    extra = value if value > 0 else value + (1 << size) - 1
    return f"{size:04b}" + (f"{extra:0{size}b}" if size else "")
