"""Flow map from ore to use: ribbons as wide as tonnes, words beside them, what leaves the exporter marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from sim.figures import style
from sim.figures.canvas import POINTS_PER_INCH, Canvas, Heading
from sim.figures.chain_flows import USE, ChainYear, chain_year
from sim.figures.drawing import Drawing, NothingToShow
from sim.figures.finished_run import FinishedRun
from sim.figures.flow_panels import (
    AIR_IN,
    BAR_IN,
    HEADS_IN,
    LINE_IN,
    Content,
    Panels,
    across,
    downwards,
)  # fmt: skip
from sim.figures.flow_places import PARTS, Place, Ribbon, laid_out, least_t, others, places_kept
from sim.figures.flow_words import WORLDS, alt_text, finding, measure_in_words, table_of
from sim.figures.restriction_strip import COLOURS
from sim.figures.style import Page
from sim.figures.wording import capitalised, join_in_words, joined

WANTED_IN = 2.7
"""Of a panel from left to right, with the names of its stages."""
LEAST_IN = 2.3
"""A lower one is better drawn alone, with what users get in the reference in brackets."""
TITLE_IN, KEY_IN, BETWEEN_IN = 0.2, 0.2, 0.12
SWATCH_IN = 0.24
LOWEST_ROWS_IN = 3.6
"""What all stages of a narrow page need, one below the other."""
MOST_STAGES_WHERE_LOW = 4
HAIR_PT, THIN_PT = 0.5, 3.0
ELSEWHERE = {True: "#9DB4CC", False: "#CDBD9A"}
"""Of what has not passed it, where somebody restricts, and where nobody does."""
STOCK = ("#C9C9C9", "#757575")
RESTRICTED, UNRESTRICTED = (COLOURS[True][1], "#A8567F"), ("#C5D3E2", "#4F7396")
"""Ground and hatch of what has passed a country: one that restricts, or else the one that separates most."""


def draw_flow_map(run: FinishedRun, page: Page) -> Drawing | NothingToShow:
    """The reference above the scenario where there is room, else the scenario with it in brackets."""
    chain = chain_year(run)
    if chain is None:
        return NothingToShow("the run folder does not say who supplied whom (`chain.csv`)")
    title = finding(run, chain)
    # The longest line below it first, so that there is as much room with any.
    canvas = Canvas(page, _heading(run, chain, page, chain.stages, title, with_reference=True))
    room_in = canvas.room_in - _key_in(canvas, run, chain)
    is_low = page.is_narrow and room_in < LOWEST_ROWS_IN
    stages = _stages_drawn(chain, MOST_STAGES_WHERE_LOW if is_low else len(chain.stages))
    kept = places_kept(chain)
    maps = {w: laid_out(chain, flows, kept, stages) for w, flows in chain.flows.items()}
    each_in = (room_in - BETWEEN_IN) / 2 - TITLE_IN
    if not page.is_whole or each_in < LEAST_IN or len(maps) == 1:
        content = Content(
            {"scenario": maps["scenario"]}, maps.get("reference"), others(chain, kept)
        )
        each_in = room_in
    else:
        both = {world: maps[world] for world in ("reference", "scenario")}
        content = Content(both, None, others(chain, kept))
    high_in = each_in if page.height_in else min(each_in, WANTED_IN)
    if page.is_narrow:
        panels = downwards(run, canvas, content, each_in)
    else:
        panels = across(run, canvas, content, high_in)
    heading = _heading(run, chain, page, stages, title, with_reference=content.behind is not None)
    canvas = Canvas(page, heading)
    codes = panels.codes_in_words(run)
    told = joined(heading.needed, f"Codes: {codes}." if codes else "")
    if codes and not page.is_narrow:  # a narrow one has no room for what they mean
        canvas = Canvas(page, replace(heading, needed=told))
        less_in = room_in - (canvas.room_in - _key_in(canvas, run, chain))
        panels = across(run, canvas, content, high_in - max(0.0, less_in) / len(content.maps))
    _draw(canvas, run, chain, panels)
    return Drawing(
        canvas.figure,
        title,
        measure_in_words(run, chain),
        alt_text(run, chain, title),
        table_of(chain),
        told,
    )


def _stages_drawn(chain: ChainYear, most: int) -> Sequence[str]:
    """Of more than there is room for, those between the second and the last maker are passed over."""
    stages = list(chain.stages)
    while len(stages) > max(most, MOST_STAGES_WHERE_LOW):
        del stages[2]
    return stages


def _heading(
    run: FinishedRun, chain: ChainYear, page: Page, stages: Sequence[str], title: str, *,
    with_reference: bool,
) -> Heading:  # fmt: skip
    """The finding, and how the numbers are read."""
    element = run.name("elements", chain.element)
    aid = f"{chain.unit} of {element} handed on in {chain.year} (use: received)"
    needed = ["reference in brackets"] if with_reference else []
    if page.is_narrow:
        needed.append("k: thousand")
    passed_over = [stage.replace("_", " ") for stage in chain.stages if stage not in stages]
    if passed_over:
        needed.append(f"{join_in_words(passed_over)} not drawn")
    said = f"{capitalised('; '.join(needed))}." if needed else ""
    return Heading(title, aid, aid, run.source_line, said)


def _draw(canvas: Canvas, run: FinishedRun, chain: ChainYear, panels: Panels) -> None:
    titled_in = TITLE_IN * (len(panels.maps) > 1)
    top_in = _key_in(canvas, run, chain)
    taken_in = [titled_in + height_in + BETWEEN_IN for height_in in panels.heights_in.values()]
    canvas.open(top_in + sum(taken_in) - BETWEEN_IN)
    _draw_key(canvas, run, chain)
    for world, each in panels.maps.items():
        if titled_in:
            words = f"{WORLDS[world]}, {chain.year}"
            canvas.write(words, style.MARGIN_IN, top_in + TITLE_IN / 2, weight="bold")
        top_in += titled_in
        _draw_heads(canvas, panels, panels.heights_in[world], top_in)
        for ribbon in each.ribbons:
            _draw_ribbon(canvas, run, panels, ribbon, top_in)
        for column in each.columns.values():
            for place in column:
                if not place.is_lane:
                    _draw_place(canvas, run, chain, panels, place, top_in)
                    _write_place(canvas, panels, world, place, top_in)
        top_in += panels.heights_in[world] + BETWEEN_IN


def _draw_heads(canvas: Canvas, panels: Panels, height_in: float, top_in: float) -> None:
    """The name of each stage: above its column, or on edge beside its row."""
    for number, stage in enumerate(panels.stages):
        name = capitalised(stage.replace("_", " "))
        pitch_in = panels.room[stage] + panels.step_in + 2 * (AIR_IN + BAR_IN)
        name = canvas.fit(name, pitch_in - AIR_IN)
        if panels.downwards:
            half_in = canvas.width_in(name, style.BODY_PT) / 2
            middle_in = panels.at[stage] + panels.room[stage] / 2
            at_in = min(max(middle_in, half_in), height_in - half_in)
            canvas.sheet.text(
                style.MARGIN_IN + LINE_IN / 2, top_in + at_in, name, color=style.GREY, rotation=90,
                ha="center", va="center",
            )  # fmt: skip
            continue
        left_in, align = _words_at(panels, stage, number)
        if align == "right" and canvas.width_in(name, style.BODY_PT) > panels.room[stage]:
            left_in, align = style.MARGIN_IN, "left"
        canvas.write(name, left_in, top_in + HEADS_IN / 2, colour=style.GREY, align=align)


def _words_at(panels: Panels, stage: str, number: int) -> tuple[float, str]:
    """Words of the first column end at its bar, those of the last begin there, others stand between two."""
    left_in, wide = panels.at[stage], panels.room[stage]
    if number == 0:
        return left_in + wide, "right"
    if number == len(panels.at) - 1:
        return left_in, "left"
    return left_in + wide / 2, "center"


def _draw_place(
    canvas: Canvas, run: FinishedRun, chain: ChainYear, panels: Panels, place: Place, top_in: float
) -> None:
    """A bar for what comes in and one for what goes on, as long as their tonnes."""
    colour = (
        _marked_colour(run) if place.name in chain.marked and place.stage != USE else style.GREY
    )
    number, last = panels.stages.index(place.stage), len(panels.stages) - 1
    for side, t, is_drawn in (("in", place.in_t, number > 0), ("out", place.out_t, number < last)):
        if not is_drawn or t <= 0:
            continue
        long_in = max(t * panels.scale, HAIR_PT / POINTS_PER_INCH)
        middle = place.starts + place.size / 2
        a = panels.bar_at(place.stage, side)
        ends = [(a, middle - long_in / 2), (a + BAR_IN, middle + long_in / 2)]
        (left, top), (right, bottom) = (panels.point(*end) for end in ends)
        canvas.sheet.add_artist(
            Rectangle(
                (left, top_in + top), right - left, bottom - top, facecolor=colour, edgecolor="none",
                zorder=4,
            )
        )  # fmt: skip


def _write_place(canvas: Canvas, panels: Panels, world: str, place: Place, top_in: float) -> None:
    """Name and tonnes between the two bars, or beside the one."""
    said = panels.words[world, place.stage, place.name]
    middle = place.starts + place.size / 2
    number, last = panels.stages.index(place.stage), len(panels.stages) - 1
    room_in = panels.room[place.stage]
    for line, words in enumerate(said):
        if panels.downwards:
            # The first row's words end at its bar.
            free_in = room_in - len(said) * LINE_IN
            before_in = free_in if number == 0 else 0.0 if number == last else free_in / 2
            left_in, from_top = panels.point(
                panels.at[place.stage] + before_in + (line + 0.5) * LINE_IN, middle
            )
            canvas.write(words, left_in, top_in + from_top, align="center")
            continue
        left_in, align = _words_at(panels, place.stage, number)
        _, from_top = panels.point(0.0, middle + (line - (len(said) - 1) / 2) * LINE_IN)
        canvas.write(words, left_in, top_in + from_top, align=align)


def _draw_ribbon(
    canvas: Canvas, run: FinishedRun, panels: Panels, ribbon: Ribbon, top_in: float
) -> None:
    start, end = (
        place.starts + place.size / 2 - t * panels.scale / 2 + place.filled[side]
        for place, side, t in (
            (ribbon.source, "out", ribbon.source.out_t), (ribbon.goal, "in", ribbon.goal.in_t)
        )
    )  # fmt: skip
    inner = panels.bar_at(ribbon.source.stage, "out") + BAR_IN
    # A lane goes straight through the stage that it passes by.
    first = panels.bar_at(ribbon.source.stage, "in") if ribbon.source.is_lane else inner
    along = (first, inner, panels.bar_at(ribbon.goal.stage, "in"))
    largest = max(PARTS, key=lambda part: ribbon.shares[part])
    for part in PARTS:
        share = ribbon.shares[part]
        wide = (share * ribbon.start_t * panels.scale, share * ribbon.end_t * panels.scale)
        # What is thinner than a hair is seen only where it is most of its ribbon.
        if part == largest or wide[1] > HAIR_PT / POINTS_PER_INCH:
            points, kinds = _band(along, (start, end), wide)
            placed = [panels.point(a, b) for a, b in points]
            band = Path([(x, top_in + y) for x, y in placed], kinds)
            is_thin = part == largest and wide[1] < THIN_PT / POINTS_PER_INCH
            hair = {"linewidth": HAIR_PT if is_thin else 0.0}
            canvas.sheet.add_artist(PathPatch(band, zorder=2, **_look(run, part), **hair))
        start, end = start + wide[0], end + wide[1]
    ribbon.source.filled["out"] += ribbon.start_t * panels.scale
    ribbon.goal.filled["in"] += ribbon.end_t * panels.scale


def _band(
    along: tuple[float, float, float], levels: tuple[float, float], wide: tuple[float, float]
) -> tuple[list[tuple[float, float]], list[int]]:
    """A band that goes straight on to an inner edge and then swings from one level to another."""
    (first, inner, last), (start, end), (from_wide, to_wide) = along, levels, wide
    middle = (inner + last) / 2
    points = [
        (first, start), (inner, start), (middle, start), (middle, end), (last, end),
        (last, end + to_wide), (middle, end + to_wide), (middle, start + from_wide),
        (inner, start + from_wide), (first, start + from_wide), (first, start),
    ]  # fmt: skip
    curve = [int(Path.CURVE4)] * 3
    line = int(Path.LINETO)
    return points, [int(Path.MOVETO), line, *curve, line, *curve, line, int(Path.CLOSEPOLY)]


def _marked_colour(run: FinishedRun) -> str:
    """That of restrictions elsewhere, where somebody restricts."""
    return COLOURS[True][0] if run.exporters else style.NAVY


def _look(run: FinishedRun, part: str) -> dict[str, Any]:
    """Of a part of a ribbon; a thin one is seen by the colour of its edge."""
    pale, middle = RESTRICTED if run.exporters else UNRESTRICTED
    if part == "leaves":
        return {"facecolor": _marked_colour(run), "edgecolor": _marked_colour(run)}
    if part == "passed":
        return {"facecolor": pale, "edgecolor": middle, "hatch": "////"}
    if part == "stock":
        return {"facecolor": STOCK[0], "edgecolor": STOCK[1], "hatch": "...."}
    elsewhere = ELSEWHERE[bool(run.exporters)]
    return {"facecolor": elsewhere, "edgecolor": elsewhere}


def _key(run: FinishedRun, chain: ChainYear) -> list[tuple[str, str]]:
    """Part of a ribbon and its words, of those that are there."""
    names = join_in_words([run.name("countries", country) for country in chain.marked])
    flows = pd.concat(chain.flows.values())
    least = least_t(flows, chain.stages[0]) / len(chain.flows)
    is_there = {
        "leaves": flows["leaves_t"].max() > 0,
        "passed": (flows["through_t"] - flows["leaves_t"]).max() >= least,
        "stock": flows["stock_t"].max() >= least,
        "rest": True,
    }
    words = {
        "leaves": f"leaves {names}",
        "passed": f"has passed {names}",
        "stock": "from stocks, scrap",
        "rest": f"not by way of {names}",
    }
    return [(part, words[part]) for part in PARTS if is_there[part]]


def _key_in(canvas: Canvas, run: FinishedRun, chain: ChainYear) -> float:
    words = [words for _, words in _key(run, chain)]
    return KEY_IN * (1 + canvas.key_places(words, SWATCH_IN)[-1][1]) + 2 * AIR_IN


def _draw_key(canvas: Canvas, run: FinishedRun, chain: ChainYear) -> None:
    key = _key(run, chain)
    places = canvas.key_places([words for _, words in key], SWATCH_IN)
    for (part, words), (left_in, row) in zip(key, places, strict=True):
        middle_in = (row + 0.5) * KEY_IN
        swatch = Rectangle(
            (left_in, middle_in - 0.06), SWATCH_IN, 0.12, lw=HAIR_PT, **_look(run, part)
        )
        canvas.sheet.add_artist(swatch)
        room_in = canvas.width - left_in - SWATCH_IN - 0.1
        canvas.write(canvas.fit(words, room_in), left_in + SWATCH_IN + AIR_IN, middle_in)
