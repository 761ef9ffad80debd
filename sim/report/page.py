"""The page: template, tables and pictures put together into one file without outside requests."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from sim import run_folder
from sim.figures import FigureInfo, drawn_figures
from sim.figures.finished_run import read_run
from sim.report.answer import answer, difference
from sim.report.content import ROWS_SHOWN, assumption_rows, changes, headline_rows, worst_rows


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure as the page embeds it."""

    info: FigureInfo
    address: str
    """The SVG as a `data:` address, so that figures cannot share ids and nothing is fetched."""


def render(run_dir: Path) -> Path:
    """Write `report.html` into a finished run's folder; returns its path."""
    run = read_run(run_dir)
    figures = drawn_figures(run_dir)
    page = (
        _environment()
        .get_template("report.html.j2")
        .render(
            run=run,
            scenario=run.scenario,
            facts=run.facts,
            unit=run.unit,
            answer=answer(run),
            difference=difference(run),
            headline=headline_rows(run),
            worst=worst_rows(run),
            more=max(0, len(run.worst) - ROWS_SHOWN),
            pictures=[_picture(run_dir, info) for info in figures if info.is_drawn],
            left_out=[info for info in figures if not info.is_drawn],
            are_drawn=bool(figures),
            changes=changes(run),
            assumptions=assumption_rows(run),
            scenario_text=run_folder.scenario_text(run_dir),
        )
    )
    path = run_dir / run_folder.REPORT
    path.write_text(page, encoding="utf-8", newline="\n")
    return path


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("sim.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _picture(run_dir: Path, info: FigureInfo) -> Picture:
    svg = (run_folder.figures_folder(run_dir) / f"{info.id}.svg").read_bytes()
    return Picture(info, "data:image/svg+xml;base64," + base64.b64encode(svg).decode("ascii"))
