"""The values of the pack that an answer hangs on, in an order that can be stated, with their sources.

The order is a rule, not a sensitivity: nothing is simulated again. First comes what the scenario's own
restrictions, shocks and measures take from the pack, then what stands behind the largest gaps of this run,
then what holds for everybody. Within a step the least certain value comes first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pandas as pd

from sim.channels.effects import Passage
from sim.engine.panel import Panel
from sim.engine.records import Records
from sim.lever import Lever, reach_of
from sim.scenario import Scenario
from sim.scenario.behaviour import READS
from sim.summary.cause import CEILINGS
from sim.tables import TABLES
from sim.world.flying import may_fly
from sim.world.numbers import as_number
from sim.world.world import Row, World, end_use_id

GAPS_LOOKED_AT = 20
"""Largest gaps whose values are named; as many as the page shows."""
CERTAINTY = ("assumed", "estimated", "derived", "reported")
WHY = (
    "taken from the pack by a restriction, shock or measure of the scenario",
    "behind one of the largest gaps",
    "holds for everybody",
)
OF_GAPS = {
    ("covers", "days"), ("sectors", "growth"), ("sectors", "growth_from_2030"), ("recipes", "share"),
    ("end_users", "users"), ("sites", "capacity"), ("sites", "planned_capacity"), ("sites", "success"),
}  # fmt: skip
"""Tables and parameters of which a gap may hang on a value; see `_Gap.hangs_on`"""
OF_RULES = {
    ("defaults", "pile_days"), ("defaults", "new_supply_days"), ("sites", "most_growth"),
    ("recipes", "thrift"), ("requalification", "days"), ("recipes", "effect"), ("defaults", "swap_share"),
    ("sectors", "other_grade"), ("sectors", "other_design"), ("defaults", "design_speed"),
    ("defaults", "sharing_degree"), ("sectors", "priority_class"),
    ("recipes", "thrift"), ("requalification", "days"), ("sectors", "postponable"), ("defaults", "air_days"),
    ("defaults", "air_threshold_days"), ("defaults", "air_oxide_price"), ("defaults", "air_freight"),
}  # fmt: skip
"""The same, where a rule of behaviour reads them; see `_hangs_on_rule`"""
WORDS: Mapping[tuple[str, str], str] = {
    ("licence_office", "office_cases_per_week"): "cases that it closes in a week",
    ("licence_office", "covered_share"): "most of planned use that licences cover",
    ("licence_office", "tonnage_months"): "planned use that a licence covers",
    ("licence_office", "mean_review_days"): "mean of the reviews",
    ("licence_office", "review_calendar_days"): "longest review",
    ("licence_office", "first_application_days"): "days over which first applications come in",
    ("licence_office", "returned"): "what becomes of returned cases",
    ("licence_office", "user_size_exponent"): "how unequal the users of a buyer are",
    ("licence_office", "reapply_days"): "days until a refused case applies again",
    ("licence_office", "renewal_review_factor"): "part of a review that a renewal takes",
    ("licence_office", "validity_days"): "days for which an approval is valid",
    ("licence_office", "approve"): "share of cases approved",
    ("licence_office", "return"): "share of cases returned",
    ("licence_office", "refuse"): "share of cases refused",
    ("licence_office", "military"): "military end users",
    ("covers", "days"): "stock that is wanted, in days of use",
    ("sectors", "growth"): "growth of demand",
    ("sectors", "growth_from_2030"): "growth of demand from 2030",
    ("recipes", "share"): "content of the product",
    ("end_users", "users"): "number of end users",
    ("corridors", "days"): "days on the way",
    ("corridors", "capacity"): "what it carries",
    ("defaults", "producer_stock_days"): "stock of producers, in days of sales",
    ("defaults", "pile_days"): "pile of by-products that nobody buys, in days of output",
    ("defaults", "new_supply_days"): "days over which what new sellers do not deliver is averaged",
    (
        "defaults",
        "sharing_degree",
    ): "part of what users of one sector hold above the mean that is lent in a week",
    ("sectors", "priority_class"): "class in which it is served",
    ("sites", "most_growth"): "most that it can grow in a year",
    ("recipes", "thrift"): "part of it that is saved each year",
    ("sectors", "other_grade"): "part of its use that another grade can take once it is approved",
    ("sectors", "other_design"): "part of its use that can turn to a design without any of it",
    ("defaults", "design_speed"): "part of a sector's use that turns to another design in a year",
    ("recipes", "effect"): "what a tonne of the element does for the grade",
    ("defaults", "swap_share"): "part of a grade's effect that may be swapped",
    ("requalification", "days"): "days until a new seller is accepted",
    ("defaults", "air_days"): "days in the air",
    ("defaults", "air_threshold_days"): "stock below which goods fly, in days of use",
    ("defaults", "air_oxide_price"): "price from which on oxides fly",
    ("defaults", "air_freight"): "price of a gross kg flown",
    ("sectors", "postponable"): "part of its use that can wait or is made without",
}
"""Parameters whose own name says too little."""


def assumptions(
    scenario: Scenario, records: Records, worst: pd.DataFrame, reference: pd.DataFrame
) -> pd.DataFrame:
    """Rows of the pack in the order of what the answer hangs on most; columns as declared.

    `worst` is the table of gaps, the most tonnes first, `reference` that of the world without levers. `value`
    is a text in `unit`, as the pack or the scenario's `changes` write it; `low` and `high` are numbers in the
    same unit or missing; `source` holds ids joined by `;`.
    """
    world = scenario.world
    steps = (
        _of_levers(scenario.levers, world),
        chain(
            _of_gaps(scenario, records, worst.head(GAPS_LOOKED_AT)),
            _of_rules(scenario, records, worst.head(GAPS_LOOKED_AT)),
            _of_rules(scenario, records, reference.head(GAPS_LOOKED_AT)),
        ),
        _of_everybody(world),
    )
    found: dict[Row, tuple[int, int, int]] = {}
    for step, rows in enumerate(steps):
        for place, row in rows:
            found.setdefault(row, (step, place, CERTAINTY.index(row.confidence)))
    ordered = sorted(found, key=lambda row: (found[row], row.table, row.line))
    name = _names(world)
    return pd.DataFrame(
        [_cells(row, WHY[found[row][0]], name) for row in ordered],
        columns=TABLES["assumptions"].names,
    )


def sources(table: pd.DataFrame, world: World) -> pd.DataFrame:
    """The publications behind the assumptions, by id; columns as declared."""
    ids = sorted({id for cell in table["source"] for id in cell.split(";") if id in world.sources})
    columns = TABLES["sources"].names
    rows = [[getattr(world.sources[id], column) for column in columns] for id in ids]
    return pd.DataFrame(rows, columns=columns)


def _of_levers(levers: Iterable[Lever], world: World) -> Iterator[tuple[int, Row]]:
    for lever in levers:
        read = (row for row in world.rows if lever.takes(row) and lever.looks_at(row, world))
        yield from ((0, row) for row in read)


@dataclass(frozen=True, slots=True)
class _Gap:
    """Where a gap is, and whose values decide its size."""

    node: str
    sector: str
    product: str
    form: str
    makers: frozenset[str]
    """Sites that planned to make the product and lacked an ingredient or capacity."""
    sites: frozenset[str]
    """The same, and plants outside the restricting countries that separate what was scarce."""
    licensed: bool

    def hangs_on(self, row: Row) -> bool:
        """Whether a value of the pack stands behind the gap."""
        first = row.key[0]
        match row.table, row.parameter:
            case "covers", "days":
                return first in self.makers or (first == self.node and row.key[1] == self.form)
            case "sectors", "growth" | "growth_from_2030":
                return first == self.sector
            case "recipes", "share":
                return first == self.product
            case "end_users", "users":
                return self.licensed and first == self.node
            case "sites", "capacity" | "planned_capacity" | "success":
                return first in self.sites
        return False


def _of_gaps(
    scenario: Scenario, records: Records, worst: pd.DataFrame
) -> Iterator[tuple[int, Row]]:
    """What stands behind each gap, with the gap's place in the order."""
    licensed = any(
        isinstance(effect, Passage) and effect.by_user
        for lever in scenario.levers
        for effect in lever.in_any_phase(scenario.world)
    )
    makers = _makers_that_lacked(records.limits_by_month)
    values = [row for row in scenario.world.rows if (row.table, row.parameter) in OF_GAPS]
    for place, row in enumerate(worst.to_dict("records")):
        gap = _gap(scenario, makers.get(str(row["material"]), frozenset()), licensed, row)
        for value in values:
            if gap.hangs_on(value):
                # Who lacks it and what it is made of, before those who could supply more of it.
                yield 2 * place + (value.key[0] not in (gap.node, gap.sector, gap.product)), value


