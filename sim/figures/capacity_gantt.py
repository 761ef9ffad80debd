"""Gantt of new capacity that the scenario touches: when its goods come, beside when goods are missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.figures import style
from sim.figures.canvas import Box, Canvas, Heading
from sim.figures.drawing import Drawing, NothingToShow
from sim.figures.finished_run import FinishedRun
from sim.figures.gantt_words import (
    aid,
    alt_text,
    finding,
    made,
    measure_in_words,
    moved_from,
    table_of,
)  # fmt: skip
from sim.figures.gap_of_users import Gap, gap_of
from sim.figures.projects_touched import Project, projects
from sim.figures.restriction_strip import COLOURS
from sim.figures.spans import spans_in_force
from sim.figures.style import Page
from sim.figures.time_axis import day_number, set_calendar
from sim.figures.wording import capitalised, month_in_words, two_figures

LINE_IN = 0.135
"""Of text in a row."""
ROW_AIR_IN, LEAST_AIR_IN = 0.085, 0.02
BAR_IN, BAR_SHARE = 0.13, 0.85
"""Height of a bar, and at most as part of its line."""
GAP_SHARE = 0.6
"""Of a bar: the row of what is missing, so that the ground shows behind it."""
AXIS_IN, KEY_IN, HEAD_IN = 0.52, 0.2, 0.2
SWATCH_IN = 0.2
ROUNDING_IN = 1e-6
AIR_IN = 0.08
MOST_NAME_IN = {2: 2.35, 1: 2.95}
"""By the lines that a name may take."""
UNDER_NAME_IN = 0.03
"""Between a name and the bar below it, on a narrow page."""
C5_MARK = "◆"
LOOKS = {True: COLOURS[False], False: (style.NAVY, "#C5D3E2")}
"""Full and pale: the scenario's own measures as elsewhere, and what the pack announces."""
_IDLE: dict[str, Any] = {"fc": style.PAPER, "ec": style.GREY, "lw": 0.8, "linestyle": (0, (3, 2))}
"""An outline: it stands there, and brings nothing."""
_GAP: dict[str, Any] = {"fc": style.PAPER, "ec": style.INK, "lw": 0.6, "hatch": "xxxxx"}
_SHADE: dict[str, Any] = {"fc": style.SHADE, "ec": "none", "zorder": 0}
"""As behind other figures."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is written and drawn on one line, or on several on a narrow page."""

    names: Sequence[str]
    """Lines"""
    dated: str
    amount: str
    project: Project | None
    """None: the row of what is missing."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where rows and their columns stand, inches."""

    rows: Sequence[Row]
    tops: Sequence[float]
    air_in: float
    dates_at: float
    """Right end of the dates."""
    bars_at: float
    bars_in: float
    is_narrow: bool
    bottom: float

    def bar_line_in(self, row: Row) -> float:
        """Where the line with the bar begins, below the top of its row."""
        if self.is_narrow:
            return len(row.names) * LINE_IN + UNDER_NAME_IN
        return (len(row.names) - 1) / 2 * LINE_IN


def draw_capacity_gantt(run: FinishedRun, page: Page) -> Drawing | NothingToShow:
    """One row a project that the scenario touches, under the months in which goods are missing."""
    found = projects(run)
    touched = [project for project in found if project.is_touched]
    if not touched:
        return NothingToShow(
            f"the scenario touches none of the {len(found)} mines and plants that start or grow in it"
            if found
            else "no mine or plant starts or grows within the scenario"
        )
    gap = gap_of(run)
    title = finding(run, touched, gap)
    key = _key(run, touched)
    shown = touched
    while True:
        words = aid(found, touched, shown, in_short=page.is_narrow)
        canvas = Canvas(page, Heading(title, words, words, run.source_line))
        key_in = KEY_IN * (1 + canvas.key_places([words for _, words in key], SWATCH_IN)[-1][1])
        room_in = canvas.room_in - HEAD_IN - AXIS_IN - key_in
        layout = _laid_out(canvas, run, shown, gap, room_in)
        if layout.bottom <= room_in + ROUNDING_IN or len(shown) == 1:
            break
        shown = _without_smallest(shown)
    canvas.open(HEAD_IN + layout.bottom + AXIS_IN + key_in)
    _draw(canvas, run, layout, gap)
    _draw_key(canvas, key, HEAD_IN + layout.bottom + AXIS_IN)
    return Drawing(
        canvas.figure,
        title,
        measure_in_words(run, found, touched, gap),
        alt_text(run, touched, gap, title),
        table_of(run, touched, gap),
        aid(found, touched, shown, in_short=True),
    )


def _without_smallest(shown: list[Project]) -> list[Project]:
    """Without the one that brings least, own measures last."""
    least = min(shown, key=lambda p: (bool(p.lever), p.output_t, p.design_t, p.site))
    return [project for project in shown if project is not least]


