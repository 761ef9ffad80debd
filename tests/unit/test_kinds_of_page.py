"""Figures on every kind of page: all of it is there, can be read, and nothing lies on anything else."""

from __future__ import annotations

import re
from pathlib import Path
from unittest.mock import patch

import matplotlib
import numpy as np
import pytest
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image

from sim.figures import BARE, ORDER, PAGES, Page, draw, drawn_figures
from sim.figures.contrast import LEAST, contrast, readable_on
from sim.figures.drawing import Drawing
from sim.figures.every_figure import FIGURES
from sim.figures.heat_map import cell_colour
from sim.figures.opening import read_run
from sim.figures.place_looks import COLOURS
from sim.figures.style import INK, PALE_GREY, PAPER, SETTINGS
from sim.pipeline import showing
from sim.run_folder import run_folder
from sim.words.problems import RunFolderError
from tests.run_folders import Invented, write_run

DPI = 100
LEAST_PT, LEAST_BARE_PT = 8.0, 6.5
MOST_OFF = 0.1
"""Part of a text's rectangle that a line, an edge or a hatch may cross."""
KINDS = (*PAGES.values(), *BARE.values())
named = pytest.mark.parametrize("page", KINDS, ids=[page.id for page in KINDS])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of which every figure can be drawn."""
    return write_run(tmp_path_factory.mktemp("run"), Invented(stockpile=True))


def texts(figure: Figure) -> list[tuple[Text, Bbox]]:
    """What is written in a figure, and where, in dots from the lower left corner."""
    drawn: dict[
        Text, None
    ] = {}  # a figure also has texts that it does not draw: ticks out of sight
    own = Text.draw

    def noted(text: Text, renderer: RendererBase) -> None:
        drawn[text] = None
        own(text, renderer)

    canvas = FigureCanvasAgg(figure)
    with patch.object(Text, "draw", noted):
        canvas.draw()
    shown = [text for text in drawn if text.get_text().strip() and text.get_visible()]
    return [(text, Text.get_window_extent(text, canvas.get_renderer())) for text in shown]


def grounds(figure: Figure) -> np.ndarray:
    """[row from the top, column, red/green/blue] of the figure without its letters, 0 to 1."""
    for text in figure.findobj(Text):
        text.set_color((0.0, 0.0, 0.0, 0.0))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[:, :, :3] / 255


@named
def test_every_text_is_inside_large_enough_apart_from_others_and_stands_out_from_its_ground(
    folder: Path, page: Page
) -> None:
    run, least_pt = read_run(folder), LEAST_BARE_PT if page.is_bare else LEAST_PT
    for figure_id, (_, how) in FIGURES.items():
        with matplotlib.rc_context(dict(SETTINGS)):
            drawing = how(run, page)
            assert isinstance(drawing, Drawing), figure_id
            figure = drawing.figure
            figure.dpi = DPI
            width, height = figure.get_size_inches() * DPI
            written = [(text, to_rgb(text.get_color()), box) for text, box in texts(figure)]
            behind = grounds(figure)
        for number, (text, colour, box) in enumerate(written):
            said = (figure_id, text.get_text())
            assert text.get_fontsize() * page.magnify >= least_pt, said
            assert min(box.x0, box.y0, width - box.x1, height - box.y1) >= -1, said
            for other, _, there in written[number + 1 :]:
                across = min(box.x1, there.x1) - max(box.x0, there.x0)
                down = min(box.y1, there.y1) - max(box.y0, there.y0)
                # Rectangles have air above and below the letters.
                lower = min(box.height, there.height)
                assert across < 1.5 or down < 0.35 * lower, (*said, other.get_text())
            rows = slice(max(0, int(height - box.y1)), int(height - box.y0) + 1)
            seen = behind[rows, max(0, int(box.x0)) : int(box.x1) + 1].reshape(-1, 3)
            shades, counts = np.unique(seen, axis=0, return_counts=True)
            off = [contrast(colour, tuple(shade)) < LEAST for shade in shades]
            assert counts[off].sum() <= MOST_OFF * counts.sum(), said


def test_one_rule_finds_a_readable_colour_on_every_ground_that_carries_text() -> None:
    cells = [cell_colour(percent / 100) for percent in range(101)]
    for ground in (*cells, *COLOURS, PALE_GREY):
        assert contrast(readable_on(ground), ground) >= LEAST, ground
    # Black on a mid blue meets no eye well, whatever a ratio says: it stands on pale blues only.
    assert all(contrast(INK, cell) > 10 for cell in cells if readable_on(cell) == INK)
    assert [readable_on(cell_colour(share)) for share in (0.5, 0.51)] == [INK, PAPER]


@pytest.mark.parametrize(("size", "width_cm"), [("full", 16.0), ("half", 8.0), ("slide", 33.87)])
def test_a_bare_figure_is_as_wide_as_its_page_low_and_its_words_are_beside_it(
    folder: Path, size: str, width_cm: float
) -> None:
    page = BARE[size]
    for info in draw(folder, page):
        stem = run_folder.figures_folder(folder, page.id) / info.id
        with Image.open(stem.with_suffix(".png")) as picture:
            across, down = (
                dots / per_inch * 2.54
                for dots, per_inch in zip(picture.size, picture.info["dpi"], strict=True)
            )
        assert across == pytest.approx(width_cm, abs=0.02)
        assert down <= (10.0 if size != "slide" else 15.3) + 0.01
        words = stem.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
        assert words[0].startswith("In this scenario")
        assert words[1] == info.measure.replace("\u00a0", " ")
        assert words[2].startswith("Source: critmin ")
        assert words[3:] == [info.alt]


def test_what_a_low_figure_leaves_out_and_its_codes_are_said_beside_it(folder: Path) -> None:
    run = read_run(folder)

    def drawn(figure_id: str, page: Page) -> Drawing:
        with matplotlib.rc_context(dict(SETTINGS)):
            drawing = FIGURES[figure_id][1](run, page)
        assert isinstance(drawing, Drawing)
        return drawing

    low = Page("low", BARE["half"].width_in, None, 3.3, 1.0, 100, is_bare=True)
    for figure_id, part in (
        ("shortfall_over_time", r"(\d) of (\d) elements shown\."),
        ("licence_queue", r"(\d) of (\d) panels shown\."),
        ("stock_burn_down", r"(\d) of (\d) panels shown\."),
    ):
        shown = re.search(part, drawn(figure_id, low).needed)
        assert shown, figure_id
        assert int(shown[2]) > int(shown[1]) == len(drawn(figure_id, low).figure.axes)
        assert "shown" not in drawn(figure_id, PAGES["full"]).needed
    assert "EU European Union" in drawn("heat_map", low).needed
    assert "EU European Union" in drawn("flow_map", BARE["half"]).needed
    assert "Line: planned to leave." in drawn("licence_queue", BARE["half"]).needed


def test_bare_figures_are_known_to_the_run_drawn_alike_again_and_kept_once_edited(
    tmp_path: Path,
) -> None:
    folder = write_run(tmp_path, Invented())
    run_folder.write_run_file(folder, run_folder.facts(folder))
    pages = [BARE["full"], BARE["half"]]
    showing.draw_again(folder, pages, lambda _: None)
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert {f"figures/bare/{sub}heat_map.svg" for sub in ("", "half/")} <= set(
        run_folder.shown(folder)
    )
    showing.draw_again(folder, pages, lambda _: None)
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    (folder / "figures/bare/half/heat_map.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(RunFolderError, match=r"figures/bare/half/heat_map\.txt` was changed"):
        showing.draw_again(folder, pages, lambda _: None)
    showing.draw_again(folder, [PAGES["full"]], lambda _: None)  # which are other files
    assert [info.id for info in drawn_figures(folder)] == list(ORDER)
