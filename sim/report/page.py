"""The page: template, tables and pictures put together into one file without outside requests."""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import Markup

from sim.figures.counting import counted, review_in_words
from sim.figures.figure_info import FigureInfo, drawn_figures
from sim.figures.finding import is_compared
from sim.figures.finished_run import FinishedRun
from sim.figures.opening import read_run
from sim.figures.wording import capitalised, join_in_words
from sim.report.answer import answer
from sim.report.content import (
    ASSUMPTIONS_SHOWN,
    ROWS_SHOWN,
    assumption_rows,
    bites,
    changes,
    headline_rows,
    linked,
    source_rows,
    worst_rows,
)
from sim.report.gaps import write_gaps
from sim.report.idle import idle
from sim.report.measures import measures
from sim.report.products import product_rows
from sim.report.reference import anyway
from sim.report.regions import region_rows
from sim.report.rules import is_on, rules, settings
from sim.report.unknowns import bounds
from sim.report.words import glossary
from sim.rules.behaviour import RULES
from sim.run_folder import run_folder
from sim.system import files

if TYPE_CHECKING:
    from jinja2 import Environment

CONTENTS = (
    ("regions", "Region by region"),
    ("products", "Product by product"),
    ("headline", "Headline numbers"),
    ("where", "Where it would bite"),
    ("rules", "Rules that moved most"),
    ("unsold", "Unsold while somebody lacked it"),
    ("figures", "Figures"),
    ("scenario", "The scenario in words"),
    ("assumptions", "Assumptions that matter"),
    ("left-out", "What the model leaves out"),
    ("words", "Words"),
    ("reproduce", "How to reproduce"),
)
"""Anchor and words of each section."""
OF_THE_WORLD = (
    "licence_queue", "flow_map", "exports_by_destination",
)  # fmt: skip
"""Figures that are the same for the readers of any region"""
_SIZE = re.compile(r'<svg [^>]*width="([\d.]+)pt" height="([\d.]+)pt"')
KEPT_IN_ADDRESS = " '<>/:;,=()!*@$?+[]{}|^~.-_"
"""Characters of an SVG that may stand in a quoted `data:` address as they are."""
_ODD = re.compile(f"[^A-Za-z0-9%{re.escape(KEPT_IN_ADDRESS)}]+")


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing as the page embeds it."""

    address: Markup
    """The SVG as a `data:` address, so that figures cannot share ids and nothing is fetched."""
    width: int
    height: int
    """In points; their ratio keeps the place free while the picture is unpacked."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure on the page: as wide as a page for a desk, half as wide for a phone."""

    info: FigureInfo
    wide: Picture
    narrow: Picture | None
    """None where the run was drawn before there were any."""
    narrow_measure: str
    """Of the narrow one, which may show less."""


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """A file of the scenario as somebody wrote it."""

    name: str
    text: str

    @property
    def address(self) -> str:
        """The same bytes as a `data:` address to save."""
        return "data:text/yaml;base64," + base64.b64encode(self.text.encode()).decode("ascii")