def _laid_out(
    canvas: Canvas, run: FinishedRun, shown: list[Project], gap: Gap | None, room_in: float
) -> Layout:
    """Rows as high as they need; names on two lines where they are long and there is room."""
    for lines in (2, 1):
        rows = _rows(canvas, run, shown, gap, lines)
        below_in = LINE_IN + UNDER_NAME_IN if canvas.page.is_narrow else 0.0
        needed = [LINE_IN * len(row.names) + below_in for row in rows]
        air_in = min(ROW_AIR_IN, (room_in - sum(needed)) / len(rows))
        if air_in >= LEAST_AIR_IN:
            break
    air_in = max(air_in, LEAST_AIR_IN)
    tops, top_in = [], 0.0
    for high_in in needed:
        tops.append(top_in + air_in / 2)
        top_in += high_in + air_in
    is_narrow = canvas.page.is_narrow
    dates_in = max(canvas.width_in(row.dated, style.BODY_PT) for row in rows)
    ends_in = max(canvas.width_in(row.amount, style.BODY_PT) for row in rows)
    names_in = max(canvas.width_in(name, style.BODY_PT) for row in rows for name in row.names)
    dates_at = style.MARGIN_IN + dates_in + (0.0 if is_narrow else names_in + 2 * AIR_IN)
    # A year stands under either end of the axis.
    bars_at = dates_at + 2 * AIR_IN
    bars_in = canvas.width - style.MARGIN_IN - ends_in - 2 * AIR_IN - bars_at
    return Layout(rows, tops, air_in, dates_at, bars_at, bars_in, is_narrow, top_in)


def _rows(
    canvas: Canvas, run: FinishedRun, shown: list[Project], gap: Gap | None, lines: int
) -> list[Row]:
    rows = []
    if gap is not None:
        element = capitalised(run.name("elements", gap.element))
        # Without its tonnes: those beside the projects are of all rare earths.
        name = f"{element} missing"
        rows.append(Row([name], "", "", None))
    inside_in = canvas.width - 2 * style.MARGIN_IN if canvas.page.is_narrow else MOST_NAME_IN[lines]
    for project in shown:
        name = f"{C5_MARK} {project.name}" if project.in_c5 else project.name
        broken = canvas.wrap(name, inside_in, style.BODY_PT)
        names = broken if len(broken) <= lines else [canvas.fit(name, inside_in)]
        amount = f"{made(project.output_t)} / {two_figures(project.design_t)}"
        rows.append(Row(names, _dated(run, project), amount, project))
    return rows


def _dated(run: FinishedRun, project: Project) -> str:
    day = project.goods_from
    return month_in_words(day.isoformat()[:7]) if day else "none"


