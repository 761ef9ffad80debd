"""Flow map from ore to use: ribbons as wide as tonnes, what passed the restricting country in one colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pandas as pd
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from sim.figures import style
from sim.figures.canvas import Box, Canvas, Heading, Sheet
from sim.figures.chain_flows import NOT_WON, STOCKPILE, USE, ChainYear, chain_year
from sim.figures.chosen_element import outside, where_outside
from sim.figures.drawing import Drawing, NothingToShow
from sim.figures.finished_run import FinishedRun, rows
from sim.figures.style import Page
from sim.figures.wording import capitalised, join_in_words, percent, tonnes, two_figures

OTHER = "other"
MOST_PLACES = 4
MOST_PLACES_NARROW = 3
PANEL_IN = 2.7
TALL_PANEL_IN = 3.6
TITLE_IN = 0.22
HEAD_IN = 0.2
KEY_IN = 0.22
SWATCH_IN = 0.24
LABEL_IN = 0.145
THOUSANDS_FROM_T = 995.0
GAP_IN = 0.05
BAR_IN = 0.07
BETWEEN_IN = 0.25
LAST_STEP, LAST_STEP_NARROW = 1.8, 1.68
"""Of a usual step from bar to bar."""
LAST_TEXT_SHARE, LAST_TEXT_SHARE_NARROW = 0.55, 0.48
"""Of that last step: the texts of its right end; those of its left end have the rest."""
LEAST_T_SHARE = 0.002
"""Of what is mined: a thinner ribbon cannot be seen and is left out of the picture, not of the table."""
THROUGH, ELSEWHERE = "#B0658C", "#CBD6E1"
THROUGH_BAR, ELSEWHERE_BAR = style.BURGUNDY, style.GREY
HATCH = "////"
NEARLY_ALL = 0.95
"""Of what users receive: with less, the title says that it speaks of what has a known origin."""
TITLES = {"scenario": "In the scenario", "reference": "In the reference"}


@dataclass(slots=True)
class Place:
    """A bar of the map: a country or region at one stage, or a lane that passes a stage by."""

    stage: int
    name: str
    in_t: float = 0.0
    out_t: float = 0.0
    top: float = 0.0
    """Inches from the top of the panel."""
    filled: dict[str, float] = field(default_factory=lambda: {"in": 0.0, "out": 0.0})
    """Inches of its two sides that ribbons already take."""
    is_lane: bool = False

    @property
    def t(self) -> float:
        """Tonnes that its bar stands for."""
        return max(self.in_t, self.out_t)


@dataclass(frozen=True, slots=True)
class Ribbon:
    """A flow between two neighbouring stages."""

    source: Place
    goal: Place
    t: float
    through_t: float


@dataclass(frozen=True, slots=True)
class Map:
    """One world laid out: bars and ribbons."""

    places: Sequence[Place]
    ribbons: Sequence[Ribbon]

    def column(self, stage: int) -> list[Place]:
        """Bars of one stage from the top down."""
        return [place for place in self.places if place.stage == stage]


def draw_flow_map(run: FinishedRun, page: Page) -> Drawing | NothingToShow:
    """The scenario above (or beside) its reference, at one scale."""
    chain = chain_year(run)
    if chain is None:
        return NothingToShow("the run folder does not say who supplied whom (`chain.csv`)")
    heading = Heading(
        _message(run, chain), _measure(run, chain), _brief(run, chain), run.source_line
    )
    canvas = Canvas(page, heading)
    key = _key(run, chain)
    places = canvas.key_places([words for _, _, words in key], SWATCH_IN)
    key_in = KEY_IN * (1 + places[-1][1])
    boxes = _boxes(page, len(chain.flows), canvas.room_in, key_in)
    canvas.open(boxes[-1].top + boxes[-1].height)
    for entry, (left_in, row) in zip(key, places, strict=True):
        _draw_key_entry(canvas, *entry, left_in, (row + 0.5) * KEY_IN)
    short = boxes[0].width < 4.5
    kept = _places_kept(chain, MOST_PLACES_NARROW if short else MOST_PLACES)
    maps = {world: _laid_out(chain, table, kept) for world, table in chain.flows.items()}
    height_in = boxes[0].height - TITLE_IN - HEAD_IN
    scale = min(_scale(chain, each, height_in) for each in maps.values())
    for box, (world, each) in zip(boxes, maps.items(), strict=True):
        title = f"{TITLES[world]}, {chain.year}, {chain.unit}"
        canvas.write(title, box.left, box.top + TITLE_IN / 2, weight="bold")
        _draw_map(canvas, run, chain, each, box, scale, short=short)
    table = _table(chain)
    return Drawing(canvas.figure, heading.title, heading.measure, _alt(run, chain, heading), table)


def _boxes(page: Page, count: int, room_in: float, key_in: float) -> list[Box]:
    """Beside one another on a slide, below one another elsewhere."""
    width_in = page.width_in - 2 * style.MARGIN_IN
    if page.height_in:
        each_in = (width_in - (count - 1) * BETWEEN_IN) / count
        return [
            Box(style.MARGIN_IN + n * (each_in + BETWEEN_IN), key_in, each_in, room_in - key_in)
            for n in range(count)
        ]
    wanted_in = TITLE_IN + HEAD_IN + (PANEL_IN if count > 1 else TALL_PANEL_IN)
    height_in = min(wanted_in, (room_in - key_in) / count)
    return [Box(style.MARGIN_IN, key_in + n * height_in, width_in, height_in) for n in range(count)]


def _laid_out(chain: ChainYear, flows: pd.DataFrame, kept: Mapping[str, Sequence[str]]) -> Map:
    """Bars and ribbons, small countries together, a lane for what passes a stage by."""
    order = {stage: number for number, stage in enumerate(chain.stages)}
    named = flows.assign(
        source=[_kept(kept, s, c) for s, c in zip(flows["from_stage"], flows["from_country"], strict=True)],
        goal=[_kept(kept, s, c) for s, c in zip(flows["to_stage"], flows["to_country"], strict=True)],
    )  # fmt: skip
    sums = named.groupby(["from_stage", "source", "to_stage", "goal"], as_index=False)[
        ["t", "through_t"]
    ].sum()
    floor = LEAST_T_SHARE * sums.loc[sums["from_stage"] == chain.stages[0], "t"].sum()
    places: dict[tuple[int, str], Place] = {}
    ribbons: list[Ribbon] = []

    def place(stage: int, name: str, *, is_lane: bool = False) -> Place:
        return places.setdefault((stage, name), Place(stage, name, is_lane=is_lane))

    for region in chain.regions:  # also those that get nothing in this world
        place(order[USE], region)
    for row in sums.to_dict("records"):
        first = order[row["from_stage"]]
        if row["to_stage"] == NOT_WON:
            place(first, row["source"]).out_t += row["t"]
            continue
        last = order[row["to_stage"]]
        if row["t"] < floor:
            place(first, row["source"]).out_t += row["t"]
            place(last, row["goal"]).in_t += row["t"]
            continue
        lane = f"{row['source']} {first} {row['goal']} {last}"
        stops = [place(first, row["source"])]
        stops += [place(n, lane, is_lane=True) for n in range(first + 1, last)]
        stops.append(place(last, row["goal"]))
        for source, goal in pairwise(stops):
            source.out_t += row["t"]
            goal.in_t += row["t"]
            ribbons.append(Ribbon(source, goal, row["t"], row["through_t"]))
    ranked = sorted(places.values(), key=lambda p: _rank(chain, kept, p))
    position = {id(each): number for number, each in enumerate(ranked)}
    ribbons.sort(key=lambda r: (r.source.stage, position[id(r.source)], position[id(r.goal)]))
    return Map(ranked, ribbons)


def _rank(chain: ChainYear, kept: Mapping[str, Sequence[str]], place: Place) -> tuple[object, ...]:
    """From the top down: countries with a bar of their own, small ones together, passing lanes."""
    order = kept[chain.stages[place.stage]]
    number = order.index(place.name) if place.name in order else len(order)
    return (place.stage, place.is_lane, number, place.name)


def _places_kept(chain: ChainYear, most: int) -> Mapping[str, Sequence[str]]:
    """Stage -> the countries with a bar of their own, marked ones first, then by size.

    They are the same in all worlds, so that maps can be compared; each region of use has its bar.
    """
    flows = pd.concat(chain.flows.values())
    kept: dict[str, Sequence[str]] = {}
    for stage in chain.stages:
        # All worlds together: sums serve only to rank.
        out = flows[flows["from_stage"] == stage].groupby("from_country")["t"].sum()
        into = flows[flows["to_stage"] == stage].groupby("to_country")["t"].sum()
        size = (
            pd.concat([out, into], axis=1).max(axis=1).sort_values(ascending=False, kind="stable")
        )
        largest = [str(country) for country in size.index if country not in chain.marked]
        if stage != USE and len(largest) > most:
            largest = largest[: most - 1]
        released = [STOCKPILE] if STOCKPILE in size.index and STOCKPILE not in largest else []
        kept[stage] = [*chain.marked, *largest, *released]
    return kept


def _kept(kept: Mapping[str, Sequence[str]], stage: str, country: str) -> str:
    return country if country in kept.get(stage, ()) else OTHER


def _scale(chain: ChainYear, each: Map, height_in: float) -> float:
    """Inches a tonne at which the fullest stage just fits."""
    scales = []
    for stage in range(len(chain.stages)):
        column = each.column(stage)
        bars = [place for place in column if not place.is_lane]
        free_in = height_in - len(bars) * (LABEL_IN + GAP_IN) - GAP_IN * (len(column) > len(bars))
        total = sum(place.t for place in column)
        if total > 0:
            scales.append(free_in / total)
    return min(scales)


def _draw_map(
    canvas: Canvas, run: FinishedRun, chain: ChainYear, each: Map, box: Box, scale: float, *, short: bool
) -> None:  # fmt: skip
    sheet = canvas.sheet_at(box.left, box.top + TITLE_IN + HEAD_IN)
    lefts = _lefts(len(chain.stages), box.width, short=short)
    for stage, name in enumerate(chain.stages):
        align, left_in, room_in = _aligned(stage, lefts, short=short)
        head = canvas.fit(capitalised(name.replace("_", " ")), room_in)
        middle_in = box.top + TITLE_IN + HEAD_IN / 2
        canvas.write(head, box.left + left_in, middle_in, align=align, colour=style.GREY)
        top_in = 0.0
        for place in each.column(stage):
            top_in += 0.0 if place.is_lane else LABEL_IN
            place.top = top_in
            top_in += place.t * scale + (0.0 if place.is_lane else GAP_IN)
    for ribbon in each.ribbons:
        _draw_ribbon(sheet, ribbon, lefts, scale)
    for place in each.places:
        if not place.is_lane:
            _draw_place(canvas, sheet, run, chain, place, lefts, scale, short=short)


def _lefts(count: int, width_in: float, *, short: bool) -> list[float]:
    """Left edges of the bars; the last step is wider, for two texts share it."""
    last = LAST_STEP_NARROW if short else LAST_STEP
    step_in = (width_in - BAR_IN) / (count - 2 + last)
    return [*(number * step_in for number in range(count - 1)), width_in - BAR_IN]


def _aligned(stage: int, lefts: Sequence[float], *, short: bool) -> tuple[str, float, float]:
    """How texts at a stage hang on to its bar, where, and how wide they may be."""
    share = LAST_TEXT_SHARE_NARROW if short else LAST_TEXT_SHARE
    last_in = share * (lefts[-1] + BAR_IN - lefts[-2])
    if stage == len(lefts) - 1:
        return "right", lefts[-1] + BAR_IN, last_in
    if stage == len(lefts) - 2:
        return "left", lefts[stage], lefts[-1] + BAR_IN - lefts[stage] - last_in
    return "left", lefts[stage], lefts[1] - lefts[0]


def _draw_place(
    canvas: Canvas, sheet: Sheet, run: FinishedRun, chain: ChainYear, place: Place,
    lefts: Sequence[float], scale: float, *, short: bool,
) -> None:  # fmt: skip
    is_marked = place.name in chain.marked and chain.stages[place.stage] != USE
    sheet.add_artist(
        Rectangle(
            (lefts[place.stage], place.top),
            BAR_IN,
            max(place.t * scale, 0.01),
            facecolor=THROUGH_BAR if is_marked else ELSEWHERE_BAR,
            edgecolor="none",
            zorder=4,
        )
    )
    align, left_in, room_in = _aligned(place.stage, lefts, short=short)
    name = _name(run, chain, place, short=short)
    amount = _amount(place.t, short=short)
    name_room_in = room_in + 0.02 - canvas.width_in(f" {amount}", style.BODY_PT)
    if canvas.width_in(name, style.BODY_PT) > name_room_in:
        name = canvas.fit(place.name, name_room_in)
    sheet.text(
        left_in,
        place.top - 0.42 * LABEL_IN,
        f"{name} {amount}",
        ha=align,
        va="center_baseline",
        bbox={"facecolor": style.PAPER, "edgecolor": "none", "pad": 0.3, "alpha": 0.75},
        zorder=5,
    )


def _name(run: FinishedRun, chain: ChainYear, place: Place, *, short: bool) -> str:
    if short and place.name == STOCKPILE:
        return "stock"
    if short or place.name == OTHER:
        return place.name
    kind = "regions" if chain.stages[place.stage] == USE else "countries"
    return run.name(kind, place.name)


def _amount(t: float, *, short: bool) -> str:
    return f"{two_figures(t / 1000)}k" if short and t >= THOUSANDS_FROM_T else two_figures(t)


def _draw_ribbon(sheet: Sheet, ribbon: Ribbon, lefts: Sequence[float], scale: float) -> None:
    left_in = lefts[ribbon.source.stage] + BAR_IN
    right_in = lefts[ribbon.goal.stage]
    if ribbon.source.is_lane:
        left_in -= BAR_IN
    parts = ((ribbon.through_t, THROUGH, HATCH), (ribbon.t - ribbon.through_t, ELSEWHERE, ""))
    for t, colour, hatch in parts:
        height = t * scale
        if height <= 0:
            continue
        start = ribbon.source.top + ribbon.source.filled["out"]
        end = ribbon.goal.top + ribbon.goal.filled["in"]
        ribbon.source.filled["out"] += height
        ribbon.goal.filled["in"] += height
        sheet.add_artist(
            PathPatch(
                _band(left_in, right_in, start, end, height),
                facecolor=colour,
                hatch=hatch,
                edgecolor=style.PAPER,
                linewidth=0.3,
                zorder=2,
            )
        )


def _band(left: float, right: float, start: float, end: float, height: float) -> Path:
    """A band of one height that swings from one level to another."""
    middle = (left + right) / 2
    points = [
        (left, start), (middle, start), (middle, end), (right, end),
        (right, end + height), (middle, end + height), (middle, start + height), (left, start + height),
        (left, start),
    ]  # fmt: skip
    curve = [Path.CURVE4] * 3
    return Path(points, [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY])


def _key(run: FinishedRun, chain: ChainYear) -> list[tuple[str, str, str]]:
    """Colour, hatch and words of both kinds of ribbon."""
    names = join_in_words([run.name("countries", country) for country in chain.marked])
    return [(THROUGH, HATCH, f"has passed through {names}"), (ELSEWHERE, "", "has not")]


def _draw_key_entry(
    canvas: Canvas, colour: str, hatch: str, words: str, left_in: float, middle_in: float
) -> None:
    corner = (left_in, middle_in - 0.065)
    swatch = Rectangle(corner, SWATCH_IN, 0.13, fc=colour, hatch=hatch, ec=style.PAPER, lw=0.4)
    canvas.sheet.add_artist(swatch)
    room_in = canvas.width - left_in - SWATCH_IN - 0.1
    canvas.write(canvas.fit(words, room_in), left_in + SWATCH_IN + 0.05, middle_in)


def _message(run: FinishedRun, chain: ChainYear) -> str:
    names = join_in_words([run.name("countries", country) for country in chain.marked])
    where = where_outside(run)
    element = run.name("elements", chain.element)
    t, share, is_known = _received(run, chain, "scenario")
    known = "" if is_known else " of known origin"
    said = (
        f"In this scenario {percent(share)} of the {element}{known} that users{where} would "
        f"receive in {chain.year} would have passed through {names}"
    )
    if "reference" not in chain.flows:
        return said
    reference_t, reference_share, _ = _received(run, chain, "reference")
    word = "less" if t < reference_t else "more"
    return (
        f"{said} (reference: {percent(reference_share)}); they would receive "
        f"{tonnes(abs(reference_t - t), chain.unit)} {word}"
    )


def _received(run: FinishedRun, chain: ChainYear, world: str) -> tuple[float, float, bool]:
    """(tonnes that reach users outside, the part that passed the marked countries, whether most is known).

    The part is the tracer's, which follows stocks through the years, where the run traced that country; it
    is of the tonnes whose way is known. Else it is that of the year's flows.
    """
    table = chain.flows[world]
    use = table[(table["to_stage"] == USE) & ~table["to_country"].isin(run.exporting_regions)]
    total = float(use["t"].sum())
    traced = _traced(run, chain, world)
    if traced is not None:
        return total, *traced
    return total, float(use["through_t"].sum()) / total if total > 0 else 0.0, True


def _traced(run: FinishedRun, chain: ChainYear, world: str) -> tuple[float, bool] | None:
    """The tracer's part of what users outside received in the year; None where it does not say."""
    if not _is_traced(run, chain):
        return None
    by_metric = []
    for metric in ("supply_by_origin", "supply_touched"):
        found = outside(run, rows(run.summary, metric, run=world))
        found = found[(found["material"] == chain.element) & (found["period"] == chain.year)]
        by_metric.append(found)
    origin, touched = by_metric
    known_t = float(origin.loc[origin["country"] != "", "value"].sum())
    if known_t <= 0:
        return None
    passed_t = float(touched.loc[touched["country"] == chain.marked[0], "value"].sum())
    all_t = float(origin["value"].sum())
    return min(1.0, passed_t / known_t), known_t >= NEARLY_ALL * all_t


