"""A name written inside its own band of a stacked area, where the band is thick enough."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from sim.figures import style
from sim.figures.canvas import Canvas
from sim.figures.contrast import readable_on

LINE_IN = 0.15
"""Height of a line of body text with some air."""
AIR_IN = 0.1
FloatArray = npt.NDArray[np.float64]


def label_band(
    canvas: Canvas,
    axes: Axes,
    x: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    name: str,
    colour: str,
) -> bool:
    """Write the name at the roomiest place of the band; False where it fits nowhere."""
    box = axes.get_position()
    figure_width, figure_height = canvas.figure.get_size_inches()
    (first, last), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    wide = canvas.width_in(name, style.BODY_PT) + AIR_IN
    width = wide / (box.width * figure_width) * (last - first)
    height = LINE_IN / (box.height * figure_height) * (top - bottom)
    best_room, best = 0.0, (0.0, 0.0)
    for left in np.linspace(first, max(first, last - width), 60):
        at = np.linspace(left, left + width, 12)
        floor = float(np.interp(at, x, lower).max())
        room = float(np.interp(at, x, upper).min()) - floor
        if room > best_room:
            best_room, best = room, (left + width / 2, floor + room / 2)
    if best_room < height or width > last - first:
        return False
    axes.text(
        *best,
        name,
        ha="center",
        va="center_baseline",
        color=readable_on(colour),
        bbox={"facecolor": colour, "edgecolor": "none", "pad": 0.8},
    )
    return True