def _of_rules(
    scenario: Scenario, records: Records, gaps: pd.DataFrame
) -> Iterator[tuple[int, Row]]:
    """What rules of behaviour read of the pack, where a gap hangs on it, with the gap's place in the order."""
    moved = set(records.rules["rule"])
    values = [row for row in scenario.world.rows if (row.table, row.parameter) in OF_RULES]
    licensed = _licensed(scenario) if "sharing" in moved else frozenset()
    for place, gap in enumerate(gaps.to_dict("records")):
        for row in values:
            if row.parameter == "sharing_degree" and _place_of(gap) not in licensed:
                continue
            if _read_by_a_rule(scenario, row, moved) and _hangs_on_rule(scenario.world, gap, row):
                yield 2 * place, row


def _place_of(gap: Mapping[Any, Any]) -> str:
    return end_use_id(str(gap["sector"]), str(gap["region"]))


def _licensed(scenario: Scenario) -> frozenset[str]:
    """End uses for which something needs licences, so that their users are told apart and may lend."""
    world = scenario.world
    reach = reach_of(scenario.levers, world, scenario.ends)
    scopes = {
        effect.where
        for lever in scenario.levers
        for effect in lever.in_any_phase(world)
        if isinstance(effect, Passage) and effect.by_user
    }
    nodes = dict.fromkeys(need.node for need in world.demand)
    return frozenset(n for n in nodes if any(reach.meets(where, buyer=n) for where in scopes))


