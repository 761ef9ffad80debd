"""A run as figures and page see it: its tables, the scenario in words, the names of things.

It comes from the tables in memory (`run_in_memory`) or is read back from a folder (`read_run`); both hold
the same values, so that what is drawn is the same to the byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from sim import run_folder
from sim.engine.records import Records
from sim.figures.as_written import as_written, coded, decoded
from sim.figures.wording import day_in_words, uncapitalised
from sim.summary import Summary

RESTRICTING = ("restrictions", "shocks")
"""Headings whose levers take something away; `measures` add."""
SUMMARY_METRICS = (
    "caused", "demand", "embodied_caused", "embodied_demand", "embodied_shortfall", "idle",
    "moved_by_rule", "peak_shortfall", "production", "shortfall", "supply_by_origin",
    "substituted", "supply_touched", "swapped", "value_at_risk", "weeks_below_80",
)  # fmt: skip
MONTHLY_METRICS = (
    "cover", "embodied_demand", "embodied_shortfall", "stock", "supply_by_last_processing",
    "supply_by_origin",
)  # fmt: skip
"""What figures and page ask for; the other rows, more than half of all, are left where they are."""
RECORD_COLUMNS: Mapping[str, Sequence[str]] = {
    "licences": ("filed_day", "decided_day"),
    "licences_pending": ("month", "lever", "cases", "held_t", "planned_t", "licensed_t"),
    "production": ("month", "site", "form", "output_t"),
    "shipments": ("month", "seller", "dispatched_t"),
}
"""The same of the records."""
CHAIN, ASSUMPTIONS, SOURCES, UNKNOWNS = "chain", "assumptions", "sources", "unknowns"
DRAWN_FROM = (CHAIN, "licences", "licences_pending", "production")
"""Tables beside summary and months that figures are drawn from; the page needs more."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of a lever and the day from which it holds."""

    phase: str
    starts: date


@dataclass(frozen=True, slots=True)
class LeverInWords:
    """A lever as the reader of the results meets it."""

    id: str
    kind: str
    heading: str
    exporter: str
    """The restricting country, empty where there is none."""
    about: str
    """Name of the site, corridor or stockpile it acts on, empty where there is none."""
    sentence: str
    outcome: Mapping[str, Any]
    """What became of it, in words that lack the numbers; empty where its kind has none."""
    phases: tuple[Phase, ...]
    why: str
    """Its source and the reason for what departs from the pack."""
    is_drawn: bool = False
    """Whether draws decide who is hit"""
    unknown: str = ""
    """What nobody knows of it, from where to where; empty where all is known"""
    meets_nothing: bool = False
    """Nothing in the scenario is in its scope: no day is counted from it."""

    @property
    def restricts(self) -> bool:
        """Whether it takes something away (a restriction or a shock) rather than adds."""
        return self.heading in RESTRICTING

    @property
    def in_force(self) -> date | None:
        """First day on which it acts."""
        return next((p.starts for p in self.phases if p.phase == "in_force"), None)


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
    headline: Sequence[Mapping[str, Any]]
    scenario: Mapping[str, Any]
    """`scenario.resolved.yaml`."""
    facts: Mapping[str, Any]
    """`run.yaml`."""
    table: Callable[[str], pd.DataFrame]
    """`CHAIN`, `ASSUMPTIONS`, `SOURCES` or a record by its name; without rows where the run has none."""
    files: Callable[[], Mapping[str, str]]
    """The scenario's file as it was written, then the one it extends: name -> text."""

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
        levers = [_lever(written) for written in self.scenario.get("levers") or []]
        return tuple(sorted(levers, key=lambda lever: not lever.restricts))

    @cached_property
    def lever_names(self) -> Mapping[str, str]:
        """Id -> in a few words: `export ban of China from 2026-01-01`; with the id where two agree."""
        words = {lever.id: self._lever_in_words(lever) for lever in self.levers}
        shared = {each for each, count in Counter(words.values()).items() if count > 1}
        return {id: f"{each} ({id})" if each in shared else each for id, each in words.items()}

    @cached_property
    def lever_labels(self) -> Mapping[str, str]:
        """Id -> what is written beside a bar: the kind of lever where there is one of it, else the id."""
        kinds = Counter(lever.kind for lever in self.levers)
        return {
            lever.id: lever.kind.replace("_", " ") if kinds[lever.kind] == 1 else lever.id
            for lever in self.levers
        }

    def _lever_in_words(self, lever: LeverInWords) -> str:
        who = lever.about or (self.name("countries", lever.exporter) if lever.exporter else "")
        since = lever.in_force or (lever.phases[0].starts if lever.phases else None)
        words = lever.kind.replace("_", " ") + (f" of {who}" if who else "")
        return f"{words} from {day_in_words(since)}" if since else words

    @cached_property
    def chain(self) -> pd.DataFrame:
        """Who supplied whom by year, in both worlds (`chain.csv`)."""
        return self.table(CHAIN)

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
        """The columns `RECORD_COLUMNS` of a table of the records, made when somebody asks for it."""
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
    def exporters(self) -> tuple[str, ...]:
        """Countries that restrict their exports in this scenario."""
        felt = (lever for lever in self.levers if lever.exporter and not lever.meets_nothing)
        return tuple(sorted({lever.exporter for lever in felt}))

    @cached_property
    def exporting_regions(self) -> tuple[str, ...]:
        """Regions of use that lie in a restricting country."""
        region_of = self.scenario.get("names", {}).get("country_regions", {})
        return tuple(sorted({str(region_of.get(code, code)) for code in self.exporters}))

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

    def sector(self, key: str) -> str:
        """Display name of a sector inside a sentence."""
        return uncapitalised(self.name("sectors", key))

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

    def days_in(self, month: str) -> int:
        """Days of a month that lie inside the run."""
        first, after = month_bounds(month)
        return (min(after, self.ends) - max(first, self.starts)).days

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
    tables = {name: coded(run.table(name)) for name in DRAWN_FROM}
    return HandedOver(replace(run, table=_left_behind, files=dict), tables)


