"""What each measure of a scenario would give, counted in the run's own records."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from sim.figures.finished_run import FinishedRun
from sim.figures.lever_words import LeverInWords
from sim.figures.wording import capitalised, tonnes
from sim.report.answer import summed
from sim.report.outcome import outcome

_ADDING_UP = "These do not add up: what a mine digs is separated elsewhere, and not all reaches who is short."
_NOT_APART = "What one measure closes by itself does not follow from one run."


@dataclass(frozen=True, slots=True)
class Measures:
    """The page's list of measures."""

    introduction: str
    sentences: list[str]
    caution: str
    how: str
    """How to learn what they close"""
    command: str
    """What to type for it"""


def measures(run: FinishedRun) -> Measures | None:
    """A sentence a measure, and why none says what part of the gap it closes; None without measures."""
    sentences = [_measure(run, lever) for lever in run.levers if lever.heading == "measures"]
    if not sentences:
        return None
    remains = tonnes(summed(run, "shortfall"), run.unit)
    return Measures(
        "What the measures save does not follow from this page, but from the comparison below. What they would "
        f"give over the run, while {remains} of what counts would still be missing:",
        sentences,
        " ".join([*([_ADDING_UP] if _has_sites(run) else []), _NOT_APART]),
        *_compared(run),
    )


def _has_sites(run: FinishedRun) -> bool:
    """Whether a measure builds or enlarges a mine or plant."""
    built = {str(project.get("lever") or "") for project in run.projects}
    return any(lever.id in built for lever in run.levers if lever.heading == "measures")


def _compared(run: FinishedRun) -> tuple[str, str]:
    """How the run is set beside the same scenario without measures, and the command."""
    named = run.scenario.get("compare_with") or {}
    this = shlex.quote(str(named.get("this") or run.scenario_name))
    if named.get("base"):
        base = shlex.quote(str(named["base"]))
        return (
            "What all of them close together says the command below. For one alone, copy the scenario "
            f"(critmin new copy --from {this}), take the measure out of the copy, and give copy.yaml in the "
            f"place of {base}.",
            f"critmin compare {base} {this}",
        )
    return (
        f"What they close says a comparison: copy the scenario (critmin new without --from {this}), take "
        "measures out of the copy, all or one, and then:",
        f"critmin compare without.yaml {this}",
    )


def _measure(run: FinishedRun, lever: LeverInWords) -> str:
    return f"{capitalised(run.lever_names[lever.id])}: {outcome(run, lever) or lever.sentence}"
