"""The Central Asian answer: how much of a gap its mines, plants and makers close, built and not built.

    python -m benchmarks.central_asia

prints the tables of `docs/central_asia.md`. The world is that of the shipped scenarios `c5-mines-only` and
`c5-mines-and-separation`: 2030 to 2040, nothing leaves China in 2037. The metal plant and the magnet maker are
assumed: the rows of `benchmarks/central_asia_chain` come on top of a copy of the pack, as a user adds them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from sim.engine import Variant, outcome_of, simulate_all
from sim.engine.records import Records
from sim.guide.own_pack import start_pack
from sim.levers import ExportBan
from sim.rules.behaviour import RIGID, Behaviour
from sim.scenario import Scenario, load
from sim.world.balance import recovery_of
from sim.world.thrift import content, years_since
from sim.world.world import Site, World

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
HOPED = ("mines alone", "mines and separation", "sold to the West", "with metal", "with magnets")
"""What is looked at by year, where all of it is built"""
NAMED = ("Nd", "Pr", "Dy", "Tb", "Y", "La", "Ce", "Sm")
FREE, PLAN = "With all rules of behaviour", "Rigid: everybody keeps to the plan"
COMPARED = "nothing, but American ore stays at home in 2037"
OWN_ROWS = Path(__file__).parent / "central_asia_chain"
OWN_PACK = "assumed_chain"

Levers = Sequence[Any]


@dataclass(frozen=True)
class Steps:
    """The chain, step by step: the measures of a scenario, at their chances."""

    mines: Scenario
    plants: Scenario
    metal: Scenario
    magnets: Scenario

    @property
    def by_name(self) -> dict[str, Levers]:
        """One step more of the chain with each, all else the same."""
        plants = self.plants.measures
        west = [_sells(x, WEST) if x.id in ("sareco", "kashka") else x for x in plants]
        measures = (self.mines.measures, plants, west, self.metal.measures, self.magnets.measures)
        return dict(zip(HOPED, measures, strict=True))


@dataclass(frozen=True)
class Outcome:
    """What is missing, by month, region and product, with the ban and without it."""

    banned: pd.DataFrame
    calm: pd.DataFrame
    calm_balance: pd.DataFrame
    """By element, over the whole run"""


def read_steps() -> Steps:
    """The shipped scenarios, and those that need the pack with the assumed makers."""
    with TemporaryDirectory() as folder:
        metal, magnets = assumed_chain(Path(folder))
    return Steps(load("c5-mines-only"), load("c5-mines-and-separation"), metal, magnets)


def assumed_chain(folder: Path) -> list[Scenario]:
    """A copy of the pack with the rows of the assumed makers, and the scenarios beside it."""
    pack, _ = start_pack(OWN_PACK, "rare_earths_2024", folder)
    for rows in sorted(OWN_ROWS.glob("*.csv")):
        header, own = rows.read_text(encoding="utf-8").split("\n", 1)
        table = (pack / rows.name).read_text(encoding="utf-8")
        assert table.startswith(f"{header}\n"), f"{rows.name} has other columns than the pack"
        (pack / rows.name).write_text(table + own, encoding="utf-8", newline="\n")
    scenarios = []
    for name in ("with_metal.yaml", "with_magnets.yaml"):
        (folder / name).write_bytes((OWN_ROWS / name).read_bytes())
        scenarios.append(load(str(folder / name)))
    return scenarios


def settings(steps: Steps) -> Iterator[tuple[str, Levers]]:
    """What stands in Central Asia: levers by name."""
    yield "nothing", ()
    for name, measures in steps.by_name.items():
        yield f"{name}, risked", measures
        yield f"{name}, all built", _built(measures)
    for name, ids in TOGETHER.items():
        yield f"only {name}, built", _built([x for x in steps.plants.measures if x.id in ids])


def hanging(steps: Steps) -> Iterator[tuple[str, Levers, Levers]]:
    """Each project not built and built, while all others count at their chance."""
    measures = steps.plants.measures
    for name, ids in TOGETHER.items():
        others = [lever for lever in measures if lever.id not in ids]
        yield name, others, [*others, *_built([lever for lever in measures if lever.id in ids])]


def american_ore_stays(scenario: Scenario) -> ExportBan:
    """While nothing leaves China, no ore of the United States goes there: to compare with."""
    (full,) = scenario.restrictions
    entry = {
        "id": "american_ore", "kind": "export_ban", "exporter": "USA", "destinations": ["CHN"],
        "forms": ["concentrate"], "elements": "all", "starts": full.starts, "ends": full.ends,
    }  # fmt: skip
    return ExportBan.model_validate(entry, context={"world": scenario.world})


def _built(measures: Levers) -> list[Any]:
    return [lever.model_copy(update={"success": 1.0}) for lever in measures]


def _sells(lever: Any, to: Mapping[str, float]) -> Any:
    return lever.model_copy(update={"sells_to": dict(to)})


def missing(records: Records) -> pd.DataFrame:
    """month, region, product, t missing."""
    use = records.use
    use = use.assign(t=(use["demand_t"] - use["consumed_t"]).clip(lower=0.0))
    return use.groupby(["month", "region", "product"], observed=True)["t"].sum().reset_index()


def run(scenario: Scenario, behaviour: Behaviour, measures: Levers) -> Outcome:
    """What is missing with the ban and without it; `scenario` has the world with all sites."""
    levers = [(*scenario.restrictions, *measures), tuple(measures)]
    outcomes = simulate_all(
        scenario.world, [Variant(each, scenario.seed, provenance=False) for each in levers],
        starts=scenario.starts, ends=scenario.ends, review_days=scenario.review_days,
        behaviour=behaviour,
    )  # fmt: skip
    banned, calm = (outcome_of(outcome) for outcome in outcomes)
    return Outcome(missing(banned), missing(calm), calm.balance.set_index("element"))


def abroad(table: pd.DataFrame) -> pd.DataFrame:
    """Outside China, from the ban on."""
    return table[(table["month"] >= AFTER) & (table["region"] != "CHN")]


def by_element(table: pd.DataFrame, scenario: Scenario, behaviour: Behaviour) -> pd.DataFrame:
    """t missing [element, year], of grades by what they hold in that year."""
    thrift = behaviour.limits is not None and behaviour.limits.thrifting
    first = years_since(scenario.world, scenario.starts) + 0.5 - scenario.starts.year
    yearly = table.assign(year=table["month"].astype(str).str[:4])
    sums: dict[tuple[str, str], float] = {}
    for (year, product), t in yearly.groupby(["year", "product"], observed=True)["t"].sum().items():
        recipe = scenario.world.recipes.get(str(product))
        years = first + int(year) if thrift else 0.0
        parts = content(scenario.world, recipe, years) if recipe else {str(product): 1.0}
        for element, share in parts.items():
            key = element, year
            sums[key] = sums.get(key, 0.0) + float(t) * float(share)
    return pd.Series(sums).unstack(fill_value=0.0)


def line(*cells: Any) -> None:
    """A row of a table; numbers without decimals, and no zero with a sign."""
    texts = [f"{round(c) + 0:,}" if isinstance(c, float) else str(c) for c in cells]
    print(f"| {' | '.join(texts)} |", flush=True)


def head(title: str, *columns: str) -> None:
    """Title and first rows of a table."""
    print(f"\n### {title}\n")
    line(*columns)
    line(*["---"] * len(columns))


def sizes(steps: Steps) -> None:
    """What mines, plants and makers reach when built."""
    columns = ("all", "NdPr", "Dy", "Tb", "Y")
    head("Sizes", "reached when built, t a year", *columns)
    world, measures = steps.magnets.world, steps.magnets.measures
    reached = {lever.site: lever.capacity * lever.achieved for lever in measures}
    mined, won, as_magnets = [], [], {}
    for lever in measures:
        site = world.sites[lever.site]
        if site.stage == "mine":
            holds = _elements(reached[site.id], site.basket)
            mined.append(holds)
        elif site.can_separate:
            (mine,) = lever.fed_by
            holds = _elements(min(reached[site.id], reached[mine]), _recovered(world, site, mine))
            won.append(holds)
        else:
            holds = {"all": reached[site.id]} | dict.fromkeys(columns[1:], "as bought")
            as_magnets[site.stage] = recovery_of(site, "", "")
        line(site.name, *holds.values())
    dug, separated = (
        {name: sum(each[name] for each in group) for name in columns} for group in (mined, won)
    )
    line("all mines", *dug.values())
    line("both plants", *separated.values())
    yields = as_magnets["metal"] * as_magnets["magnet"]
    plant = recovery_of(world.sites["sep_sareco"], "concentrate", "Nd")
    for name, t in (("both plants", separated["NdPr"]), ("all mines", dug["NdPr"] * plant)):
        line(f"{name}, all Nd and Pr made into magnets", "", t * yields, "", "", "")


def _recovered(world: World, plant: Site, mine: str) -> dict[str, float]:
    """Element -> t won from a tonne of a mine's ore."""
    ore = world.sites[mine].basket
    return {e: share * recovery_of(plant, "concentrate", e) for e, share in ore.items()}


