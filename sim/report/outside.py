"""What lies outside of what is counted: the world as a whole, other places and goods, what nobody lacks."""

from __future__ import annotations

from collections.abc import Iterator

from sim.figures.counting import places
from sim.figures.finding import whole_run
from sim.figures.finished_run import FinishedRun, use_rows
from sim.figures.wording import capitalised, join_in_words, month_in_words, percent, tonnes
from sim.summary.long import NAMED_T

SAME_TONNES = 0.5
"""Differences below this many tonnes are not put into words."""


def elsewhere(run: FinishedRun) -> Iterator[str]:
    """The world as a whole, and in one sentence what is missing outside of what counts."""
    numbers = run.numbers
    if run.scope.basis == "all" or "world_demand" not in numbers:
        return
    need_t, short_t, caused_t, anyway_t = (
        float(numbers[id]["value"])
        for id in ("world_demand", "world_shortfall", "outside_caused", "world_reference")
    )
    yield (
        f"All users of the world together would lack, of everything they need over the run, "
        f"{tonnes(short_t, run.unit)}, {percent(short_t / need_t)} of {tonnes(need_t, run.unit)}."
    )
    worst, anyway = run.outside
    if caused_t < SAME_TONNES and run.scope.basis == "restrictions" and not run.regions:
        yield "Nobody else would lack anything because of the scenario."
    if caused_t >= SAME_TONNES:
        row = worst.sort_values("caused_t", ascending=False, kind="stable").iloc[0]
        yield (
            f"{tonnes(caused_t, run.unit)} of what the scenario adds is outside of what is counted above, most "
            f"of it {run.product(row['material'])} for {run.sector(row['sector'])} in "
            f"{run.region(row['region'])}."
        )
    apart_t = anyway_t - float(numbers["shortfall_reference"]["value"])
    here_t = max(0.0, short_t - float(numbers["shortfall_total"]["value"]))
    noticed = anyway[anyway["first_month"] != ""]
    if apart_t >= SAME_TONNES and len(noticed):
        row = noticed.iloc[0]
        yield (
            f"Without the scenario the world would lack {tonnes(apart_t, run.unit)} elsewhere or of other "
            f"goods (in it: {tonnes(here_t, run.unit)}), which is not counted here: most of it "
            f"{run.product(row['material'])} in {run.region(row['region'])} from "
            f"{month_in_words(row['first_month'])}."
        )


def spared(run: FinishedRun) -> Iterator[str]:
    """Restricted elements that nobody would lack, and those that nobody uses."""
    if run.scope.basis != "restrictions":
        return
    named = {element for element, _ in run.scope.elements}
    caused = whole_run(use_rows(run.summary, "embodied_caused"))
    lacking = caused.groupby("material")["value"].sum()
    none = [e for e in named if lacking.get(e, 0.0) < NAMED_T]
    if none and len(none) < len(named):
        words = join_in_words(sorted(run.name("elements", each) for each in none))
        where = "" if places(run) == "everywhere" else f" {places(run)}"
        yield f"Restricted as well, and lacked by nobody{where}: {words}."
    for unused in run.scope.unused:
        yield (
            f"{capitalised(run.name('elements', unused))} is restricted and has no users in this world, so "
            "that nothing of it can be missing."
        )
