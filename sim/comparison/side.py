"""One of the runs that stand side by side: what of its folder the comparison reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from sim.figures.dates import as_date, month_bounds
from sim.run_folder import run_folder
from sim.summary.at_risk import BELOW_SHARE
from sim.summary.long import months_of_slice
from sim.summary.scope import Scope, among
from sim.summary.summarise import ACTING
from sim.tables.measures import IN_SCOPE
from sim.words.quantities import DAYS_PER_WEEK

PLACE = ["material", "sector", "region"]
LETTERS = "ABCDEF"


@dataclass(frozen=True)
class Side:
    """A finished run among those that are compared."""

    letter: str
    label: str
    """The scenario's name; with the run's id where several have the same."""
    folder: Path
    scenario: Mapping[str, Any]
    facts: Mapping[str, Any]
    scope: Scope
    """What the run by itself is counted against"""

    @property
    def column(self) -> str:
        """Heading of its column: `B_stockpile-180-days`."""
        return f"{self.letter}_{self.label}"

    @property
    def run_id(self) -> str:
        """The hash of what decides it."""
        return str(self.facts.get("run_id", self.folder.name))

    @property
    def title(self) -> str:
        """Of the scenario."""
        return str(self.scenario.get("title") or self.label)

    @cached_property
    def starts(self) -> date:
        """First day."""
        return as_date(self.scenario["starts"])

    @cached_property
    def ends(self) -> date:
        """First day after the run."""
        return as_date(self.scenario["ends"])

    @cached_property
    def months(self) -> Mapping[str, int]:
        """Month -> days of it inside the run."""
        found, day = {}, self.starts
        while day < self.ends:
            month = day.isoformat()[:7]
            after = min(month_bounds(month)[1], self.ends)
            found[month] = (after - day).days
            day = after
        return found

    @property
    def slice_months(self) -> int:
        """Months of the slices by which its peaks are told."""
        return months_of_slice(str(self.scenario.get("peaks_by", "month")))

    @property
    def unit(self) -> str:
        """What a tonne is in its pack."""
        return str((self.scenario.get("pack") or {}).get("basis") or "t")

    @property
    def levers(self) -> Sequence[Mapping[str, Any]]:
        """As `scenario.resolved.yaml` has them."""
        return list(self.scenario.get("levers") or [])

    def days_restricted(self, months: Sequence[str]) -> int:
        """On how many days of these months a restriction of this run acts."""
        first, after = month_bounds(months[0])[0], month_bounds(months[-1])[1]
        first, after = max(first, self.starts), min(after, self.ends)
        days: set[int] = set()
        for lever in self.levers:
            if lever.get("heading") != "restrictions" or lever.get("meets_nothing"):
                continue
            phases = [(as_date(p["date"]), str(p["phase"])) for p in lever.get("phases") or []]
            ends = [*(day for day, _ in phases[1:]), after]
            for (begins, phase), until in zip(phases, ends, strict=True):
                if phase in ACTING:
                    span = max(begins, first).toordinal(), min(until, after).toordinal()
                    days.update(range(*span))
        return len(days)

    @property
    def has_draws(self) -> bool:
        """Whether luck decides in one of its levers."""
        return any(lever.get("drawn") for lever in self.levers)

    @property
    def behaviour(self) -> Mapping[str, Any]:
        """Rule -> `off`, `on` or its numbers."""
        settings = (self.scenario.get("settings") or {}).get("behaviour") or {}
        return dict(settings.get("value") or {})

    def name(self, kind: str, key: str) -> str:
        """Display name of an element, product, sector or region; its id where it has none."""
        return str((self.scenario.get("names") or {}).get(kind, {}).get(key) or key)

    def needs(self, scope: Scope, months: Sequence[str]) -> pd.DataFrame:
        """What end users in scope need and lack in these months, in tonnes.

        Columns: `PLACE`, period, demand, shortfall, reference (the same world without levers), caused (missing
        beyond that), relieved (missing there and not here).
        """
        table = self._monthly
        its = table[among(table, scope.products) & table["period"].isin(months)]
        demand = _of(its, "demand", "scenario", "demand")
        found = demand.set_index([*PLACE, "period"])
        for name, run in (("shortfall", "scenario"), ("reference", "reference")):
            short = _of(its, "shortfall", run, name).set_index([*PLACE, "period"])
            found = found.join(short, how="outer")
        found = found.fillna(0.0).sort_index()
        more = found["shortfall"] - found["reference"]
        return found.assign(
            caused=more.clip(lower=0.0), relieved=(-more).clip(lower=0.0)
        ).reset_index()

    def elements(self, scope: Scope, months: Sequence[str], *, in_scope: bool) -> pd.DataFrame:
        """Elements in the products that users in scope need and lack; columns: material, demand, shortfall.

        `in_scope`: in goods that count alone, which a run tells apart for the scope that it has by itself;
        else in all goods that hold an element in scope.
        """
        table = self.scope.rows(self._monthly) if in_scope else self._monthly
        its = table[among(table, scope.elements) & table["period"].isin(months)]
        sums = {
            name: _of(its, f"embodied_{name}", "scenario", name).groupby("material")[name].sum()
            for name in ("demand", "shortfall")
        }
        return pd.DataFrame(sums).fillna(0.0).rename_axis("material").reset_index()

    @cached_property
    def _monthly(self) -> pd.DataFrame:
        table = run_folder.table(self.folder, "monthly")
        elements = ["embodied_demand", "embodied_shortfall"]
        wanted = ["demand", "shortfall", *elements, *(f"{name}{IN_SCOPE}" for name in elements)]
        return table[table["metric"].isin(wanted) & (table["statistic"] == "central")]

    def weeks_below_80(self, scope: Scope, first: date, after: date) -> pd.DataFrame:
        """Weeks of these days in which users in scope have less than 80 % of output; `PLACE` and weeks."""
        table = run_folder.table(self.folder, "weekly")
        inside = (table["to"] >= first.isoformat()) & (table["to"] <= after.isoformat())
        its = table[among(table, scope.products) & inside]
        below = its[its["output_at_risk"] > 100 * BELOW_SHARE]
        days = below.groupby(PLACE)["days"].sum() / DAYS_PER_WEEK
        return days.to_frame("weeks").reset_index()

    def first_short(self, scope: Scope) -> pd.DataFrame:
        """The first day short by more than 5 % beyond the reference, of users in scope; `PLACE` and day."""
        table = run_folder.table(self.folder, "worst")
        its = table[among(table, scope.products) & (table["first_caused"] != "")]
        return its[PLACE].assign(day=its["first_caused"])

    def unknowns(self) -> tuple[float, float] | None:
        """Least and most missing beyond the reference, of its own scope; None where all is known."""
        table = run_folder.table(self.folder, "unknowns")
        if table.empty:
            return None
        return float(table["caused_t"].min()), float(table["caused_t"].max())


def sides_of(folders: Sequence[Path]) -> list[Side]:
    """The runs of these folders, the base first."""
    scenarios = [run_folder.scenario(folder) for folder in folders]
    names = Counter(str(scenario["name"]) for scenario in scenarios)
    sides = []
    for letter, folder, scenario in zip(LETTERS, folders, scenarios, strict=False):
        name, facts = str(scenario["name"]), run_folder.facts(folder)
        label = name if names[name] == 1 else f"{name} {facts.get('run_id', folder.name)}"
        sides.append(Side(letter, label, folder, scenario, facts, run_folder.scope(folder)))
    return sides


def common_months(sides: Sequence[Side]) -> list[str]:
    """Months that every run has, with the same days."""
    first, *others = (side.months for side in sides)
    return [m for m, days in first.items() if all(its.get(m) == days for its in others)]


def days_of(side: Side, months: Sequence[str]) -> tuple[date, date]:
    """The first day of these months in a run, and the first after them."""
    first = max(side.starts, month_bounds(months[0])[0])
    after = min(side.ends, month_bounds(months[-1])[1])
    return first, after


def _of(table: pd.DataFrame, metric: str, run: str, name: str) -> pd.DataFrame:
    its = table[(table["metric"] == metric) & (table["run"] == run)]
    found = its[[*PLACE, "period", "value"]].astype(dict.fromkeys([*PLACE, "period"], object))
    return found.rename(columns={"value": name})