def _left_behind(name: str) -> pd.DataFrame:
    raise KeyError(f"{name} is not among the tables that figures are drawn from")


def run_in_memory(
    summary: Summary, records: Records, scenario: Mapping[str, Any], facts: Mapping[str, Any],
    assumptions: pd.DataFrame, sources: pd.DataFrame, files: Mapping[str, str],
    unknowns: Callable[[], pd.DataFrame] = pd.DataFrame,
) -> FinishedRun:  # fmt: skip
    """A run that was just simulated: the same values that `read_run` finds when it is written.

    `scenario` is what becomes `scenario.resolved.yaml`, `facts` what becomes `run.yaml`, `files` the texts of
    its `scenario_files`. `unknowns` is asked for its table when the page is made.
    """
    written = {name: files[name] for name in facts["scenario_files"]}

    def table(name: str) -> pd.DataFrame:
        match name:
            case "chain":
                return as_written(summary.chain)
            case "assumptions":
                return as_written(assumptions)
            case "sources":
                return as_written(sources.astype(str))
            case "unknowns":
                return as_written(unknowns())
        return as_written(getattr(records, name)[[*RECORD_COLUMNS[name]]])

    return FinishedRun(
        summary=_long(summary.summary, SUMMARY_METRICS),
        monthly=_long(summary.monthly, MONTHLY_METRICS),
        worst=as_written(summary.worst),
        reference=as_written(summary.reference),
        headline=summary.headline,
        scenario=scenario,
        facts=facts,
        table=table,
        files=lambda: written,
    )


def read_run(folder: Path) -> FinishedRun:
    """Read a run folder back from disk."""

    def table(name: str) -> pd.DataFrame:
        match name:
            case "chain":
                return run_folder.chain(folder)
            case "assumptions":
                return run_folder.assumptions(folder)
            case "sources":
                return run_folder.sources(folder)
            case "unknowns":
                return run_folder.unknowns(folder)
        found = run_folder.record(folder, name)
        return found if found.empty else found[[*RECORD_COLUMNS[name]]]

    return FinishedRun(
        summary=_long(run_folder.summary(folder), SUMMARY_METRICS),
        monthly=_long(run_folder.monthly(folder), MONTHLY_METRICS),
        worst=run_folder.worst(folder),
        reference=run_folder.reference(folder),
        headline=run_folder.headline(folder),
        scenario=run_folder.scenario(folder),
        facts=run_folder.facts(folder),
        table=table,
        files=lambda: run_folder.scenario_files(folder),
    )


def _long(table: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    kept = coded(as_written(table[table["metric"].isin(metrics)]))
    # So that who asks for another metric hears of it, and does not find it empty.
    return kept.assign(metric=kept["metric"].cat.set_categories(metrics))


def rows(table: pd.DataFrame, metric: str, *, run: str = "scenario") -> pd.DataFrame:
    """Central rows of one metric and one world, of a run's `summary` or `monthly`."""
    return decoded(table[_wanted(table, metric, run)])


def use_rows(table: pd.DataFrame, metric: str, *, run: str = "scenario") -> pd.DataFrame:
    """Central rows of one metric that stand for a single sector in a single region."""
    wanted = _wanted(table, metric, run)
    return decoded(table[wanted & (table["sector"] != "") & (table["region"] != "")])


def _wanted(table: pd.DataFrame, metric: str, run: str) -> pd.Series:
    if metric not in table["metric"].cat.categories:
        raise KeyError(f"{metric} is not among the metrics that figures and page are made from")
    wanted = (table["metric"] == metric) & (table["run"] == run)
    return wanted & (table["statistic"] == "central")


def month_bounds(month: str) -> tuple[date, date]:
    """First day of a month, and of the next."""
    year, number = (int(part) for part in month.split("-"))
    return date(year, number, 1), date(year + number // 12, number % 12 + 1, 1)


def as_date(written: Any) -> date:
    """A date as YAML gives it, or as text."""
    return written if isinstance(written, date) else date.fromisoformat(str(written))


def _lever(written: Mapping[str, Any]) -> LeverInWords:
    phases = [Phase(str(p["phase"]), as_date(p["date"])) for p in written.get("phases") or []]
    return LeverInWords(
        id=str(written["id"]),
        kind=str(written["kind"]),
        heading=str(written.get("heading", "")),
        exporter=str(written.get("exporter") or ""),
        about=str(written.get("about") or ""),
        sentence=str(written.get("sentence", "")),
        outcome=dict(written.get("outcome") or {}),
        phases=tuple(sorted(phases, key=lambda phase: phase.starts)),
        why=" ".join(_sentences(written)),
        is_drawn=bool(written.get("drawn")),
        unknown=str(written.get("unknown") or ""),
        meets_nothing=bool(written.get("meets_nothing")),
    )


def _sentences(written: Mapping[str, Any]) -> list[str]:
    labels = (("Source", "source"), ("Reason", "reason"))
    return [
        f"{label}: {str(written[key]).rstrip('.')}." for label, key in labels if written.get(key)
    ]
