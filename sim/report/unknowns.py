"""How far a result hangs on what nobody knows of a restriction, and on luck: ranges before single numbers."""

from __future__ import annotations

from datetime import date

import pandas as pd

from sim.figures.finished_run import FinishedRun, as_date
from sim.figures.wording import NO_BREAK, day_in_words, join_in_words, tonnes, two_figures

MOST_NAMED = 4
"""Groups of users that are named as hit first in one draw or another"""


def how_far(run: FinishedRun) -> list[str]:
    """The paragraph in front; none where all is known and no draw decides."""
    table = run.unknowns
    if table.empty:
        return []
    sentences = [*_ends(run, table), *_draws(run, table)]
    return [" ".join(sentences)] if sentences else []


def _size(row: pd.Series) -> float:
    """What levers cause; what is missing where that is nothing."""
    return float(row["caused_t"])


def _ends(run: FinishedRun, table: pd.DataFrame) -> list[str]:
    by_run = table.drop_duplicates("run").set_index("run")
    if "hardest" not in by_run.index:
        return []
    hardest, easiest, central = (
        _size(by_run.loc[name]) for name in ("hardest", "easiest", "central")
    )
    low, high = sorted((hardest, easiest))
    unknown = [lever.unknown for lever in run.levers if lever.unknown]
    return [
        f"Between {two_figures(low)} and {tonnes(high, run.unit)} would be missing because of what the "
        "scenario does: nobody has published how the licence office works, and what is known of it leaves open "
        "that "
        f"{join_in_words(unknown)}. With the central values, which all else on this page is about, "
        f"{tonnes(central, run.unit)} would be."
    ]  # fmt: skip


def _draws(run: FinishedRun, table: pd.DataFrame) -> list[str]:
    drawn = table[table["run"].isin(["central", "other draw"])]
    if len(drawn) < 2:
        return []
    least, most = (float(t) for t in (drawn["caused_t"].min(), drawn["caused_t"].max()))
    size = f"{two_figures(least)} to {tonnes(most, run.unit)}"
    if two_figures(least) == two_figures(most):
        size = f"{tonnes(most, run.unit)}, to two figures"
    return [
        "Who files when, how long a review takes and how a case ends is drawn: in "
        f"{len(drawn)}{NO_BREAK}draws of the same office it is {size}."
    ]


def first_in_all_draws(run: FinishedRun) -> frozenset[str] | None:
    """Groups of users, as `all_first` names them, that are short first in every draw; None without draws."""
    drawn = _short_in_draws(run)
    if len(drawn) < 2:
        return None
    return frozenset.intersection(*(frozenset(each.split("; ")) for each in drawn["all_first"]))


def first_by_luck(run: FinishedRun) -> str:
    """What is said where no group is among the first in every draw."""
    drawn = _short_in_draws(run)
    days: list[date] = sorted(as_date(day) for day in drawn["first_short"])
    who = drawn[["material", "sector", "region"]].drop_duplicates()
    named = [
        f"{run.sector(row.sector)} in {run.name('regions', row.region)}, for {run.product(row.material)}"
        for row in who.head(MOST_NAMED).itertuples()
    ]
    when = f"on {day_in_words(days[0])}"
    if days[0] != days[-1]:
        when = f"between {day_in_words(days[0])} and {day_in_words(days[-1])}"
    return (
        f"The first to be short by more than 5 % would be so {when}; who that is, luck decides: nobody is "
        f"among the first in all of {len(drawn)}{NO_BREAK}draws. Of the first of each draw most would be "
        f"missing of: {'; '.join(named)}."
    )


def _short_in_draws(run: FinishedRun) -> pd.DataFrame:
    table = run.unknowns
    if table.empty:
        return table
    return table[table["run"].isin(["central", "other draw"]) & (table["first_short"] != "")]
