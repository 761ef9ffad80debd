"""The strip above a plot that shows which lever was in which phase, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.figures import style
from sim.figures.canvas import Box, Canvas, Sheet
from sim.figures.contrast import readable_on
from sim.figures.finished_run import FinishedRun
from sim.figures.lever_words import LeverInWords
from sim.figures.spans import Span, levers_seen, spans_in_force, spans_of
from sim.figures.time_axis import day_number
from sim.figures.wording import day_in_words, join_in_words

LABEL_IN, BAR_IN = 0.16, 0.22
ROW_IN = LABEL_IN + BAR_IN
GAP_IN = 0.06
AIR_IN = 0.1
KEY_IN = 0.22
MOST_ROWS = 6
MOST_ROWS_ELSEWHERE = 2
"""On a slide and on a narrow page, which need their room for the plot."""
BAR_SHARE = 0.78
"""Height of a bar as part of its row."""
SWATCH_IN = 0.26


@dataclass(frozen=True, slots=True)
class PhaseLook:
    """How one phase is drawn: `fill` is `lever` (its colour), `pale` (a tone of it), `none`, or a colour."""

    words: str
    fill: str
    hatch: str
    dashed: bool


LOOKS = {
    "announced": PhaseLook("announced", style.PAPER, "", True),
    "in_force": PhaseLook("in force", "lever", "", False),
    "paused": PhaseLook("paused", style.PAPER, "//////", False),
    "resumed": PhaseLook("resumed", "lever", "||||", False),
    "eased": PhaseLook("eased", "pale", "", False),
    "halted": PhaseLook("office halted", "lever", "xxxx", False),
    "ended": PhaseLook("ended", "none", "", False),
}
COLOURS = {True: (style.BURGUNDY, "#DDBFD0"), False: ("#1B6F68", "#C3E5E2")}
"""Lever colour and its pale tone, for what restricts and for what adds."""


def look_of(phase: str) -> PhaseLook:
    """How a phase is drawn; one this program does not know is drawn as in force, with its own name."""
    known = LOOKS.get(phase)
    return known or replace(LOOKS["in_force"], words=phase.replace("_", " "))


class Strip:
    """The restrictions and shocks of a run over its days, a bar each below words that say what it is.

    Measures have their bars in the timeline; here they are drawn only where nothing is restricted.
    """

    def __init__(self, run: FinishedRun, canvas: Canvas, left_in: float, width_in: float) -> None:
        """`left_in` and `width_in` are those of the plot below."""
        self._run, self._canvas, self._left_in, self._width_in = run, canvas, left_in, width_in
        levers = levers_seen(run)
        main = [lever for lever in levers if lever.restricts] or levers
        self._shown = main[: MOST_ROWS if canvas.page.is_whole else MOST_ROWS_ELSEWHERE]
        self._words = [self._label(lever) for lever in self._shown]
        self._more = _more_in_words(main[len(self._shown) :], levers[len(main) :])
        labels = " ".join(self._words)
        self._unnamed = [
            phase
            for phase in phases_without_words(canvas, run, self._shown, width_in)
            if look_of(phase).words not in labels
        ]
        rows_in = len(self._shown) * ROW_IN + self._more_below * LABEL_IN
        self.height_in = rows_in + phase_key_in(canvas, self._unnamed) + bool(self._shown) * GAP_IN
        """Room the strip needs, with the air below it; none where there is no lever."""

    def draw(self) -> None:
        """At the top of the plot's area."""
        canvas, top_in = self._canvas, 0.0
        if not self._shown:
            return
        for lever, words in zip(self._shown, self._words, strict=True):
            canvas.write(words, style.MARGIN_IN, top_in + LABEL_IN / 2, weight="bold")
            bar = Box(self._left_in, top_in + LABEL_IN, self._width_in, BAR_IN)
            draw_phases(canvas, self._run, lever, bar)
            top_in += ROW_IN
        more_at, more_in = style.MARGIN_IN, top_in + LABEL_IN / 2
        if not self._more_below:
            more_at = canvas.width - style.MARGIN_IN
            more_in -= ROW_IN
        align = "left" if self._more_below else "right"
        canvas.write(self._more, more_at, more_in, colour=style.GREY, align=align)
        top_in += self._more_below * LABEL_IN
        draw_phase_key(canvas, self._unnamed, top_in, restricts=self._shown[0].restricts)

    @property
    def _more_below(self) -> bool:
        """Whether what has no bar needs a line of its own, and not only the end of the last label's."""
        wide_in = self._canvas.width_in(self._more, style.BODY_PT) + 2 * AIR_IN
        label_in = (
            self._canvas.width_in(self._words[-1], style.BODY_PT, "bold") if self._words else 0.0
        )
        return bool(self._more) and label_in + wide_in > self._canvas.width - 2 * style.MARGIN_IN

    def _label(self, lever: LeverInWords) -> str:
        """What it is and whose; with its dates, where not all of them find room in its bar."""
        name, spans = self._run.lever_labels[lever.id], spans_of(self._run, lever)
        if all(
            words_in_bar(self._canvas, self._run, s, self._width_in) == dated_words(s)
            for s in spans
        ):
            spans = []
        room_in = self._canvas.width - 2 * style.MARGIN_IN
        for said in (spans, [span for span in spans if span.phase == "in_force"][:1]):
            words = f"{name}: {', '.join(map(dated_words, said))}" if said else name
            if self._canvas.width_in(words, style.BODY_PT, "bold") <= room_in:
                return words
        return self._canvas.fit_middle(name, room_in, "bold")


