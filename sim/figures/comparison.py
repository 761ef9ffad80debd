"""Runs side by side: the part that is missing by month, what that is less than in the base, and the sums."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from sim.figures import style
from sim.figures.canvas import Box, Canvas, Heading
from sim.figures.drawing import Drawing, DrawnFigure, as_drawn
from sim.figures.finished_run import FinishedRun
from sim.figures.restriction_strip import shade_restricted, shading_in_words
from sim.figures.shortfall_over_time import ROUND_TOPS
from sim.figures.style import Page
from sim.figures.time_axis import month_edges, set_calendar
from sim.figures.value_axis import ROUND_STEPS, with_commas
from sim.figures.wording import month_in_words, percent, tonnes, two_figures

ID, SUBJECT = "comparison", "what is missing in each run"
COLOURS = (style.NAVY, style.ORANGE, "#28A197", style.BURGUNDY, "#3D3D3D", "#8A6BC1")
DASHES: Sequence[object] = (
    "solid", "solid", (0, (5, 1.5)), (0, (2, 1)), (0, (6, 1.5, 1, 1.5)), (0, (1, 1)),
)  # fmt: skip
"""Of each run: lines differ in more than colour"""
REFERENCE_COLOUR, REFERENCE_DASHES = style.GREY, (0, (1, 2))
LEAST_SAID_T = 0.5
BASE_PT, OTHER_PT = 2.8, 1.3
"""The base is drawn broad and below, so that a line that lies on it leaves its edges"""
UPPER_IN, LOWER_IN = 1.7, 1.05
PANEL_TITLE_IN, AXIS_IN, BETWEEN_IN = 0.28, 0.46, 0.08
ROW_IN, NARROW_ROW_IN, LETTER_IN = 0.24, 0.2, 0.17
BAR_IN = 0.13
LEAST_APART, FAR_ENOUGH = 0.02, 0.6
"""Of a panel's height, below which two lines are one; of a line's largest distance, for its letter's place"""
NAME_IN, WORDS_IN = 2.15, 2.35
WORDS_NARROW_IN = 1.75


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """A run as the figure names it, and its sums."""

    letter: str
    name: str
    missing_t: float
    share: float
    """Of its need"""
    anyway_t: float
    """What of it the same world lacks without levers"""
    change: str
    """`51 % less`; empty for the base"""


@dataclass(frozen=True, slots=True)
class Compared:
    """What is drawn."""

    base: FinishedRun
    """Over the months that are compared"""
    runs: Sequence[ComparedRun]
    """The base first"""
    table: pd.DataFrame
    """By run and month: letter, run, month, demand_t, missing_t, reference_t, share, less_than_base_t"""
    same_reference: bool
    title: str
    counted: str
    """`users outside China, the goods that the restriction is about`"""


def drawn_comparison(compared: Compared, page: Page) -> DrawnFigure:
    """The figure for one kind of page."""
    with matplotlib.rc_context(dict(style.SETTINGS)):  # type: ignore[arg-type]
        return as_drawn(_draw(compared, page), ID, SUBJECT, page, source_line(compared))


def source_line(compared: Compared) -> str:
    """Who says so."""
    base = compared.base
    pack = (base.scenario.get("pack") or {}).get("id", "unknown")
    return (
        f"Source: critmin {base.version}, scenarios as named, pack {pack}; central values, no spread. "
        "Scenarios, not a forecast."
    )


def _draw(compared: Compared, page: Page) -> Drawing:
    heading = _heading(compared)
    canvas = Canvas(page, heading)
    left, right = (0.5, 0.22) if page.is_narrow else (0.62, 0.3)
    fixed_in = 3 * PANEL_TITLE_IN + BETWEEN_IN + AXIS_IN + len(compared.runs) * _row_in(page)
    panels_in = min(UPPER_IN + LOWER_IN, canvas.room_in - fixed_in)
    upper_in = panels_in * UPPER_IN / (UPPER_IN + LOWER_IN)
    lower_in = panels_in - upper_in
    canvas.open(fixed_in + panels_in)
    wide = page.width_in - left - right
    upper = Box(left, PANEL_TITLE_IN, wide, upper_in)
    lower = Box(left, upper.top + upper_in + BETWEEN_IN + PANEL_TITLE_IN, wide, lower_in)
    _draw_shares(canvas, compared, upper)
    _draw_less(canvas, compared, lower)
    _draw_sums(canvas, compared, lower.top + lower_in + AXIS_IN)
    return Drawing(
        canvas.figure, heading.title, heading.measure, _alt(compared, heading), compared.table
    )


def _heading(compared: Compared) -> Heading:
    base, unit = compared.base, compared.base.unit
    shaded = shading_in_words(base).replace(
        "is in force", f"of {compared.runs[0].letter} is in force"
    )
    period = base.period_in_words()
    dotted = " Dotted: the same world without levers." if _shows_reference(compared) else ""
    return Heading(
        compared.title,
        f"Missing, % of the need and {unit}, by month, {period}: {compared.counted}.{dotted}{shaded}",
        f"Missing by month, % of the need and {unit}, {period}.{dotted}{shaded}",
        source_line(compared),
    )


