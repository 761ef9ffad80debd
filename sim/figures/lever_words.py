"""A lever as the reader of the results meets it: its name, phases, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sim.figures.dates import as_date

RESTRICTING = ("restrictions", "shocks")
"""Headings whose levers take something away; `measures` add."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of a lever and the day from which it holds."""

    phase: str
    starts: date
    why: str = ""
    """Its own source and reason, where it has any"""


@dataclass(frozen=True, slots=True)
class LeverInWords:
    """A lever as the reader of the results meets it."""

    id: str
    name: str
    """In a few words, with its day"""
    kind: str
    heading: str
    exporter: str
    """The restricting country, empty where there is none."""
    about: str
    """Name of the site, corridor or stockpile it acts on, empty where there is none."""
    sentence: str
    outcome: Mapping[str, Any]
    """What became of it, in words that lack the numbers; empty where its kind has none."""
    phases: tuple[Phase, ...]
    why: str
    """Its source and the reason for what departs from the pack."""
    is_drawn: bool = False
    """Whether draws decide who is hit"""
    unknown: str = ""
    """What nobody knows of it, from where to where; empty where all is known"""
    meets_nothing: bool = False
    """Nothing in the scenario is in its scope: no day is counted from it."""

    @property
    def restricts(self) -> bool:
        """Whether it takes something away (a restriction or a shock) rather than adds."""
        return self.heading in RESTRICTING

    @property
    def in_force(self) -> date | None:
        """First day on which it acts."""
        return next((p.starts for p in self.phases if p.phase == "in_force"), None)


def lever_in_words(written: Mapping[str, Any]) -> LeverInWords:
    """Of a lever in `scenario.resolved.yaml`."""
    phases = [
        Phase(str(p["phase"]), as_date(p["date"]), " ".join(_sentences(p)))
        for p in written.get("phases") or []
    ]
    return LeverInWords(
        id=str(written["id"]),
        name=str(written["name"]),
        kind=str(written["kind"]),
        heading=str(written.get("heading", "")),
        exporter=str(written.get("exporter") or ""),
        about=str(written.get("about") or ""),
        sentence=str(written.get("sentence", "")),
        outcome=dict(written.get("outcome") or {}),
        phases=tuple(sorted(phases, key=lambda phase: phase.starts)),
        why=" ".join(_sentences(written)),
        is_drawn=bool(written.get("drawn")),
        unknown=str(written.get("unknown") or ""),
        meets_nothing=bool(written.get("meets_nothing")),
    )


def _sentences(written: Mapping[str, Any]) -> list[str]:
    labels = (("Source", "source"), ("Reason", "reason"))
    return [
        f"{label}: {str(written[key]).rstrip('.')}." for label, key in labels if written.get(key)
    ]
