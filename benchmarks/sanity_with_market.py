"""With the market on, a harsher restriction may leave less missing: how often, by how much, and where.

    python -m benchmarks.sanity_with_market
    python -m benchmarks.sanity_with_market --only licences
    python -m benchmarks.sanity_with_market --explain NAME MILDER HARSHER --product Ce --region KOR

A fixed list of ladders, of which each step is harsher than all before it; every pair of steps is compared
(five minutes on one core). A violation is less missing under the harsher one, in the world, a region or a
product of a region, the exporter's left out: by more than a tonne and a thousandth of what is demanded there
over the run. The same pairs run without the market too, which says whether it is behind it. `--explain` prints
where two steps differ.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from typing import Any

import pandas as pd

from benchmarks.cases import OF_USERS
from benchmarks.differences import Asked, Pair
from benchmarks.harsher import SHIPPED, Ladder, Place, called, ladders, shipped
from benchmarks.more_supply import FREE
from sim.rules.behaviour import Behaviour
from sim.scenario.behaviour import behaviour_of
from sim.world import World

ENDS = date(2029, 1, 1)
"""A year after the longest restriction"""
LEAST_T, LEAST_SHARE = 1.0, 1e-3
"""Tonnes, and part of demand, beyond both of which less that is missing is a violation"""
SHOWN = 20
AT_ONCE = 64
"""Runs whose records are in memory"""
LEVELS = ("world", "regions", "products")
HEAVY = ["Dy", "Tb", "Y", "Sm", "Gd", "Lu"]
YEAR = 364
LONGER = (90, 91, 180, 182, 364, 365, 546, 730)


def rules(world: World) -> dict[str, Behaviour]:
    """What the pairs run with. Without `limits` the reference lacks nothing."""
    every = behaviour_of("free", world)
    users_too = replace(every, limits=None)
    market = replace(users_too, **dict.fromkeys(OF_USERS))
    return {"market": market, "users too": users_too, "all rules": every, "no market": FREE}


# ---- the list


def of_tests(place: Place) -> dict[str, Ladder]:
    """Those that the tests hold to it without the market."""
    return dict(ladders(place, **SHIPPED))


def bans(place: Place) -> dict[str, Ladder]:
    """Of more, for longer, from an earlier day on."""

    def ban(**each: Any) -> list[Any]:
        return [place.lever("export_ban", **each)]

    scopes: dict[str, dict[str, Any]] = {
        "everything": {}, "heavy elements": {"elements": HEAVY}, "oxide": {"forms": ["oxide"]},
        "metal": {"forms": ["metal"]}, "magnets": {"forms": ["magnet"]},
        "all to the USA": {"destinations": ["USA"]},
    }  # fmt: skip
    found: dict[str, Ladder] = {
        f"a longer ban of {name}": {f"{d} d": ban(days=d, **scope) for d in LONGER}
        for name, scope in scopes.items()
    }
    found["a ban that begins months earlier"] = {
        f"{d} d": ban(since=546 - d, days=d) for d in (182, 189, 273, 364, 455, 546)
    }
    for name in ("USA", "JPN", "KOR", "EU", "ROW"):
        found[f"a ban on all, not on {name} alone"] = {
            name: ban(destinations=[name]), "all": ban(destinations="all"),
        }  # fmt: skip
    found["a ban on more places, by steps"] = {
        called(some): ban(destinations=some)
        for some in (["JPN"], ["JPN", "KOR"], ["JPN", "KOR", "EU"], ["JPN", "KOR", "EU", "ROW"])
    }
    found["a ban on more elements, by steps"] = {
        called(some): ban(elements=some)
        for some in (["Nd", "Pr"], ["Nd", "Pr", "La"], ["Nd", "Pr", "La", "Ce"])
    }
    found["a ban on more forms, from magnets on"] = {
        called(some): ban(forms=some)
        for some in (["magnet"], ["magnet", "metal"], ["magnet", "metal", "oxide"])
    }
    return found


def quotas(place: Place) -> dict[str, Ladder]:
    """Smaller and longer ones."""

    def quota(**each: Any) -> list[Any]:
        return [place.lever("export_quota", **each)]

    sizes = ("90 %", "60 %", "30 %", "5 %", "0.001 %")
    return {
        "a smaller quota for two years": {q: quota(amount=q, days=2 * YEAR) for q in sizes},
        "a smaller quota on heavy elements": {q: quota(amount=q, elements=HEAVY) for q in sizes},
        "a longer quota of 40 %, to two years": {f"{d} d": quota(amount="40 %", days=d) for d in LONGER},
        "a longer quota of 5 %": {f"{d} d": quota(amount="5 %", days=d) for d in LONGER},
        "a smaller quota on plants": {
            q: [place.lever("production_quota", amount=q, stage="separation")] for q in sizes
        },
    }  # fmt: skip


def licences(place: Place) -> dict[str, Ladder]:
    """More refused, slower, shorter, by fewer people, for longer."""

    def licence(**each: Any) -> list[Any]:
        return [place.lever("export_licence", **each)]

    def refused(percent: int) -> dict[str, str]:
        return {"approve": f"{95 - percent} %", "return": "5 %", "refuse": f"{percent} %"}

    return {
        "licences refused more often": {f"{p} %": licence(**refused(p)) for p in (0, 5, 20, 45, 70, 95)},
        "licences that take longer": {
            f"{d} d": licence(office="clock", review=f"{d} d") for d in (14, 30, 63, 90, 126, 180)
        },
        "licences by fewer people": {
            str(n): licence(office={"reviewers": n, "cases_per_week": "2 each"}) for n in (60, 20, 10, 5)
        },
        "licences for longer": {f"{d} d": licence(days=d) for d in (91, 182, 364, 546, 730)},
    }  # fmt: skip


def measures(place: Place) -> dict[str, Ladder]:
    """Smaller policy stocks under a ban, longer closures and outages."""
    ban = place.lever("export_ban")

    def stock(of: str, days: int) -> list[Any]:
        release = place.lever(
            "stockpile_release", stockpile=f"stockpile_{of}", size=f"{days} d", trigger="14 d", days=730
        )  # fmt: skip
        return [ban, release]

    def closed(corridor: str, days: int, way: str = "hold") -> Any:
        return place.lever(
            "corridor_closure", id=corridor, corridor=corridor, days=days, in_transit=way
        )

    found: dict[str, Ladder] = {
        f"a smaller stock in {of.upper()}": {
            **{f"{days} d": stock(of, days) for days in (120, 60, 20, 3)}, "none": [ban]
        }
        for of in ("jpn", "kor", "eu")
    }  # fmt: skip
    lengths = (14, 28, 60, 119, 182, 364)
    for corridor in ("deep_sea_asia_europe", "transpacific"):
        found[f"a longer closure of {corridor}"] = {
            f"{d} d": [closed(corridor, d)] for d in lengths
        }
    found["both ways to Europe are closed for longer"] = {
        f"{d} d": [closed("deep_sea_asia_europe", d), closed("northern_russia", d)] for d in lengths
    }
    found["goods are held, not let on"] = {
        way: [closed("deep_sea_asia_europe", 119, way), closed("northern_russia", 119, way)]
        for way in ("continue", "hold")
    }
    found["an outage of up to a year"] = {
        f"{d} d": [place.lever("site_outage", site="sep_kuantan", repair=f"{d} d")]
        for d in (30, 90, 180, 365)
    }
    return found


def two_restrictions(place: Place) -> dict[str, Ladder]:
    """One alone, and after a milder one, in which buyers may begin to qualify others."""
    milder: dict[str, Any] = {
        "ban of 28 d": place.lever("export_ban", days=28),
        "ban of 41 d": place.lever("export_ban", days=41),
        "ban of 90 d": place.lever("export_ban", days=90),
        "ban on heavy elements, 91 d": place.lever("export_ban", days=91, elements=HEAVY),
        "ban on the USA, 91 d": place.lever("export_ban", days=91, destinations=["USA"]),
        "quota of 90 %": place.lever("export_quota", amount="90 %"),
        "quota of 60 %": place.lever("export_quota", amount="60 %"),
        "licences, 182 d": place.lever("export_licence", days=182, office="clock", review="30 d"),
    }
    harder: dict[str, Any] = {
        "ban": place.lever("export_ban", since=YEAR),
        "ban of 91 d": place.lever("export_ban", since=YEAR, days=91),
        "ban on heavy elements": place.lever("export_ban", since=YEAR, elements=HEAVY),
        "quota of 30 %": place.lever("export_quota", since=YEAR, amount="30 %"),
    }
    return {
        f"{first}, a year before a {then}": {"alone": [hard], "after it": [mild, hard]}
        for then, hard in harder.items()
        for first, mild in milder.items()
    }


FAMILIES: dict[str, Callable[[Place], dict[str, Ladder]]] = {
    "ladders of the tests": of_tests, "bans": bans, "quotas": quotas, "licences": licences,
    "stocks, closures, outages": measures, "one after another": two_restrictions,
}  # fmt: skip


# ---- what came of it


@dataclass(frozen=True)
class Step:
    """From a milder to a harsher run."""

    about: str
    milder: str
    harsher: str


@dataclass(frozen=True)
class Violation:
    """Less missing under the harsher of two."""

    step: Step
    where: tuple[str, ...]
    """Nothing for the world, a region, or a region and a product"""
    t: float
    part: float
    """Of demand"""


def missing(place: Place, list_: Mapping[str, Ladder], behaviour: Behaviour) -> list[pd.Series]:
    """(region, product) -> t missing, of each run in the order of the list."""
    runs = [levers for ladder in list_.values() for levers in ladder.values()]
    found: list[pd.Series] = []
    for start in range(0, len(runs), AT_ONCE):
        records = place.run(runs[start : start + AT_ONCE], behaviour)
        found += [place.missing(each) for each in records]
    return found


def reliefs(list_: Mapping[str, Ladder], runs: Sequence[pd.Series]) -> dict[Step, pd.Series]:
    """(region, product) -> t missing less in the harsher run, of all pairs of each ladder."""
    each = iter(runs)
    found = {}
    for about, ladder in list_.items():
        of_steps = {name: next(each) for name in ladder}
        for (milder, less), (harsher, more) in combinations(of_steps.items(), 2):
            found[Step(about, milder, harsher)] = less - more
    return found


def violations(found: Mapping[Step, pd.Series], demand: pd.Series) -> Iterator[Violation]:
    """Of these pairs."""
    for step, relief in found.items():
        for where in beyond(relief, demand):
            t = tonnes(relief, where)
            yield Violation(step, where, t, t / tonnes(demand, where))


def beyond(relief: pd.Series, demand: pd.Series) -> Iterator[tuple[str, ...]]:
    """Where less is missing by more than what is put up with: in the world, in regions, of products."""
    if relief.sum() > max(LEAST_T, LEAST_SHARE * demand.sum()):
        yield ()
    regions, of_regions = (each.groupby("region", observed=True).sum() for each in (relief, demand))
    for region in regions.index[regions > (LEAST_SHARE * of_regions).clip(lower=LEAST_T)]:
        yield (str(region),)
    yield from relief.index[relief > (LEAST_SHARE * demand).clip(lower=LEAST_T)]


def tonnes(table: pd.Series, where: tuple[str, ...]) -> float:
    """Of the world, a region or a product of a region."""
    return float(table.loc[where].sum() if where else table.sum())


# ---- what is printed


def count(place: Place, family: Mapping[str, str], list_: Mapping[str, Ladder]) -> None:
    """How many pairs there are, how many violations of each kind, and the largest."""
    demand = place.demand(place.run([[]], FREE)[0])
    relief: dict[str, dict[Step, pd.Series]] = {}
    for name, behaviour in rules(place.world).items():
        print(f"running with {name}", file=sys.stderr, flush=True)
        relief[name] = reliefs(list_, missing(place, list_, behaviour))
    found = {name: list(violations(each, demand)) for name, each in relief.items()}
    runs = sum(map(len, list_.values()))
    print(f"{runs} runs; each cell: pairs with a violation; violations by {', '.join(LEVELS)}")
    print(f"{len(demand)} products of {len(demand.groupby('region', observed=True))} regions\n")
    print(f"| what grows worse | pairs | {' | '.join(found)} |\n|{' --- |' * (2 + len(found))}")
    for line in lines(family, list_, found):
        print(line)
    for name, each in found.items():
        print(
            f"\nLargest with {name}, one of each thing that grows worse, and the same with others"
        )
        for v in largest(each)[:SHOWN]:
            others = [
                f"{o} {tonnes(r[v.step], v.where):.1f} t" for o, r in relief.items() if o != name
            ]
            said = f"{v.step.about}, {v.step.milder} -> {v.step.harsher} ({', '.join(others)})"
            print(f"{v.t:8.1f} t, {v.part:6.2%} of demand, {' '.join(v.where) or 'world'}: {said}")


def lines(
    family: Mapping[str, str], list_: Mapping[str, Ladder],
    found: Mapping[str, Sequence[Violation]],
) -> Iterator[str]:  # fmt: skip
    """Of a table: each ladder, each family and all."""
    of_all = {about: [about, f"*{family[about]}*", "*all*"] for about in list_}
    for row in dict.fromkeys(row for rows in zip(*of_all.values(), strict=True) for row in rows):
        those = [ladder for about, ladder in list_.items() if row in of_all[about]]
        pairs = sum(len(ladder) * (len(ladder) - 1) // 2 for ladder in those)
        cells = [_cell([v for v in each if row in of_all[v.step.about]]) for each in found.values()]
        yield f"| {row} | {pairs} | {' | '.join(cells)} |"


def _cell(found: Sequence[Violation]) -> str:
    by_level = [sum(len(v.where) == level for v in found) for level in range(len(LEVELS))]
    return f"{len({v.step for v in found})}; {', '.join(map(str, by_level))}"


def largest(found: Sequence[Violation]) -> list[Violation]:
    """The largest of each thing that grows worse, the largest first."""
    by_kind: dict[str, Violation] = {}
    for v in sorted(found, key=lambda v: -v.t):
        by_kind.setdefault(v.step.about, v)
    return list(by_kind.values())


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--only", default="", help="what grows worse has this in its name")
    asked.add_argument("--explain", nargs=3, metavar=("NAME", "MILDER", "HARSHER"))
    asked.add_argument(
        "--rules", default="market", help="market, users too, all rules or no market"
    )
    asked.add_argument("--product", default="", help="explain this one only")
    asked.add_argument("--region", default="", help="and, with a product, this one month by month")
    asked.add_argument("--months", nargs=2, default=("", "9999"), metavar=("FIRST", "LAST"))
    given = asked.parse_args()
    place = shipped(ENDS)
    families = {name: made(place) for name, made in FAMILIES.items()}
    family = {about: name for name, each in families.items() for about in each}
    every = {about: families[name][about] for about, name in family.items()}
    if given.explain is None:
        some = {about: ladder for about, ladder in every.items() if given.only in about}
        if not some:
            asked.error(f"nothing in the list has {given.only!r} in its name")
        count(place, family, some)
        return
    about, *names = given.explain
    try:
        runs, behaviour = [every[about][name] for name in names], rules(place.world)[given.rules]
    except KeyError as unknown:
        asked.error(f"{unknown} is not in the list")
    milder, harsher = place.run(runs, behaviour)
    first, last = given.months
    Pair(milder, harsher, Asked(given.product, given.region, (first, last))).show(place)


if __name__ == "__main__":
    main()
