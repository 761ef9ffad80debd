"""What is fixed about April 2025 before anybody compares: hashes, and China's magnet exports by month.

    python -m benchmarks.april_2025

writes its part of `docs/licences.md`: the hash of the scenario's file and of the pack's rows of the office, and
magnets that leave China by month, as a part of the mean of the three months before the regime: central values,
the two ends of what nobody knows of the office, and the main destinations.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.precedents.__main__ import PAGE
from benchmarks.precedents.page import with_generated
from sim.engine import Variant, outcome_of, simulate_all
from sim.engine.calendar import Calendar
from sim.pipeline.in_memory import exporters, first_restricted
from sim.pipeline.unknowns import others
from sim.run_folder.run_folder import EASIEST, HARDEST
from sim.scenario import load
from sim.summary import before_from
from sim.summary.exports import exports_table

SCENARIO = "april-2025-licences"
ROOT = Path(__file__).parents[1]
FIXED = (
    f"scenarios/{SCENARIO}.yaml",
    "sim/world/packs/rare_earths_2024/licence_office.csv",
)
MARKS = (
    "<!-- Written by `python -m benchmarks.april_2025`; do not edit. -->",
    "<!-- End of what `python -m benchmarks.april_2025` writes. -->",
)
FORM, ALL = "magnet", "all"


def hash_of(name: str) -> str:
    """SHA-256 of a file of the project, with line ends as they are committed."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return sha256(text.encode("utf-8")).hexdigest()


def exports() -> dict[str, pd.DataFrame]:
    """Run -> magnets by month and destination, as `exports_monthly.csv` has them."""
    scenario = load(SCENARIO)
    restricted = first_restricted(scenario)
    assert restricted is not None
    about: Any = {
        "starts": scenario.starts, "ends": scenario.ends, "review_days": scenario.review_days,
        "behaviour": scenario.behaviour, "sales_from": before_from(restricted),
    }  # fmt: skip
    runs = {
        each.run: each for each in others(scenario, scenario.seed) if each.run in (HARDEST, EASIEST)
    }
    variants = [Variant(each.levers, each.seed, provenance=False) for each in runs.values()]
    own = [Variant((), provenance=False), Variant(scenario.levers, scenario.seed, provenance=False)]
    calm, *found = map(outcome_of, simulate_all(scenario.world, [*own, *variants], **about))
    calendar = Calendar(scenario.starts, scenario.ends)
    tables = {}
    for name, records in zip(["central", *runs], found, strict=True):
        table = exports_table(
            records,
            calm,
            scenario.world,
            calendar,
            exporters=exporters(scenario),
            restricted=restricted,
        )
        tables[name] = table[(table["form"] == FORM) & (table["product"] == ALL)]
    return tables


def generated(tables: dict[str, pd.DataFrame]) -> str:
    """Hashes and the table."""
    lines = ["| file | SHA-256 |", "| --- | --- |"]
    lines += [f"| `{name}` | `{hash_of(name)}` |" for name in FIXED]
    central = tables["central"]
    mean = central.drop_duplicates("destination").set_index("destination")["mean_before_t"]
    places = [place for place in mean.sort_values(ascending=False).index if place != ALL]
    lines += [
        "",
        f"China's exports of magnets, gross tonnes. January to March 2025: {mean[ALL]:,.0f} t a month in all; "
        + ", ".join(f"{place} {mean[place]:,.0f} t" for place in places) + ". Parts of these means:",
        "",
        "| month | in all, t | in all | hardest | easiest | " + " | ".join(places) + " |",
        "| " + " | ".join(["---"] * (5 + len(places))) + " |",
    ]  # fmt: skip
    of_all = {name: _parts(table, ALL) for name, table in tables.items()}
    of_places = {place: _parts(central, place) for place in places}
    tonnes = central[central["destination"] == ALL].set_index("month")["t"]
    for month in tonnes.index:
        parts = [of_all["central"], of_all[HARDEST], of_all[EASIEST], *of_places.values()]
        cells = [f"{part.get(month, 0.0):.2f}" for part in parts]
        lines.append(f"| {month} | {tonnes[month]:,.0f} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _parts(table: pd.DataFrame, place: str) -> pd.Series:
    own = table[table["destination"] == place].set_index("month")
    return own["t"] / own["mean_before_t"]


def main() -> None:
    """Simulate and write."""
    text = generated(exports())
    print(text)
    there = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(with_generated(there, text, MARKS), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