def _is_traced(run: FinishedRun, chain: ChainYear) -> bool:
    """Whether the run traced the one country that is coloured."""
    return len(chain.marked) == 1 and chain.marked[0] in run.exporters


def _measure(run: FinishedRun, chain: ChainYear) -> str:
    traced = (
        "; the title's share is traced through stocks of before, as far as their way is known"
        if _is_traced(run, chain)
        else ""
    )
    acts = f", restricted on {chain.days_in_force} days" if chain.days_in_force else ""
    return (
        f"{capitalised(run.name('elements', chain.element))} content that arrived in {chain.year}{acts}, "
        f"{chain.unit}, by stage and country (use: region). A bar is the larger of what comes in and what goes "
        "on: losses, stocks, scrap and ore that was not split are the difference. Ore comes to a country as "
        "far as its plants split it; what is won from scrap joins there. Colours follow what moved in the year"
        f"{', stockpiles count as not passed' if _has_stockpile(chain) else ''}{traced}."
    )


def _has_stockpile(chain: ChainYear) -> bool:
    return any((table["from_country"] == STOCKPILE).any() for table in chain.flows.values())


def _brief(run: FinishedRun, chain: ChainYear) -> str:
    return (
        f"{capitalised(run.name('elements', chain.element))} content that arrived in {chain.year}, "
        f"{chain.unit}, by stage and country or region (codes; k: thousand); ore as far as it was split"
    )