def render(run_dir: Path, into: Path | None = None, run: FinishedRun | None = None) -> Path:
    """Write `report.html` and the table of gaps into a finished run's folder; returns the page's path.

    With `into` it goes into that folder, and holds the figures that were drawn there, as far as there are any.
    `run` is the run of that folder where somebody has it already; otherwise it is read.
    """
    run = run or read_run(run_dir)
    into = into or run_dir
    home = run_folder.view(into, run.regions)
    figures, shown = _all_shown(home, run_folder.view(run_dir, run.regions))
    moved_by, unsold, by_region = rules(run), idle(run), region_rows(run)
    sources = source_rows(run)
    written = [ScenarioFile(name, text) for name, text in run.files().items()]
    page = (
        environment()
        .get_template("report.html.j2")
        .render(
            run=run,
            scenario=run.scenario,
            facts=run.facts,
            unit=run.unit,
            contents=_contents(
                rules=moved_by is not None,
                unsold=unsold is not None,
                regions=bool(by_region),
                products=bool(run.regions),
            ),
            counted=capitalised(counted(run)),
            reader=join_in_words([run.region(region) for region in run.regions]),
            of_the_world=OF_THE_WORLD,
            regions=by_region,
            week=review_in_words(run),
            glossary=glossary(run),
            anyway=anyway(run),
            ranged=bool(bounds(run)),
            answer=answer(run),
            rules=moved_by,
            unsold=unsold,
            on={rule: is_on(run, rule) for rule in RULES},
            settings=settings(run),
            compared=is_compared(run),
            measures=measures(run),
            headline=headline_rows(run),
            worst=worst_rows(run),
            products=product_rows(run),
            more=len(run.worst) - len(bites(run).head(ROWS_SHOWN)),
            pictures=shown,
            left_out=[info for info in figures if not info.is_drawn],
            are_drawn=bool(figures),
            lever_titles={id: capitalised(name) for id, name in run.lever_names.items()},
            linked=linked,
            changes=changes(run),
            assumptions=assumption_rows(run, sources),
            shown=ASSUMPTIONS_SHOWN,
            sources=list(sources.values()),
            files=written,
            command=command(run, written),
        )
    )
    path = home / run_folder.REPORT
    files.make_folder(home)
    files.write_text(path, page)
    write_gaps(run, into)
    return path


def _contents(**has: bool) -> Sequence[tuple[str, str]]:
    """All but the sections, by their anchor, that this run does not have."""
    return [each for each in CONTENTS if has.get(each[0], True)]


def command(run: FinishedRun, files: list[ScenarioFile]) -> str:
    """The line that runs the scenario again beside its saved file."""
    name = files[0].name if files else run.scenario_name
    # A name that begins with a dash would be read as an option.
    path = f"./{name}" if name.startswith("-") else name
    return f"critmin run {shlex.quote(path)} --seed {run.facts.get('seed', 1)}"


def environment() -> Environment:
    """Of the templates of pages; what they print is escaped."""
    # Here, because the table of gaps and the words of the terminal need no templates.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("sim.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _all_shown(into: Path, run_dir: Path) -> tuple[list[FigureInfo], list[Shown]]:
    """What was drawn or left out, and the figures; of each kind of page those of `into`, if it has any."""
    wide_home, narrow_home = (
        into if drawn_figures(into, page) else run_dir for page in ("full", "half")
    )
    infos = drawn_figures(wide_home)
    narrow = {info.id: info for info in drawn_figures(narrow_home, "half") if info.is_drawn}
    wide_folder = run_folder.figures_folder(wide_home)
    narrow_folder = run_folder.figures_folder(narrow_home, "half")
    shown = [
        Shown(
            info,
            picture(wide_folder / f"{info.id}.svg"),
            picture(narrow_folder / f"{info.id}.svg") if info.id in narrow else None,
            narrow[info.id].measure if info.id in narrow else info.measure,
        )
        for info in infos
        if info.is_drawn
    ]
    return infos, shown


def picture(path: Path) -> Picture:
    """An SVG as a page embeds it."""
    svg = re.sub(r"\n\s*", " ", path.read_text(encoding="utf-8"))
    size = _SIZE.search(svg)
    width, height = (round(float(each)) for each in size.groups()) if size else (1, 1)
    # Text rather than base64: a third smaller, and a packed page shrinks as the drawing does.
    address = Markup("data:image/svg+xml;charset=utf-8,") + Markup(quoted(svg))
    return Picture(address, width, height)


def quoted(svg: str) -> str:
    """The text as it stands in an address, as `urllib.parse.quote` gives it, in a tenth of the time."""
    text = svg.replace("%", "%25")
    for often in '"#&':
        text = text.replace(often, quote(often))
    return _ODD.sub(lambda found: quote(found[0]), text)
