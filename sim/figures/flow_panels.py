"""How a flow map is fitted into its room: which words, in which direction, how many inches a tonne."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.figures import style
from sim.figures.canvas import Canvas
from sim.figures.chain_flows import STOCKPILE, USE
from sim.figures.finished_run import FinishedRun
from sim.figures.flow_places import OTHER, Map, Place
from sim.figures.wording import two_figures

LINE_IN = 0.135
AIR_IN, BAR_IN = 0.05, 0.045
"""Between words and the bars beside them; and a bar."""
WORDS_AIR_IN = 0.06
"""Between the words of one place and the next."""
HEADS_IN = 0.18
"""For the names of stages: above the columns, or on edge beside the rows."""
LEAST_STEP_IN, WANTED_STEP_IN = 0.34, 0.45
"""Of a ribbon from bar to bar; what it is given where goods flow downwards."""
LEAST_DOWN_IN = 0.22
"""There, where rows are many and low."""
WIDEST_WORDS_IN = 1.45
CUT = "…"
"""At the end of a name that is too long."""
MOST_WORDS = 0.85
"""Of a stage's room that words may fill: the rest is tonnes."""
THOUSANDS_FROM_T = 995.0
VARIANTS = ((False, 2), (False, 1), (True, 2), (True, 1))
"""Codes instead of names, lines; the fullest first."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is to be shown."""

    maps: Mapping[str, Map]
    """World -> its map, from the top down."""
    behind: Map | None
    """What users would get else, in brackets."""
    together: Mapping[str, int]
    """Stage -> how many countries its small ones are."""


@dataclass(frozen=True, slots=True)
class Panels:
    """What is shown, fitted: `a` is counted along the flow of goods, `b` along the places of a stage."""

    maps: Mapping[str, Map]
    downwards: bool
    as_codes: bool
    words: Mapping[tuple[str, str, str], Sequence[str]]
    """World, stage, place -> its lines."""
    scale: float
    """Inches a tonne."""
    at: Mapping[str, float]
    """Stage -> inches along the flow at which its words begin; a bar stands before and behind them."""
    room: Mapping[str, float]
    """Stage -> inches along the flow for its words."""
    step_in: float
    """From bar to bar."""
    heights_in: Mapping[str, float]
    """World -> of its panel, names of stages included."""

    def codes_in_words(self, run: FinishedRun) -> str:
        """What the codes mean that are written instead of names; empty where names are."""
        if not self.as_codes:
            return ""
        named = {
            place.name: run.name("regions" if stage == USE else "countries", place.name)
            for stage, column in self.maps["scenario"].columns.items()
            for place in column
            if not place.is_lane and place.name not in (OTHER, STOCKPILE)
        }
        return ", ".join(f"{code} {name}" for code, name in sorted(named.items()) if name != code)

    @property
    def stages(self) -> list[str]:
        """In the direction of the flow."""
        return list(self.at)

    def bar_at(self, stage: str, side: str) -> float:
        """Where the bar for what comes in or goes out begins along the flow."""
        if side == "in":
            return self.at[stage] - AIR_IN - BAR_IN
        return self.at[stage] + self.room[stage] + AIR_IN

    def point(self, a: float, b: float) -> tuple[float, float]:
        """Inches from the left and from the top of a panel."""
        return (HEADS_IN + style.MARGIN_IN + b, a) if self.downwards else (a, HEADS_IN + b)


def across(run: FinishedRun, canvas: Canvas, content: Content, height_in: float) -> Panels:
    """From left to right, with the fullest words that leave room for tonnes and for ribbons."""
    room_in = height_in - HEADS_IN
    for as_codes, lines in VARIANTS:
        words = _all_words(run, canvas, content, as_codes=as_codes, lines=lines, short=False)
        room = {
            stage: max(
                canvas.width_in(line, style.BODY_PT)
                for (_, at, _), said in words.items()
                if at == stage
                for line in said
            )
            for stage in _stages(content)
        }
        step_in = _step_in(room, canvas.width - 2 * style.MARGIN_IN)
        _give_room(content, dict.fromkeys(words, lines * LINE_IN))
        is_whole = not any(CUT in line for said in words.values() for line in said)
        if is_whole and step_in >= LEAST_STEP_IN and _least_in(content) <= MOST_WORDS * room_in:
            break
    scale = _stand(content, room_in)
    heights_in = {world: HEADS_IN + each.inches(scale) for world, each in content.maps.items()}
    at = _places_along(room, step_in, style.MARGIN_IN)
    return Panels(content.maps, False, as_codes, words, scale, at, room, step_in, heights_in)


