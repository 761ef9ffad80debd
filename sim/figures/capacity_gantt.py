"""Gantt of new capacity: when each mine and plant starts, how long it ramps up, what it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.figures import style
from sim.figures.canvas import Box, Canvas, Heading
from sim.figures.drawing import Drawing, NothingToShow
from sim.figures.finished_run import FinishedRun, as_date
from sim.figures.style import Page
from sim.figures.time_axis import day_number, set_calendar
from sim.figures.wording import tonnes, two_figures
from sim.quantities import DAYS_PER_YEAR

CENTRAL_ASIA = ("KAZ", "KGZ", "TJK", "TKM", "UZB")
"""The five republics (C5), ISO 3166-1."""
C5_COLOUR, OTHER_COLOUR = style.ORANGE, style.NAVY
C5_PALE, OTHER_PALE = "#FBD3BF", "#C5D3E2"
C5_MARK = "◆"
MOST_ROWS = 32
ROW_IN = 0.22
NARROW_ROW_IN = 0.36
LEFT_IN = 2.4
RIGHT_IN = 1.15
AXIS_IN = 0.46
KEY_IN = 0.22
SWATCH_IN = 0.2
HEAD_IN = 0.2
BAR_SHARE = 0.6
LAST_MONTHS = 12
"""Output at the end is that of the last year of the run."""
LEAST_T = 0.5
_IDLE: dict[str, Any] = {"fc": style.PAPER, "ec": style.GREY, "lw": 0.8, "linestyle": (0, (3, 2))}
"""An outline: it stands there, and brings nothing."""


@dataclass(frozen=True, slots=True)
class Project:
    """A mine or plant that starts or grows within the run."""

    site: str
    name: str
    country: str
    stage: str
    lever: str
    """Empty where the pack announces it and no lever changes it."""
    announced: date | None
    first_output: date
    ramped: date
    """Day on which 90 % of what is reached is there."""
    design_t: float
    expected_share: float
    output_t: float
    """What the site made in the last year of the run, t a year, over what it made before."""
    fed_from: date | None
    """When its first feed comes, where that is much later than its first output."""
    cut_off: str
    """Why it makes or sells nothing; empty where nothing is missing."""

    @property
    def is_idle(self) -> bool:
        """Whether it brings nothing: cut off, or nothing made in the last year."""
        return bool(self.cut_off) or self.output_t < LEAST_T

    @property
    def in_c5(self) -> bool:
        """Whether it lies in Central Asia."""
        return self.country in CENTRAL_ASIA


def draw_capacity_gantt(run: FinishedRun, page: Page) -> Drawing | NothingToShow:
    """One row a project, Central Asia marked, those of the scenario before those of the pack."""
    projects = _projects(run)
    if not projects:
        return NothingToShow("no mine or plant starts or grows within the scenario")
    row_in = NARROW_ROW_IN if page.is_narrow else ROW_IN
    heading = _heading(run, projects, len(projects))
    canvas = Canvas(page, heading)
    key = _key(run, projects)
    places = canvas.key_places([words for _, words in key], SWATCH_IN)
    key_in = KEY_IN * (1 + places[-1][1])
    room_in = canvas.room_in - AXIS_IN - key_in - HEAD_IN
    shown = projects[: max(1, min(MOST_ROWS, int(room_in / row_in)))]
    heading = _heading(run, projects, len(shown))
    canvas = Canvas(page, heading)
    rows_in = len(shown) * row_in
    canvas.open(HEAD_IN + rows_in + AXIS_IN + key_in)
    left_in = 0.22 if page.is_narrow else LEFT_IN
    right_in = 0.22 if page.is_narrow else RIGHT_IN
    width_in = page.width_in - left_in - right_in
    axes = canvas.axes(Box(left_in, HEAD_IN, width_in, rows_in))
    set_calendar(axes, run, labelled=True, most=5)
    axes.set_ylim(len(shown), 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    end_words = f"made / design, {run.unit} a year"
    canvas.write(
        end_words, page.width_in - style.MARGIN_IN, HEAD_IN / 2, align="right", colour=style.GREY
    )
    for number, project in enumerate(shown):
        _draw_bar(axes, run, project, number, narrow=page.is_narrow)
        _write_row(canvas, run, project, HEAD_IN + number * row_in, row_in, left_in)
    below_in = HEAD_IN + rows_in + AXIS_IN
    for (kind, words), (key_left_in, row) in zip(key, places, strict=True):
        _draw_key_entry(canvas, kind, words, key_left_in, below_in + (row + 0.5) * KEY_IN)
    table = _table(projects)
    return Drawing(
        canvas.figure, heading.title, heading.measure, _alt(run, projects, heading), table
    )


def _projects(run: FinishedRun) -> list[Project]:
    """Projects whose first output lies before the end of the run."""
    made = _made_in_last_year(run)
    found = []
    for written in run.projects:
        first = as_date(written["first_output"])
        ramped = first + timedelta(days=round(float(written["ramp_days"])))
        if first >= run.ends or ramped < run.starts:
            continue
        before_t = float(written.get("before_t") or 0.0)
        found.append(
            Project(
                site=str(written["site"]),
                name=str(written["name"]),
                country=str(written["country"]),
                stage=str(written["stage"]),
                lever=str(written["lever"]),
                announced=as_date(written["announced"]) if written["announced"] else None,
                first_output=first,
                ramped=ramped,
                design_t=float(written["design_t"]),
                expected_share=float(written["expected_share"]),
                output_t=max(0.0, made.get(str(written["site"]), 0.0) - before_t),
                fed_from=as_date(written["fed_from"]) if written.get("fed_from") else None,
                cut_off=str(written.get("cut_off") or ""),
            )
        )
    stages = {stage: number for number, stage in enumerate(run.stages)}
    return sorted(
        found,
        key=lambda p: (
            not p.lever, not p.in_c5, stages.get(p.stage, len(stages)), p.first_output, p.name, p.site,
        ),
    )  # fmt: skip


def _made_in_last_year(run: FinishedRun) -> dict[str, float]:
    """Tonnes a year by site over the last twelve months (or all there are), by-products left out."""
    table = run.record("production")
    if table.empty:
        return {}
    months = run.months()[-LAST_MONTHS:]
    days = sum(run.days_in(month) for month in months)
    recent = table[table["month"].isin(months)]
    # By-products (scrap, mixed concentrate) are not what a site is built for.
    first_form = recent.groupby(["site", "form"])["output_t"].sum().reset_index()
    main = first_form[~first_form["form"].isin(run.by_products)]
    total = main.groupby("site")["output_t"].sum() * DAYS_PER_YEAR / days
    return {str(site): float(t) for site, t in total.items()}


def _draw_bar(axes: Axes, run: FinishedRun, project: Project, row: int, *, narrow: bool) -> None:
    colour, pale = (C5_COLOUR, C5_PALE) if project.in_c5 else (OTHER_COLOUR, OTHER_PALE)
    hatch = "////" if project.in_c5 else ""
    height = BAR_SHARE * (0.5 if narrow else 1.0)
    middle = row + (0.72 if narrow else 0.5)
    starts, ends = (day_number(day) for day in (run.starts, run.ends))
    first, ramped = (
        min(max(day_number(day), starts), ends) for day in (project.first_output, project.ramped)
    )
    bottom = middle - height / 2
    waits_until = ends if project.is_idle else first
    if project.fed_from is not None:
        waits_until = min(max(day_number(project.fed_from), first), ends)
    if waits_until > first:
        axes.add_artist(Rectangle((first, bottom), waits_until - first, height, zorder=3, **_IDLE))
    begins, ramped = max(first, waits_until), max(ramped, waits_until)
    if ends > begins:
        axes.add_artist(
            Rectangle(
                (begins, bottom), ramped - begins, height, fc=pale, ec=colour, lw=0.8, zorder=3
            )
        )
    if ends > ramped:
        axes.add_artist(
            Rectangle(
                (ramped, bottom), ends - ramped, height, fc=colour, ec=pale, hatch=hatch, lw=0.0,
                zorder=3,
            )
        )  # fmt: skip
    if project.first_output >= run.starts:
        axes.plot([first], [middle], marker="|", color=style.INK, markersize=9, zorder=5)
    announced = _moved_from(run, project)
    if announced:
        axes.plot(
            [day_number(announced)], [middle], marker="v", color=style.INK, markersize=5,
            markerfacecolor=style.PAPER, zorder=5, linestyle="none",
        )  # fmt: skip


def _write_row(
    canvas: Canvas, run: FinishedRun, project: Project, top_in: float, row_in: float, left_in: float
) -> None:
    mark = f"{C5_MARK} " if project.in_c5 else ""
    made = f"{_made(project.output_t)} / {two_figures(project.design_t)}"
    middle_in = top_in + (0.28 * row_in if canvas.page.is_narrow else row_in / 2)
    if canvas.page.is_narrow:
        room_in = canvas.width - left_in - canvas.width_in(made, style.BODY_PT) - 0.15
        name = canvas.fit(f"{mark}{project.name}", room_in)
        canvas.write(name, left_in, middle_in)
    else:
        name = canvas.fit(f"{mark}{project.name}", left_in - style.MARGIN_IN - 0.1)
        canvas.write(name, left_in - 0.08, middle_in, align="right")
    canvas.write(made, canvas.width - style.MARGIN_IN, middle_in, align="right")


def _moved_from(run: FinishedRun, project: Project) -> date | None:
    """The date of the pack where a lever replaces it and it lies within the run."""
    announced = project.announced
    if announced is None or announced == project.first_output:
        return None
    return announced if run.starts <= announced < run.ends else None


def _made(output_t: float) -> str:
    return two_figures(output_t) if output_t >= LEAST_T else "0"


def _key(run: FinishedRun, projects: list[Project]) -> list[tuple[str, str]]:
    """Kind and words of each entry."""
    entries = [("first", "first output"), ("ramp", "10 to 90\u00a0%"), ("full", "ramped up")]
    if any(project.is_idle or project.fed_from for project in projects):
        entries.append(("idle", "brings nothing"))
    if any(_moved_from(run, project) for project in projects):
        entries.append(("announced", "date in the pack"))
    if any(project.in_c5 and not project.is_idle for project in projects):
        entries.append(("c5", f"{C5_MARK} Central Asia"))
    return entries


def _draw_key_entry(
    canvas: Canvas, kind: str, words: str, left_in: float, middle_in: float
) -> None:
    sheet, middle = canvas.sheet, left_in + SWATCH_IN / 2
    whole = ((left_in, middle_in - 0.056), SWATCH_IN, 0.112)
    if kind == "first":
        sheet.plot([middle], [middle_in], marker="|", color=style.INK, markersize=9)
    elif kind == "announced":
        sheet.plot(
            [middle], [middle_in], marker="v", color=style.INK, mfc=style.PAPER, markersize=5
        )
    elif kind == "ramp":
        sheet.add_artist(Rectangle(*whole, fc=OTHER_PALE, ec=OTHER_COLOUR, lw=0.8))
    elif kind == "idle":
        sheet.add_artist(Rectangle(*whole, **_IDLE))
    elif kind == "full":
        sheet.add_artist(Rectangle(*whole, fc=OTHER_COLOUR, ec="none"))
    else:
        sheet.add_artist(Rectangle(*whole, fc=C5_COLOUR, ec=C5_PALE, hatch="////", lw=0.0))
    canvas.write(words, left_in + SWATCH_IN + 0.05, middle_in, colour=style.GREY)


def _heading(run: FinishedRun, projects: list[Project], shown: int) -> Heading:
    count = "" if shown == len(projects) else f" The first {shown} of {len(projects)} projects."
    measure = (
        f"Mines and plants that start or grow, {run.period_in_words()}: first output, ramp from 10 to "
        "90\u00a0% of what is reached, then what the last year brings beyond the base year, and the design, "
        f"in {run.unit} a year. Sizes count with their chance of success.{count} {C5_MARK} Central Asia (C5)."
    )
    brief = f"First output, ramp-up, output of the last year / design, {run.unit} a year.{count}"
    return Heading(_message(run, projects), measure, brief, run.source_line)


def _message(run: FinishedRun, projects: list[Project]) -> str:
    c5 = [project for project in projects if project.in_c5]
    some, where = (c5, " in Central Asia") if c5 else (projects, "")
    idle = sum(project.is_idle for project in some)
    nothing = f"; {idle} of {len(some)} sites would bring nothing" if idle else ""
    made, design = sum(p.output_t for p in some), sum(p.design_t for p in some)
    mines = [p for p in some if p.stage == run.first_stage]
    if mines and len(mines) < len(some):
        made, design = sum(p.output_t for p in mines), sum(p.design_t for p in mines)
        plants = len(some) - len(mines)
        return (
            f"In this scenario new mines{where} would dig {tonnes(made, run.unit)} in the last year, of "
            f"{tonnes(design, run.unit)} in the design, beside {plants} plant{'s' * (plants != 1)}{nothing}"
        )
    return (
        f"In this scenario {len(some)} new or growing site{'s' * (len(some) != 1)}{where} would make "
        f"{tonnes(made, run.unit)} in the last year, of {tonnes(design, run.unit)} in the design{nothing}"
    )


def _table(projects: list[Project]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "site": p.site,
                "name": p.name,
                "country": p.country,
                "central_asia": p.in_c5,
                "stage": p.stage,
                "lever": p.lever,
                "date_in_pack": p.announced.isoformat() if p.announced else "",
                "first_output": p.first_output.isoformat(),
                "ramped_up": p.ramped.isoformat(),
                "design_t_per_year": p.design_t,
                "expected_share": p.expected_share,
                "made_in_last_year_t_per_year": p.output_t,
                "cut_off": p.cut_off,
            }
            for p in projects
        ]
    )


def _alt(run: FinishedRun, projects: list[Project], heading: Heading) -> str:
    parts = [
        f"{p.name} ({run.name('countries', p.country)}): first output {p.first_output.isoformat()}, "
        f"{p.cut_off or f'90 % by {p.ramped.isoformat()}'}, {_made(p.output_t)} of "
        f"{two_figures(p.design_t)} {run.unit} a year"
        for p in projects[:12]
    ]
    return (
        "Gantt chart, one bar a mine or plant over the years of the run. "
        f"{heading.title}. {'; '.join(parts)}. {run.source_line}"
    )
