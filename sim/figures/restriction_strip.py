"""The strip above a plot that shows which lever was in which phase, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.figures import style
from sim.figures.canvas import Box, Canvas, Sheet
from sim.figures.finished_run import FinishedRun, LeverInWords
from sim.figures.spans import Span, levers_seen, spans_in_force, spans_of
from sim.figures.style import Page
from sim.figures.time_axis import day_number
from sim.figures.wording import day_in_words

ROW_IN = 0.22
KEY_IN = 0.22
MOST_ROWS = 8
MOST_ROWS_ELSEWHERE = 3
"""On a slide and on a narrow page, which need their room for the plot."""
BAR_SHARE = 0.78
"""Height of a bar as part of its row."""
SWATCH_IN = 0.26
PHASE_ORDER = ("announced", "in_force", "paused", "resumed", "eased", "halted", "ended")


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
    "halted": PhaseLook("office halted", "lever", style.PAPER, "xxxx", False),
    "ended": PhaseLook("ended", "none", style.INK, "", False),
}
COLOURS = {True: (style.BURGUNDY, "#DDBFD0"), False: ("#1B6F68", "#C3E5E2")}
"""Lever colour and its pale tone, for what restricts and for what adds."""


def look_of(phase: str) -> PhaseLook:
    """How a phase is drawn; one this program does not know is drawn as in force, with its own name."""
    known = LOOKS.get(phase)
    return known or replace(LOOKS["in_force"], words=phase.replace("_", " "))


def strip_height_in(run: FinishedRun, canvas: Canvas) -> float:
    """Room the strip needs, its key included; none where there is no lever."""
    shown, more = _shown(run, canvas.page)
    if not shown:
        return 0.0
    rows_in = len(shown) * _row_in(canvas.page) + bool(more) * ROW_IN
    return rows_in + phase_key_in(canvas, run, shown)


def _shown(run: FinishedRun, page: Page) -> tuple[list[LeverInWords], int]:
    """Levers with a row of their own, and how many have none."""
    levers = levers_seen(run)
    most = MOST_ROWS if page.is_whole else MOST_ROWS_ELSEWHERE
    return levers[:most], max(0, len(levers) - most)


def _row_in(page: Page) -> float:
    """On a narrow page the name of a lever stands above its bar."""
    return ROW_IN + 0.16 if page.is_narrow else ROW_IN


def shading_in_words(run: FinishedRun) -> str:
    """What the pale ground stands for; empty where nothing takes anything away."""
    headings = {lever.heading for lever in run.levers if lever.restricts}
    words = " or ".join(
        word
        for heading, word in {"restrictions": "a restriction", "shocks": "a shock"}.items()
        if heading in headings
    )
    return f" Shaded: {words} is in force." if words else ""


def shade_restricted(axes: Axes, run: FinishedRun) -> None:
    """A pale ground behind the days on which a restriction or shock acts."""
    for span in spans_in_force(run):
        first, last = day_number(span.starts), day_number(span.ends)
        axes.axvspan(first, last, color=style.SHADE, linewidth=0, zorder=0)


def draw_strip(canvas: Canvas, run: FinishedRun, left_in: float, width_in: float) -> None:
    """Draw one row a lever at the top of the plot's area, and the key below."""
    shown, more = _shown(run, canvas.page)
    if not shown:
        return
    row_in = _row_in(canvas.page)
    top_in = 0.0
    for lever in shown:
        above_in = row_in - ROW_IN
        if above_in:
            name = canvas.fit_middle(run.lever_labels[lever.id], width_in)
            canvas.write(name, left_in, top_in + 0.55 * above_in)
        else:
            name = canvas.fit_middle(run.lever_labels[lever.id], left_in - style.MARGIN_IN - 0.08)
            canvas.write(name, left_in - 0.08, top_in + 0.5 * ROW_IN, align="right")
        draw_phases(canvas, run, lever, Box(left_in, top_in + above_in, width_in, ROW_IN))
        top_in += row_in
    if more:
        canvas.write(f"and {more} more", left_in, top_in + 0.5 * ROW_IN)
        top_in += ROW_IN
    draw_phase_key(canvas, run, shown, top_in)


