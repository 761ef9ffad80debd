"""Calibration: the model's base year, line by line, against published figures.

The run has no growth and no project. A pack's target says what is added up in four words:
`TABLE column=value|value column!=value [finished] [as_element]`. Tables are `production` (output),
`shipments` (arrivals), `transit` (time average under way) and `use` (consumption) of the base year;
`finished` turns content into finished tonnes, `as_element` oxide into element.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import nan

import pandas as pd

from sim.engine import simulate
from sim.engine.records import Records
from sim.scenario.behaviour import FREE_WORD, behaviour_of
from sim.words.problems import CritminError
from sim.world import load_pack
from sim.world.places import PILE
from sim.world.world import Target, World

YEARS = 5
SHORT_PERCENT = 0.5
DRIFT_PERCENT = 0.5
VALUE_COLUMN = {
    "production": "output_t", "shipments": "arrived_t", "transit": "in_transit_t", "use": "consumed_t",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the calibration."""

    id: str
    quantity: str
    kind: str
    model: float
    target: float
    unit: str
    tolerance: float
    tolerance_kind: str
    source: str

    @property
    def counted(self) -> bool:
        """Comparisons are known differences and prove nothing."""
        return self.kind != "comparison"

    @property
    def difference(self) -> float:
        """In percent of the target, or in points."""
        gap = self.model - self.target
        return 100 * gap / self.target if self.tolerance_kind == "percent" and self.target else gap

    @property
    def failed(self) -> bool:
        """Outside its tolerance."""
        return self.counted and not abs(self.difference) <= self.tolerance


def without_growth(world: World) -> World:
    """The same world in which nothing grows, no recipe changes and no project starts."""
    sectors = {k: replace(s, growth_per_year=0.0) for k, s in world.sectors.items()}
    sites = {
        k: replace(
            s,
            growth_per_year=0.0,
            status="asset" if s.status == "project" else s.status,
            earliest_start=nan if s.status == "operating" else s.earliest_start,
        )
        for k, s in world.sites.items()
    }
    recipes = {
        k: replace(r, ingredients=tuple(replace(i, thrift_per_year=0.0) for i in r.ingredients))
        for k, r in world.recipes.items()
    }
    return replace(world, sectors=sectors, sites=sites, recipes=recipes)


def calibrate(pack: str | World) -> list[Line]:
    """Every target of the pack, then the rules any calm world must hold."""
    world = pack if isinstance(pack, World) else load_pack(pack)
    year = world.base_year
    records = simulate(
        without_growth(world), (), starts=date(year, 1, 1), ends=date(year + YEARS, 1, 1),
        provenance=False, behaviour=behaviour_of(FREE_WORD, world),
    )  # fmt: skip
    lines = [_line(target, records, world) for target in world.targets]
    return [*lines, *calm_lines(records)]


def _line(target: Target, records: Records, world: World) -> Line:
    model = measure(target.measure, records, world) * target.factor
    if target.per:
        whole = measure(target.per, records, world)
        model = model / whole if whole else nan
    return Line(target.id, target.quantity, target.kind, model, target.value, target.unit,
                target.tolerance, target.tolerance_kind, target.source)  # fmt: skip


def measure(words: str, records: Records, world: World) -> float:
    """Sum over the base year of the rows that the words choose, t."""
    table, *filters = words.split()
    if table not in VALUE_COLUMN:
        raise CritminError(f"a target measures `{table}`; known: {', '.join(VALUE_COLUMN)}")
    frame: pd.DataFrame = getattr(records, "shipments" if table == "transit" else table)
    column = VALUE_COLUMN[table]
    frame = frame[frame["month"].str[:4] == str(world.base_year)]
    options = {f for f in filters if "=" not in f}
    for text in filters:
        if "=" in text:
            frame = _chosen(frame, text)
    value = frame[column]
    if "finished" in options:
        per_t = {p.id: p.reo_per_t_finished or 1.0 for p in world.products}
        value = value / frame["product"].astype(object).map(per_t)
    if "as_element" in options:
        share = {e.symbol: e.element_share for e in world.elements}
        name = "element" if "element" in frame else "product"
        value = value * frame[name].astype(object).map(share)
    total = float(value.sum())
    return total / 12 if table == "transit" else total


def _chosen(frame: pd.DataFrame, text: str) -> pd.DataFrame:
    unequal = "!=" in text
    column, _, values = text.partition("!=" if unequal else "=")
    if column not in frame:
        raise CritminError(f"a target chooses by `{column}`, which its table does not have")
    inside = frame[column].isin(values.split("|"))
    return frame[~inside if unequal else inside]


def calm_lines(records: Records) -> list[Line]:
    """What must hold in a world without restrictions: nobody short, stocks flat."""
    return [
        Line("shortage", f"worst shortfall of a product, sector and region in any of {YEARS} years",
             "emergent", worst_shortfall_percent(records), 0.0, "%", SHORT_PERCENT, "points",
             "calibration rule"),
        *(
            Line(f"drift_{stage}", f"largest yearly drift of a stock at stage {stage}", "emergent",
                 drift, 0.0, "% a year", DRIFT_PERCENT, "points", "calibration rule")
            for stage, drift in drift_percent(records)
        ),
    ]  # fmt: skip


def worst_shortfall_percent(records: Records) -> float:
    """Largest shortfall of a year in percent of demand."""
    use = records.use.assign(year=records.use["month"].str[:4])
    sums = use.groupby(["year", "sector", "region", "product"])[["demand_t", "consumed_t"]].sum()
    share = 1 - sums["consumed_t"] / sums["demand_t"].where(sums["demand_t"] > 0)
    return float(100 * share.max())


def drift_percent(records: Records) -> Iterable[tuple[str, float]]:
    """By stage: largest yearly change of a place's stock, in percent, unsold co-products and piles aside."""
    stocks = records.stocks[records.stocks["stage"] != PILE.stage]
    stocks = stocks.assign(kept=stocks["stock_t"] - stocks["unsold_t"])
    months = sorted(stocks["month"].unique())
    sums = stocks.groupby(["stage", "place", "form", "month"])["kept"].sum().unstack(fill_value=0)
    first, last = sums[months[0]], sums[months[-1]]
    years = (len(months) - 1) / 12
    drift = (100 * (last - first) / first.where(first > 1.0) / years).dropna()
    for stage, part in drift.groupby(level="stage"):
        yield str(stage), float(part.loc[part.abs().idxmax()])


def lines_in_words(lines: Sequence[Line]) -> list[str]:
    """A table for the terminal, the lines that failed marked at the end."""
    out = [f"{'line':<34} {'kind':<11} {'model':>12} {'source':>12} {'unit':<12} {'differs':>9}  "
           f"{'allowed':>9}  result"]  # fmt: skip
    for line in lines:
        sign = "%" if line.tolerance_kind == "percent" else ""
        result = "FAILED" if line.failed else ("passed" if line.counted else "known difference")
        out.append(
            f"{line.id[:34]:<34} {line.kind:<11} {line.model:>12,.5g} {line.target:>12,.5g} "
            f"{line.unit[:12]:<12} {line.difference:>+8.3g}{sign or ' '}  "
            f"{line.tolerance:>8.3g}{sign or ' '}  {result}"
        )
    return out
