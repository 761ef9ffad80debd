"""A canvas as wide as its page: message, measure and source in their places, the plot between them."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D

from sim.figures import style
from sim.figures.one_pass import draw_once
from sim.figures.png import as_png
from sim.figures.style import Page
from sim.figures.wording import joined

LINE_SPACING = 1.25
POINTS_PER_INCH = 72.0
GAP_IN = 0.08
"""Between the heading and what follows, and between the plot and the source line."""
MOST_LINES_ON_A_SLIDE = 4
"""Of the measure; where it takes more, the brief one is printed."""
KEY_AIR_IN, KEY_GAP_IN = 0.05, 0.16
"""Between a swatch and its words, and from them to the next swatch."""
_SVG_SIZE = re.compile(r'<svg ([^>]*?)width="([\d.]+)pt" height="([\d.]+)pt"')


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands around a plot."""

    title: str
    """The finding, one sentence."""
    measure: str
    """What is drawn: measure, unit, coverage, period."""
    brief: str
    """The same where there is little room."""
    source: str
    needed: str = ""
    """What else has to be known to read this drawing: codes, and how much of the whole is shown."""

    @property
    def whole_measure(self) -> str:
        """All that has to be known beside the title."""
        return joined(self.measure, self.needed)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the page in inches from its top left corner."""

    left: float
    top: float
    width: float
    height: float


class Sheet:
    """A part of the page measured in inches from its top left corner: bars, keys, whatever needs no axis.

    It lies above the grounds of all panels, takes a tenth of the time of axes, and cuts nothing off.
    """

    def __init__(self, figure: Figure, left_in: float, above_in: float) -> None:
        """`above_in` is the height of its upper edge above the lower one of the page."""
        self._figure = figure
        downwards = Affine2D().scale(1.0, -1.0).translate(left_in, above_in)
        self._place = downwards + figure.dpi_scale_trans

    def add_artist(self, shape: Artist) -> None:
        """A shape whose measures are inches."""
        shape.set_transform(self._place)
        self._figure.add_artist(shape)

    def plot(self, x_in: Sequence[float], y_in: Sequence[float], **looks: Any) -> None:
        """A line, or markers."""
        self.add_artist(Line2D(x_in, y_in, **looks))

    def text(self, x_in: float, y_in: float, words: str, **looks: Any) -> None:
        """Body text."""
        self._figure.text(x_in, y_in, words, transform=self._place, **looks)


class Canvas:
    """A figure of fixed width: measure texts for it, then open it at the height the plot needs."""

    def __init__(self, page: Page, heading: Heading) -> None:
        self.page = page
        self.width = page.width_in
        inside = page.width_in - 2 * style.MARGIN_IN
        self._title: list[str] = []
        self._measure: list[str] = []
        self._source: list[str] = []
        self.plot_top_in = self._below_in = style.MARGIN_IN
        if not page.is_bare:
            self._title = self.wrap(heading.title, inside, style.TITLE_PT, "bold")
            self._measure = self._measure_lines(heading, inside)
            self._source = self.wrap(heading.source, inside, style.BODY_PT)
            self.plot_top_in += (
                _height_in(self._title, style.TITLE_PT)
                + _height_in(self._measure, style.SUBTITLE_PT)
                + GAP_IN
            )
            self._below_in += GAP_IN + _height_in(self._source, style.BODY_PT)
        self.height_in = page.height_in or page.tallest_in
        self.room_in = self.height_in - self.plot_top_in - self._below_in
        """The most a plot may be high."""

    def open(self, plot_height_in: float) -> Canvas:
        """Fix the height and print the texts; on a slide the plot has the same room always."""
        if self.page.height_in is None or self.page.is_bare:
            self.height_in = self.plot_top_in + plot_height_in + self._below_in
        self.figure = Figure(figsize=(self.width, self.height_in), dpi=style.DRAWN_DPI)
        top = self._print(self._title, style.MARGIN_IN, style.TITLE_PT, "bold", style.INK)
        self._print(self._measure, top, style.SUBTITLE_PT, "normal", style.INK)
        below = self.height_in - style.MARGIN_IN - _height_in(self._source, style.BODY_PT)
        self._print(self._source, below, style.BODY_PT, "normal", style.GREY)
        self.sheet = self.sheet_at(0.0, 0.0)
        return self

    def sheet_at(self, left_in: float, top_in: float) -> Sheet:
        """A sheet that begins so far from the left and below the top of the plot's area."""
        return Sheet(self.figure, left_in, self.height_in - self.plot_top_in - top_in)

    def axes(self, box: Box) -> Axes:
        """Axes in a rectangle measured from the top left corner of the plot's area."""
        bottom = self.height_in - self.plot_top_in - box.top - box.height
        return self.figure.add_axes(
            (
                box.left / self.width,
                bottom / self.height_in,
                box.width / self.width,
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
            left_in / self.width,
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
        return text_width_in(text, size_pt, weight)

    def wrap(self, text: str, width_in: float, size_pt: float, weight: str = "normal") -> list[str]:
        """The text in lines no wider than so many inches; a word wider than a line is broken."""
        space_in = text_width_in("a a", size_pt, weight) - 2 * text_width_in("a", size_pt, weight)

        def fits(line: str) -> bool:
            # Word by word: texts of figures share most of their words, and each is measured once.
            words = line.split(" ")
            wide = sum(text_width_in(word, size_pt, weight) for word in words if word)
            return wide + (len(words) - 1) * space_in <= width_in

        return wrap_words(text, fits)

    def fit(self, text: str, width_in: float, weight: str = "normal") -> str:
        """Body text cut with an ellipsis where it is wider than so many inches."""
        shown = text
        while len(shown) > 1 and self.width_in(shown, style.BODY_PT, weight) > width_in:
            shown = shown.rstrip("…")[:-1].rstrip() + "…"
        return shown

    def fit_middle(self, text: str, width_in: float, weight: str = "normal") -> str:
        """Body text with its middle left out where it is wider: ids differ at their ends."""
        kept = len(text)
        shown = text
        while kept > 2 and self.width_in(shown, style.BODY_PT, weight) > width_in:
            kept -= 1
            shown = text[: kept - kept // 2] + "…" + text[len(text) - kept // 2 :]
        return shown

    def key_places(self, words: Sequence[str], swatch_in: float) -> list[tuple[float, int]]:
        """Left edge and row of each entry of a key, broken into rows of the page's width."""
        places: list[tuple[float, int]] = []
        left_in, row = style.MARGIN_IN, 0
        for each in words:
            wide = swatch_in + KEY_AIR_IN + self.width_in(each, style.BODY_PT)
            if left_in + wide > self.width - style.MARGIN_IN and left_in > style.MARGIN_IN:
                left_in, row = style.MARGIN_IN, row + 1
            places.append((left_in, row))
            left_in += wide + KEY_GAP_IN
        return places

    def _measure_lines(self, heading: Heading, width_in: float) -> list[str]:
        """The measure in full on a whole page, and on a slide where it leaves room for the plot."""
        full = self.wrap(heading.whole_measure, width_in, style.SUBTITLE_PT)
        on_slide = self.page.height_in is not None and len(full) <= MOST_LINES_ON_A_SLIDE
        if self.page.is_whole or on_slide:
            return full
        return self.wrap(joined(heading.brief, heading.needed), width_in, style.SUBTITLE_PT)

    def _print(
        self, lines: list[str], top_in: float, size_pt: float, weight: str, colour: str
    ) -> float:
        """Print lines from a height downwards; returns where they end."""
        line_in = size_pt * LINE_SPACING / POINTS_PER_INCH
        for number, line in enumerate(lines):
            self.figure.text(
                style.MARGIN_IN / self.width,
                1 - (top_in + (number + 0.8) * line_in) / self.height_in,
                line,
                fontsize=size_pt,
                fontweight=weight,
                color=colour,
                ha="left",
                va="baseline",
            )
        return top_in + len(lines) * line_in


@lru_cache(maxsize=10_000)
def text_width_in(text: str, size_pt: float, weight: str) -> float:
    """How wide a text of one line is when printed."""
    font = FontProperties(family=style.FONT, size=size_pt, weight=weight)
    with warnings.catch_warnings():
        # Letters the font lacks are reported once, when the figure is saved.
        warnings.filterwarnings("ignore", message="Glyph")
        width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width) / POINTS_PER_INCH


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


@dataclass(frozen=True, slots=True)
class Pictures:
    """A figure as it is looked at."""

    svg: str
    png: bytes
    missing_letters: Sequence[str]
    """What the drawing library says of letters that the font lacks."""


def pictures(figure: Figure, title: str, page: Page) -> Pictures:
    """The figure as SVG and PNG, the same bytes each time."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        svg, dots = draw_once(figure, title, page.dots_per_inch * page.magnify)
    missing = sorted({str(found.message) for found in caught if "Glyph" in str(found.message)})
    return Pictures(_magnified(svg, page.magnify), as_png(dots, page.dots_per_inch), missing)


def _magnified(svg: str, scale: float) -> str:
    """The picture at its final size: its outer measures grow, what is inside keeps its own."""
    if scale == 1.0:
        return svg
    return _SVG_SIZE.sub(
        lambda found: (
            f'<svg {found[1]}width="{scale * float(found[2]):g}pt" '
            f'height="{scale * float(found[3]):g}pt"'
        ),
        svg,
        count=1,
    )


def _height_in(lines: list[str], size_pt: float) -> float:
    return len(lines) * size_pt * LINE_SPACING / POINTS_PER_INCH