def draw_phases(
    canvas: Canvas, run: FinishedRun, lever: LeverInWords, box: Box, *, dated: bool = False
) -> None:
    """The phases of one lever as a bar along the run, each with its name (and first day) where it fits."""
    inches_per_day = box.width / (run.ends - run.starts).days
    for span in spans_of(run, lever):
        left_in, right_in = (
            box.left + (day - run.starts).days * inches_per_day for day in (span.starts, span.ends)
        )
        _draw_span(canvas, span, Box(left_in, box.top, right_in - left_in, box.height), dated)


def _draw_span(canvas: Canvas, span: Span, box: Box, dated: bool) -> None:
    look = look_of(span.phase)
    sheet, middle_in, right_in = canvas.sheet, box.top + box.height / 2, box.left + box.width
    if span.phase == "ended":
        _draw_end(sheet, box.left, right_in, middle_in, box.height, span.lever.restricts)
    else:
        corner = (box.left, middle_in - BAR_SHARE * box.height / 2)
        height_in = BAR_SHARE * box.height
        sheet.add_artist(_swatch(corner, box.width, height_in, look, span.lever.restricts))
    choices = [dated_words(span), look.words] if dated else [look.words]
    fitting = [words for words in choices if fits_in_bar(canvas, words, box.width)]
    if not fitting:
        return
    sheet.text(
        box.left + box.width / 2,
        middle_in,
        fitting[0],
        color=look.text,
        ha="center",
        va="center_baseline",
        bbox=_backing(look, span.lever.restricts),
    )


def dated_words(span: Span) -> str:
    """A phase and its first day."""
    return f"{look_of(span.phase).words} {day_in_words(span.starts)}"


def fits_in_bar(canvas: Canvas, words: str, width_in: float) -> bool:
    """Whether words can be read inside a bar of that width."""
    return canvas.width_in(words, style.BODY_PT) + 0.1 <= width_in


def _draw_end(
    sheet: Sheet,
    left_in: float,
    right_in: float,
    middle_in: float,
    height_in: float,
    restricts: bool,
) -> None:
    """A stop, and a dotted line for what is no more."""
    colour, half_in = COLOURS[restricts][0], 0.3 * height_in
    sheet.plot([left_in, right_in], [middle_in] * 2, color=colour, linewidth=0.6, linestyle=":")
    stop = [middle_in - half_in, middle_in + half_in]
    sheet.plot([left_in, left_in], stop, color=colour, linewidth=1.6)


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


def phase_key_in(canvas: Canvas, run: FinishedRun, levers: Sequence[LeverInWords]) -> float:
    """Height of the key of phases."""
    words = [words for _, _, words in _key_entries(run, levers)]
    return KEY_IN * (1 + canvas.key_places(words, SWATCH_IN)[-1][1])


def draw_phase_key(
    canvas: Canvas, run: FinishedRun, levers: Sequence[LeverInWords], top_in: float
) -> None:
    """Name every phase in the strip, and the colour of measures where restrictions are shown too."""
    entries = _key_entries(run, levers)
    places = canvas.key_places([words for _, _, words in entries], SWATCH_IN)
    for (phase, restricts, words), (left_in, row) in zip(entries, places, strict=True):
        _draw_key_entry(canvas, phase, restricts, words, left_in, top_in + (row + 0.5) * KEY_IN)


def _key_entries(run: FinishedRun, levers: Sequence[LeverInWords]) -> list[tuple[str, bool, str]]:
    """Phase, whether in the colour of restrictions, and its words."""
    phases = {span.phase for lever in levers for span in spans_of(run, lever)}
    kinds = {lever.restricts for lever in levers}
    main = max(kinds, default=True)
    known = [phase for phase in PHASE_ORDER if phase in phases]
    entries = [
        (phase, main, look_of(phase).words) for phase in [*known, *sorted(phases - set(known))]
    ]
    if len(kinds) > 1:
        entries.append(("in_force", False, "measure"))
    return entries


def _draw_key_entry(
    canvas: Canvas, phase: str, restricts: bool, words: str, left_in: float, middle_in: float
) -> None:
    height_in = ROW_IN * BAR_SHARE * 0.8
    if phase == "ended":
        right_in = left_in + SWATCH_IN
        _draw_end(canvas.sheet, left_in, right_in, middle_in, height_in / 0.6, restricts)
    else:
        corner = (left_in, middle_in - height_in / 2)
        canvas.sheet.add_artist(_swatch(corner, SWATCH_IN, height_in, look_of(phase), restricts))
    canvas.write(words, left_in + SWATCH_IN + 0.05, middle_in, colour=style.GREY)