def downwards(run: FinishedRun, canvas: Canvas, content: Content, height_in: float) -> Panels:
    """From the top down, with codes: for a narrow page, where rows have more room than columns."""
    words = _all_words(run, canvas, content, as_codes=True, lines=2, short=True)
    room = {
        stage: LINE_IN * max(len(said) for (_, at, _), said in words.items() if at == stage)
        for stage in _stages(content)
    }
    # Rather too high a figure than one whose rows lie on each other.
    step_in = min(WANTED_STEP_IN, max(LEAST_DOWN_IN, _step_in(room, height_in)))
    wide = {
        key: max(canvas.width_in(line, style.BODY_PT) for line in said)
        for key, said in words.items()
    }
    _give_room(content, {key: each + WORDS_AIR_IN for key, each in wide.items()})
    scale = _stand(content, canvas.width - 2 * style.MARGIN_IN - HEADS_IN)
    at = _places_along(room, step_in, 0.0)
    taken_in = at[_stages(content)[-1]] + room[_stages(content)[-1]]
    heights_in = dict.fromkeys(content.maps, taken_in)
    return Panels(content.maps, True, True, words, scale, at, room, step_in, heights_in)


def _stages(content: Content) -> list[str]:
    return list(content.maps["scenario"].columns)


def _all_words(
    run: FinishedRun, canvas: Canvas, content: Content, *, as_codes: bool, lines: int, short: bool
) -> dict[tuple[str, str, str], Sequence[str]]:
    """World, stage, place -> name and tonnes; what users would get else behind it. Only names are cut."""
    words: dict[tuple[str, str, str], Sequence[str]] = {}
    for world, each in content.maps.items():
        for stage, column in each.columns.items():
            for place in column:
                if place.is_lane:
                    continue
                name = _name(run, place, content.together, as_codes=as_codes)
                amounts = [_amount(place.handed_on_t, short=short)]
                if content.behind is not None and stage == USE:
                    amounts.append(f"({_amount(_same(content.behind, place), short=short)})")
                beside_in = canvas.width_in(" ".join(["", *amounts]), style.BODY_PT)
                name = canvas.fit(name, WIDEST_WORDS_IN - beside_in * (lines == 1))
                apart = [name, *amounts] if short else [name, " ".join(amounts)]
                words[world, stage, place.name] = apart if lines == 2 else [" ".join(apart)]
    return words


def _same(other: Map, place: Place) -> float:
    """Tonnes of the same place in another world."""
    found = (each for each in other.columns[place.stage] if each.name == place.name)
    return next((each.handed_on_t for each in found), 0.0)


def _name(run: FinishedRun, place: Place, together: Mapping[str, int], *, as_codes: bool) -> str:
    if place.name == OTHER:
        return f"{together[place.stage]} others"
    if place.name == STOCKPILE:
        return "stock" if as_codes else "stockpile"
    kind = "regions" if place.stage == USE else "countries"
    return place.name if as_codes else run.name(kind, place.name)


def _amount(t: float, *, short: bool) -> str:
    return f"{two_figures(t / 1000)}k" if short and t >= THOUSANDS_FROM_T else two_figures(t)


def _step_in(room: Mapping[str, float], long_in: float) -> float:
    """From bar to bar, where stages share a length; all but the outer two have a bar on both sides."""
    steps = len(room) - 1
    return (long_in - sum(room.values()) - 2 * steps * (AIR_IN + BAR_IN)) / steps


def _places_along(room: Mapping[str, float], step_in: float, first: float) -> dict[str, float]:
    at, begins = {}, first
    for stage, long_in in room.items():
        at[stage] = begins
        begins += long_in + 2 * (AIR_IN + BAR_IN) + step_in
    return at


def _give_room(content: Content, least: Mapping[tuple[str, str, str], float]) -> None:
    for world, each in content.maps.items():
        for stage, column in each.columns.items():
            for place in column:
                place.least_in = 0.0 if place.is_lane else least[world, stage, place.name]


def _least_in(content: Content) -> float:
    return max(each.inches(0.0) for each in content.maps.values())


def _stand(content: Content, room_in: float) -> float:
    """Put all places where they stand, at one scale, which is returned."""
    scale = min(each.scale(room_in) for each in content.maps.values())
    for each in content.maps.values():
        each.stand(scale)
    return scale
