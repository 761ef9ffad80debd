"""A page-wide canvas: message, measure and source in their places, the plot between them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.figures import style

LINE_SPACING = 1.25
POINTS_PER_INCH = 72.0
GAP_IN = 0.08
"""Between the heading and what follows, and between the plot and the source line."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands around a plot."""

    title: str
    """The finding, one sentence."""
    measure: str
    """What is drawn: measure, unit, coverage, period."""
    source: str


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the page in inches from its top left corner."""

    left: float
    top: float
    width: float
    height: float


class Canvas:
    """A figure of fixed width whose height is the plot's plus what its texts need."""

    def __init__(self, heading: Heading, plot_height_in: float) -> None:
        self.figure = Figure(figsize=(style.WIDTH_IN, style.TALLEST_IN), dpi=style.PNG_DPI)
        self._renderer = FigureCanvasAgg(self.figure).get_renderer
        width = style.WIDTH_IN - 2 * style.MARGIN_IN
        title = self.wrap(heading.title, width, style.TITLE_PT, "bold")
        measure = self.wrap(heading.measure, width, style.SUBTITLE_PT)
        source = self.wrap(heading.source, width, style.BODY_PT)
        self.plot_top_in = (
            style.MARGIN_IN
            + _height_in(title, style.TITLE_PT)
            + _height_in(measure, style.SUBTITLE_PT)
            + GAP_IN
        )
        source_in = _height_in(source, style.BODY_PT)
        self.height_in = self.plot_top_in + plot_height_in + GAP_IN + source_in + style.MARGIN_IN
        self.figure.set_size_inches(style.WIDTH_IN, self.height_in)
        top = self._print(title, style.MARGIN_IN, style.TITLE_PT, "bold", style.INK)
        self._print(measure, top, style.SUBTITLE_PT, "normal", style.INK)
        below = self.height_in - style.MARGIN_IN - source_in
        self._print(source, below, style.BODY_PT, "normal", style.GREY)

    def axes(self, box: Box) -> Axes:
        """Axes in a rectangle measured from the top left corner of the plot's area."""
        bottom = self.height_in - self.plot_top_in - box.top - box.height
        return self.figure.add_axes(
            (
                box.left / style.WIDTH_IN,
                bottom / self.height_in,
                box.width / style.WIDTH_IN,
                box.height / self.height_in,
            )
        )

    def write(
        self,
        text: str,
        left_in: float,
        top_in: float,
        *,
        colour: str = style.INK,
        weight: str = "normal",
        align: str = "left",
    ) -> None:
        """Body text with its vertical middle at `top_in` below the top of the plot's area."""
        self.figure.text(
            left_in / style.WIDTH_IN,
            1 - (self.plot_top_in + top_in) / self.height_in,
            text,
            fontsize=style.BODY_PT,
            color=colour,
            fontweight=weight,
            ha=align,
            va="center_baseline",
        )

    def width_in(self, text: str, size_pt: float, weight: str = "normal") -> float:
        """How wide a text is when printed."""
        probe = self.figure.text(0, 0, text, fontsize=size_pt, fontweight=weight)
        with warnings.catch_warnings():
            # Letters the font lacks are reported once, when the figure is saved.
            warnings.filterwarnings("ignore", message="Glyph")
            extent = probe.get_window_extent(self._renderer())  # type: ignore[no-untyped-call]
        probe.remove()
        return float(extent.width) / float(self.figure.dpi)

    def wrap(self, text: str, width_in: float, size_pt: float, weight: str = "normal") -> list[str]:
        """The text in lines no wider than so many inches; a word wider than a line is broken."""
        return wrap_words(text, lambda line: self.width_in(line, size_pt, weight) <= width_in)

    def fit(self, text: str, width_in: float, weight: str = "normal") -> str:
        """Body text cut with an ellipsis where it is wider than so many inches."""
        shown = text
        while len(shown) > 1 and self.width_in(shown, style.BODY_PT, weight) > width_in:
            shown = shown.rstrip("…")[:-1].rstrip() + "…"
        return shown

    def fit_middle(self, text: str, width_in: float) -> str:
        """Body text with its middle left out where it is wider: ids differ at their ends."""
        kept = len(text)
        shown = text
        while kept > 2 and self.width_in(shown, style.BODY_PT) > width_in:
            kept -= 1
            shown = text[: kept - kept // 2] + "…" + text[len(text) - kept // 2 :]
        return shown

    def _print(
        self, lines: list[str], top_in: float, size_pt: float, weight: str, colour: str
    ) -> float:
        """Print lines from a height downwards; returns where they end."""
        line_in = size_pt * LINE_SPACING / POINTS_PER_INCH
        for number, line in enumerate(lines):
            self.figure.text(
                style.MARGIN_IN / style.WIDTH_IN,
                1 - (top_in + (number + 0.8) * line_in) / self.height_in,
                line,
                fontsize=size_pt,
                fontweight=weight,
                color=colour,
                ha="left",
                va="baseline",
            )
        return top_in + len(lines) * line_in


def wrap_words(text: str, fits: Callable[[str], bool]) -> list[str]:
    """Break a text at its spaces into lines that fit; a word that never fits is broken anywhere."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if fits(longer):
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while not fits(line) and len(line) > 1:
            length = next(n for n in range(len(line) - 1, 0, -1) if n == 1 or fits(line[:n]))
            lines.append(line[:length])
            line = line[length:]
    return [*lines, line] if line else lines


def save(figure: Figure, stem: Path, title: str) -> list[str]:
    """Write the figure as SVG and PNG, the same bytes each time; returns letters the font lacks."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figure.savefig(stem.with_suffix(".svg"), metadata={"Date": None, "Title": title})
        figure.savefig(stem.with_suffix(".png"), dpi=style.PNG_DPI, metadata={"Software": None})
    return sorted({str(found.message) for found in caught if "Glyph" in str(found.message)})


def _height_in(lines: list[str], size_pt: float) -> float:
    return len(lines) * size_pt * LINE_SPACING / POINTS_PER_INCH
