"""A run as figures and page see it: its tables, the scenario in words, the names of things.

It comes from the tables in memory (`run_in_memory`) or is read back from a folder (`read_run`); both hold
the same values, so that what is drawn is the same to the byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import pandas as pd

from sim.figures.as_written import coded, decoded
from sim.figures.dates import as_date, month_bounds
from sim.figures.lever_words import LeverInWords, lever_in_words
from sim.figures.wording import capitalised, uncapitalised, with_article
from sim.summary.scope import IN_ALL_GOODS, Scope

SUMMARY_METRICS = (
    "caused", "demand", "embodied_caused", "embodied_demand", "embodied_shortfall", "idle",
    "moved_by_rule", "peak_caused", "peak_shortfall", "production", "shortfall", "supply_by_origin",
    "substituted", "swapped", "value_at_risk", "weeks_below_80",
)  # fmt: skip
IN_ALL = tuple(f"embodied_{metric}{IN_ALL_GOODS}" for metric in ("demand", "shortfall"))
MONTHLY_METRICS = (
    "cover", "embodied_demand", "embodied_shortfall", *IN_ALL, "stock", "supply_by_last_processing",
    "supply_by_origin",
)  # fmt: skip
"""What figures and page ask for; the other rows, more than half of all, are left where they are."""
SOME_COLUMNS: Mapping[str, Sequence[str]] = {
    # of all restricting countries together
    "exports_monthly": (
        "month",
        "form",
        "product",
        "destination",
        "unit",
        "t",
        "reference_t",
        "reo_t",
    ),
    "licences": ("filed_day", "decided_day"),
    "licences_pending": ("month", "lever", "cases", "held_t", "planned_t", "licensed_t"),
    "limits": ("month", "place", "limited_by", "kind"),
    "production": ("month", "site", "form", "output_t"),
    "shipments": (
        "month",
        "seller",
        "buyer",
        "product",
        "buyer_country",
        "buyer_region",
        "dispatched_t",
    ),
    "use": ("month", "sector", "region", "product", "demand_t", "consumed_t"),
}
"""The same of the exports and the records."""
CHAIN, EXPORTS = "chain", "exports_monthly"
ASSUMPTIONS, SOURCES, UNKNOWNS = "assumptions", "sources", "unknowns"
DRAWN_FROM = (
    CHAIN, EXPORTS, "licences", "licences_pending", "production", "limits", "shipments", "use",
)  # fmt: skip
"""Tables beside summary and months that figures are drawn from; the page needs more."""


@dataclass(frozen=True)
class FinishedRun:
    """What figures and report know: nothing but what stands in the run folder."""

    summary: pd.DataFrame
    """The rows of `SUMMARY_METRICS`; texts are categories in the order of the alphabet."""
    monthly: pd.DataFrame
    """The rows of `MONTHLY_METRICS`."""
    worst: pd.DataFrame
    """Product x sector-region that are short, the most tonnes beyond the reference first (`worst.csv`)."""
    reference: pd.DataFrame
    """What the same world lacks without levers (`reference.csv`)."""
    outside: tuple[pd.DataFrame, pd.DataFrame]
    """Both tables of what the question is not about."""
    by_region: pd.DataFrame
    """Each region by itself (`by_region.csv`)."""
    scope: Scope
    """What is counted: products, elements and regions that the question is about. `summary`, `monthly` and the
    tables above hold nothing else of what end users need."""
    regions: tuple[str, ...]
    """Regions for whose reader the run is shown; empty for everybody."""
    headline: Sequence[Mapping[str, Any]]
    scenario: Mapping[str, Any]
    """`scenario.resolved.yaml`."""
    facts: Mapping[str, Any]
    """`run.yaml`."""
    table: Callable[[str], pd.DataFrame]
    """`CHAIN` and the other names below it, or a record by its name; without rows where the run has none."""
    files: Callable[[], Mapping[str, str]]
    """The scenario's file as it was written, then the one it extends: name -> text."""

    @cached_property
    def numbers(self) -> Mapping[str, Mapping[str, Any]]:
        """Of the headline, by their id."""
        return {str(number["id"]): number for number in self.headline}

    @cached_property
    def starts(self) -> date:
        """First day of the scenario."""
        return as_date(self.scenario["starts"])

    @cached_property
    def ends(self) -> date:
        """Day on which the scenario ends, itself not simulated."""
        return as_date(self.scenario["ends"])

    @cached_property
    def levers(self) -> tuple[LeverInWords, ...]:
        """All levers, what restricts first."""
        levers = [lever_in_words(written) for written in self.scenario.get("levers") or []]
        return tuple(sorted(levers, key=lambda lever: not lever.restricts))

    @cached_property
    def lever_names(self) -> Mapping[str, str]:
        """Id -> in a few words: `export ban of China from 2026-01-01`; with the id where two agree."""
        return {lever.id: lever.name for lever in self.levers}

    @cached_property
    def lever_labels(self) -> Mapping[str, str]:
        """Id -> what is written at a bar: `Export ban of China`; with the id where two agree."""
        words = {lever.id: capitalised(self._whose(lever)) for lever in self.levers}
        return _told_apart(words)

    def _whose(self, lever: LeverInWords) -> str:
        who = lever.about or (self.name("countries", lever.exporter) if lever.exporter else "")
        return lever.kind.replace("_", " ") + (f" of {who}" if who else "")

    @cached_property
    def chain(self) -> pd.DataFrame:
        """Who supplied whom by year, in both worlds (`chain.csv`)."""
        return self.table(CHAIN)

    @cached_property
    def exports(self) -> pd.DataFrame:
        """What left the restricting countries by month and destination (`exports_monthly.csv`)."""
        return self.table(EXPORTS)

    @cached_property
    def assumptions(self) -> pd.DataFrame:
        """Values of the pack that the answer hangs on, in their order (`assumptions.csv`)."""
        return self.table(ASSUMPTIONS)

    @cached_property
    def sources(self) -> pd.DataFrame:
        """The publications that the assumptions cite (`sources.csv`)."""
        return self.table(SOURCES)

    @cached_property
    def unknowns(self) -> pd.DataFrame:
        """How far the result hangs on what nobody knows, and on luck (`unknowns.csv`)."""
        return self.table(UNKNOWNS)

    def record(self, name: str) -> pd.DataFrame:
        """The columns `SOME_COLUMNS` of a table of the records, made when somebody asks for it."""
        return self.table(name)

    @cached_property
    def projects(self) -> Sequence[Mapping[str, Any]]:
        """Mines and plants that start or grow."""
        return list(self.scenario.get("projects") or [])

    @cached_property
    def stages(self) -> tuple[str, ...]:
        """Stages of the pack from the mine to the last maker."""
        return tuple((self.scenario.get("names") or {}).get("stages") or ())

    @property
    def first_stage(self) -> str:
        """Where the chain begins."""
        return self.stages[0] if self.stages else ""

    @cached_property
    def by_products(self) -> tuple[str, ...]:
        """Forms no site is run for: scrap, and what a plant cannot split."""
        return tuple((self.scenario.get("names") or {}).get("by_products") or ())

    @cached_property
    def counted_from(self) -> date | None:
        """Day from which survival and recovery count: the first of a restriction, or else of a shock."""
        for heading in ("restrictions", "shocks"):
            days = [x.in_force for x in self.levers if x.heading == heading and not x.meets_nothing]
            known = [day for day in days if day is not None]
            if known:
                return max(min(known), self.starts)
        return None

    @cached_property
    def exporters(self) -> tuple[str, ...]:
        """Countries that restrict their exports in this scenario."""
        felt = (lever for lever in self.levers if lever.exporter and not lever.meets_nothing)
        return tuple(sorted({lever.exporter for lever in felt}))

    @cached_property
    def exporting_regions(self) -> tuple[str, ...]:
        """Regions of use that a restricting country has to itself."""
        return home_regions(self.scenario, self.exporters)

    @cached_property
    def source_line(self) -> str:
        """Who says so, printed under every figure."""
        pack = self.scenario.get("pack") or {}
        return (
            f"Source: critmin {self.version}, scenario {self.scenario_name}, "
            f"pack {pack.get('id', 'unknown')}; central values, no spread. "
            "Scenario, not a forecast."
        )

    @property
    def unit(self) -> str:
        """What a tonne is in this pack."""
        return str((self.scenario.get("pack") or {}).get("basis") or "t")

    @property
    def version(self) -> str:
        """Version of critmin that made the run."""
        return str((self.facts.get("versions") or {}).get("critmin", "of unknown version"))

    @property
    def scenario_name(self) -> str:
        """The stem of the scenario's file."""
        return str(self.scenario["name"])

    def name(self, kind: str, key: str) -> str:
        """Display name of an element, product, sector, region or country; its id where it has none."""
        return str((self.scenario.get("names") or {}).get(kind, {}).get(key) or key)

    def codes_in_words(self, kind: str, ids: Iterable[str]) -> str:
        """`EU European Union, JPN Japan`, for a drawing that has no room for names."""
        named = ((each, self.name(kind, each)) for each in ids)
        return ", ".join(f"{each} {name}" for each, name in named if name != each)

    def sector(self, key: str) -> str:
        """Display name of a sector inside a sentence."""
        return uncapitalised(self.name("sectors", key))

    def region(self, key: str) -> str:
        """Display name of a region inside a sentence."""
        return with_article(self.name("regions", key))

    @property
    def slice(self) -> str:
        """What peaks are told by: `month`, or the slice in which a quota is given out."""
        return str(self.scenario.get("peaks_by", "month"))

    def product(self, key: str) -> str:
        """Display name of what a buyer orders; a product traded by element has the element's name."""
        own = self.name("products", key)
        return own if own != key else self.name("elements", key)

    def months(self) -> list[str]:
        """Every month the run touches."""
        last = self.ends - timedelta(days=1)
        count = (last.year - self.starts.year) * 12 + last.month - self.starts.month + 1
        first = self.starts.year * 12 + self.starts.month - 1
        return [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(first, first + count)]

    def between(self, first: date, after: date) -> FinishedRun:
        """The same run as seen through a window of its days."""
        days = {
            "starts": max(first, self.starts).isoformat(),
            "ends": min(after, self.ends).isoformat(),
        }
        return replace(self, scenario={**self.scenario, **days})

    def days_in(self, month: str) -> int:
        """Days of a month that lie inside the run."""
        first, after = month_bounds(month)
        return (min(after, self.ends) - max(first, self.starts)).days

    def years_in_words(self) -> str:
        """First and last year of the run."""
        first, last = self.starts.year, (self.ends - timedelta(days=1)).year
        return str(first) if first == last else f"{first} to {last}"

    def period_in_words(self) -> str:
        """First and last month of the run."""
        months = self.months()
        return f"{months[0]} to {months[-1]}"


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A run for another process, with all that its figures are drawn from and nothing else."""

    run: FinishedRun
    tables: Mapping[str, pd.DataFrame]

    def unpacked(self) -> FinishedRun:
        """As `for_figures` was given it, without what only the page needs."""
        tables = {name: decoded(table) for name, table in self.tables.items()}
        return replace(self.run, table=tables.__getitem__)


def for_figures(run: FinishedRun) -> HandedOver:
    """The run as it can be handed to another process."""
    # Texts as codes: a tenth of the bytes, and no text is copied cell by cell.
    tables = {name: coded(_of_figures(run, name)) for name in DRAWN_FROM}
    return HandedOver(replace(run, table=left_behind, files=dict), tables)


def _of_figures(run: FinishedRun, name: str) -> pd.DataFrame:
    """The rows of a table that figures ask for: of what was sent that of projects, a small part."""
    table = run.table(name)
    if name != "shipments" or table.empty:
        return table
    sites = {str(project["site"]) for project in run.projects}
    return table[table["seller"].isin(sites)].reset_index(drop=True)


def left_behind(name: str) -> pd.DataFrame:
    """In place of tables that nobody should ask for."""
    raise KeyError(f"{name} is not among the tables that figures are drawn from")


def rows(table: pd.DataFrame, metric: str, *, run: str = "scenario") -> pd.DataFrame:
    """Central rows of one metric and one world, of a run's `summary` or `monthly`."""
    return decoded(table[_wanted(table, metric, run)])


