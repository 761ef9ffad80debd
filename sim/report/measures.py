"""What each measure of a scenario would give, counted in the run's own records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.figures.finished_run import FinishedRun, LeverInWords, month_bounds
from sim.figures.restriction_strip import spans_in_force
from sim.figures.wording import capitalised, tonnes, two_figures
from sim.report.answer import total

LEAST_CALM_SHARE = 0.01
"""Of what a stockpile gives: less in calm months is not put into words."""
_ADDING_UP = "These do not add up: what a mine digs is separated elsewhere, and not all reaches who is short."
_NOT_APART = (
    "What one measure closes by itself does not follow from one run: run the scenario without it and set "
    "the two side by side."
)


@dataclass(frozen=True, slots=True)
class Measures:
    """The page's list of measures."""

    introduction: str
    sentences: list[str]
    caution: str


def measures(run: FinishedRun) -> Measures | None:
    """A sentence a measure, and why none says what part of the gap it closes; None without measures."""
    sentences = [_measure(run, lever) for lever in run.levers if lever.heading == "measures"]
    if not sentences:
        return None
    remains = tonnes(total(run, "shortfall"), run.unit)
    return Measures(
        f"What the measures would give over the run, while {remains} would still be missing:",
        sentences,
        " ".join([*([_ADDING_UP] if run.projects else []), _NOT_APART]),
    )


def _measure(run: FinishedRun, lever: LeverInWords) -> str:
    name = capitalised(run.lever_names[lever.id])
    said = next(iter([*_made(run, lever), *_drawn(run, lever)]), lever.sentence)
    return f"{name}: {said}"


def _made(run: FinishedRun, lever: LeverInWords) -> Iterator[str]:
    """What the site of a capacity ramp-up made, by-products left out."""
    project = next((p for p in run.projects if p["lever"] == lever.id), None)
    made = run.record("production")
    if project is None or made.empty:
        return
    own = made[(made["site"] == project["site"]) & ~made["form"].isin(run.by_products)]
    output = tonnes(float(own["output_t"].sum()), run.unit)
    chance = two_figures(100 * float(project["expected_share"]))
    said = f"{output} made ({project['stage']}), with what is added counted at {chance} % of its design size"
    before = float(project["before_t"])
    yield f"{said}; before {tonnes(before, run.unit)} a year." if before > 0 else f"{said}."


def _drawn(run: FinishedRun, lever: LeverInWords) -> Iterator[str]:
    """What users drew from a stockpile."""
    shipped = run.record("shipments")
    if lever.kind != "stockpile_release" or shipped.empty:
        return
    own = shipped[shipped["seller"].str.endswith(f"/{lever.id}")]
    drawn_t = float(own["dispatched_t"].sum())
    said = f"{tonnes(drawn_t, run.unit)} drawn"
    calm_t = float(own.loc[~own["month"].isin(_months_in_force(run)), "dispatched_t"].sum())
    if drawn_t > 0 and calm_t >= LEAST_CALM_SHARE * drawn_t:
        said += (
            f", of it {tonnes(calm_t, run.unit)} in months without a restriction or shock in force"
        )
    yield f"{said}."


def _months_in_force(run: FinishedRun) -> set[str]:
    spans = spans_in_force(run)
    return {
        month for month in run.months()
        if any(s.starts < month_bounds(month)[1] and s.ends > month_bounds(month)[0] for s in spans)
    }  # fmt: skip
