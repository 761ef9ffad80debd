"""One year of one element along the chain: who supplied whom, and what passed through whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.figures.chosen_element import element_hit
from sim.figures.finished_run import FinishedRun, rows
from sim.figures.spans import spans_in_force
from sim.words.quantities import DAYS_PER_YEAR

USE, RECYCLING, STOCKPILE = "use", "recycling", "stockpile"
NOT_WON = "not won"
"""Where ore goes that plants made nothing of in the year: losses, stocks, what none of a country can split."""
LEAST_PART_OF_A_YEAR = 0.5
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ChainYear:
    """What the flow map shows."""

    element: str
    year: str
    unit: str
    days_in_force: int
    """Days of the year on which a restriction acts."""
    marked: tuple[str, ...]
    """Countries whose processing is coloured."""
    stages: tuple[str, ...]
    """From left to right, the last one is use."""
    regions: tuple[str, ...]
    """Regions of use that receive anything in any world."""
    flows: Mapping[str, pd.DataFrame]
    """World -> from_stage, from_country, to_stage, to_country, and t of each step; of these leaves_t leave a
    marked country by it, through_t have passed one on their way (those that leave it included), and stock_t
    come from stocks or scrap outside, so that nobody knows what they passed."""

    def received(self, run: FinishedRun, world: str) -> pd.DataFrame:
        """What reaches those users of the element who count; without a restriction all."""
        table = self.flows[world]
        counted = ~table["to_country"].isin(run.exporting_regions)
        if run.scope.basis == "restrictions":
            regions = {region for symbol, region in run.scope.elements if symbol == self.element}
            counted = table["to_country"].isin(regions) if regions else counted
        return table[(table["to_stage"] == USE) & counted]


def chain_year(run: FinishedRun) -> ChainYear | None:
    """The element hit most outside among those with the longest chain; the year that is restricted most."""
    chain, stages = run.chain, (*run.stages, USE)
    if chain.empty or len(stages) < 3:
        return None
    year, days = _year(run, sorted(set(chain["period"])))
    chain = chain[chain["period"] == year]
    longest = _longest(chain, stages)
    if not longest:
        return None
    element = element_hit(run, longest) or longest[0]
    chain = chain[chain["element"] == element]
    marked = run.exporters or (_largest_refiner(chain, stages),)
    worlds = ("scenario", "reference") if run.levers else ("scenario",)
    flows = {}
    for world in worlds:
        won = _won(run, world, element, year, stages[1])
        steps = _as_far_as_won(_steps(chain[chain["run"] == world], stages), won, stages[:2])
        flows[world] = _ways(steps, marked, _home(run, marked))
    seen = {
        stage for table in flows.values() for c in ("from_stage", "to_stage") for stage in table[c]
    }
    used = pd.concat(flows.values())
    used = used[used["to_stage"] == USE]
    regions = tuple(sorted({str(region) for region in used["to_country"]}))
    return ChainYear(
        element, year, str(chain["unit"].iloc[0]), days, marked,
        tuple(stage for stage in stages if stage in seen), regions, flows,
    )  # fmt: skip


def _year(run: FinishedRun, years: Sequence[str]) -> tuple[str, int]:
    """The first year restricted for the most part, else the one with most days of it, else the last.

    Also returns the days of the year on which a restriction acts.
    """
    restricted: dict[str, set[int]] = {year: set() for year in years}
    for span in spans_in_force(run):
        for year in years:
            first = max(span.starts, date(int(year), 1, 1)).toordinal()
            after = min(span.ends, date(int(year) + 1, 1, 1)).toordinal()
            restricted[year].update(range(first, after))
    for year in years:
        if len(restricted[year]) >= LEAST_PART_OF_A_YEAR * DAYS_PER_YEAR:
            return year, len(restricted[year])
    best = max(years, key=lambda year: (len(restricted[year]), -int(year)))
    if restricted[best]:
        return best, len(restricted[best])
    full = [
        y for y in years if run.starts <= date(int(y), 1, 1) and run.ends >= date(int(y) + 1, 1, 1)
    ]
    return (full or years)[-1], 0


def _longest(chain: pd.DataFrame, stages: Sequence[str]) -> list[str]:
    """Elements that are handed on at the most stages, the largest tonnage of the last maker first."""
    moved = chain[chain["from_stage"].isin(stages)]
    steps = moved.groupby("element")["from_stage"].nunique()
    made = moved[moved["from_stage"] == stages[-2]].groupby("element")["t"].sum()
    ranked = made.reindex(steps[steps == steps.max()].index).fillna(0.0)
    return [str(element) for element in ranked.sort_values(ascending=False, kind="stable").index]


def _largest_refiner(chain: pd.DataFrame, stages: Sequence[str]) -> str:
    """The country that hands on most at the second stage."""
    made = chain[(chain["from_stage"] == stages[1]) & (chain["to_stage"] != stages[1])]
    return str(made.groupby("from_country")["t"].sum().idxmax()) if len(made) else ""


def _steps(chain: pd.DataFrame, stages: Sequence[str]) -> pd.DataFrame:
    """Steps forward along the chain; scrap enters where its oxide does, half-split ore where it is split.

    What a stockpile gives stands where its sellers do, as a place of its own.
    """
    places = ["from_stage", "from_country", "to_stage", "to_country"]
    order = {stage: number for number, stage in enumerate(stages)}
    table = chain[[*places, "t"]].copy()
    ahead = table.loc[table["from_stage"] == RECYCLING, "to_stage"].map(order).min()
    if ahead == ahead:
        table["from_stage"] = table["from_stage"].replace(RECYCLING, stages[max(0, int(ahead) - 1)])
    released = (table["from_stage"] == STOCKPILE) & (table["to_stage"].map(order) > 0)
    before = {stage: stages[number - 1] for stage, number in order.items() if number}
    table.loc[released, "from_country"] = STOCKPILE
    table.loc[released, "from_stage"] = table.loc[released, "to_stage"].map(before)
    known = table[table["from_stage"].isin(stages) & table["to_stage"].isin(stages)]
    second = stages[1]
    inside = (known["from_stage"] == second) & (known["to_stage"] == second)
    ore = (known["from_stage"] == stages[0]) & (known["to_stage"] == second)
    forward = known["from_stage"].map(order) < known["to_stage"].map(order)
    others = known[forward & ~ore]
    split = _where_it_is_split(known[ore], known[inside], stages[0], second)
    return pd.concat([split, others]).groupby(places, as_index=False)[["t"]].sum()


def _where_it_is_split(
    ore: pd.DataFrame, handed_on: pd.DataFrame, first: str, second: str
) -> pd.DataFrame:
    """Ore by mine country and by the country that splits it: what a plant hands on whole is not its own.

    What a country hands on is taken to be mixed as what it took in.
    """
    wide = ore.pivot_table(index="from_country", columns="to_country", values="t", aggfunc="sum")
    abroad = handed_on[handed_on["from_country"] != handed_on["to_country"]]
    plants = sorted({*wide.columns, *abroad["from_country"], *abroad["to_country"]})
    arrived = wide.reindex(columns=plants).fillna(0.0)
    passed = abroad.pivot_table(
        index="from_country", columns="to_country", values="t", aggfunc="sum"
    )
    passed = passed.reindex(index=plants, columns=plants).fillna(0.0)
    taken_in = arrived.sum() + passed.sum()
    part = passed.div(taken_in.where(taken_in > 0), axis=0).fillna(0.0)
    # No plant hands on more than it took in; stock may make it look so within one year.
    part = part.div(part.sum(axis=1).clip(lower=1.0), axis=0)
    through = arrived.to_numpy()
    for _ in plants:  # a chain of plants is no longer than their number
        through = arrived.to_numpy() + through @ part.to_numpy()
    split = pd.DataFrame(
        through * (1.0 - part.sum(axis=1).to_numpy()), index=arrived.index, columns=plants
    )
    long = split.rename_axis("from_country").reset_index().melt(
        "from_country", var_name="to_country", value_name="t"
    )  # fmt: skip
    return long[long["t"] > 0].assign(from_stage=first, to_stage=second)


def _won(run: FinishedRun, world: str, element: str, year: str, stage: str) -> pd.Series:
    """Country -> t of an element that its plants of a stage made in a year."""
    made = rows(run.summary, "production", run=world)
    here = (made["stage"] == stage) & (made["material"] == element) & (made["period"] == year)
    return made[here & (made["country"] != "")].groupby("country")["value"].sum()


def _as_far_as_won(steps: pd.DataFrame, won: pd.Series, ends: Sequence[str]) -> pd.DataFrame:
    """Ore counts as split where it went as far as something came out of it; the rest ends as not won.

    A plant takes in whatever is in its ore, and hands on whole or stores what it cannot split.
    """
    ore = (steps["from_stage"] == ends[0]) & (steps["to_stage"] == ends[1])
    country = steps.loc[ore, "to_country"]
    arrived = steps[ore].groupby("to_country")["t"].sum()
    part = (won.reindex(arrived.index).fillna(0.0) / arrived).clip(upper=1.0)
    split, rest = steps.copy(), steps[ore].assign(to_stage=NOT_WON)
    split.loc[ore, "t"] *= country.map(part)
    rest["t"] *= 1.0 - country.map(part)
    both = pd.concat([split, rest], ignore_index=True)
    return both[both["t"] > 0].reset_index(drop=True)


def _home(run: FinishedRun, marked: Collection[str]) -> frozenset[str]:
    """Marked countries and the regions of use that they lie in."""
    region_of = run.scenario["names"]["country_regions"]
    return frozenset({*marked, *(str(region_of.get(country, country)) for country in marked)})


def _ways(steps: pd.DataFrame, marked: Collection[str], home: Collection[str]) -> pd.DataFrame:
    """Which part of each flow leaves a marked country, has passed one, or comes from stocks or scrap.

    Each place mixes what it takes in. What it hands on beyond that was in stock, or is scrap that joins there.
    """
    nodes = sorted({*zip(steps["from_stage"], steps["from_country"], strict=True),
                    *zip(steps["to_stage"], steps["to_country"], strict=True)})  # fmt: skip
    number = {node: n for n, node in enumerate(nodes)}
    source = np.array(
        [number[n] for n in zip(steps["from_stage"], steps["from_country"], strict=True)]
    )
    goal = np.array([number[n] for n in zip(steps["to_stage"], steps["to_country"], strict=True)])
    t = steps["t"].to_numpy()
    taken_in, handed_on = np.bincount(goal, t, len(nodes)), np.bincount(source, t, len(nodes))
    first = steps["from_stage"].isin(set(steps["from_stage"]) - set(steps["to_stage"])).to_numpy()
    is_mine = np.isin(np.arange(len(nodes)), source[first])
    is_pile = np.array([country == STOCKPILE for _, country in nodes])
    drawn = np.where(is_mine & ~is_pile, 0.0, (handed_on - taken_in).clip(min=0.0))
    all_t = taken_in + drawn
    is_marked = np.array([country in marked and stage != USE for stage, country in nodes])
    passed, stock = is_marked.astype(float), np.zeros(len(nodes))
    for _ in range(len(set(steps["from_stage"]))):
        mixed, old = (
            (np.bincount(goal, t * share[source], len(nodes)) + own)
            / np.where(all_t > 0, all_t, 1.0)
            for share, own in ((passed, 0.0), (stock, drawn))
        )
        passed, stock = np.where(is_marked, 1.0, mixed), np.where(is_marked, 0.0, old)
    leaves = is_marked[source] & ~steps["to_country"].isin(home).to_numpy()
    return steps.assign(
        leaves_t=t * leaves, through_t=t * passed[source], stock_t=t * stock[source]
    )
