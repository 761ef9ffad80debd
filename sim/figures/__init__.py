"""Figures of a run, each with its numbers and its words, from its tables in memory or its folder alone."""

from __future__ import annotations

import json
import pickle
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sim import files, run_folder, workers
from sim.figures.figure_info import FigureInfo, drawn_figures
from sim.figures.finished_run import FinishedRun, for_figures, read_run, run_in_memory
from sim.figures.style import FULL, PAGES, Page

if TYPE_CHECKING:
    from sim.figures.drawing import DrawnFigure

ORDER = (
    "shortfall_over_time", "heat_map", "lever_timeline", "stock_burn_down", "licence_queue",
    "flow_map", "supply_by_origin", "capacity_gantt",
)  # fmt: skip
"""Ids of all figures, as they stand on the page."""


class Figures:
    """The figures of a run for one kind of page, drawn by this process and those of an executor.

    The others begin at once; this one takes part when the figures are to be written.
    """

    def __init__(self, run: FinishedRun, page: Page, executor: Executor) -> None:
        self._page = page
        packed = b""
        if workers.processes(executor):
            packed = pickle.dumps(for_figures(run), pickle.HIGHEST_PROTOCOL)
        self._shared = workers.Shared(
            executor,
            partial(_drawn_elsewhere, packed, page),
            partial(_drawn_here, run, page),
            ORDER,
        )

    def write(self, run_dir: Path) -> list[FigureInfo]:
        """Write them into the folder of a run; returns them in their order, and why one is left out."""
        folder = run_folder.figures_folder(run_dir, self._page.id)
        files.make_folder(folder)
        infos = {}
        for figure in self._shared.results():
            figure.write(folder)
            infos[figure.info.id] = figure.info
        in_order = [infos[figure_id] for figure_id in ORDER]
        index = json.dumps([info.as_plain() for info in in_order], indent=1, ensure_ascii=False)
        files.write_text(folder / run_folder.FIGURE_INDEX, index + "\n")
        return in_order


def draw(
    run_dir: Path, page: Page = FULL, into: Path | None = None, executor: Executor | None = None
) -> list[FigureInfo]:
    """Draw every figure of a finished run for one kind of page; says why one is left out.

    They go into the run's own folder, or below the folder `into` under the same names. The processes of
    an executor take part.
    """
    figures = Figures(read_run(run_dir), page, executor or workers.InThisProcess())
    return figures.write(into or run_dir)


def _drawn_here(run: FinishedRun, page: Page, figure_id: str) -> DrawnFigure:
    # Here, because the page and a process whose figures another one draws need no drawing library.
    from sim.figures.every_figure import drawn_figure

    return drawn_figure(run, figure_id, page)


def _drawn_elsewhere(packed: bytes, page: Page, figure_id: str) -> DrawnFigure:
    from sim.figures.every_figure import drawn_elsewhere

    return drawn_elsewhere(packed, figure_id, page)


__all__ = [
    "FULL", "ORDER", "PAGES", "FigureInfo", "Figures", "FinishedRun", "Page", "draw", "drawn_figures",
    "read_run", "run_in_memory",
]  # fmt: skip