def _elements(t: float, shares: Mapping[str, float]) -> dict[str, float]:
    """The columns of the table of sizes."""
    own = {name: t * shares.get(name, 0.0) for name in ("Dy", "Tb", "Y")}
    ndpr = t * (shares["Nd"] + shares["Pr"])
    return {"all": t * sum(shares.values()), "NdPr": ndpr, **own}


def what_is_closed(steps: Steps, behaviour: Behaviour, outcomes: Mapping[str, Outcome]) -> None:
    """The first table: a row for each setting."""
    head(
        "What is closed", "in Central Asia", "missing outside China 2037 to 2039, t",
        "of it magnets", "closed, t", "closed, %", "Dy", "Tb", "NdPr", "Y",
        "missing without a ban, whole world 2030 to 2039, t",
    )  # fmt: skip
    world, graded = steps.magnets, set(steps.magnets.world.recipes)
    nothing = abroad(outcomes["nothing"].banned)
    base, before = nothing["t"].sum(), by_element(nothing, world, behaviour).sum(axis=1)
    for name, outcome in outcomes.items():
        late = abroad(outcome.banned)
        t, magnets = late["t"].sum(), late[late["product"].isin(graded)]["t"].sum()
        closed = before - by_element(late, world, behaviour).sum(axis=1)
        ndpr = closed["Nd"] + closed["Pr"]
        share = f"{100 * (base - t) / base + 0:.1f}".replace("-0.0", "0.0")
        line(name, t, magnets, base - t, share, *(float(closed[e]) for e in ("Dy", "Tb")), ndpr,
             float(closed["Y"]), outcome.calm["t"].sum())  # fmt: skip


