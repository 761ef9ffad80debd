"""The flow map as bars and ribbons: who stands alone, who is put together, and how large all of it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pandas as pd

from sim.figures.chain_flows import NOT_WON, STOCKPILE, USE, ChainYear

OTHER = ""
"""Name of the small ones of a stage, together."""
MOST_PLACES, MOST_REGIONS = 4, 6
"""Beside the coloured countries: of a stage, and of use."""
GAP_IN, LANE_GAP_IN = 0.06, 0.03
"""Before a place of a stage, and before a lane that passes it by."""
LEAST_T_SHARE = 0.002
"""Of what is mined: a thinner ribbon cannot be seen and is left out of the picture, not of the table."""
PARTS = ("leaves", "passed", "stock", "rest")
"""What a ribbon is made of, from its upper edge down."""
HALVINGS = 40


@dataclass(slots=True)
class Place:
    """A country or region at one stage, or a lane that passes a stage by."""

    stage: str
    name: str
    in_t: float = 0.0
    out_t: float = 0.0
    is_lane: bool = False
    least_in: float = 0.0
    """Room that its words take."""
    starts: float = 0.0
    """Inches from where its stage begins."""
    size: float = 0.0
    """Inches; larger than its tonnes where its words need it."""
    filled: dict[str, float] = field(default_factory=lambda: {"in": 0.0, "out": 0.0})
    """Inches of its two sides that ribbons already take."""

    @property
    def t(self) -> float:
        """The larger of its two sides."""
        return max(self.in_t, self.out_t)

    @property
    def handed_on_t(self) -> float:
        """What is written beside it: tonnes handed on, or received for use."""
        return self.in_t if self.stage == USE else self.out_t

    def inches(self, scale: float) -> float:
        """Its size at so many inches a tonne, its words included."""
        return max(self.t * scale, self.least_in)

    @property
    def gap_in(self) -> float:
        """What is left free before it."""
        return LANE_GAP_IN if self.is_lane else GAP_IN


@dataclass(frozen=True, slots=True)
class Ribbon:
    """A flow between two stages that stand side by side."""

    source: Place
    goal: Place
    start_t: float
    end_t: float
    """Less than at its start where a stage between them is not drawn and loses some."""
    shares: Mapping[str, float]
    """Of each of `PARTS`"""


@dataclass(frozen=True, slots=True)
class Map:
    """One world laid out."""

    columns: Mapping[str, Sequence[Place]]
    """Stage -> its places from the top down, lanes last."""
    ribbons: Sequence[Ribbon]

    def scale(self, room_in: float) -> float:
        """Inches a tonne at which the fullest stage fits, words included; 0 where the words alone do not."""
        top_t = max(sum(place.t for place in column) for column in self.columns.values())
        low, high = 0.0, room_in / top_t if top_t > 0 else 0.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.inches(middle) <= room_in else (low, middle)
        return low

    def inches(self, scale: float) -> float:
        """What the fullest stage takes."""
        return max(
            sum(place.inches(scale) + place.gap_in for place in column) - GAP_IN
            for column in self.columns.values()
        )

    def stand(self, scale: float) -> None:
        """Put every place where it stands."""
        for column in self.columns.values():
            after = -GAP_IN
            for place in column:
                place.starts, place.size = after + place.gap_in, place.inches(scale)
                after = place.starts + place.size


def places_kept(chain: ChainYear) -> Mapping[str, Sequence[str]]:
    """Stage -> the countries with a bar of their own, coloured ones first, then by size.

    They are the same in all worlds, so that maps can be compared.
    """
    flows = pd.concat(chain.flows.values())
    kept: dict[str, Sequence[str]] = {}
    for stage in chain.stages:
        # All worlds together: sums serve only to rank.
        out = flows[flows["from_stage"] == stage].groupby("from_country")["t"].sum()
        into = flows[flows["to_stage"] == stage].groupby("to_country")["t"].sum()
        size = pd.concat([out, into], axis=1).max(axis=1)
        size = size.sort_values(ascending=False, kind="stable")
        marked = [str(country) for country in size.index if country in chain.marked]
        largest = [str(country) for country in size.index if country not in marked]
        most = MOST_REGIONS if stage == USE else MOST_PLACES
        released = [STOCKPILE] if STOCKPILE in largest[most - 1 :] else []
        if len(largest) > most:
            largest = largest[: most - 1]
        kept[stage] = [*marked, *largest, *released]
    return kept


def others(chain: ChainYear, kept: Mapping[str, Sequence[str]]) -> Mapping[str, int]:
    """Stage -> how many countries are put together."""
    flows = pd.concat(chain.flows.values())
    return {
        stage: len(
            {
                *flows.loc[flows["from_stage"] == stage, "from_country"],
                *flows.loc[flows["to_stage"] == stage, "to_country"],
            }
            - set(names)
        )
        for stage, names in kept.items()
    }


def laid_out(
    chain: ChainYear, flows: pd.DataFrame, kept: Mapping[str, Sequence[str]], stages: Sequence[str]
) -> Map:
    """Places and ribbons of one world: small countries together, a lane for what passes a stage by."""
    order = {stage: number for number, stage in enumerate(stages)}
    places: dict[tuple[str, str], Place] = {}

    def place(stage: str, name: str, *, is_lane: bool = False) -> Place:
        return places.setdefault((stage, name), Place(stage, name, is_lane=is_lane))

    for stage in stages:  # also those that get nothing in this world
        for name in kept[stage]:
            place(stage, name)
    named = flows.assign(
        from_country=_named(kept, flows["from_stage"], flows["from_country"]),
        to_country=_named(kept, flows["to_stage"], flows["to_country"]),
    )
    for row in named.to_dict("records"):
        if row["from_stage"] in order:
            place(row["from_stage"], row["from_country"]).out_t += row["t"]
        if row["to_stage"] in order:
            place(row["to_stage"], row["to_country"]).in_t += row["t"]
    steps = flows[flows["to_stage"] != NOT_WON].assign(end_t=flows["t"])
    for stage in chain.stages:
        if stage not in order:
            steps = _without(steps, stage)
    steps = steps.assign(
        from_country=_named(kept, steps["from_stage"], steps["from_country"]),
        to_country=_named(kept, steps["to_stage"], steps["to_country"]),
    )
    keys = ["from_stage", "from_country", "to_stage", "to_country"]
    sums = steps.groupby(keys, as_index=False)[
        ["t", "end_t", "leaves_t", "through_t", "stock_t"]
    ].sum()
    floor = least_t(flows, stages[0])
    # Nobody is without what they get most of, however little it is.
    most = sums["end_t"] == sums.groupby(["to_stage", "to_country"])["end_t"].transform("max")
    ribbons: list[Ribbon] = []
    for row in sums[most | (sums["end_t"] >= floor)].to_dict("records"):
        first, last = order[row["from_stage"]], order[row["to_stage"]]
        lane = f"{row['from_country']} {first} {row['to_country']} {last}"
        stops = [place(row["from_stage"], row["from_country"])]
        for between in stages[first + 1 : last]:
            stops.append(place(between, lane, is_lane=True))
            stops[-1].in_t = stops[-1].out_t = row["end_t"]
        stops.append(place(row["to_stage"], row["to_country"]))
        for number, (source, goal) in enumerate(pairwise(stops)):
            start_t = row["end_t"] if number else row["t"]
            ribbons.append(Ribbon(source, goal, start_t, row["end_t"], _shares(row)))
    columns = {stage: _ranked(kept, stage, places.values()) for stage in stages}
    position = {id(p): n for n, p in enumerate(p for column in columns.values() for p in column)}
    ribbons.sort(key=lambda ribbon: (position[id(ribbon.source)], position[id(ribbon.goal)]))
    return Map(columns, ribbons)


def least_t(flows: pd.DataFrame, first: str) -> float:
    """What can be seen of a year's flows, from the first stage on."""
    return LEAST_T_SHARE * float(flows.loc[flows["from_stage"] == first, "t"].sum())


