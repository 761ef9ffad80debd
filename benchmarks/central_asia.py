"""The Central Asian answer: how much of a gap its mines and plants close, rigid and free, built and not built.

    python -m benchmarks.central_asia

prints the tables of `docs/central_asia.md`. The world is that of the shipped scenarios `c5-mines-only` and
`c5-mines-and-separation`: 2030 to 2040, nothing leaves China in 2037.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from sim.behaviour import RIGID, Behaviour
from sim.engine import Variant, outcome_of, simulate_all
from sim.engine.records import Records
from sim.scenario import Scenario, load
from sim.world.thrift import content, years_since

TOGETHER = {
    "Kazakh uranium by-product and SARECO": ("uranium_byproduct_kaz", "sareco"),
    "Kutessay and Kashka": ("kutessay", "kashka"),
    "Kuirektykol": ("kuirektykol",),
    "Akbulak": ("akbulak",),
    "Uzbek uranium by-product": ("uranium_byproduct_uzb",),
}
"""Mines with the plants that take their ore stand or fall together"""
WEST = {"EU": 0.4, "JPN": 0.3, "USA": 0.3}
AFTER = "2037-01"
"""Months that the ban of 2037 can touch"""


def settings(mines: Scenario, plants: Scenario) -> Iterator[tuple[str, Sequence[Any]]]:
    """What stands in Central Asia: levers by name."""
    measures = plants.measures
    yield "nothing", ()
    yield "mines alone, risked", mines.measures
    yield "mines and separation, risked", measures
    yield "mines alone, all built", _built(mines.measures)
    yield "mines and separation, all built", _built(measures)
    west = [
        _sells(lever, WEST) if lever.id in ("sareco", "kashka") else lever for lever in measures
    ]
    yield "mines and separation, all built, sold to the West", _built(west)
    for name, ids in TOGETHER.items():
        yield f"only {name}, built", _built([lever for lever in measures if lever.id in ids])


def _built(measures: Sequence[Any]) -> list[Any]:
    return [lever.model_copy(update={"success": 1.0}) for lever in measures]


def _sells(lever: Any, to: Mapping[str, float]) -> Any:
    return lever.model_copy(update={"sells_to": dict(to)})


def missing(records: Records) -> pd.DataFrame:
    """month, region, product, t missing."""
    use = records.use
    use = use.assign(t=(use["demand_t"] - use["consumed_t"]).clip(lower=0.0))
    return use.groupby(["month", "region", "product"], observed=True)["t"].sum().reset_index()


def run(scenario: Scenario, behaviour: Behaviour, measures: Sequence[Any]) -> list[pd.DataFrame]:
    """What is missing with the ban and without it."""
    levers = [(*scenario.restrictions, *measures), tuple(measures)]
    outcomes = simulate_all(
        scenario.world, [Variant(each, scenario.seed, provenance=False) for each in levers],
        starts=scenario.starts, ends=scenario.ends, review_days=scenario.review_days,
        behaviour=behaviour,
    )  # fmt: skip
    return [missing(outcome_of(outcome)) for outcome in outcomes]


def by_element(table: pd.DataFrame, scenario: Scenario, behaviour: Behaviour) -> pd.Series:
    """t missing by element, outside China, from the ban on."""
    own = table[(table["month"] >= AFTER) & (table["region"] != "CHN")]
    thrift = behaviour.limits is not None and behaviour.limits.thrifting
    years = years_since(scenario.world, scenario.starts) + 7.5 if thrift else 0.0
    sums: dict[str, float] = {}
    for product, t in own.groupby("product", observed=True)["t"].sum().items():
        recipe = scenario.world.recipes.get(str(product))
        parts = content(scenario.world, recipe, years) if recipe else {str(product): 1.0}
        for element, share in parts.items():
            sums[element] = sums.get(element, 0.0) + float(t) * float(share)
    return pd.Series(sums)


def main() -> None:
    """Print the tables."""
    mines, plants = load("c5-mines-only"), load("c5-mines-and-separation")
    graded = set(plants.world.recipes)
    for called, behaviour in (("rigid", RIGID), ("free", plants.behaviour)):
        print(f"\n## {called}\n")
        print(
            "| in Central Asia | missing outside China 2037 to 2039, t | of it magnets | closed, t |"
            " closed, % | Dy | Tb | NdPr | Y | missing without a ban, whole world 2030 to 2039, t |"
        )
        print("| --- |" + " --- |" * 9)
        base, elements = 0.0, pd.Series(dtype=float)
        for number, (name, measures) in enumerate(settings(mines, plants)):
            banned, calm = run(plants, behaviour, measures)
            late = banned[(banned["month"] >= AFTER) & (banned["region"] != "CHN")]
            t, of_graded = late["t"].sum(), late[late["product"].isin(graded)]["t"].sum()
            now = by_element(banned, plants, behaviour)
            base, elements = (base, elements) if number else (t, now)
            closed = elements.sub(now, fill_value=0.0)
            ndpr = closed.get("Nd", 0.0) + closed.get("Pr", 0.0)
            cells = [f"{t:,.0f}", f"{of_graded:,.0f}", f"{base - t:,.0f}", f"{100 * (base - t) / base:.1f}",
                     *(f"{x:,.0f}" for x in (closed.get("Dy", 0.0), closed.get("Tb", 0.0), ndpr,
                                             closed.get("Y", 0.0), calm["t"].sum()))]  # fmt: skip
            print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
