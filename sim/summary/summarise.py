"""All tables of a run folder from the records of the scenario and of its reference."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.engine.calendar import Calendar
from sim.engine.records import Records
from sim.rules.behaviour import RIGID, Behaviour
from sim.summary.at_risk import postponed_shares
from sim.summary.cause import limits_of_use, with_ceilings
from sim.summary.chain import chain_table
from sim.summary.concentration import concentration_blocks
from sim.summary.exports import exports_table
from sim.summary.flows import flow_blocks, main_output
from sim.summary.gaps import reference_table, worst_table
from sim.summary.headline import About, headline, transport_and_stockpiles
from sim.summary.long import SLICES, Block, Periods, Slices, finish
from sim.summary.naming import Names
from sim.summary.origin import origin_blocks
from sim.summary.regions import regions_table
from sim.summary.scope import Scope, scope_of, shared_elements
from sim.summary.service import (
    Part,
    caused_blocks,
    elements_needed,
    embodied_blocks,
    first_months,
    products_needed,
    service_monthly,
    service_summary,
)
from sim.summary.value import value_block
from sim.summary.weekly import weekly_table
from sim.tables.measures import IN_SCOPE
from sim.words.quantities import DAYS_PER_CALENDAR_YEAR
from sim.world.thrift import years_since
from sim.world.where import Where
from sim.world.world import World

DISRUPTIONS = ("restrictions", "shocks")
"""Headings of the levers that take something away."""
ACTING = ("in_force", "resumed", "eased")
OF_SUMMARY = (
    "summary", "monthly", "worst", "reference", "chain", "exports_monthly", "by_region", "weekly", "scope",
)  # fmt: skip
"""Names of the tables of a `Summary`, in the order in which they are written"""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run folder holds beside the records."""

    summary: pd.DataFrame
    monthly: pd.DataFrame
    headline: list[dict[str, Any]]
    worst: pd.DataFrame
    """Product x sector-region that is short, of the scenario"""
    reference: pd.DataFrame
    """The same of the reference"""
    chain: pd.DataFrame
    """Who supplied whom"""
    exports_monthly: pd.DataFrame
    """What left the restricting countries, by month, as customs count it"""
    scope: Scope
    """What the run is counted against"""
    by_region: pd.DataFrame
    """Each region with demand in scope"""
    weekly: pd.DataFrame
    """What end users needed and lacked, review by review"""

    def table(self, name: str) -> pd.DataFrame:
        """One of `OF_SUMMARY`, as `sim.tables` declares it."""
        found: pd.DataFrame = self.scope.table() if name == "scope" else getattr(self, name)
        return found