def what_hangs(steps: Steps, behaviour: Behaviour, outcomes: Mapping[str, Outcome]) -> None:
    """The second table: each project built and not built, all others at their chance."""
    head(
        "What hangs on each project", "project", "closed if not built, t", "risked mean, t",
        "closed if built, t", "hangs on it, t", "of it NdPr", "of it Y",
        "less missing without a ban if built than if not, t",
    )  # fmt: skip
    nothing = abroad(outcomes["nothing"].banned)["t"].sum()
    mean = nothing - abroad(outcomes["mines and separation, risked"].banned)["t"].sum()
    for name, *levers in hanging(steps):
        without, built = (run(steps.magnets, behaviour, each) for each in levers)
        late = abroad(without.banned), abroad(built.banned)
        gap = [nothing - each["t"].sum() for each in late]
        parts = [by_element(each, steps.magnets, behaviour).sum(axis=1) for each in late]
        hangs = parts[0] - parts[1]
        line(name, gap[0], mean, gap[1], gap[1] - gap[0], hangs["Nd"] + hangs["Pr"],
             float(hangs["Y"]), without.calm["t"].sum() - built.calm["t"].sum())  # fmt: skip


def closed_by_year(steps: Steps, behaviour: Behaviour, outcomes: Mapping[str, Outcome]) -> None:
    """The third table: elements and years, of what is built for certain."""
    head(
        "By element and year, outside China",
        "in Central Asia, all built",
        "year",
        "t",
        *NAMED,
        "others",
    )
    world = steps.magnets
    base = by_element(abroad(outcomes["nothing"].banned), world, behaviour)
    calm = by_element(abroad(outcomes["nothing"].calm), world, behaviour)
    _years("nothing: missing", base)
    _years("nothing: missing without a ban", calm.reindex_like(base).fillna(0.0))
    for name in HOPED:
        late = by_element(abroad(outcomes[f"{name}, all built"].banned), world, behaviour)
        _years(f"{name}: closed", base - late)


def _years(name: str, table: pd.DataFrame) -> None:
    for year in table.columns:
        own = table[year]
        line(name, year, own.sum(), *(float(own[e]) for e in NAMED), own.drop(list(NAMED)).sum())


def calm_by_year(outcomes: Mapping[str, Outcome]) -> None:
    """The fourth table: what is missing with nobody's restriction."""
    months = outcomes["nothing"].calm["month"].astype(str)
    years = sorted({month[:4] for month in months})
    head("Missing without a ban, whole world, t", "in Central Asia", *years)
    for name in ("nothing", *(f"{step}, all built" for step in HOPED)):
        calm = outcomes[name].calm
        sums = calm.groupby(calm["month"].astype(str).str[:4])["t"].sum()
        line(name, *(float(sums.get(year, 0.0)) for year in years))


def where_it_goes(outcomes: Mapping[str, Outcome]) -> None:
    """The fifth table: what happens to what is dug without a ban, against mines alone."""
    head(
        "Neodymium and praseodymium without a ban, whole world 2030 to 2039, t more than with mines alone",
        "in Central Asia, all built", "in stock at the end", "on the way at the end", "lost", "used",
    )  # fmt: skip
    first, *others = (outcomes[f"{name}, all built"].calm_balance for name in HOPED)
    for name, balance in zip(HOPED[1:], others, strict=True):
        more = (balance - first).loc[["Nd", "Pr"]].sum()
        known = ("closing_t", "consumed_t", "lost_t", "discarded_t")
        on_the_way = more["mined_t"] + more["opening_t"] - sum(more[column] for column in known)
        line(name, more["closing_t"], on_the_way, more["lost_t"], more["consumed_t"])


def main() -> None:
    """Print the tables."""
    steps = read_steps()
    sizes(steps)
    for called, behaviour in ((FREE, steps.plants.behaviour), (PLAN, RIGID)):
        print(f"\n## {called}")
        outcomes = {name: run(steps.magnets, behaviour, each) for name, each in settings(steps)}
        other = run(steps.magnets, behaviour, [american_ore_stays(steps.magnets)])
        # Without the ban that it answers to there would be none of it.
        outcomes[COMPARED] = replace(other, calm=outcomes["nothing"].calm)
        what_is_closed(steps, behaviour, outcomes)
        if behaviour is not RIGID:
            what_hangs(steps, behaviour, outcomes)
            closed_by_year(steps, behaviour, outcomes)
            calm_by_year(outcomes)
            where_it_goes(outcomes)


if __name__ == "__main__":
    main()
