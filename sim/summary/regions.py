"""Each region by itself: what it lacks of what the question is about, from when, for how long, and why."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.equations.digits import rounded
from sim.summary.at_risk import at_risk_t, of_items
from sim.summary.long import Slices
from sim.summary.naming import Names
from sim.summary.scope import Scope
from sim.summary.service import Needs, beyond, part_of
from sim.tables import TABLES

ALL = "all"
"""The row of all regions together, the first"""
FloatArray = npt.NDArray[np.float64]


def regions_table(
    needs: Needs, reference: Needs, scope: Scope, worst: pd.DataFrame, slices: Slices,
    postponed: Mapping[str, float], names: Names,
) -> pd.DataFrame:  # fmt: skip
    """All regions together, then each with demand in scope, by what levers cause there; columns as declared.

    `worst` has the gaps by product, sector and region. `postponed` is the part of each sector's use that
    output at risk leaves out.
    """
    texts = needs.groups.texts
    where = np.array(texts["region"].words(), dtype=object)
    counted = np.array([pair in scope.products for pair in needs.pairs()], dtype=np.bool_)
    caused = np.maximum(0.0, beyond(needs, reference))
    share = of_items(postponed, texts["sector"])
    at_risk = at_risk_t(needs.shortfall, needs.demand, share)
    rows = []
    for region in [ALL, *sorted(set(where[counted]))]:
        its = counted if region == ALL else counted & (where == region)
        if not its.any():
            continue
        demand, short, more = (v[:, its] for v in (needs.demand, needs.shortfall, caused))
        left = float((demand * (1 - share[its])).sum())
        gaps = worst[worst["in_scope"] == "yes"]
        gaps = gaps if region == ALL else gaps[gaps["region"] == region]
        limiter = _cause(gaps)
        total = float(demand.sum())
        rows.append(
            {
                "region": region,
                "region_name": names.regions.get(region, region),
                "demand_t": total,
                "shortfall_t": short.sum(),
                "caused_t": more.sum(),
                "share": 100 * short.sum() / total if total > 0 else 0.0,
                "caused_share": 100 * more.sum() / total if total > 0 else 0.0,
                **_peak(short, demand, slices, "peak"),
                **_peak(more, demand, slices, "peak_caused"),
                "output_at_risk": 100 * at_risk[:, its].sum() / left if left > 0 else 0.0,
                **_first(gaps, "first_short", "shortfall_t"),
                **_first(gaps, "first_caused", "caused_t"),
                **_longest(gaps),
                "limited_by": limiter,
                "cause": names.limiters.get(limiter, limiter),
            }
        )
    declared = TABLES["by_region"]
    table = pd.DataFrame(rows, columns=declared.names)
    table = table.assign(
        **{name: rounded(table[name].to_numpy(dtype=np.float64)) for name in declared.numbers}
    )
    order = table.assign(whole=table["region"] == ALL).sort_values(
        ["whole", "caused_t", "shortfall_t", "region"], ascending=[False, False, False, True],
        kind="stable", ignore_index=True,
    )  # fmt: skip
    return order[declared.names]


def _peak(short: FloatArray, demand: FloatArray, slices: Slices, name: str) -> dict[str, object]:
    """The worst slice of all products together, in % of its demand, and which one it is."""
    found = part_of(slices.sums(short).sum(axis=1), slices.sums(demand).sum(axis=1))
    at = int(found.argmax())
    return {name: 100 * found[at], f"{name}_in": slices.names[at] if found[at] > 0 else ""}


def _first(gaps: pd.DataFrame, column: str, tonnes: str) -> dict[str, object]:
    """The first day short by more than 5 %, and who is; of several the one that lacks most."""
    short = gaps[gaps[column] != ""]
    if short.empty:
        return {column: "", f"{column}_of": ""}
    row = short.sort_values([column, tonnes], ascending=[True, False], kind="stable").iloc[0]
    return {column: row[column], f"{column}_of": _who(row)}


def _longest(gaps: pd.DataFrame) -> dict[str, object]:
    """The most weeks below 80 % of output, and whose."""
    if gaps.empty or not gaps["weeks_below_80"].max() > 0:
        return {"weeks_below_80": 0.0, "weeks_below_80_of": ""}
    row = gaps.sort_values("weeks_below_80", ascending=False, kind="stable").iloc[0]
    return {"weeks_below_80": float(row["weeks_below_80"]), "weeks_below_80_of": _who(row)}


def _who(row: pd.Series) -> str:
    return f"{row['sector_name']}, {row['product']}"


def _cause(gaps: pd.DataFrame) -> str:
    """What stopped most tonnes: of those beyond the reference, where there are any."""
    known = gaps[gaps["limited_by"] != ""]
    column = "caused_t" if known["caused_t"].sum() > 0 else "shortfall_t"
    totals = known.groupby("limited_by")[column].sum()
    return "" if totals.empty else str(totals.idxmax())
