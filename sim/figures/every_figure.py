"""Every figure with its subject and how it is drawn. Loads the drawing library."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from functools import lru_cache

import matplotlib

from sim.figures import style
from sim.figures.capacity_gantt import draw_capacity_gantt
from sim.figures.drawing import Drawing, DrawnFigure, NothingToShow, as_drawn
from sim.figures.exports_by_destination import draw_exports_by_destination
from sim.figures.finished_run import FinishedRun, HandedOver
from sim.figures.flow_map import draw_flow_map
from sim.figures.heat_map import draw_heat_map
from sim.figures.lever_timeline import draw_lever_timeline
from sim.figures.licence_queue import draw_licence_queue
from sim.figures.shortfall_over_time import draw_shortfall_over_time
from sim.figures.stock_burn_down import draw_stock_burn_down
from sim.figures.style import Page
from sim.figures.supply_by_origin import draw_supply_by_origin

FIGURES: Mapping[str, tuple[str, Callable[[FinishedRun, Page], Drawing | NothingToShow]]] = {
    "shortfall_over_time": ("shortfall over time by element", draw_shortfall_over_time),
    "heat_map": ("shortfall by product, sector and region", draw_heat_map),
    "lever_timeline": ("restrictions and measures over time", draw_lever_timeline),
    "exports_by_destination": ("exports of the restricting country", draw_exports_by_destination),
    "stock_burn_down": ("stocks in days of cover", draw_stock_burn_down),
    "licence_queue": ("the queue of licence cases", draw_licence_queue),
    "flow_map": ("flows from ore to use", draw_flow_map),
    "supply_by_origin": ("supply by country of mining and of separation", draw_supply_by_origin),
    "capacity_gantt": ("new capacity", draw_capacity_gantt),
}
"""Figure id -> (subject, how it is drawn)."""


def drawn_figure(run: FinishedRun, figure_id: str, page: Page) -> DrawnFigure:
    """One figure of a run, drawn for one kind of page."""
    subject, how = FIGURES[figure_id]
    with matplotlib.rc_context(_settings()):  # type: ignore[arg-type]
        return as_drawn(how(run, page), figure_id, subject, page, run.source_line)


def _settings() -> dict[str, object]:
    """Ours, and the library's own where somebody set others, in a notebook or a file of settings."""
    now, usual = matplotlib.rcParams.copy(), matplotlib.rcParamsDefault
    # Where a notebook shows figures has nothing to do with ours.
    set_by_others = (name for name in usual if name != "backend" and now[name] != usual[name])
    return {**{name: usual[name] for name in set_by_others}, **style.SETTINGS}


def drawn_elsewhere(packed: bytes, figure_id: str, page: Page) -> DrawnFigure:
    """The same in another process, of a `HandedOver` run that was pickled once for all figures."""
    return drawn_figure(_unpacked(packed), figure_id, page)


@lru_cache(maxsize=1)
def _unpacked(packed: bytes) -> FinishedRun:
    handed_over: HandedOver = pickle.loads(packed)
    return handed_over.unpacked()
