"""The PNG of a figure: drawn once in dots, and packed for speed.

The plain lines of such pictures pack better and several times quicker without the filters that a PNG may
have before packing, and nothing in them is transparent.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.figures.style import Page

SIGNATURE = b"\x89PNG\r\n\x1a\n"
METRES_PER_INCH = 0.0254
PACKED = 3
"""Of zlib, 1 to 9: what takes longer saves little here."""
BITS, COLOURS, NOT_FILTERED = 8, 2, 0
"""Of a dot and of a row, as the format counts them: red, green and blue of a byte each, as they are."""


def dots_as_png(figure: Figure, page: Page) -> bytes:
    """The figure as a PNG file of the page's dots an inch, without date or name of a program."""
    canvas = FigureCanvasAgg(figure)
    before = figure.dpi
    try:
        figure.dpi = page.dots_per_inch * page.magnify
        canvas.draw()  # type: ignore[no-untyped-call]
    finally:
        figure.dpi = before
    dots = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    height, width, _ = dots.shape
    rows = np.empty((height, 1 + 3 * width), dtype=np.uint8)
    rows[:, 0] = NOT_FILTERED
    rows[:, 1:].reshape(height, width, 3)[:] = dots[:, :, :3]
    per_metre = round(page.dots_per_inch / METRES_PER_INCH)
    return b"".join(
        (
            SIGNATURE,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, BITS, COLOURS, 0, 0, 0)),
            _chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)),
            _chunk(b"IDAT", zlib.compress(rows.data, PACKED)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))
