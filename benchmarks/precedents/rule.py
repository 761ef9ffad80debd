"""The licence that the two fitted numbers stand for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sim.behaviour import RIGID
from sim.levers import ExportLicence
from sim.quantities import DAYS_PER_YEAR

BEHAVIOUR = RIGID
TONNAGE_DAYS = DAYS_PER_YEAR / 4
"""Days of planned use that a licence covers: three months."""


@dataclass(frozen=True, slots=True, order=True)
class Fitted:
    """What is fitted."""

    first_days: float
    """X: mean days from filing to a first licence"""
    cover: float
    """c: part of planned use that licences cover"""


def licence(fitted: Fitted, starts: date, cases: int) -> ExportLicence:
    """The rule, with as many first cases."""
    written: dict[str, Any] = {
        "id": "rule", "kind": "export_licence", "exporter": "CHN", "starts": starts,
        "office": "clock", "review": f"{fitted.first_days:g} d",
        "approve": "80 %", "return": "15 %", "refuse": "5 %",
    }  # fmt: skip
    return ExportLicence.model_validate(written)
