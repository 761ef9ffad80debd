"""How far a result hangs on what nobody knows of a restriction, and on luck: ranges before single numbers."""

from __future__ import annotations

from datetime import date

import pandas as pd

from sim.figures.counting import users, week_in_words
from sim.figures.dates import as_date
from sim.figures.finished_run import FinishedRun
from sim.figures.wording import NO_BREAK, day_in_words, join_in_words, tonnes, two_figures
from sim.run_folder.run_folder import CENTRAL, DRAWN, HARDEST

MOST_NAMED = 4
"""Groups of users that are named as hit first in one draw or another"""


def bounds(run: FinishedRun) -> list[str]:
    """The range in one sentence; none where all is known, no draw decides, or it makes no difference."""
    table = run.unknowns
    if table.empty:
        return []
    least, most = float(table["caused_t"].min()), float(table["caused_t"].max())
    if two_figures(least) == two_figures(most):
        return []
    central = float(table.loc[table["run"] == CENTRAL, "caused_t"].sum())
    hangs = ["luck"] if (table["run"] == DRAWN).any() else []
    if (table["run"] == HARDEST).any():
        hangs.insert(0, "how the licence office works, which nobody has published,")
    here = "which all else here is about"
    if run.regions:
        here = "of which the users below have a part; no range of these alone was worked out"
    return [
        f"Between {two_figures(least)} and {tonnes(most, run.unit)} would be missing to "
        f"{users(run, all_of_them=True)} because of what the scenario does, depending on "
        f"{' and on '.join(hangs)}; "
        f"{tonnes(central, run.unit)} in the central run, {here}."
    ]


def how_far(run: FinishedRun) -> list[str]:
    """The paragraph in front: the range, what is unknown, and what draws do."""
    sentences, table = bounds(run), run.unknowns
    if not sentences:
        return []
    unknown = [lever.unknown for lever in run.levers if lever.unknown]
    if (table["run"] == HARDEST).any():
        sentences.append(f"What is known of the office leaves open that {join_in_words(unknown)}.")
    drawn = table[table["run"].isin([CENTRAL, DRAWN])]["caused_t"]
    if len(drawn) > 1:
        low, high = two_figures(float(drawn.min())), two_figures(float(drawn.max()))
        size = f"{low} to {high}" if low != high else high
        sentences.append(
            "Who files when, how long a review takes and how a case ends is drawn: the central run and "
            f"{len(drawn) - 1} other draws have {size}{NO_BREAK}{run.unit.replace(' ', NO_BREAK)}."
        )
    return [" ".join(sentences)]


def first_in_all_draws(run: FinishedRun) -> frozenset[str] | None:
    """Groups of users, as `all_first` names them, that are short first in every draw; None without draws."""
    drawn = _short_in_draws(run)
    if len(drawn) < 2 or run.regions:  # who is first of all is nothing about a region
        return None
    return frozenset.intersection(*(frozenset(each.split("; ")) for each in drawn["all_first"]))


def first_by_luck(run: FinishedRun) -> str:
    """What is said where no group is among the first in every draw."""
    drawn = _short_in_draws(run)
    days: list[date] = sorted(as_date(day) for day in drawn["first_short"])
    who = drawn[["material", "sector", "region"]].drop_duplicates()
    named = [
        f"{run.sector(row.sector)} in {run.region(row.region)}, for {run.product(row.material)}"
        for row in who.head(MOST_NAMED).itertuples()
    ]
    when = week_in_words(run, days[0])
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
    return table[table["run"].isin([CENTRAL, DRAWN]) & (table["first_short"] != "")]
