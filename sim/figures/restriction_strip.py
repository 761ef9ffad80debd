"""The strip above a plot that shows which lever was in which phase, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.figures import style
from sim.figures.canvas import Box, Canvas
from sim.figures.finished_run import FinishedRun, LeverInWords
from sim.figures.time_axis import day_number

ROW_IN = 0.22
KEY_IN = 0.22
MOST_ROWS = 8
BAR_SHARE = 0.78
"""Height of a bar as part of its row."""
SWATCH_IN = 0.26
HOLDING = ("in_force", "resumed", "eased")
"""Phases in which a lever acts."""
PHASE_ORDER = ("announced", "in_force", "paused", "resumed", "eased", "ended")


@dataclass(frozen=True, slots=True)
class PhaseLook:
    """How one phase is drawn: `fill` and `text` are `lever` (its colour), or a colour."""

    words: str
    fill: str
    text: str
    hatch: str
    dashed: bool


LOOKS = {
    "announced": PhaseLook("announced", style.PAPER, style.INK, "", True),
    "in_force": PhaseLook("in force", "lever", style.PAPER, "", False),
    "paused": PhaseLook("paused", style.PAPER, style.INK, "//////", False),
    "resumed": PhaseLook("resumed", "lever", style.PAPER, "||||", False),
    "eased": PhaseLook("eased", "pale", style.INK, "", False),
    "ended": PhaseLook("ended", "none", style.INK, "", False),
}
COLOURS = {True: (style.BURGUNDY, "#DDBFD0"), False: ("#1B6F68", "#C3E5E2")}
"""Lever colour and its pale tone, for what restricts and for what adds."""


@dataclass(frozen=True, slots=True)
class Span:
    """A phase of a lever within the run."""

    lever: LeverInWords
    phase: str
    starts: date
    ends: date


def strip_height_in(run: FinishedRun) -> float:
    """Room the strip needs, its key included; none where there is no lever."""
    levers = levers_seen(run)
    if not levers:
        return 0.0
    rows = min(len(levers), MOST_ROWS) + (len(levers) > MOST_ROWS)
    return rows * ROW_IN + KEY_IN


def levers_seen(run: FinishedRun) -> list[LeverInWords]:
    """Levers with a phase inside the run."""
    return [lever for lever in run.levers if spans_of(run, lever)]


def spans_of(run: FinishedRun, lever: LeverInWords) -> list[Span]:
    """The lever's phases cut to the run."""
    ends = [phase.starts for phase in lever.phases[1:]] + [run.ends]
    return [
        Span(lever, phase.phase, max(phase.starts, run.starts), min(end, run.ends))
        for phase, end in zip(lever.phases, ends, strict=True)
        if min(end, run.ends) > max(phase.starts, run.starts)
    ]


def spans_in_force(run: FinishedRun) -> list[Span]:
    """Times at which a restriction or shock acts."""
    restricting = [lever for lever in run.levers if lever.restricts]
    spans = [span for lever in restricting for span in spans_of(run, lever)]
    return [span for span in spans if span.phase in HOLDING]


def draw_strip(canvas: Canvas, run: FinishedRun, left_in: float, width_in: float) -> None:
    """Draw one row a lever at the top of the plot's area, and the key below."""
    levers = levers_seen(run)
    if not levers:
        return
    shown = levers[:MOST_ROWS]
    height_in = len(shown) * ROW_IN
    axes = canvas.axes(Box(left_in, 0.0, width_in, height_in))
    axes.set_xlim(day_number(run.starts), day_number(run.ends))
    axes.set_ylim(len(shown), 0)
    axes.set_axis_off()
    inches_per_day = width_in / (run.ends - run.starts).days
    for row, lever in enumerate(shown):
        label = canvas.fit_middle(lever.id, left_in - style.MARGIN_IN - 0.08)
        canvas.write(label, left_in - 0.08, (row + 0.5) * ROW_IN, align="right")
        for span in spans_of(run, lever):
            _draw_span(axes, canvas, span, row, inches_per_day)
    more = len(levers) - len(shown)
    if more:
        canvas.write(f"and {more} more levers", left_in, height_in + 0.5 * ROW_IN)
        height_in += ROW_IN
    _draw_key(canvas, run, shown, height_in + 0.5 * KEY_IN)


