"""Which elements a run hits most: one order for the headline, the figures and whoever asks."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

LEAST_VALUE_SHARE = 0.01
"""Of the value at risk: an element below it is not one to name."""
NOTHING = 1e-6
"""Part of its demand: an element that misses less misses nothing."""


def elements_hit(table: pd.DataFrame) -> pd.Series:
    """Part of its demand over the whole run that was not received, by element, the largest first.

    `table` is the long summary; only elements of value are in it. Those of which most is missing beyond the
    reference come first.
    """
    short, caused, demand = (
        _by_element(table, f"embodied_{metric}") for metric in ("shortfall", "caused", "demand")
    )
    share = (short / demand.where(demand > 0)).dropna()
    share = share[share > NOTHING].sort_index()
    kept = share.loc[of_value(table, map(str, share.index))]
    hit = pd.DataFrame({"caused": caused / demand.where(demand > 0), "share": kept}).loc[kept.index]
    order = hit.fillna(0.0).sort_values(["caused", "share"], ascending=False, kind="stable").index
    return kept.loc[order]


def of_value(table: pd.DataFrame, elements: Iterable[str]) -> list[str]:
    """Those whose missing content is worth so much of all that is missing; all where none is."""
    given = list(elements)
    value = _by_element(table, "value_at_risk")
    floor = LEAST_VALUE_SHARE * float(value.sum())
    return [each for each in given if value.get(each, 0.0) >= floor] or given


def _by_element(table: pd.DataFrame, metric: str) -> pd.Series:
    rows = table[
        (table["metric"] == metric)
        & (table["run"] == "scenario")
        & (table["period"] == "all")
        & (table["statistic"] == "central")
    ]
    return rows.groupby("material", observed=True)["value"].sum()
