"""The kinds of lever there are, by heading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from sim.lever import Lever
from sim.levers.capacity_ramp_up import CapacityRampUp
from sim.levers.corridor_capacity import CorridorCapacity
from sim.levers.corridor_closure import CorridorClosure
from sim.levers.export_ban import ExportBan
from sim.levers.export_licence import ExportLicence
from sim.levers.export_quota import ExportQuota
from sim.levers.production_quota import ProductionQuota
from sim.levers.site_outage import SiteOutage
from sim.levers.stockpile_release import StockpileRelease

EVERY_KIND: tuple[type[Lever], ...] = (
    ExportBan,
    ExportQuota,
    ExportLicence,
    ProductionQuota,
    SiteOutage,
    CorridorClosure,
    CapacityRampUp,
    CorridorCapacity,
    StockpileRelease,
)
"""Adding a lever: its file, and its line here. Lists, the schema and the page keep this order."""


def _kind(model: type[Lever]) -> str:
    (kind,) = get_args(model.model_fields["kind"].annotation)
    return str(kind)


KINDS: Mapping[str, Mapping[str, type[Lever]]] = {
    heading: {_kind(model): model for model in EVERY_KIND if model.heading == heading}
    for heading in dict.fromkeys(model.heading for model in EVERY_KIND)
}
"""Heading -> kind -> model."""
