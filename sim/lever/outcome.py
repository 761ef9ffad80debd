"""What the page says that became of a lever: words of its kind, with places for the numbers of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Outcome:
    """A sentence with a place for each number.

    `{name}` stands for a number in words, `{name:more|less}` for the first word where the number is above
    zero and for the second where it is not.
    """

    numbers: Literal["headline", "project", "stock"]
    """Which numbers it has: those of `headline.json`, or what `sim.report.outcome` counts of the lever's own
    project or stock."""
    sentence: str
    """`{parts}` stands for the parts that are said."""
    parts: tuple[str, ...]
    """Each is said if the run has all its numbers."""
    none: str = ""
    """Said in place of the sentence if no part is; empty: the sentence is said without parts."""