def _table(chain: ChainYear) -> pd.DataFrame:
    parts = [
        table.assign(run=world, year=chain.year, element=chain.element, unit=chain.unit)
        for world, table in chain.flows.items()
    ]
    columns = [
        "run",
        "year",
        "element",
        "from_stage",
        "from_country",
        "to_stage",
        "to_country",
        "t",
    ]
    return pd.concat(parts, ignore_index=True)[[*columns, "through_t", "unit"]]


def _alt(run: FinishedRun, chain: ChainYear, heading: Heading) -> str:
    parts = []
    for world, table in chain.flows.items():
        said = []
        for stage in chain.stages[:-1]:
            made = table[table["from_stage"] == stage].groupby("from_country")["t"].sum()
            largest = made.sort_values(ascending=False, kind="stable").head(3)
            names = [
                f"{run.name('countries', str(country))} {two_figures(float(t))}"
                for country, t in largest.items()
            ]
            said.append(f"{stage}: {', '.join(names)}")
        parts.append(f"{TITLES[world]}, {chain.unit} handed on by {'; '.join(said)}")
    stages = ", ".join(chain.stages)
    return (
        f"Flow map with ribbons as wide as tonnes through {stages}. {heading.title}. "
        f"{'. '.join(parts)}. {run.source_line}"
    )
