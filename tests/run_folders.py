"""Synthetic run folders for figures and report: an invented mineral, no engine."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from sim.levers import CapacityRampUp, CorridorClosure, StockpileRelease
from sim.run_folder import table_files
from sim.tables import RECORDS, TABLES

COLUMNS = [
    *("metric", "stage", "material", "sector", "region", "country", "period"),
    *("statistic", "run", "value", "unit"),
]
UNIT = "t X"
ELEMENTS = {"Aa": "alphium", "Bb": "betium", "Cc": "gammium", "Dd": "deltium", "Ee": "epsium"}
PRODUCTS = {
    "hot": {"Aa": 0.7, "Bb": 0.2, "Cc": 0.1},
    "cold": {"Aa": 0.8, "Dd": 0.2},
    "Ee": {"Ee": 1.0},
}
PRODUCT_NAMES = {"hot": "magnets for hot motors", "cold": "plain magnets", "Ee": "epsium oxide"}
REGIONS = {"AAA": "Alphaland", "EU": "European Union", "JPN": "Japan", "ROW": "Rest of the world"}
SECTORS = {"cars": "electric cars", "wind": "wind turbines", "lamps": "lamps"}
COUNTRIES = {
    "AAA": "Alphaland",
    "BBB": "Betaland",
    "CCC": "Gammaland",
    "DDD": "Deltaland",
    "EEE": "Epsiland",
    "FFF": "Zetaland",
}
DEMAND_T_PER_DAY = {"hot": 2.0, "cold": 5.0, "Ee": 1.0}
BAN = {
    "id": "ban_on_hot_magnets",
    "kind": "export_ban",
    "heading": "restrictions",
    "exporter": "AAA",
    "sentence": "Alphaland bans exports of alphium to everyone.",
    "phases": [
        {"phase": "in_force", "date": "2026-05-01"},
        {"phase": "ended", "date": "2027-02-01"},
    ],
}
LICENCE = {
    "id": "licence",
    "kind": "export_licence",
    "heading": "restrictions",
    "exporter": "AAA",
    "sentence": "Alphaland licenses exports of betium & gammium.",
    "phases": [
        {"phase": "announced", "date": "2025-02-01"},
        {"phase": "in_force", "date": "2025-04-04"},
        {"phase": "paused", "date": "2025-11-10"},
        {"phase": "resumed", "date": "2026-11-10"},
        {"phase": "eased", "date": "2027-05-01"},
        {"phase": "ended", "date": "2027-10-01"},
    ],
}
PLANT = {
    "id": "plant_in_betaland",
    "kind": "capacity_ramp_up",
    "heading": "measures",
    "sentence": "A plant in Betaland makes 1,000 t a year from 2026.",
    "outcome": asdict(CapacityRampUp.outcome),
    "phases": [
        {"phase": "announced", "date": "2025-03-01"},
        {"phase": "in_force", "date": "2026-07-01"},
    ],
}
CLOSURE = {
    "id": "shut",
    "kind": "corridor_closure",
    "heading": "shocks",
    "about": "The pass",
    "sentence": "The pass is closed.",
    "outcome": asdict(CorridorClosure.outcome),
    "phases": [{"phase": "in_force", "date": "2026-05-01"}],
}
PILE = {
    "id": "pile",
    "kind": "stockpile_release",
    "heading": "measures",
    "about": "Japan",
    "sentence": "Japan holds 480 t.",
    "outcome": asdict(StockpileRelease.outcome),
    "phases": [{"phase": "in_force", "date": "2026-05-01"}],
}


PROJECTS = [
    {
        "site": "mine_kaz",
        "name": "A mine on the steppe",
        "country": "KAZ",
        "stage": "mine",
        "announced": "2025-02-01",
        "before_t": 0.0,
        "unit": UNIT,
        "lever": "plant_in_betaland",
        "touched_by": ["plant_in_betaland"],
        "first_output": "2025-03-15",
        "ramp_days": 20.0,
        "design_t": 1000.0,
        "expected_share": 0.3,
    },
    {
        "site": "sep_bbb",
        "name": "A plant in Betaland",
        "country": "BBB",
        "stage": "separation",
        "announced": "2025-03-20",
        "before_t": 0.0,
        "unit": UNIT,
        "lever": "",
        "touched_by": ["licence"],
        "first_output": "2025-03-20",
        "ramp_days": 700.0,
        "design_t": 500.0,
        "expected_share": 0.5,
    },
    {
        "site": "magnet_ddd",
        "name": "Magnets in Deltaland",
        "country": "DDD",
        "stage": "magnet",
        "announced": "2025-06-01",
        "before_t": 0.0,
        "unit": UNIT,
        "lever": "",
        "touched_by": [],
        "first_output": "2025-06-01",
        "ramp_days": 700.0,
        "design_t": 100.0,
        "expected_share": 0.5,
    },
]


@dataclass
class Invented:
    """What a synthetic run is made from."""

    title: str = "Alphium under licence"
    question: str = "How long would motor makers keep running?"
    notes: str = ""
    name: str = "alphium-licence"
    starts: date = date(2025, 1, 1)
    ends: date = date(2028, 1, 1)
    levers: list[dict[str, Any]] = field(default_factory=lambda: [LICENCE, BAN, PLANT])
    short: float = 0.6
    """Worst shortfall as part of demand, in the product and region hit most."""
    everywhere: bool = False
    products: dict[str, dict[str, float]] = field(default_factory=lambda: dict(PRODUCTS))
    product_names: dict[str, str] = field(default_factory=lambda: dict(PRODUCT_NAMES))
    sectors: dict[str, str] = field(default_factory=lambda: dict(SECTORS))
    reference_short: float = 0.0
    unknowns: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=TABLES["unknowns"].names)
    )
    reference_limited_by: str = "Bb"
    moved: dict[str, float] = field(default_factory=dict)
    """Rule of behaviour -> tonnes that it moved in the scenario; half of it in the reference"""
    behaviour: dict[str, Any] = field(default_factory=dict)
    """Rules as `scenario.resolved.yaml` has them"""
    provenance: bool = True
    records: bool = True
    """Chain, licence queue, projects and stocks: what the later figures need."""
    stockpile: bool = False
    wobble: float = 0.15
    """How unsteady deliveries are, as a part of them."""
    limited_by: dict[str, str] = field(
        default_factory=lambda: {"hot": "Bb", "cold": "capacity", "Ee": "licence"}
    )

    counted: tuple[str, ...] = ()
    """Regions that the question is about; empty: all, since nothing says otherwise"""
    assumptions: int = 2
    """How many values of the pack the folder names."""
    text: str = "# as somebody wrote it\ntitle: Alphium under licence\n"

    def months(self) -> list[tuple[str, int]]:
        """Month and days of each month."""
        found = pd.period_range(self.starts, self.ends, freq="M")[:-1]
        return [(str(month), month.days_in_month) for month in found]

    def share_short(self, product: str, region: str, sector: str, number: int) -> float:
        """Part of demand missing in a month."""
        if self.everywhere:
            return self.short
        exposed = {"hot": 1.0, "cold": 0.08, "Ee": 0.3}.get(product, 0.5)
        exposed *= {"EU": 1.0, "JPN": 0.5, "ROW": 0.2}.get(region, 0.0)
        exposed *= 1.0 if sector == "cars" else 0.7
        wave = max(0.0, math.sin((number - 6) / 9.0)) if number < 32 else 0.0
        return self.short * exposed * wave


def write_run(folder: Path, invented: Invented) -> Path:
    """Write a run folder as `docs/results.md` describes it."""
    run = folder / invented.name / "0123abcd"
    run.mkdir(parents=True)
    monthly = pd.DataFrame(_monthly(invented), columns=COLUMNS)
    summary = pd.DataFrame(_summary(monthly, invented), columns=COLUMNS)
    tables = {
        "monthly": monthly,
        "summary": summary,
        "worst": _worst(summary, invented),
        "reference": _reference(monthly, summary, invented),
        "unknowns": invented.unknowns,
        "scope": _scope(invented),
        "by_region": _by_region(summary, monthly, invented),
        "exports_monthly": _exports(invented),
        "assumptions": _assumptions(invented.assumptions),
        "sources": _sources(),
    }
    (run / "records").mkdir()
    if invented.records:
        tables |= {"chain": _chain(invented), **_records(invented)}
    for name, table in tables.items():
        _write(run, name, table)
    numbers = _headline(summary[_counts(summary, invented)], summary)
    (run / "headline.json").write_text(json.dumps(numbers), encoding="utf-8")
    _write_yaml(run / "scenario.resolved.yaml", _scenario(invented))
    _write_yaml(run / "run.yaml", _facts(invented))
    (run / "scenario").mkdir()
    (run / "scenario" / f"{invented.name}.yaml").write_text(invented.text, encoding="utf-8")
    return run


def _write(run: Path, name: str, table: pd.DataFrame) -> None:
    """With nothing in the columns that nobody here is about."""
    declared = TABLES.get(name) or RECORDS[name]
    nothing = {
        c.name: "" if c.kind == "text" else 0 for c in declared.columns if c.name not in table
    }
    table_files.write(run, declared, table.assign(**nothing)[declared.names])


def _monthly(invented: Invented) -> list[list[Any]]:
    table: list[list[Any]] = []
    for world in ("scenario", "reference"):
        for product, recipe in invented.products.items():
            for sector in invented.sectors:
                if (sector == "lamps") != (product == "Ee"):
                    continue
                for region in REGIONS:
                    table += _pair(invented, world, product, recipe, sector, region)
        if invented.provenance:
            table += _provenance(invented, world)
    if invented.records:
        table += _stocks(invented)
    return table


def _stocks(invented: Invented) -> list[list[Any]]:
    """Days of cover by product and region, and a stockpile of two elements that is used up."""
    table: list[list[Any]] = []
    for number, (month, _) in enumerate(invented.months()):
        for product in invented.products:
            for region in REGIONS:
                gap = invented.share_short(product, region, "cars", number)
                key = ["use", product, "", region, "", month, "central", "scenario"]
                table.append(["cover", *key, 60 * (1 - gap), "days"])
        if invented.stockpile:
            for element, size in (("Aa", 400.0), ("Bb", 80.0)):
                key = ["stockpile", element, "", "JPN", "", month, "central", "scenario"]
                table.append(["stock", *key, max(0.0, size * (1 - number / 12)), UNIT])
    return table


def _chain(invented: Invented) -> pd.DataFrame:
    """Two mines, half-split ore handed on, ore nobody can split, scrap, and a use that skips the makers."""
    steps = [
        ("mine", "AAA", "separation", "AAA", 60.0),
        ("mine", "BBB", "separation", "AAA", 20.0),
        ("mine", "BBB", "separation", "CCC", 20.0),
        ("mine", "BBB", "separation", "DDD", 4.0),
        ("separation", "CCC", "separation", "AAA", 5.0),
        ("separation", "AAA", "magnet", "AAA", 60.0),
        ("separation", "AAA", "use", "EU", 10.0),
        ("separation", "CCC", "magnet", "DDD", 15.0),
        ("magnet", "AAA", "recycling", "AAA", 9.0),
        ("recycling", "AAA", "magnet", "AAA", 8.0),
        ("magnet", "AAA", "use", "AAA", 40.0),
        ("magnet", "AAA", "use", "EU", 20.0),
        ("magnet", "DDD", "use", "JPN", 15.0),
    ]
    rows = [
        {
            "run": run, "period": str(year), "element": element, "from_stage": start,
            "from_country": seller, "to_stage": end, "to_country": buyer, "unit": UNIT,
            "t": t * (0.8 if run == "scenario" and seller == "AAA" and buyer != "AAA" else 1.0),
        }
        for run in ("scenario", "reference")
        for year in range(invented.starts.year, invented.ends.year + 1)
        for element in ("Aa", "Bb")
        for start, seller, end, buyer, t in steps
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _exports(invented: Invented) -> pd.DataFrame:
    """Of AAA: hot magnets, of which a tenth leaves in 2025, plain ones and oxide, which leave as ever."""
    table = []
    for number, (month, _) in enumerate(invented.months()):
        for form, product, unit, t in (
            ("magnet", "hot", "t gross", 30.0),
            ("magnet", "cold", "t gross", 60.0),
            ("oxide", "Aa", UNIT, 500.0),
        ):
            for destination, share in (("EU", 0.5), ("JPN", 0.3), ("ROW", 0.2)):
                usual = t * share
                sent = 0.1 * usual if product == "hot" and 3 <= number < 12 else usual
                reo = 0.3 if unit == "t gross" else 1.0
                values = [unit, sent, usual, usual, reo * sent]
                table.append([month, "AAA", form, product, destination, *values])
    columns = ["month", "exporter", "form", "product", "destination", "unit"]
    columns += ["t", "reference_t", "mean_before_t", "reo_t"]
    plain = pd.DataFrame(table, columns=columns)
    parts = [plain]
    for wholes in (["product"], ["destination"], ["product", "destination"]):
        whole = plain.assign(**dict.fromkeys(wholes, "all"))
        parts.append(whole.groupby(columns[:6], as_index=False)[columns[6:]].sum())
    return pd.concat(parts)[columns].sort_values(columns[:5])


def _records(invented: Invented) -> dict[str, pd.DataFrame]:
    months = [month for month, _ in invented.months()]
    queue = list(
        zip(
            months[3:9],
            (40.0, 90.0, 70.0, 30.0, 10.0, 2.0),
            (None, 50.0, 80.0, 60.0, 40.0, 30.0),
            (5.0, 120.0, 200.0, 80.0, 20.0, 1.0),
            strict=False,
        )
    )
    pending = pd.DataFrame(queue, columns=["month", "cases", "waiting_days", "held_t"])
    pending["planned_t"], pending["licensed_t"] = 100.0, pending["cases"] * 3
    pending.insert(1, "lever", "licence")
    licences = pd.DataFrame(
        {"lever": "licence", "filed_day": [93, 93, 100], "decided_day": [143, 173, 190]}
    )
    production = pd.DataFrame(
        [
            {"month": month, "site": "mine_kaz", "form": form, "output_t": t}
            for month in months
            for form, t in (("ore", 25.0), ("swarf", 100.0))
        ]
    )
    return {"licences_pending": pending, "licences": licences, "production": production}


def _pair(
    invented: Invented,
    world: str,
    product: str,
    recipe: dict[str, float],
    sector: str,
    region: str,
) -> list[list[Any]]:
    table: list[list[Any]] = []
    for number, (month, days) in enumerate(invented.months()):
        demand = DEMAND_T_PER_DAY.get(product, 1.0) * days * (1 + number / 200)
        share = (
            invented.share_short(product, region, sector, number)
            if world == "scenario"
            else invented.reference_short * (region == "EU")
        )
        missing = demand * share

        def row(metric: str, material: str, value: float, month: str = month) -> list[Any]:
            key = ["use", material, sector, region, "", month, "central", world]
            return [metric, *key, value, UNIT]

        table += [row("demand", product, demand), row("consumed", product, demand - missing)]
        table += [row("shortfall", product, missing), row("delivered", product, demand - missing)]
        for element, part in recipe.items():
            table += [
                row("embodied_demand", element, demand * part),
                row("embodied_shortfall", element, missing * part),
            ]
    return table


def _provenance(invented: Invented, world: str) -> list[list[Any]]:
    mined = {"AAA": 0.4, "BBB": 0.3, "CCC": 0.14, "DDD": 0.09, "EEE": 0.05, "FFF": 0.02}
    separated = {"AAA": 0.88, "CCC": 0.09, "EEE": 0.03}
    table: list[list[Any]] = []
    use = pd.DataFrame(
        [
            row
            for product, recipe in invented.products.items()
            for sector in invented.sectors
            if (sector == "lamps") == (product == "Ee")
            for region in REGIONS
            for row in _pair(invented, world, product, recipe, sector, region)
        ],
        columns=COLUMNS,
    )
    sums = use.groupby(["metric", "material", "region", "period"])["value"].sum()
    missing = sums["embodied_shortfall"].to_dict()
    for (element, region, month), demand in sums["embodied_demand"].items():
        supply = demand - missing[element, region, month]
        for metric, shares in (
            ("supply_by_origin", mined),
            ("supply_by_last_processing", separated),
        ):
            for country, share in shares.items():
                wobble = 1 + invented.wobble * math.sin(int(month[-2:]) * 1.7)
                key = ["use", element, "", "counted", country, month, "central", world]
                table.append([metric, *key, supply * share * wobble, UNIT])
    return table


def _separated(invented: Invented) -> list[list[Any]]:
    """Oxide of each year: all that the ore of `_chain` holds in AAA, two thirds in CCC, none in DDD."""
    return [
        ["production", "separation", element, "", "", country, str(year), "central", run, t, UNIT]
        for run in ("scenario", "reference")
        for year in range(invented.starts.year, invented.ends.year + 1)
        for element in ("Aa", "Bb")
        for country, t in (("AAA", 85.0), ("CCC", 10.0))
    ]


def _summary(monthly: pd.DataFrame, invented: Invented) -> list[list[Any]]:
    keys = ["material", "sector", "region", "run"]
    use = monthly[monthly["stage"] == "use"]
    table = _separated(invented)
    use = pd.concat([use, _caused(use)])
    for metric in (
        "demand", "consumed", "shortfall", "caused", "embodied_demand", "embodied_shortfall",
        "embodied_caused",
    ):  # fmt: skip
        sums = use[use["metric"] == metric].groupby(keys)["value"].sum()
        for (material, sector, region, run), value in sums.items():
            table.append(
                [metric, "use", material, sector, region, "", "all", "central", run, value, UNIT]
            )
    for rule, t in invented.moved.items():
        for run, part in (("scenario", 1.0), ("reference", 0.5)):
            cells = ["", "", rule, "", "", "all", "central", run]
            table.append(["moved_by_rule", *cells, part * t, UNIT])
    wide = use.pivot_table(index=[*keys, "period"], columns="metric", values="value")
    wide = wide.dropna(subset=["demand"])
    share = (wide["shortfall"] / wide["demand"]).groupby(level=keys)
    for (material, sector, region, run), peak in share.max().items():
        cells = ["use", material, sector, region, "", "all", "central", run]
        table.append(["peak_shortfall", *cells, 100 * peak, "%"])
        if peak > 0.05:
            table.append(["first_short", *cells, 210.5, "d"])
            if region != "EU":
                table.append(["time_to_recover", *cells, 700.0, "d"])
    return table


def _caused(use: pd.DataFrame) -> pd.DataFrame:
    """What is missing beyond the reference, month by month."""
    keys = [each for each in COLUMNS if each not in ("run", "value")]
    found = []
    for metric in ("shortfall", "embodied_shortfall"):
        of_metric = use[use["metric"] == metric]
        own, others = (
            of_metric[of_metric["run"] == run].groupby(keys)["value"].sum()
            for run in ("scenario", "reference")
        )
        more = (own - others).clip(lower=0.0).rename("value").reset_index()
        found.append(more.assign(run="scenario", metric=metric.replace("shortfall", "caused")))
    return pd.concat(found)[COLUMNS]


def _scope(invented: Invented) -> pd.DataFrame:
    """What the run is counted against."""
    regions = invented.counted or tuple(REGIONS)
    elements = {element for recipe in invented.products.values() for element in recipe}
    rows = [
        *(("product", product, region) for product in invented.products for region in regions),
        *(("element", element, region) for element in sorted(elements) for region in regions),
    ]
    basis = "restrictions" if invented.counted else "all"
    return pd.DataFrame(rows, columns=["what", "material", "region"]).assign(basis=basis)


def _counts(table: pd.DataFrame, invented: Invented) -> pd.Series:
    return table["region"].isin(invented.counted or tuple(REGIONS))


def _by_region(summary: pd.DataFrame, monthly: pd.DataFrame, invented: Invented) -> pd.DataFrame:
    """All regions together, then each."""
    sums = summary[_counts(summary, invented) & (summary["run"] == "scenario")]
    months = monthly[_counts(monthly, invented) & (monthly["run"] == "scenario")]
    every = sorted(set(sums["region"]))
    rows = []
    for region in ["all", *every]:
        its = [region] if region != "all" else every
        t = sums[sums["region"].isin(its)].groupby("metric")["value"].sum()
        by_month = months[months["region"].isin(its)].groupby(["metric", "period"])["value"].sum()
        share = 100 * by_month["shortfall"] / by_month["demand"]
        rows.append(
            {
                "region": region, "region_name": REGIONS.get(region, region),
                "demand_t": t["demand"], "shortfall_t": t["shortfall"], "caused_t": t["caused"],
                "share": 100 * t["shortfall"] / t["demand"],
                "caused_share": 100 * t["caused"] / t["demand"],
                "peak": share.max(), "peak_in": share.idxmax(),
                "peak_caused": share.max(), "peak_caused_in": share.idxmax(),
                "output_at_risk": share.mean(), "first_short": "2025-08-01",
                "first_short_of": "Lamps, epsium oxide", "first_caused": "2025-08-01",
                "first_caused_of": "Lamps, epsium oxide", "weeks_below_80": 9.0,
                "weeks_below_80_of": "Lamps, epsium oxide", "limited_by": "Bb", "cause": "betium",
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=TABLES["by_region"].names)


def _named(table: pd.DataFrame, invented: Invented) -> dict[str, Any]:
    """Names beside the ids, and whether the question is about it."""
    products = ELEMENTS | invented.product_names
    return {
        "in_scope": ["yes" if counts else "no" for counts in _counts(table, invented)],
        "product": [products.get(each, each) for each in table["material"]],
        "sector_name": [invented.sectors.get(each, each) for each in table["sector"]],
        "region_name": [REGIONS.get(each, each) for each in table["region"]],
        "cause": "something",
    }


def _reference(monthly: pd.DataFrame, summary: pd.DataFrame, invented: Invented) -> pd.DataFrame:
    """What the reference lacks; with the first month noticeably short."""
    keys = ["material", "sector", "region"]
    central = summary[
        (summary["run"] == "reference") & ~summary["metric"].str.startswith("embodied")
    ]
    wide = central.pivot_table(index=keys, columns="metric", values="value", aggfunc="first")
    wide = wide[wide["shortfall"] > 1e-6].reset_index()
    return pd.DataFrame(
        {
            **{key: wide[key] for key in keys},
            "peak": wide["peak_shortfall"],
            "shortfall_t": wide["shortfall"],
            "first_month": invented.months()[0][0],
            "first_short": "",
            "limited_by": invented.reference_limited_by,
            "share": wide["peak_shortfall"],
            **_named(wide, invented),
        }
    ).sort_values(["shortfall_t", *keys], ascending=[False, True, True, True])


def _worst(summary: pd.DataFrame, invented: Invented) -> pd.DataFrame:
    keys = ["material", "sector", "region"]
    central = summary[
        (summary["run"] == "scenario") & ~summary["metric"].str.startswith("embodied")
    ]
    wide = central.pivot_table(index=keys, columns="metric", values="value", aggfunc="first")
    wide = wide.reindex(
        columns=[
            "peak_shortfall",
            "shortfall",
            "caused",
            "first_short",
            "time_to_recover",
            "demand",
        ]
    )
    wide = wide[wide["shortfall"] > 1e-6].reset_index()
    wide = wide.sort_values(
        ["caused", "shortfall", *keys], ascending=[False, False, True, True, True]
    )
    return pd.DataFrame(
        {
            **{key: wide[key] for key in keys},
            "peak": wide["peak_shortfall"],
            "shortfall_t": wide["shortfall"],
            "first_short": ["2025-08-01" if day == day else "" for day in wide["first_short"]],
            "recover_days": wide["time_to_recover"],
            "limited_by": [invented.limited_by.get(m, "") for m in wide["material"]],
            "caused_t": wide["caused"],
            "peak_caused": wide["peak_shortfall"].where(wide["caused"] > 0, 0.0),
            "first_caused": ["2025-08-01" if day == day else "" for day in wide["first_short"]],
            "output_at_risk": wide["peak_shortfall"],
            "weeks_below_80": 9.0,
            "share": 100 * wide["shortfall"] / wide["demand"],
            "caused_share": 100 * wide["caused"] / wide["demand"],
            "last_short": ["2027-07-01" if day == day else "" for day in wide["first_short"]],
            **_named(wide, invented),
        }
    )


def _headline(summary: pd.DataFrame, world: pd.DataFrame) -> list[dict[str, Any]]:
    """Of what counts, and of the world as a whole."""
    short = summary[summary["metric"] == "shortfall"].groupby("run")["value"].sum()
    total, reference = (float(short.get(run, 0.0)) for run in ("scenario", "reference"))
    caused = float(summary.loc[summary["metric"] == "caused", "value"].sum())
    about = {"low": None, "high": None, "unit": UNIT, "material": "", "sector": "", "region": ""}
    return [
        {"id": "shortfall_total", "label": "missing", "value": total, **about},
        {"id": "shortfall_reference", "label": "there", "value": reference, **about},
        {"id": "shortfall_caused", "label": "beyond", "value": caused, **about},
        {"id": "shortfall_relieved", "label": "less", "value": reference + caused - total, **about},
        *({"id": id, "label": id, "value": value, **about} for id, value in _world(world, caused)),
    ]


def _world(world: pd.DataFrame, caused: float) -> list[tuple[str, float]]:
    own, reference = (world[world["run"] == run] for run in ("scenario", "reference"))
    t = own.groupby("metric")["value"].sum()
    there = float(reference.loc[reference["metric"] == "shortfall", "value"].sum())
    return [
        ("world_demand", float(t["demand"])),
        ("world_shortfall", float(t["shortfall"])),
        ("world_reference", there),
        ("outside_caused", float(t["caused"]) - caused),
    ]


def _scenario(invented: Invented) -> dict[str, Any]:
    return {
        "name": invented.name,
        "title": invented.title,
        "question": invented.question,
        "notes": invented.notes,
        "starts": invented.starts.isoformat(),
        "ends": invented.ends.isoformat(),
        "review_days": 7.0,
        "seed": 1,
        "pack": {"id": "toy_2024", "title": "A toy mineral", "hash": "fe" * 16, "basis": UNIT},
        "levers": [{"name": _name(lever), **lever} for lever in invented.levers],
        "left_out": ["Nobody smuggles <anything>."],
        "settings": {
            "behaviour": {"value": invented.behaviour, "set_by": None},
            "changes": [
                {
                    "table": "sites",
                    "key": ["sep_a"],
                    "parameter": "recovery",
                    "unit": "fraction",
                    "before": "0.9",
                    "after": "0.95",
                    "reason": "what the <plant> says",
                }
            ],
        },
        "names": {
            "elements": ELEMENTS,
            "products": invented.product_names,
            "regions": REGIONS,
            "sectors": invented.sectors,
            "countries": COUNTRIES,
            "country_regions": {"AAA": "AAA"},
            "standalone": ["AAA"],
            "graded": ["hot", "cold"],
            "stages": ["mine", "separation", "magnet"],
            "by_products": ["swarf"],
        },
        "projects": PROJECTS if invented.records else [],
    }


def _name(lever: dict[str, Any]) -> str:
    """In a few words, as the program gives it."""
    who = lever.get("about") or COUNTRIES.get(lever.get("exporter", ""), "")
    begun = [p["date"] for p in lever["phases"] if p["phase"] == "in_force"]
    words = f"{lever['kind'].replace('_', ' ')}{f' of {who}' if who else ''}"
    return f"{words} from {begun[0]}" if begun else words


def _assumptions(count: int) -> pd.DataFrame:
    """One value of a survey, then others that nobody published."""
    first = {
        "why": "behind one of the largest gaps",
        "what": "electric cars, European Union: stock that is wanted, in days of use",
        "table": "covers.csv",
        "line": 7,
        "parameter": "days",
        "value": "45.123456789",
        "unit": "days",
        "low": 20.0,
        "high": 90.0,
        "confidence": "assumed",
        "source": "F07;survey",
        "locator": "p. 14",
        "note": "no survey found",
    }
    other = {**first, "value": "'-3", "low": None, "high": None, "source": "survey", "locator": ""}
    return pd.DataFrame([first, *({**other, "line": 8 + n} for n in range(count - 1))])


def _sources() -> pd.DataFrame:
    link = "https://example.org/stocks?a=1&b=2"
    return pd.DataFrame(
        {
            "id": ["F07", "survey"],
            "publisher": ["A Ministry", ""],
            "title": ["Stocks of industry", "No publication: an estimate"],
            "year": ["2024", "2026"],
            "link": [link, ""],
        }
    )


def _facts(invented: Invented) -> dict[str, Any]:
    return {
        "scenario_files": [f"{invented.name}.yaml"],
        "versions": {"critmin": "0.1.0", "python": "3.11.9", "numpy": "2.4.6"},
        "run_id": "0123abcd",
        "source_hash": "ab" * 32,
        "seed": 1,
        "replications": 0,
        "warnings": [],
    }


def _write_yaml(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
