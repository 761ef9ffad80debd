"""More capacity never leaves more missing than what fills its own pipeline: each project, and pairs of them.

    python -m benchmarks.more_supply            each project of the shipped pack alone, two years early
    python -m benchmarks.more_supply --pairs    and all pairs of them
    python -m benchmarks.more_supply --rules rigid

A project takes goods to fill itself before it gives any back: its plan for a day x (processing + longest way
to a buyer + stock of a producer). By that much others may lack more, in each region. Printed is what is missing
more than without the project, in a calm world, under a full ban and under one of heavy elements.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, partial
from itertools import combinations
from typing import Any

import pandas as pd

from sim.engine import Variant, outcome_of, simulate_all
from sim.levers import CapacityRampUp, ExportBan
from sim.rules.behaviour import RIGID, Behaviour, NewSupply, Piles, Producers
from sim.world import World, load_pack

PACK = "rare_earths_2024"
FREE = Behaviour(piles=Piles(90.0), new_supply=NewSupply(90.0), producers=Producers())
"""All rules but the market, and the limits of growth, with which the reference itself is short."""
RULES = {"rigid": RIGID, "free": FREE}
EARLIER_YEARS = 2.0
STARTS, ENDS = date(2025, 1, 1), date(2028, 7, 1)
HEAVY = ["Sm", "Gd", "Tb", "Dy", "Lu", "Y"]


@dataclass(frozen=True)
class Outcome:
    """What a set of projects changes."""

    sites: tuple[str, ...]
    bound_t: float
    more_t: pd.DataFrame
    """[region, ban] t missing more than without them"""

    @property
    def worst(self) -> tuple[float, str, str]:
        """Most that a region lacks more: t, region, ban."""
        region, ban = self.more_t.stack().idxmax()
        return float(self.more_t.loc[region, ban]), str(region), str(ban)

    @property
    def beyond_t(self) -> float:
        return self.worst[0] - self.bound_t


@cache
def world() -> World:
    return load_pack(PACK)


def projects(shipped: World) -> list[str]:
    """Those that have a plan to come forward."""
    return [
        name for name, site in sorted(shipped.sites.items())
        if site.status == "project" and site.planned_capacity_t_per_year > 0
        and STARTS.year < site.earliest_start < 2031
    ]  # fmt: skip


def pipeline_t(shipped: World, name: str) -> float:
    """What fills a project: its planned rate at full size over residence, the longest way, and its stock."""
    site = shipped.sites[name]
    rate = site.planned_capacity_t_per_year * site.success * site.ramp_cap / 365
    way = max(
        [link.transit_days for key, link in shipped.links.items() if key[0] == name], default=0.0
    )
    return rate * (site.processing_days + way + shipped.defaults.producer_stock_days)


def earlier(shipped: World, name: str) -> Any:
    """The project with its first output two years before its time, but in the run."""
    year = max(shipped.sites[name].earliest_start - EARLIER_YEARS, STARTS.year + 0.25)
    first = date(int(year), 1, 1) + timedelta(days=int(year % 1 * 365))
    entry = {
        "id": f"early_{name}", "kind": "capacity_ramp_up", "site": name, "first_output": first.isoformat(),
    }  # fmt: skip
    return CapacityRampUp.model_validate(entry, context={"world": shipped})


def bans(shipped: World, first: date = date(2027, 1, 1)) -> dict[str, list[Any]]:
    """None, one of everything, and one of heavy elements, for a year."""
    entry: dict[str, Any] = {"id": "ban", "kind": "export_ban", "exporter": "CHN", "starts": first}
    entry["ends"] = first + timedelta(days=365)
    made = partial(ExportBan.model_validate, context={"world": shipped})
    return {
        "calm": [], "full ban": [made(entry | {"elements": "all"})],
        "heavy ban": [made(entry | {"elements": HEAVY})],
    }  # fmt: skip


def missing_t(
    sites: Sequence[str], rules: str, starts: date = STARTS, ends: date = ENDS
) -> pd.DataFrame:
    """[region, ban] t missing with these projects early."""
    ramps = [earlier(world(), name) for name in sites]
    variants = {
        name: Variant([*ramps, *ban], provenance=False) for name, ban in bans(world()).items()
    }
    outcomes = simulate_all(
        world(), list(variants.values()), starts=starts, ends=ends, behaviour=RULES[rules]
    )
    found = {}
    for name, records in zip(variants, map(outcome_of, outcomes), strict=True):
        use = records.use.assign(t=records.use["demand_t"] - records.use["consumed_t"])
        found[name] = use.groupby("region", observed=True)["t"].sum()
    return pd.DataFrame(found)


def tried(
    sets: Iterable[tuple[str, ...]], rules: str, *, workers: int, ends: date = ENDS
) -> Iterator[Outcome]:
    """What each set changes."""
    those = [(), *sets]
    work = partial(missing_t, rules=rules, ends=ends)
    with ProcessPoolExecutor(workers) as pool:
        results = pool.map(work, those)
        without = next(results)
        for sites, result in zip(those[1:], results, strict=True):
            bound = sum(pipeline_t(world(), name) for name in sites)
            yield Outcome(sites, bound, result - without)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--pairs", action="store_true", help="all pairs too")
    asked.add_argument("--rules", choices=RULES, default="free")
    asked.add_argument("--jobs", type=int, default=2)
    given = asked.parse_args()
    names = projects(world())
    sets: list[tuple[str, ...]] = [(name,) for name in names]
    if given.pairs:
        sets += combinations(names, 2)
    beyond = 0
    print(
        "projects, bound t, most that a region lacks more t, where, of all regions (calm, full, heavy) t"
    )
    for outcome in tried(sets, given.rules, workers=given.jobs):
        worst, region, ban = outcome.worst
        beyond += outcome.beyond_t > 0
        whole = ", ".join(f"{t:+.0f}" for t in outcome.more_t.sum())
        mark = "  <-- beyond" if outcome.beyond_t > 0 else ""
        said = (
            " + ".join(outcome.sites),
            f"{outcome.bound_t:.0f}",
            f"{worst:.1f}",
            f"{region} {ban}",
        )
        print(", ".join(said), f"({whole}){mark}", flush=True)
    print(f"{len(sets)} sets, {beyond} beyond their bound")


if __name__ == "__main__":
    main()
