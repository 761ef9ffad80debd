"""Figures of a run, each with its numbers and its words, from its tables in memory or its folder alone."""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.figures.figure_info import FigureInfo, drawn_figures
from sim.figures.finished_run import FinishedRun, for_figures
from sim.figures.opening import read_run, run_in_memory
from sim.figures.style import BARE, FULL, ON_THE_PAGE, PAGES, Page
from sim.run_folder import run_folder
from sim.system import files, workers
from sim.system.progress import Part, counted

if TYPE_CHECKING:
    from sim.figures.drawing import DrawnFigure

ORDER = (
    "shortfall_over_time", "heat_map", "lever_timeline", "exports_by_destination", "stock_burn_down",
    "licence_queue", "flow_map", "supply_by_origin", "capacity_gantt",
)  # fmt: skip
"""Ids of all figures, as they stand on the page."""


Job = tuple[Page, str]
"""A kind of page and the id of a figure."""


class Figures:
    """The figures of a run for some kinds of page, drawn by this process and those of an executor.

    The others begin at once, but for one that is `busy` for long; this one takes part when the figures are to
    be written.
    """

    def __init__(
        self, run: FinishedRun, pages: Sequence[Page], executor: Executor,
        busy: Future[Any] | None = None,
    ) -> None:  # fmt: skip
        self._pages = pages
        self._regions = run.regions
        packed = b""
        if workers.processes(executor):
            packed = pickle.dumps(for_figures(run), pickle.HIGHEST_PROTOCOL)
        self._shared = workers.Shared(
            executor,
            partial(_drawn_elsewhere, packed),
            partial(_drawn_here, run),
            [(page, figure_id) for page in pages for figure_id in ORDER],
            busy,
        )

    def write(self, run_dir: Path, part: Part = lambda _: None) -> list[list[FigureInfo]]:
        """Write them into the folder of a run; returns them by page in their order, and why one is left out.

        `part` is told the part of them that is there.
        """
        home = run_folder.view(run_dir, self._regions)
        folders = {page: run_folder.figures_folder(home, page.id) for page in self._pages}
        for folder in folders.values():
            files.make_folder(folder)
        infos, one_more = {}, counted(part, len(ORDER) * len(self._pages))
        for (page, figure_id), figure in self._shared.results():
            figure.write(folders[page])
            infos[page, figure_id] = figure.info
            one_more()
        by_page = [[infos[page, figure_id] for figure_id in ORDER] for page in self._pages]
        for folder, in_order in zip(folders.values(), by_page, strict=True):
            index = json.dumps([info.as_plain() for info in in_order], indent=1, ensure_ascii=False)
            files.write_text(folder / run_folder.FIGURE_INDEX, index + "\n")
        return by_page


def draw(
    run_dir: Path, page: Page = FULL, into: Path | None = None, executor: Executor | None = None
) -> list[FigureInfo]:
    """Draw every figure of a finished run for one kind of page; says why one is left out.

    They go into the run's own folder, or below the folder `into` under the same names. The processes of
    an executor take part.
    """
    figures = Figures(read_run(run_dir), [page], executor or workers.InThisProcess())
    return figures.write(into or run_dir)[0]


def _drawn_here(run: FinishedRun, job: Job) -> tuple[Job, DrawnFigure]:
    # Here, because the page and a process whose figures another one draws need no drawing library.
    from sim.figures.every_figure import drawn_figure

    page, figure_id = job
    return job, drawn_figure(run, figure_id, page)


def _drawn_elsewhere(packed: bytes, job: Job) -> tuple[Job, DrawnFigure]:
    from sim.figures.every_figure import drawn_elsewhere

    page, figure_id = job
    return job, drawn_elsewhere(packed, figure_id, page)


__all__ = [
    "BARE", "FULL", "ON_THE_PAGE", "ORDER", "PAGES", "FigureInfo", "Figures", "FinishedRun", "Page", "draw",
    "drawn_figures", "read_run", "run_in_memory",
]  # fmt: skip