def _named(kept: Mapping[str, Sequence[str]], stages: pd.Series, countries: pd.Series) -> list[str]:
    """Each country, or `OTHER` where it has no bar of its own."""
    pairs = zip(stages, countries, strict=True)
    return [country if country in kept.get(stage, [country]) else OTHER for stage, country in pairs]


def _without(steps: pd.DataFrame, stage: str) -> pd.DataFrame:
    """The steps into and out of a stage joined, country by country, each mixed as what came in.

    `t` is then what sets out and `end_t` what arrives; the parts are those of what arrives.
    """
    into, out = steps[steps["to_stage"] == stage], steps[steps["from_stage"] == stage]
    joined = into.merge(out, left_on="to_country", right_on="from_country", suffixes=("", "_out"))
    in_t = into.groupby("to_country")["end_t"].sum().reindex(joined["to_country"]).to_numpy()
    out_t = out.groupby("from_country")["t"].sum().reindex(joined["to_country"]).to_numpy()
    of_in, of_out = joined["end_t"] / in_t, joined["t_out"] / out_t
    parts = {name: joined[f"{name}_out"] * of_in for name in ("end_t", "through_t", "stock_t")}
    found = joined.assign(
        to_stage=joined["to_stage_out"],
        to_country=joined["to_country_out"],
        t=joined["t"] * of_out,
        leaves_t=np.maximum(
            joined["leaves_t"] / joined["t"], joined["leaves_t_out"] / joined["t_out"]
        )
        * parts["end_t"],
        **parts,
    )
    beside = steps[(steps["to_stage"] != stage) & (steps["from_stage"] != stage)]
    return pd.concat([beside, found[steps.columns]], ignore_index=True)


def _shares(row: Mapping[str, float]) -> Mapping[str, float]:
    leaves = row["leaves_t"] / row["end_t"]
    passed = max(0.0, row["through_t"] / row["end_t"] - leaves)
    stock = row["stock_t"] / row["end_t"]
    rest = max(0.0, 1.0 - leaves - passed - stock)
    return dict(zip(PARTS, (leaves, passed, stock, rest), strict=True))


def _ranked(kept: Mapping[str, Sequence[str]], stage: str, places: Iterable[Place]) -> list[Place]:
    """From the top down: countries with a bar of their own, small ones together, passing lanes."""
    order = kept[stage]

    def rank(place: Place) -> tuple[bool, int, str]:
        number = order.index(place.name) if place.name in order else len(order)
        return place.is_lane, number, place.name

    return sorted((place for place in places if place.stage == stage), key=rank)
