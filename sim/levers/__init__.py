"""The kinds of lever there are, by heading, and those that are known to come."""

from __future__ import annotations

from collections.abc import Mapping

from sim.lever import Lever
from sim.levers.capacity_ramp_up import CapacityRampUp
from sim.levers.export_ban import ExportBan
from sim.levers.export_licence import ExportLicence
from sim.levers.export_quota import ExportQuota

KINDS: Mapping[str, Mapping[str, type[Lever]]] = {
    "restrictions": {
        "export_ban": ExportBan,
        "export_quota": ExportQuota,
        "export_licence": ExportLicence,
    },
    "shocks": {},
    "measures": {"capacity_ramp_up": CapacityRampUp},
}
"""Heading -> kind -> model. Adding a lever: its file, and its line here."""

COMING: Mapping[str, str] = {
    "corridor_closure": "shocks",
    "stockpile_release": "measures",
    "corridor_capacity": "measures",
}
"""Kinds a later version will have -> heading."""

__all__ = ["COMING", "KINDS", "CapacityRampUp", "ExportBan", "ExportLicence", "ExportQuota"]