def _draw_span(axes: Axes, canvas: Canvas, span: Span, row: int, inches_per_day: float) -> None:
    look = LOOKS[span.phase]
    first, last = day_number(span.starts), day_number(span.ends)
    middle = row + 0.5
    colour = COLOURS[span.lever.restricts][0]
    if span.phase == "ended":
        axes.plot([first, last], [middle, middle], color=colour, linewidth=0.6, linestyle=":")
        axes.plot([first, first], [middle - 0.3, middle + 0.3], color=colour, linewidth=1.6)
    else:
        corner = (first, middle - BAR_SHARE / 2)
        axes.add_patch(_swatch(corner, last - first, BAR_SHARE, look, span.lever.restricts))
    room_in = (last - first) * inches_per_day
    if canvas.width_in(look.words, style.BODY_PT) + 0.1 > room_in:
        return
    axes.text(
        (first + last) / 2,
        middle,
        look.words,
        color=look.text,
        ha="center",
        va="center_baseline",
        bbox=_backing(look, span.lever.restricts),
    )


def _backing(look: PhaseLook, restricts: bool) -> dict[str, object] | None:
    """A plain ground for words that would stand on a hatch or on a line."""
    if not look.hatch and look.fill != "none":
        return None
    return {"facecolor": _fill(look, restricts), "edgecolor": "none", "pad": 0.4}


def _swatch(
    corner: tuple[float, float], width: float, height: float, look: PhaseLook, restricts: bool
) -> Rectangle:
    strong, pale = COLOURS[restricts]
    return Rectangle(
        corner,
        width,
        height,
        facecolor=_fill(look, restricts),
        edgecolor=pale if look.fill == "lever" and look.hatch else strong,
        linestyle=(0, (2, 1.5)) if look.dashed else "solid",
        linewidth=0.8,
        hatch=look.hatch or None,
    )


def _fill(look: PhaseLook, restricts: bool) -> str:
    strong, pale = COLOURS[restricts]
    return {"lever": strong, "pale": pale, "none": style.PAPER}.get(look.fill, look.fill)


def _draw_key(
    canvas: Canvas,
    run: FinishedRun,
    levers: Sequence[LeverInWords],
    middle_in: float,
) -> None:
    """Name every phase in the strip, and the colour of measures where restrictions are shown too."""
    phases = {span.phase for lever in levers for span in spans_of(run, lever)}
    kinds = {lever.restricts for lever in levers}
    main = max(kinds, default=True)
    entries = [(phase, main, LOOKS[phase].words) for phase in PHASE_ORDER if phase in phases]
    if len(kinds) > 1:
        entries.append(("in_force", False, "measure"))
    left_in = style.MARGIN_IN
    for phase, restricts, words in entries:
        _draw_key_entry(canvas, phase, restricts, words, left_in, middle_in)
        left_in += SWATCH_IN + 0.05 + canvas.width_in(words, style.BODY_PT) + 0.14


def _draw_key_entry(
    canvas: Canvas, phase: str, restricts: bool, words: str, left_in: float, middle_in: float
) -> None:
    height_in = ROW_IN * BAR_SHARE * 0.8
    # A little larger than the swatch, so that its edges are not cut.
    axes = canvas.axes(Box(left_in, middle_in - 0.5 * KEY_IN, SWATCH_IN + 0.02, KEY_IN))
    axes.set_xlim(0, SWATCH_IN + 0.02)
    axes.set_ylim(0, KEY_IN)
    axes.set_axis_off()
    bottom = (KEY_IN - height_in) / 2
    if phase == "ended":
        colour = COLOURS[restricts][0]
        axes.plot([0.02, 0.02], [bottom, bottom + height_in], color=colour, linewidth=1.6)
        axes.plot([0.02, SWATCH_IN], [KEY_IN / 2] * 2, color=colour, linewidth=0.6, linestyle=":")
    else:
        axes.add_patch(_swatch((0.01, bottom), SWATCH_IN, height_in, LOOKS[phase], restricts))
    canvas.write(words, left_in + SWATCH_IN + 0.05, middle_in, colour=style.GREY)
