"""What each measure of a scenario would give, counted in the run's own records."""

from __future__ import annotations

from collections.abc import Iterator

from sim.figures.finished_run import FinishedRun, LeverInWords
from sim.figures.wording import capitalised, tonnes, two_figures
from sim.report.answer import total

NOT_APART = (
    "What each of them closes of the gap by itself does not follow from one run: run the scenario without it "
    "and set the two side by side."
)


def measures(run: FinishedRun) -> list[str]:
    """A sentence a measure, and why none says what part of the gap it closes; nothing without measures."""
    found = [_measure(run, lever) for lever in run.levers if lever.heading == "measures"]
    return [*found, NOT_APART] if found else []


def _measure(run: FinishedRun, lever: LeverInWords) -> str:
    name = capitalised(run.lever_names[lever.id])
    said = list(_made(run, lever)) or list(_drawn(run, lever))
    return f"{name}: {said[0]}" if said else f"{name}: {lever.sentence}"


def _made(run: FinishedRun, lever: LeverInWords) -> Iterator[str]:
    """What the site of a capacity ramp-up made, by-products left out."""
    project = next((p for p in run.projects if p["lever"] == lever.id), None)
    made = run.record("production")
    if project is None or made.empty:
        return
    own = made[(made["site"] == project["site"]) & ~made["form"].isin(run.by_products)]
    before = float(project["before_t"])
    beside = f"; it made {tonnes(before, run.unit)} a year before" if before > 0 else ""
    chance = (
        f"counted at {two_figures(100 * float(project['expected_share']))} % of its design size"
    )
    yield (
        f"{project['name']} would make {tonnes(float(own['output_t'].sum()), run.unit)} over the run "
        f"({chance}{beside}){_beside_the_gap(run)}."
    )


def _drawn(run: FinishedRun, lever: LeverInWords) -> Iterator[str]:
    """What users drew from a stockpile."""
    shipped = run.record("shipments")
    if lever.kind != "stockpile_release" or shipped.empty:
        return
    own = shipped[shipped["seller"].str.endswith(f"/{lever.id}")]
    drawn = tonnes(float(own["dispatched_t"].sum()), run.unit)
    yield f"{drawn} would be drawn from it over the run{_beside_the_gap(run)}."


def _beside_the_gap(run: FinishedRun) -> str:
    return f", beside a gap of {tonnes(total(run, 'shortfall'), run.unit)} that remains"
