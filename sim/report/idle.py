"""What lay unsold while somebody lacked it, and why, in the year with the most of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sim.figures.finished_run import FinishedRun, rows
from sim.figures.wording import join_in_words, tonnes

REASONS = {
    "border": "could not pass a restriction, or had no open way",
    "not_qualified": "lay with sellers whom those who lacked it had not accepted yet",
    "reserved": "was kept for the planned buyers of the coming days, or in a policy stock",
    "on_the_way": "was not needed twice: those who lacked it had bought it elsewhere, and that was on its way",
    "none": "lay there for no reason that the model knows",
}
"""Reason -> what the goods did, in the order of the page"""
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Idle:
    """The page's paragraph on it."""

    year: str
    sentences: Sequence[str]
    """A reason each"""


def idle(run: FinishedRun) -> Idle | None:
    """Of the scenario; None where nothing lay unsold that anybody lacked."""
    table = rows(run.summary, "idle")
    table = table[table["period"] != "all"]
    by_year = table.groupby("period", observed=True)["value"].sum()
    if by_year.empty:
        return None
    year = str(by_year.idxmax())
    that = table[table["period"] == year]
    said = [
        _sentence(run, that[that["sector"] == reason], words)
        for reason, words in REASONS.items()
        if (that["sector"] == reason).any()
    ]
    return Idle(year, said)


def _sentence(run: FinishedRun, table: pd.DataFrame, words: str) -> str:
    most = table.sort_values("value", ascending=False, kind="stable").head(MOST_NAMED)
    named = [
        f"{_goods(run, str(row['material']), str(row['stage']))} {tonnes(float(row['value']), run.unit)}"
        for _, row in most.iterrows()
    ]
    total = tonnes(float(table["value"].sum()), run.unit)
    return f"{total} {words}; most of it {join_in_words(named)}."


def _goods(run: FinishedRun, product: str, form: str) -> str:
    """An element has many forms; what a grade is stands in its name."""
    element = run.name("elements", product)
    if element == product and run.product(product) != product:
        return run.product(product)
    return f"{element} ({run.name('forms', form)})"
