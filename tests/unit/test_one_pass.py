"""The one pass that draws SVG and dots, against what the drawing library makes of the same figure."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from sim.figures.one_pass import draw_once
from sim.figures.png import as_png
from sim.figures.style import SETTINGS

DPI = 300


@pytest.fixture
def figure() -> Iterator[Figure]:
    """All that figures are made of: lines, dashes, markers, bands, hatches, things cut off, texts."""
    with matplotlib.rc_context(dict(SETTINGS)):
        drawn = Figure(figsize=(3.0, 2.2))
        axes = drawn.add_axes((0.2, 0.25, 0.7, 0.6))
        axes.plot([0, 1, 2], [0, 3, 1], linestyle=(0, (4, 1.2)), color="#12436D", linewidth=1.3)
        axes.plot([1], [4.0], marker="v", markersize=9, color="#801650")  # half of it is cut off
        axes.fill_between(
            [0, 1, 2], [1, 1, 0], [2, 2, 1], hatch="////", edgecolor="w", linewidth=0.4
        )
        axes.stairs([1, 2], [0, 1, 2], fill=True, hatch="....", edgecolor="w", linewidth=0.0)
        axes.axvspan(0.5, 0.8, color="#F3E8EE", linewidth=0, zorder=0)
        axes.add_artist(Rectangle((1.5, 3.0), 2.0, 0.5, fc="#F46A25", ec="#FBD3BF", lw=2.0))
        axes.set(xlim=(0, 2), ylim=(0, 4), xlabel="months", ylabel="t REO a year")
        axes.grid(axis="y")
        axes.text(1, 2.5, "inside", ha="center", bbox={"facecolor": "w", "edgecolor": "none"})
        drawn.text(0.02, 0.93, "A title, in bold: 10 \u2011 20 %", fontweight="bold", fontsize=10)
        yield drawn


def of_the_library(figure: Figure) -> tuple[str, np.ndarray]:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Title": "a title"})
    canvas = FigureCanvasAgg(figure)
    figure.dpi = DPI
    canvas.draw()
    return text.getvalue(), np.asarray(canvas.buffer_rgba())


def test_the_svg_is_the_librarys_own_to_the_byte(figure: Figure) -> None:
    svg, _ = draw_once(figure, "a title", DPI)
    assert svg == of_the_library(figure)[0]


def test_the_dots_are_the_librarys_own_but_for_the_edges_of_letters(figure: Figure) -> None:
    _, dots = draw_once(figure, "a title", DPI)
    expected = of_the_library(figure)[1]
    assert dots.shape == expected.shape == (660, 900, 4)
    off = np.abs(dots.astype(int) - expected.astype(int)).max(axis=2)
    assert (off > 96).mean() < 0.0005
    assert off.mean() < 0.5
    for text in figure.findobj(matplotlib.text.Text):
        text.set_visible(False)
    _, dots = draw_once(figure, "a title", DPI)
    expected = of_the_library(figure)[1]
    # A line that lies exactly between two dots may go to either.
    assert (np.abs(dots.astype(int) - expected.astype(int)) > 16).mean() < 0.001


def test_drawing_leaves_the_figure_as_it_was(figure: Figure) -> None:
    before = figure.dpi
    first, again = (draw_once(figure, "a title", DPI) for _ in range(2))
    assert figure.dpi == before
    assert first[0] == again[0]
    assert (first[1] == again[1]).all()


def test_letters_the_font_lacks_are_reported_each_time(figure: Figure) -> None:
    figure.text(0.1, 0.1, "磁铁")
    for _ in range(2):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            draw_once(figure, "a title", DPI)
        assert any("Glyph" in str(found.message) for found in caught)


def test_a_png_holds_every_dot_and_its_size() -> None:
    dots = np.random.default_rng(1).integers(0, 256, (31, 17, 4), dtype=np.uint8)
    with Image.open(io.BytesIO(as_png(dots, 192))) as picture:
        picture.load()
        assert picture.format == "PNG"
        assert picture.mode == "RGB"
        assert picture.info["dpi"] == pytest.approx((192, 192), rel=1e-4)
        assert (np.asarray(picture) == dots[:, :, :3]).all()
