"""What a lever's own file says about it, for people: what it does, how, and its limits."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from sim.lever import Lever

_LIMITS = "Limits:"


@dataclass(frozen=True, slots=True)
class LeverTexts:
    """The parts of the docstring at the top of a lever's file."""

    summary: str
    """Its first line: what the lever does."""
    body: tuple[str, ...]
    """Further paragraphs."""
    limits: str
    """The paragraph that begins with `Limits:`; empty where there is none."""


def texts_of(model: type[Lever]) -> LeverTexts:
    """What the lever's file says at its top."""
    written = (sys.modules[model.__module__].__doc__ or "").strip()
    summary, *paragraphs = (" ".join(part.split()) for part in written.split("\n\n"))
    limits = (part.removeprefix(_LIMITS).strip() for part in paragraphs if part.startswith(_LIMITS))
    body = tuple(part for part in paragraphs if not part.startswith(_LIMITS))
    return LeverTexts(summary, body, next(limits, ""))
