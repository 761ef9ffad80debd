"""Figures of a finished run, each with its numbers and its words, from the run folder alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import matplotlib

from sim.figures import style
from sim.figures.drawing import Drawing, FigureInfo, NothingToShow, write_drawing
from sim.figures.finished_run import FinishedRun, read_run
from sim.figures.heat_map import draw_heat_map
from sim.figures.shortfall_over_time import draw_shortfall_over_time
from sim.figures.supply_by_origin import draw_supply_by_origin

INDEX = "index.json"
FIGURES: Mapping[str, tuple[str, Callable[[FinishedRun], Drawing | NothingToShow]]] = {
    "shortfall_over_time": ("shortfall over time by element", draw_shortfall_over_time),
    "supply_by_origin": ("supply by country of mining and of separation", draw_supply_by_origin),
    "heat_map": ("shortfall by product, sector and region", draw_heat_map),
}
"""Figure id -> (subject, how it is drawn), in the order of the page."""


def draw(run_dir: Path) -> list[FigureInfo]:
    """Draw every figure of a finished run into its `figures/`; says why one is left out."""
    run = read_run(run_dir)
    folder = run_dir / "figures"
    folder.mkdir(exist_ok=True)
    with matplotlib.rc_context(dict(style.SETTINGS)):  # type: ignore[arg-type]
        drawn = [
            write_drawing(how(run), folder, figure_id, subject)
            for figure_id, (subject, how) in FIGURES.items()
        ]
    index = json.dumps([info.as_plain() for info in drawn], indent=1, ensure_ascii=False)
    (folder / INDEX).write_text(index + "\n", encoding="utf-8", newline="\n")
    return drawn


def drawn_figures(run_dir: Path) -> list[FigureInfo]:
    """What `draw` left in the folder."""
    plain = json.loads((run_dir / "figures" / INDEX).read_text(encoding="utf-8"))
    return [FigureInfo.from_plain(each) for each in plain]


__all__ = ["FIGURES", "FigureInfo", "draw", "drawn_figures"]