def _draw(canvas: Canvas, run: FinishedRun, layout: Layout, gap: Gap | None) -> None:
    axes = canvas.axes(Box(layout.bars_at, HEAD_IN, layout.bars_in, layout.bottom))
    set_calendar(axes, run, labelled=True, most=3 if layout.is_narrow else 5)
    axes.set_ylim(layout.bottom, 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    right_in = canvas.width - style.MARGIN_IN
    left_in, align = (style.MARGIN_IN, "left") if layout.is_narrow else (layout.dates_at, "right")
    canvas.write("goods from", left_in, HEAD_IN / 2, align=align, colour=style.GREY)
    head = f"last year / design, {run.unit} a year"
    canvas.write(head, right_in, HEAD_IN / 2, align="right", colour=style.GREY)
    if not layout.is_narrow:
        _draw_ground(axes, run, gap, 0.0, layout.bottom)
    for row, top_in in zip(layout.rows, layout.tops, strict=True):
        line_in = top_in + layout.bar_line_in(row)
        middle_in = line_in + LINE_IN / 2
        height_in = min(BAR_IN, BAR_SHARE * (LINE_IN + layout.air_in))
        if layout.is_narrow:  # names stand above their bars, on clear ground
            _draw_ground(axes, run, gap, middle_in - height_in / 2, middle_in + height_in / 2)
        for line, name in enumerate(row.names):
            at_in = HEAD_IN + top_in + (line + 0.5) * LINE_IN
            weight = "normal" if row.project else "bold"
            canvas.write(name, style.MARGIN_IN, at_in, weight=weight)
        canvas.write(row.dated, left_in, HEAD_IN + middle_in, align=align)
        canvas.write(row.amount, right_in, HEAD_IN + middle_in, align="right")
        if row.project is not None:
            _draw_project(axes, run, row.project, middle_in, height_in)
        elif gap is not None:
            for first, last in gap.spans(run):
                _draw_part(axes, first, last, middle_in, GAP_SHARE * height_in, _GAP)


def _draw_ground(
    axes: Axes, run: FinishedRun, gap: Gap | None, top_in: float, bottom_in: float
) -> None:
    """Ticks, the days on which a restriction acts, and where what is missing begins and ends."""
    axes.vlines(axes.get_xticks(), top_in, bottom_in, colors=style.GRID, linewidth=0.6, zorder=1)
    for span in spans_in_force(run):
        middle_in, height_in = (top_in + bottom_in) / 2, bottom_in - top_in
        _draw_part(axes, span.starts, span.ends, middle_in, height_in, _SHADE)
    if gap is not None:
        spans = gap.spans(run)
        ends = [day_number(day) for day in (spans[0][0], spans[-1][1])]
        axes.vlines(
            ends, top_in, bottom_in, colors=style.INK, linewidth=0.6, linestyle=":", zorder=2
        )


def _draw_part(
    axes: Axes, first: date, last: date, middle_in: float, height_in: float, look: Mapping[str, Any]
) -> None:
    left, right = day_number(first), day_number(last)
    if right > left:
        corner = (left, middle_in - height_in / 2)
        axes.add_artist(Rectangle(corner, right - left, height_in, **{"zorder": 3, **look}))


def _draw_project(
    axes: Axes, run: FinishedRun, project: Project, middle_in: float, height_in: float
) -> None:
    """An outline until its goods come, then its ramp, then what it reaches."""

    def inside(day: date) -> date:
        return min(max(day, run.starts), run.ends)

    full, pale = _looks(project)
    first, goods = inside(project.first_output), inside(project.goods_from or run.ends)
    ramped = max(inside(project.ramped), goods)
    _draw_part(axes, first, goods, middle_in, height_in, _IDLE)
    _draw_part(axes, goods, ramped, middle_in, height_in, pale)
    _draw_part(axes, ramped, run.ends, middle_in, height_in, full)
    announced = moved_from(run, project)
    if announced:
        axes.plot(
            [day_number(announced)], [middle_in], marker="v", color=style.INK, markersize=5,
            markerfacecolor=style.PAPER, zorder=5, linestyle="none",
        )  # fmt: skip


def _looks(project: Project) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of what is reached and of the ramp."""
    colour, pale = LOOKS[bool(project.lever)]
    hatch = "////" if project.lever else ""
    return {"fc": colour, "ec": pale, "lw": 0.0, "hatch": hatch}, {
        "fc": pale,
        "ec": colour,
        "lw": 0.8,
    }


def _key(run: FinishedRun, shown: list[Project]) -> list[tuple[str, str]]:
    """Kind and words of each entry, of what is there."""
    there = {
        "own": (any(p.lever for p in shown), "measure of the scenario"),
        "pack": (any(not p.lever for p in shown), "announced in the pack"),
        "ramp": (True, "10 to 90\u00a0%"),
        "idle": (any(p.is_idle or p.fed_from for p in shown), "no goods yet"),
        "announced": (any(moved_from(run, p) for p in shown), "date in the pack"),
        "shade": (bool(spans_in_force(run)), _shade_words(run)),
        "c5": (any(p.in_c5 for p in shown), f"{C5_MARK} Central Asia"),
    }
    return [(kind, words) for kind, (is_there, words) in there.items() if is_there]


def _shade_words(run: FinishedRun) -> str:
    acting = {span.lever.heading.removesuffix("s") for span in spans_in_force(run)}
    return f"{' or '.join(sorted(acting))} in force"


def _draw_key(canvas: Canvas, key: list[tuple[str, str]], top_in: float) -> None:
    places = canvas.key_places([words for _, words in key], SWATCH_IN)
    has_own = any(kind == "own" for kind, _ in key)
    own, pack = ({"fc": LOOKS[each][0], "ec": LOOKS[each][1], "lw": 0.0} for each in (True, False))
    ramp = {"fc": LOOKS[has_own][1], "ec": LOOKS[has_own][0], "lw": 0.8}
    swatches: Mapping[str, Mapping[str, Any]] = {
        "own": {**own, "hatch": "////"}, "pack": pack, "ramp": ramp, "idle": _IDLE,
        "shade": _SHADE,
    }  # fmt: skip
    for (kind, words), (left_in, row) in zip(key, places, strict=True):
        middle_in = top_in + (row + 0.5) * KEY_IN
        if kind in swatches:
            corner = (left_in, middle_in - 0.056)
            canvas.sheet.add_artist(
                Rectangle(corner, SWATCH_IN, 0.112, **{**swatches[kind], "zorder": 3})
            )
        elif kind == "announced":
            canvas.sheet.plot(
                [left_in + SWATCH_IN / 2], [middle_in], marker="v", color=style.INK, mfc=style.PAPER,
                markersize=5,
            )  # fmt: skip
        at_in = left_in + (0.0 if kind == "c5" else SWATCH_IN + 0.05)
        canvas.write(words, at_in, middle_in, colour=style.GREY)