def phases_without_words(
    canvas: Canvas, run: FinishedRun, levers: Sequence[LeverInWords], width_in: float
) -> list[str]:
    """Phases that no bar of that width has room to name: a key has to say what they are."""
    spans = [span for lever in levers for span in spans_of(run, lever)]
    named = {span.phase for span in spans if words_in_bar(canvas, run, span, width_in)}
    return [each for each in dict.fromkeys(span.phase for span in spans) if each not in named]


def _more_in_words(levers: Sequence[LeverInWords], measures: Sequence[LeverInWords]) -> str:
    """What has no bar."""
    words = [f"{len(levers)} more"] if levers else []
    if measures:
        words.append(f"{len(measures)} measure{'s' * (len(measures) > 1)}, not drawn here")
    return f"and {join_in_words(words)}" if words else ""


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


def draw_phases(canvas: Canvas, run: FinishedRun, lever: LeverInWords, box: Box) -> None:
    """The phases of one lever as a bar along the run, each with its name (and first day) where it fits."""
    for span in spans_of(run, lever):
        left_in, right_in = (
            box.left + box.width * (day - run.starts).days / (run.ends - run.starts).days
            for day in (span.starts, span.ends)
        )
        words = words_in_bar(canvas, run, span, box.width)
        _draw_span(canvas, span, Box(left_in, box.top, right_in - left_in, box.height), words)


def words_in_bar(canvas: Canvas, run: FinishedRun, span: Span, whole_in: float) -> str:
    """What can be read in its part of a bar so wide: the phase with its first day, the phase, or nothing."""
    width_in = whole_in * (span.ends - span.starts).days / (run.ends - run.starts).days
    choices = (dated_words(span), look_of(span.phase).words)
    wide_in = (canvas.width_in(words, style.BODY_PT) + AIR_IN for words in choices)
    return next((w for w, wide in zip(choices, wide_in, strict=True) if wide <= width_in), "")


def _draw_span(canvas: Canvas, span: Span, box: Box, words: str) -> None:
    look = look_of(span.phase)
    sheet, middle_in, right_in = canvas.sheet, box.top + box.height / 2, box.left + box.width
    if span.phase == "ended":
        _draw_end(sheet, box.left, right_in, middle_in, box.height, span.lever.restricts)
    else:
        corner = (box.left, middle_in - BAR_SHARE * box.height / 2)
        height_in = BAR_SHARE * box.height
        sheet.add_artist(_swatch(corner, box.width, height_in, look, span.lever.restricts))
    if words:
        sheet.text(
            box.left + box.width / 2,
            middle_in,
            words,
            color=readable_on(_fill(look, span.lever.restricts)),
            ha="center",
            va="center_baseline",
            bbox=_backing(look, span.lever.restricts),
        )


def dated_words(span: Span) -> str:
    """A phase and its first day, with a word where that is before the run."""
    since = "since " if span.began < span.starts else ""
    return f"{look_of(span.phase).words} {since}{day_in_words(span.began)}"


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


def phase_key_in(canvas: Canvas, phases: Sequence[str]) -> float:
    """Height of a key of phases; none where it has no entry."""
    places = canvas.key_places([look_of(phase).words for phase in phases], SWATCH_IN)
    return KEY_IN * (1 + places[-1][1]) if places else 0.0


def draw_phase_key(
    canvas: Canvas, phases: Sequence[str], top_in: float, *, restricts: bool
) -> None:
    """Name these phases, in the colour of what restricts or of what adds."""
    places = canvas.key_places([look_of(phase).words for phase in phases], SWATCH_IN)
    for phase, (left_in, row) in zip(phases, places, strict=True):
        _draw_key_entry(canvas, phase, restricts, left_in, top_in + (row + 0.5) * KEY_IN)


def _draw_key_entry(
    canvas: Canvas, phase: str, restricts: bool, left_in: float, middle_in: float
) -> None:
    height_in = BAR_IN * BAR_SHARE * 0.8
    if phase == "ended":
        right_in = left_in + SWATCH_IN
        _draw_end(canvas.sheet, left_in, right_in, middle_in, height_in / 0.6, restricts)
    else:
        corner = (left_in, middle_in - height_in / 2)
        canvas.sheet.add_artist(_swatch(corner, SWATCH_IN, height_in, look_of(phase), restricts))
    words = look_of(phase).words
    canvas.write(words, left_in + SWATCH_IN + 0.05, middle_in, colour=style.GREY)