def summarise(
    scenario: Records,
    reference: Records,
    world: World,
    *,
    starts: date,
    ends: date,
    exporters: Sequence[str] = (),
    restrictions: Mapping[str, Sequence[Where]] = MappingProxyType({}),
    lever_names: Mapping[str, str] = MappingProxyType({}),
    slice_months: int = 1,
    idle: Collection[str] = (),
    behaviour: Behaviour = RIGID,
    restricted: date | None = None,
) -> Summary:
    """Both worlds side by side; what the levers do is their difference, row by row and never netted.

    `restrictions` says what each that meets some trade is about, in all its phases; peaks are told by slices of
    `slice_months`. `restricted` is the day on which the first restriction comes into force, with whose exports
    before those of each month are compared.
    """
    first_day = first_restriction_day(scenario, idle)
    calendar = Calendar(starts, ends)
    years, months = Periods.years(calendar), Periods.months(calendar)
    slices = Slices.of(months.names, slice_months)
    names = Names.of(world, lever_names)
    since = _years(world, calendar) if behaviour.limits and behaviour.limits.thrifting else None
    postponed = postponed_shares(world, behaviour)
    yearly: dict[str, list[Block]] = {}
    monthly: dict[str, list[Block]] = {}
    worlds = {"scenario": scenario, "reference": reference}
    needs = {run: products_needed(records) for run, records in worlds.items()}
    about = [where for its in restrictions.values() for where in its]
    scope = scope_of(world, about, needs["scenario"], needs["reference"])
    # What a metric of elements is called -> of which goods it counts them.
    parts: dict[str, Part | None] = {"{}": None}
    if shared := shared_elements(world, scope):
        parts[f"{{}}{IN_SCOPE}"] = Part(scope.products, shared)
    elements = {
        (run, name): elements_needed(records, world, since, part)
        for run, records in worlds.items()
        for name, part in parts.items()
    }
    limits = {
        run: with_ceilings(limits_of_use(records), records, world)
        for run, records in worlds.items()
    }
    named = {id: _elements(its) for id, its in restrictions.items()}
    for run, records in worlds.items():
        output, unit = main_output(records, world), world.basis
        yearly[run] = [
            *service_summary(
                records, needs[run], unit, years, first_day, reference, postponed, slices
            ),
            *flow_blocks(records, output, world, years, behaviour),
            *origin_blocks(records, unit, years, scope.elements),
            *concentration_blocks(records, output, years),
        ]
        # By month what plots need; of the reference only its gaps, the rest is there to compare by year.
        own = run == "scenario"
        monthly[run] = service_monthly(needs[run], unit, months, gaps_only=not own)
        beyond = own and reference is not scenario
        if beyond:
            yearly[run] += caused_blocks(needs[run], needs["reference"], unit, years, slices)
        for name, part in parts.items():
            its, embodied = elements[run, name], f"embodied_{name}"
            yearly[run] += embodied_blocks(its, unit, years, embodied)
            monthly[run] += embodied_blocks(its, unit, months, embodied)
            if beyond:
                anyway = elements["reference", name]
                yearly[run] += caused_blocks(its, anyway, unit, years, slices, embodied)
            value = value_block(
                records, limits[run], scope, world, years, restricted=named, years=since, part=part
            )
            yearly[run].append(replace(value, metric=name.format(value.metric)))
        if own:
            monthly[run] += flow_blocks(records, output, world, months, behaviour)
            monthly[run] += origin_blocks(records, unit, months, scope.elements)
    table = finish(yearly)
    worst = worst_table(table, limits["scenario"], scope, names, starts)
    by_region = regions_table(
        needs["scenario"], needs["reference"], scope, worst, slices, postponed, names
    )
    return Summary(
        summary=table,
        monthly=finish(monthly),
        headline=[
            *headline(
                table,
                worst,
                by_region,
                scope,
                About.of(world, exporters, SLICES[slice_months]),
                made_without=behaviour.postponable is not None,
            ),
            *transport_and_stockpiles(scenario, world),
        ],
        worst=worst,
        reference=reference_table(
            table,
            limits["reference"],
            scope,
            names,
            starts,
            first_months(needs["reference"], months.names),
        ),
        chain=chain_table(scenario, reference, world, years),
        exports_monthly=exports_table(
            scenario, reference, world, calendar, exporters=exporters, restricted=restricted
        ),
        scope=scope,
        by_region=by_region,
        weekly=weekly_table(scenario, postponed, starts, float(months.days.sum())),
    )


def _elements(restricted: Sequence[Where]) -> frozenset[str]:
    """What a restriction names in any of its phases; nothing where one of them names all."""
    each = [where.elements for where in restricted]
    return frozenset[str]().union(*each) if all(each) else frozenset()


def _years(world: World, calendar: Calendar) -> npt.NDArray[np.float64]:
    """[month] years from the base year to the middle of each month of the run."""
    days = np.array(calendar.days_in_months(), dtype=np.float64)
    until = np.cumsum(days) - days / 2
    return years_since(world, calendar.starts) + until / DAYS_PER_CALENDAR_YEAR


def first_restriction_day(records: Records, idle: Collection[str] = ()) -> float | None:
    """First day on which a restriction is in force, or the start where one was; None without.

    A shock counts only where there is no restriction: what a closed corridor does years before a ban is
    not what the ban does. `idle` levers meet nothing and do not count.
    """
    levers = records.levers[~records.levers["lever"].isin(idle)]
    for heading in DISRUPTIONS:
        day = _first_day(levers[levers["heading"] == heading])
        if day is not None:
            return day
    return None


def _first_day(levers: pd.DataFrame) -> float | None:
    levers = levers[levers["phase"] != "announced"]
    acts = levers["phase"].isin(ACTING)
    # A phase of before the start only counts if nothing has replaced it by then.
    latest = ~levers[levers["day"] <= 0].duplicated("lever", keep="last")
    holds = acts & ((levers["day"] > 0) | latest.reindex(levers.index, fill_value=False))
    first = levers.loc[holds, "day"].min()
    return None if pd.isna(first) else max(0.0, float(first))