def _shows_reference(compared: Compared) -> bool:
    return compared.same_reference and compared.runs[0].anyway_t >= LEAST_SAID_T


def _by_month(compared: Compared, column: str) -> Mapping[str, np.ndarray]:
    """Letter -> values of the months."""
    months = compared.base.months()
    return {
        str(letter): its.set_index("month")[column]
        .reindex(months)
        .fillna(0.0)
        .to_numpy(dtype=float)
        for letter, its in compared.table.groupby("letter")
    }


def _draw_shares(canvas: Canvas, compared: Compared, box: Box) -> None:
    """Every run's line, on one scale."""
    _title_of(canvas, "Missing, % of the need by month", box.top)
    axes, shares = canvas.axes(box), _by_month(compared, "share")
    shade_restricted(axes, compared.base)
    if _shows_reference(compared):
        anyway = _by_month(compared, "reference_share")[compared.runs[0].letter]
        _line(axes, compared, anyway, REFERENCE_COLOUR, REFERENCE_DASHES, 1.2)
    for number, run in enumerate(compared.runs):
        width = BASE_PT if number == 0 else OTHER_PT
        _line(axes, compared, shares[run.letter], COLOURS[number], DASHES[number], width)
    highest = max(float(values.max(initial=0.0)) for values in shares.values())
    top = next((each for each in ROUND_TOPS if highest <= each), math.ceil(highest))
    axes.set_ylim(0, top)
    axes.set_yticks([0, top / 2, top], [f"{100 * y:g}{chr(160)}%" for y in (0, top / 2, top)])
    axes.grid(axis="y", zorder=1)
    set_calendar(axes, compared.base, labelled=False)
    _letters(canvas, compared, box, shares, (0.0, top))


def _draw_less(canvas: Canvas, compared: Compared, box: Box) -> None:
    """What each run lacks less than the base, on one scale of tonnes."""
    base, unit = compared.runs[0].letter, compared.base.unit
    axes = canvas.axes(box)
    shade_restricted(axes, compared.base)
    less = _by_month(compared, "less_than_base_t")
    others = {run.letter: less[run.letter] for run in compared.runs[1:]}
    for number, run in enumerate(compared.runs[1:], start=1):
        _line(axes, compared, less[run.letter], COLOURS[number], DASHES[number], OTHER_PT)
    highest = max(0.0, *(float(v.max()) for v in others.values()))
    lowest = min(0.0, *(float(v.min()) for v in others.values()))
    more = " (below 0: more)" if lowest <= -LEAST_SAID_T else ""
    words = "Less" if canvas.page.is_narrow else "Less missing"
    _title_of(canvas, f"{words} than in {base}, {unit} by month{more}", box.top)
    if highest - lowest < LEAST_SAID_T:
        highest = 1.0
    air = 0.08 * (highest - lowest)
    limits = lowest - air if lowest < 0 else 0.0, highest + air
    axes.set_ylim(*limits)
    axes.axhline(0, color=COLOURS[0], linewidth=1.0, zorder=3)
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=ROUND_STEPS))
    axes.yaxis.set_major_formatter(with_commas)
    axes.grid(axis="y", zorder=1)
    set_calendar(axes, compared.base, labelled=True)
    _letters(canvas, compared, box, others, limits)


def _title_of(canvas: Canvas, words: str, panel_in: float) -> None:
    """Above the panel whose upper edge is so far down."""
    room_in = canvas.width - 2 * style.MARGIN_IN
    canvas.write(
        canvas.fit(words, room_in, "bold"), style.MARGIN_IN, panel_in - 0.16, weight="bold"
    )


def _line(
    axes: Axes, compared: Compared, values: np.ndarray, colour: str, dashes: object, width: float
) -> None:
    axes.stairs(
        values, month_edges(compared.base), color=colour, linewidth=width, linestyle=dashes, baseline=None,
        zorder=4, clip_on=False,
    )  # fmt: skip


def _letters(
    canvas: Canvas, compared: Compared, box: Box, lines: Mapping[str, np.ndarray],
    limits: tuple[float, float],
) -> None:  # fmt: skip
    """Each line's letter on it, far from the others and where it is flat; no two on one place."""
    bottom, top = limits
    edges = np.array(month_edges(compared.base))
    middle = (edges[:-1] + edges[1:]) / 2
    across = box.left + box.width * (middle - edges[0]) / (edges[-1] - edges[0])
    taken: list[tuple[float, float]] = []
    for number, run in enumerate(compared.runs):
        if run.letter not in lines:
            continue
        own = lines[run.letter]
        others = [values for letter, values in lines.items() if letter != run.letter]
        down = box.top + box.height * (top - own) / (top - bottom)
        order = _months_for_a_letter(own, others, top - bottom)
        free = (at for at in order if not _is_taken(across[at], down[at], taken))
        at = next(free, order[0])
        taken.append((float(across[at]), float(down[at])))
        _letter(canvas, run.letter, COLOURS[number], *taken[-1])