def _read_by_a_rule(scenario: Scenario, row: Row, moved: Collection[str]) -> bool:
    """Whether a rule holds that reads the row, moved something, and has no number of the scenario's own."""
    limits = scenario.behaviour.limits
    match row.parameter:
        case "thrift":
            return limits is not None and limits.thrifting
        case "other_grade":
            return scenario.behaviour.grades is not None and "grades" in moved
        case "other_design":
            return scenario.behaviour.designs is not None and "designs" in moved
        case "days" if row.table == "requalification":
            rules = {"market": scenario.behaviour.market, "grades": scenario.behaviour.grades}
            return any(rule in moved for rule, holds in rules.items() if holds is not None)
        case "effect":
            return scenario.behaviour.swaps is not None and "swaps" in moved
        case "most_growth":
            mined = scenario.world.sites[row.key[0]].stage == "mine"
            held = limits is not None and (limits.mines if mined else limits.separation)
            return held and "limits" in moved
        case "postponable":
            waits = scenario.behaviour.postponable
            return waits is not None and waits.share is None
    if (row.table, row.parameter) not in READS:
        return False
    rule, setting = READS[row.table, row.parameter]
    written = (scenario.resolved["behaviour"]["value"]).get(rule)
    if rule not in moved or not isinstance(written, Mapping):
        return False
    if row.parameter == "priority_class":
        return "classes" in written
    return not setting or "from_pack" in written[setting]


def _hangs_on_rule(world: World, gap: Mapping[Any, Any], row: Row) -> bool:
    """Whether what is missing is what the row decides on."""
    product = str(gap["material"])
    scarce = _scarce(world, gap)
    match row.parameter:
        case "pile_days":
            driven = {element for site in world.sites.values() for element in site.drivers}
            return product in {e.symbol for e in world.elements} - driven
        case "most_growth":
            return bool(scarce & set(world.sites[row.key[0]].drivers))
        case "thrift" | "effect":
            return row.key[0] == product
        case "other_grade":
            in_part = [p for p in world.products if product in p.serves_in_part]
            return bool(in_part) and row.key[0] == gap["sector"]
        case "other_design":
            return bool(row.key[0] == gap["sector"])
        case "design_speed":
            return world.sectors[str(gap["sector"])].other_design > 0
        case "swap_share":
            recipe = world.recipes.get(product)
            return recipe is not None and any(part.effect > 0 for part in recipe.ingredients)
        case "priority_class":
            return bool(row.key[0] == gap["sector"])
        case "postponable":
            return row.key[0] == str(gap["sector"])
        case "air_days" | "air_threshold_days" | "air_oxide_price" | "air_freight":
            return _could_fly(world, gap)
        case "days":
            return _is_how_long_it_takes(world, gap, row)
    return True