def use_rows(table: pd.DataFrame, metric: str, *, run: str = "scenario") -> pd.DataFrame:
    """Central rows of one metric that stand for a single sector in a single region."""
    wanted = _wanted(table, metric, run)
    return decoded(table[wanted & (table["sector"] != "") & (table["region"] != "")])


def in_all_goods(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Central rows by month of an element in all that holds it, in scope or not."""
    whole = use_rows(table, f"{metric}{IN_ALL_GOODS}")
    rest = use_rows(table, metric)
    keys = ["material", "sector", "region", "period"]
    apart = rest[keys].merge(whole[keys], how="left", indicator=True)["_merge"] == "left_only"
    return pd.concat([whole, rest[apart.to_numpy()]], ignore_index=True)


def _wanted(table: pd.DataFrame, metric: str, run: str) -> pd.Series:
    if metric not in table["metric"].cat.categories:
        raise KeyError(f"{metric} is not among the metrics that figures and page are made from")
    wanted = (table["metric"] == metric) & (table["run"] == run)
    return wanted & (table["statistic"] == "central")


def home_regions(scenario: Mapping[str, Any], countries: Iterable[str]) -> tuple[str, ...]:
    """Regions of use that these countries have to themselves."""
    names = scenario.get("names") or {}
    alone = set(names.get("standalone", ()))
    region_of = names.get("country_regions", {})
    return tuple(sorted({str(region_of.get(c, c)) for c in countries if c in alone}))


def _told_apart(words: Mapping[str, str]) -> Mapping[str, str]:
    """By id, with the id behind those that several share."""
    shared = {each for each, count in Counter(words.values()).items() if count > 1}
    return {id: f"{each} ({id})" if each in shared else each for id, each in words.items()}