def _months_for_a_letter(
    own: np.ndarray, others: Sequence[np.ndarray], height: float
) -> Sequence[int]:
    """Months of a line, the best place for its letter first."""
    # Nothing counts as a line too: where a run lacks nothing its letter would stand on the axis.
    apart = np.min([np.abs(own - each) for each in [*others, np.zeros_like(own)]], axis=0)
    if apart.max() <= LEAST_APART * height:  # it lies on another
        apart = np.abs(own)
    steps = np.abs(np.diff(own, prepend=own[0], append=own[-1]))
    unsteady = steps[:-1] + steps[1:]
    far = apart >= FAR_ENOUGH * apart.max()
    return sorted(
        range(len(own)), key=lambda at: (not far[at], unsteady[at] if far[at] else 0.0, -apart[at])
    )


def _is_taken(x: float, y: float, taken: Sequence[tuple[float, float]]) -> bool:
    return any(abs(x - at) < LETTER_IN and abs(y - down) < LETTER_IN for at, down in taken)


def _letter(canvas: Canvas, letter: str, colour: str, across_in: float, down_in: float) -> None:
    """A letter in a ring of its run's colour."""
    canvas.sheet.plot(
        [across_in], [down_in], marker="o", markersize=10.5, markerfacecolor=style.PAPER,
        markeredgecolor=colour, markeredgewidth=1.2, linestyle="none", zorder=8,
    )  # fmt: skip
    canvas.sheet.text(
        across_in, down_in, letter, fontsize=style.BODY_PT, fontweight="bold", color=style.INK,
        ha="center", va="center_baseline", zorder=9,
    )  # fmt: skip


def _draw_sums(canvas: Canvas, compared: Compared, top_in: float) -> None:
    """A bar a run, which also says what the letters stand for."""
    page, unit, narrow = canvas.page, compared.base.unit, canvas.page.is_narrow
    anyway = any(run.anyway_t >= LEAST_SAID_T for run in compared.runs)
    what = f"Missing, {unit}" if narrow else f"Missing over these months, {unit}"
    _title_of(
        canvas, what + ("; pale: without levers too" if anyway else ""), top_in + PANEL_TITLE_IN
    )
    name_left = style.MARGIN_IN + LETTER_IN + 0.06
    left = name_left if narrow else style.MARGIN_IN + NAME_IN
    room_in = page.width_in - left - (WORDS_NARROW_IN if narrow else WORDS_IN)
    name_in = page.width_in - name_left - style.MARGIN_IN if narrow else left - name_left - 0.08
    most = max(run.missing_t for run in compared.runs)
    for number, run in enumerate(compared.runs):
        line_in = top_in + PANEL_TITLE_IN + number * _row_in(page) + 0.5 * ROW_IN
        _letter(canvas, run.letter, COLOURS[number], style.MARGIN_IN + 0.5 * LETTER_IN, line_in)
        canvas.write(canvas.fit_middle(run.name, name_in), name_left, line_in)
        bar_in = line_in + (NARROW_ROW_IN if narrow else 0.0)
        long = room_in * run.missing_t / most if most > 0 else 0.0
        pale = long * min(1.0, run.anyway_t / run.missing_t) if run.missing_t > 0 else 0.0
        for start, width, alpha in ((left, long - pale, 1.0), (left + long - pale, pale, 0.35)):
            looks: dict[str, Any] = {"facecolor": COLOURS[number], "linewidth": 0, "alpha": alpha}
            corner = (start, bar_in - BAR_IN / 2)
            canvas.sheet.add_artist(Rectangle(corner, width, BAR_IN, **looks))
        beside = run.change or f"{percent(run.share)} of the need"
        canvas.write(f"{two_figures(run.missing_t)}, {beside}", left + long + 0.06, bar_in)


def _row_in(page: Page) -> float:
    """On a narrow page the name of a run stands above its bar."""
    return 2 * NARROW_ROW_IN if page.is_narrow else ROW_IN


def _alt(compared: Compared, heading: Heading) -> str:
    """The figure in words, with its main numbers."""
    unit, base, first = compared.base.unit, compared.base, compared.runs[0].letter
    shares = _by_month(compared, "share")
    said = [
        f"Step lines over months, {base.period_in_words()}, one a run: above, what is missing in % of the "
        f"need; below, how many {unit} less than in {first}; then a bar a run for the sums.",
        f"{heading.title}.",
    ]
    for run in compared.runs:
        own = shares[run.letter]
        peak = float(own.max())
        month = month_in_words(base.months()[int(own.argmax())])
        worst = f", most in {month}, {percent(peak)}" if peak > 0 else ""
        change = f" ({run.change})" if run.change else ""
        said.append(
            f"{run.letter}, {run.name}: {tonnes(run.missing_t, unit)}{change}, {percent(run.share)} of "
            f"the need{worst}."
        )
    return " ".join([*said, source_line(compared)])
