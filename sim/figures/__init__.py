"""Figures of a finished run, each with its numbers and its words, from the run folder alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path

import matplotlib

from sim import files, run_folder
from sim.figures import style
from sim.figures.capacity_gantt import draw_capacity_gantt
from sim.figures.drawing import Drawing, FigureInfo, NothingToShow, write_drawing
from sim.figures.finished_run import FinishedRun, read_run
from sim.figures.flow_map import draw_flow_map
from sim.figures.heat_map import draw_heat_map
from sim.figures.lever_timeline import draw_lever_timeline
from sim.figures.licence_queue import draw_licence_queue
from sim.figures.shortfall_over_time import draw_shortfall_over_time
from sim.figures.stock_burn_down import draw_stock_burn_down
from sim.figures.style import FULL, PAGES, Page
from sim.figures.supply_by_origin import draw_supply_by_origin

FIGURES: Mapping[str, tuple[str, Callable[[FinishedRun, Page], Drawing | NothingToShow]]] = {
    "shortfall_over_time": ("shortfall over time by element", draw_shortfall_over_time),
    "heat_map": ("shortfall by product, sector and region", draw_heat_map),
    "lever_timeline": ("restrictions and measures over time", draw_lever_timeline),
    "stock_burn_down": ("stocks in days of cover", draw_stock_burn_down),
    "licence_queue": ("the queue of licence cases", draw_licence_queue),
    "flow_map": ("flows from ore to use", draw_flow_map),
    "supply_by_origin": ("supply by country of mining and of separation", draw_supply_by_origin),
    "capacity_gantt": ("new capacity", draw_capacity_gantt),
}
"""Figure id -> (subject, how it is drawn), in the order of the page."""


def draw(
    run_dir: Path, page: Page = FULL, into: Path | None = None, executor: Executor | None = None
) -> list[FigureInfo]:
    """Draw every figure of a finished run for one kind of page; says why one is left out.

    They go into the run's own folder, or below the folder `into` under the same names. With an executor,
    every second figure is drawn by it.
    """
    folder = run_folder.figures_folder(into or run_dir, page.id)
    files.make_folder(folder)
    if executor is None:
        drawn = draw_some(run_dir, page, folder, tuple(FIGURES))
    else:
        elsewhere = executor.submit(draw_some, run_dir, page, folder, tuple(FIGURES)[1::2])
        drawn = draw_some(run_dir, page, folder, tuple(FIGURES)[::2]) | elsewhere.result()
    in_order = [drawn[figure_id] for figure_id in FIGURES]
    index = json.dumps([info.as_plain() for info in in_order], indent=1, ensure_ascii=False)
    files.write_text(folder / run_folder.FIGURE_INDEX, index + "\n")
    return in_order


def draw_some(
    run_dir: Path, page: Page, folder: Path, figure_ids: Sequence[str]
) -> dict[str, FigureInfo]:
    """Draw these figures of a run into a folder."""
    run = read_run(run_dir)
    drawn = {}
    with matplotlib.rc_context(dict(style.SETTINGS)):  # type: ignore[arg-type]
        for figure_id in figure_ids:
            subject, how = FIGURES[figure_id]
            drawn[figure_id] = write_drawing(how(run, page), folder, figure_id, subject, page)
    return drawn


def drawn_figures(run_dir: Path) -> list[FigureInfo]:
    """What `draw` left in the folder; nothing where the run was asked for tables only."""
    path = run_folder.figures_folder(run_dir) / run_folder.FIGURE_INDEX
    if not path.is_file():
        return []
    return [FigureInfo.from_plain(each) for each in json.loads(path.read_text(encoding="utf-8"))]


__all__ = ["FIGURES", "FULL", "PAGES", "FigureInfo", "Page", "draw", "drawn_figures"]
