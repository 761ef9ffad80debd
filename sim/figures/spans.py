"""Which phase of a lever holds when, cut to the run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sim.figures.finished_run import FinishedRun
from sim.figures.lever_words import LeverInWords

HOLDING = ("in_force", "resumed", "eased", "halted")
"""Phases in which a lever acts."""


@dataclass(frozen=True, slots=True)
class Span:
    """A phase of a lever within the run."""

    lever: LeverInWords
    phase: str
    starts: date
    ends: date
    began: date
    """Its first day, also where that is before the run."""


def levers_seen(run: FinishedRun) -> list[LeverInWords]:
    """Levers with a phase inside the run."""
    return [lever for lever in run.levers if spans_of(run, lever)]


def spans_of(run: FinishedRun, lever: LeverInWords) -> list[Span]:
    """The lever's phases cut to the run."""
    ends = [phase.starts for phase in lever.phases[1:]] + [run.ends]
    return [
        Span(lever, phase.phase, max(phase.starts, run.starts), min(end, run.ends), phase.starts)
        for phase, end in zip(lever.phases, ends, strict=True)
        if min(end, run.ends) > max(phase.starts, run.starts)
    ]


def spans_in_force(run: FinishedRun) -> list[Span]:
    """Times at which a restriction or shock acts."""
    restricting = [x for x in run.levers if x.restricts and not x.meets_nothing]
    spans = [span for lever in restricting for span in spans_of(run, lever)]
    return [span for span in spans if span.phase in HOLDING]
