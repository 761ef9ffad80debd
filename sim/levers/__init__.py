"""The kinds of lever there are, by heading."""

from __future__ import annotations

from collections.abc import Mapping

from sim.lever import Lever
from sim.levers.capacity_ramp_up import CapacityRampUp
from sim.levers.corridor_capacity import CorridorCapacity
from sim.levers.corridor_closure import CorridorClosure
from sim.levers.export_ban import ExportBan
from sim.levers.export_licence import ExportLicence
from sim.levers.export_quota import ExportQuota
from sim.levers.stockpile_release import StockpileRelease

KINDS: Mapping[str, Mapping[str, type[Lever]]] = {
    "restrictions": {
        "export_ban": ExportBan,
        "export_quota": ExportQuota,
        "export_licence": ExportLicence,
    },
    "shocks": {"corridor_closure": CorridorClosure},
    "measures": {
        "capacity_ramp_up": CapacityRampUp,
        "corridor_capacity": CorridorCapacity,
        "stockpile_release": StockpileRelease,
    },
}
"""Heading -> kind -> model. Adding a lever: its file, and its line here."""

__all__ = [
    "KINDS",
    "CapacityRampUp",
    "CorridorCapacity",
    "CorridorClosure",
    "ExportBan",
    "ExportLicence",
    "ExportQuota",
    "StockpileRelease",
]
