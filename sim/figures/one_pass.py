"""One pass over a figure that draws it as SVG and in dots.

To lay out its texts, ticks and shapes takes as long as to draw them, and is the same for both. The drawing
library hands each shape to a renderer; the one here hands it on to the library's own two.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D, Transform, TransformedBbox, TransformedPath

from sim.figures import style

POINTS_PER_INCH = 72.0
Dots = npt.NDArray[np.uint8]


def draw_once(figure: Figure, title: str, dots_per_inch: float) -> tuple[str, Dots]:
    """The figure as SVG, one unit a point, and as dots: [row from the top, column, red/green/blue/alpha]."""
    width_in, height_in = figure.get_size_inches()
    text = io.StringIO()
    # The library's own types stop half-way.
    new_svg: Any = RendererSVG
    new_agg: Any = RendererAgg
    svg = new_svg(
        width_in * POINTS_PER_INCH, height_in * POINTS_PER_INCH, text,
        metadata={"Date": None, "Title": title},
    )  # fmt: skip
    # Whole dots only; a millionth, so that 2549.9999... is 2550.
    wide, high = (int(size * dots_per_inch + 1e-6) for size in (width_in, height_in))
    agg = new_agg(wide, high, dots_per_inch)
    both = _Both(svg, agg, dots_per_inch / POINTS_PER_INCH)
    before = figure.dpi
    try:
        figure.dpi = POINTS_PER_INCH
        figure.draw(both)
    finally:
        figure.dpi = before
        both.let_go()
    svg.finalize()
    return text.getvalue(), np.asarray(agg.buffer_rgba())


class _Both(RendererBase):
    """Shapes come in points; only places and outlines are scaled to dots, for a pen's width stays in points."""

    def __init__(self, svg: Any, agg: Any, dots_per_point: float) -> None:
        super().__init__()
        self._svg, self._agg, self._scale = svg, agg, dots_per_point
        self._to_dots = Affine2D().scale(dots_per_point)

    def let_go(self) -> None:
        """Texts remember who drew them last: they should not keep the dots in memory, 16 MB a figure."""
        self._svg = self._agg = None

    def get_canvas_width_height(self) -> tuple[float, float]:
        width, height = self._svg.get_canvas_width_height()
        return width, height

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: Any
    ) -> tuple[float, float, float]:
        width, height, descent = self._svg.get_text_width_height_descent(s, prop, ismath)
        return width, height, descent

    def open_group(self, s: str, gid: str | None = None) -> None:
        self._svg.open_group(s, gid)

    def close_group(self, s: str) -> None:
        self._svg.close_group(s)

    def draw_path(
        self,
        gc: GraphicsContextBase,
        path: Path,
        transform: Transform,
        rgbFace: Any = None,  # noqa: N803
    ) -> None:
        self._svg.draw_path(gc, path, transform, rgbFace)
        self._agg.draw_path(self._in_dots(gc), path, transform + self._to_dots, rgbFace)

    def draw_markers(
        self, gc: GraphicsContextBase, marker_path: Path, marker_trans: Transform, path: Path,
        trans: Transform, rgbFace: Any = None,  # noqa: N803
    ) -> None:  # fmt: skip
        self._svg.draw_markers(gc, marker_path, marker_trans, path, trans, rgbFace)
        self._agg.draw_markers(
            self._in_dots(gc), marker_path, marker_trans + self._to_dots, path, trans + self._to_dots, rgbFace
        )  # fmt: skip

    def draw_path_collection(
        self, gc: GraphicsContextBase, master_transform: Transform, paths: Sequence[Any], all_transforms: Any,
        offsets: Any, offset_trans: Transform, *looks: Any, **more: Any,
    ) -> None:  # fmt: skip
        self._svg.draw_path_collection(
            gc, master_transform, paths, all_transforms, offsets, offset_trans, *looks, **more
        )
        self._agg.draw_path_collection(
            self._in_dots(gc), master_transform + self._to_dots, paths, all_transforms, offsets,
            offset_trans + self._to_dots, *looks, **more,
        )  # fmt: skip

    def draw_text(
        self, gc: GraphicsContextBase, x: float, y: float, s: str, prop: FontProperties, angle: float,
        ismath: Any = False, mtext: Text | None = None,
    ) -> None:  # fmt: skip
        """The same outlines in both; as a shape they take a third of the time of letters in dots."""
        self._svg.draw_text(gc, x, y, s, prop, angle, ismath, mtext)
        size = prop.get_size_in_points() * self._scale / text_to_path.FONT_SCALE
        # Texts come with their distance from the upper edge, shapes with that from the lower one.
        above = self.get_canvas_width_height()[1] - y
        place = Affine2D().scale(size).rotate_deg(angle)
        place.translate(x * self._scale, above * self._scale)
        ink = self._in_dots(gc)
        ink.set_linewidth(0.0)
        ink.set_snap(False)
        self._agg.draw_path(ink, _outline(s, str(prop.get_weight())), place, gc.get_rgb())

    def _in_dots(self, gc: GraphicsContextBase) -> GraphicsContextBase:
        """The same pen, cutting off at the same places."""
        scaled: Any = GraphicsContextBase()
        scaled.copy_properties(gc)
        box = gc.get_clip_rectangle()
        if box is not None:
            scaled.set_clip_rectangle(TransformedBbox(box, self._to_dots))
        path, transform = gc.get_clip_path()
        if path is not None and transform is not None:
            inside: Any = path
            scaled.set_clip_path(TransformedPath(inside, transform + self._to_dots))
        return scaled


@lru_cache(maxsize=2_000)
def _outline(text: str, weight: str) -> Path:
    """A line of text in the one font of all figures, at the library's own size."""
    font = FontProperties(family=style.FONT, weight=weight)
    points, kinds = text_to_path.get_text_path(font, text)
    return Path(points, kinds)
