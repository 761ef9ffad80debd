"""What each measure of a scenario would give, counted in the run's own records."""

from __future__ import annotations

from dataclasses import dataclass

from sim.figures.finished_run import FinishedRun, LeverInWords
from sim.figures.wording import capitalised, tonnes
from sim.report.answer import total
from sim.report.outcome import outcome

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
    return f"{capitalised(run.lever_names[lever.id])}: {outcome(run, lever) or lever.sentence}"