def _could_fly(world: World, gap: Mapping[Any, Any]) -> bool:
    """Whether the product may fly, at some price."""
    product = str(gap["material"])
    forms = {each.id: each.form for each in world.products}
    form = forms.get(product, world.sectors[str(gap["sector"])].form)
    return may_fly(world, form, product, 0.0)


def _is_how_long_it_takes(world: World, gap: Mapping[Any, Any], row: Row) -> bool:
    """Whether these are the days that who lacks a product takes to accept a new seller of it."""
    form, sector = row.key
    if form != world.sectors[str(gap["sector"])].form:
        return False
    own = f"{form}:{gap['sector']}" in world.defaults.requalification_days
    return bool(sector == gap["sector"] if own else not sector)


def _scarce(world: World, gap: Mapping[Any, Any]) -> set[str]:
    """Elements of which there was too little: what limited it, or the product where growth limits it."""
    limiter = str(gap["limited_by"])
    return (
        {str(gap["material"])}
        if limiter == CEILINGS
        else set(world.groups.get(limiter, (limiter,)))
    )


def _makers_that_lacked(limits: Panel) -> Mapping[str, frozenset[str]]:
    """Product -> sites that planned to make it and lacked an ingredient or capacity in some month."""
    kind, product, place = (limits.texts[column] for column in ("kind", "product", "place"))
    at_makers = kind.among(("ingredient", "capacity")) & limits.present.any(axis=0)
    found: dict[str, set[str]] = {}
    for its, site in zip(
        product.take(at_makers).words(), place.take(at_makers).words(), strict=True
    ):
        found.setdefault(its, set()).add(site)
    return {its: frozenset(sites) for its, sites in found.items()}


def _gap(
    scenario: Scenario, makers: frozenset[str], licensed: bool, row: Mapping[Any, Any]
) -> _Gap:
    world = scenario.world
    exporters = {lever.exporter for lever in scenario.restrictions}
    product, sector = str(row["material"]), str(row["sector"])
    scarce = set(world.groups.get(row["limited_by"], (row["limited_by"],)))
    plants = {
        site.id
        for site in world.sites.values()
        if scarce & set(site.can_separate) and site.country not in exporters
    }
    forms = {each.id: each.form for each in world.products}
    return _Gap(
        node=end_use_id(sector, str(row["region"])),
        sector=sector,
        product=product,
        form=forms.get(product) or world.sectors[sector].form,
        makers=makers,
        sites=makers | plants,
        licensed=licensed,
    )


def _of_everybody(world: World) -> Iterator[tuple[int, Row]]:
    """Producers' stocks, growth and recipes, as far as the pack gives a range for them."""
    general = {"defaults": "producer_stock_days", "sectors": "growth", "recipes": "share"}
    for row in world.rows:
        parameter = general.get(row.table)
        if row.parameter == parameter and (row.low or row.table != "recipes"):
            yield 0, row


def _cells(row: Row, why: str, name: Mapping[str, str]) -> Sequence[Any]:
    parts = [part for part in row.key if part and part != "default"]
    if row.table == "corridors":
        parts[1:] = [f"leg {leg}" for leg in parts[1:]]
    subject = ", ".join(name.get(part, part.replace("_", " ")) for part in parts)
    words = WORDS.get((row.table, row.parameter), row.parameter.replace("_", " "))
    general = row.table.replace("_", " ")
    low, high = as_number(row.low), as_number(row.high)
    return (
        why, f"{subject or general}: {words}", f"{row.table}.csv", row.line, row.parameter, row.value,
        row.unit, float("nan") if low is None else low, float("nan") if high is None else high,
        row.confidence, row.source, row.locator, row.note,
    )  # fmt: skip


def _names(world: World) -> Mapping[str, str]:
    """Display name of whatever a row of the pack may be about."""
    found = {e.symbol: e.name for e in world.elements}
    found |= {product.id: product.name for product in world.products if product.id not in found}
    for kind in (world.sectors, world.regions, world.countries, world.sites, world.corridors):
        found |= {id: each.name for id, each in kind.items()}
    for demand in world.demand:
        sector, region = world.sectors[demand.sector].name, world.regions[demand.region].name
        found[demand.node] = f"{sector}, {region}"
    return found
