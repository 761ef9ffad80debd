"""What a pack may say: its tables, their keys, and each parameter with its units and bounds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf

from sim.world.world import IN_PLACE, TO_THE_END

TAIL = ("value", "unit", "year", "source", "locator", "confidence", "low", "high", "note")
"""Columns that follow the key columns and `parameter` in every table, in any order."""
SOURCE_COLUMNS = ("id", "publisher", "title", "year", "link", "accessed")
CONFIDENCE = ("reported", "derived", "estimated", "assumed")
YEARS = re.compile(r"[0-9]{4}(-[0-9]{4})?")
"""What a number or a publication is of: a year, or from one to another."""
DEFINITION = "definition"
"""Source of rows that name or cut the world and state no figure."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a table; `{basis}` in a unit is what the pack says a tonne is."""

    units: tuple[str, ...]
    required: bool = False
    lowest: float = 0.0
    highest: float = inf
    choices: tuple[str, ...] = ()
    whole: bool = False
    """Only whole numbers make sense."""
    is_list: bool = False
    """Several words may stand in a cell."""

    @property
    def is_text(self) -> bool:
        """Words and lists of words; everything else is a number."""
        return self.units == ("text",)


@dataclass(frozen=True, slots=True)
class Table:
    """A table: columns that say what a row is about, and what it may say about it."""

    keys: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    identity: int = 9
    """How many key columns name the thing that required parameters belong to."""
    needed: tuple[str, ...] = ()
    """Parameters that some row of the table must give."""
    at_parts: tuple[str, ...] = ()
    """Parameters of the parts that the key columns behind the first name; all others are of the whole."""
    at_any_key: tuple[str, ...] = ()
    """Parameters of the whole and of parts."""


def _text(*choices: str, required: bool = False) -> Parameter:
    return Parameter(("text",), required, choices=choices)


NAME = _text(required=True)
TEXT = _text()
WORDS = Parameter(("text",), is_list=True)
FLAG = Parameter(("flag",), highest=1.0, whole=True)
COUNT = Parameter(("number",), highest=1e6, whole=True)
USERS = replace(COUNT, highest=2_000.0)
SHARE = Parameter(("fraction",), highest=1.0)
GROWTH = Parameter(("%/yr",), lowest=-99.0, highest=100.0)
"""At -100 % nothing would be left a day after the base year."""
DAYS = Parameter(("days",), highest=3_650.0)
UNDER_WAY = replace(DAYS, highest=730.0)
"""Times that add up along the chain; a run begins with three times their sum."""
RATE = Parameter(("{basis}/yr",), highest=1e10)
FROM_A_DAY = replace(DAYS, lowest=1.0)


def _required(parameter: Parameter) -> Parameter:
    return replace(parameter, required=True)


TABLES: Mapping[str, Table] = {
    "pack": Table(
        ("id",),
        {
            "title": TEXT,
            "base_year": Parameter(("year",), lowest=1900, highest=2200, whole=True),
            "basis": TEXT,
            "stages": WORDS,
            "other_stages": WORDS,
            "priority_classes": WORDS,
            "mixed_form": TEXT,
            "scrap_form": TEXT,
            "members": WORDS,
        },
        needed=("title", "base_year", "basis", "stages", "mixed_form", "scrap_form"),
    ),
    "elements": Table(
        ("id",),
        {
            "name": NAME,
            "order": _required(COUNT),
            "family": TEXT,
            "price": Parameter(("USD/kg",)),
            "element_share": Parameter(("t element per {basis}",), lowest=0.001, highest=1.0),
        },
    ),
    "forms": Table(
        ("id",),
        {
            "name": NAME,
            "order": _required(COUNT),
            "kind": _text("elements", "blend", required=True),
            "licence_group": TEXT,
            "flies": _text("always", "if_dear", "never"),
        },
    ),
    "regions": Table(("id",), {"name": NAME}),
    "countries": Table(("id",), {"name": NAME, "region": NAME, "standalone": FLAG}),
    "sites": Table(
        ("id", "form", "element"),
        {
            "name": NAME,
            "country": NAME,
            "region": NAME,
            "stage": NAME,
            "status": _text("operating", "project", "asset", required=True),
            "plan": _text("own", "residual"),
            "output": RATE,
            "capacity": RATE,
            "growth": GROWTH,
            "most_growth": GROWTH,
            "processing_days": UNDER_WAY,
            "recovery": replace(SHARE, lowest=0.001),
            "can_separate": WORDS,
            "drivers": WORDS,
            "driver_slack_days": DAYS,
            "storage_days": DAYS,
            "products": WORDS,
            "swarf_share": SHARE,
            "planned_capacity": RATE,
            "earliest_start": Parameter(("year",), lowest=1900, highest=2200),
            "ramp_years": Parameter(("years",), highest=100.0),
            "ramp_cap": SHARE,
            "success": SHARE,
            "feed_from": WORDS,
            "mixed_goes_to": TEXT,
        },
        identity=1,
        at_parts=("recovery",),
        at_any_key=("recovery",),
    ),
    "ores": Table(("id", "element"), {"share": SHARE}),
    "sales": Table(("id", "to"), {"share": SHARE}),
    "products": Table(
        ("id",),
        {
            "name": NAME,
            "form": NAME,
            "reo_per_t_finished": Parameter(("{basis} per t finished",), lowest=0.001, highest=1e3),
            "serves": WORDS,
            "serves_in_part": WORDS,
        },
    ),
    "recipes": Table(
        ("id", "element"),
        {
            "share": _required(SHARE),
            "role": _text("essential", "filler", required=True),
            "replaced_by": TEXT,
            "thrift": Parameter(("%/yr",), highest=99.0),
            "effect": Parameter(("per t element",), highest=100.0),
        },
    ),
    "sectors": Table(
        ("id",),
        {
            "name": NAME,
            "form": NAME,
            "growth": GROWTH,
            "growth_from_2030": GROWTH,
            "heatmap_group": TEXT,
            "priority_class": TEXT,
            "other_grade": SHARE,
            "other_design": SHARE,
            "postponable": SHARE,
        },
    ),
    "demand": Table(("sector", "region", "product"), {"need": RATE}),
    "flows": Table(("seller", "buyer", "form", "product"), {"flow": RATE}),
    "lanes": Table(
        ("id",),
        {
            "transit_days": _required(UNDER_WAY),
            "route": TEXT,
            "corridor": TEXT,
            "states_crossed": WORDS,
            "next_corridor": TEXT,
            "next_transit_days": UNDER_WAY,
        },
    ),
    "links": Table(("seller", "buyer", "form"), {"lane": NAME, "planned_full": RATE}),
    "requalification": Table(("form", "sector"), {"days": DAYS}),
    "corridors": Table(
        ("corridor", "leg"),
        {
            "name": NAME,
            "states_crossed": WORDS,
            "mode": TEXT,
            "days": UNDER_WAY,
            "capacity": Parameter(("{basis}/week",), lowest=0.001, highest=1e10),
            "cost": Parameter(("USD/{basis}",)),
        },
        at_parts=("mode", "days", "capacity", "cost"),
        at_any_key=("name",),
    ),
    "covers": Table(("place", "form", "element"), {"days": UNDER_WAY}),
    "stockpiles": Table(
        ("id",),
        {"region": NAME, "form": NAME, "stock": _required(Parameter(("{basis}",), highest=1e10))},
    ),
    "end_users": Table(
        ("node", "user"),
        {"users": replace(USERS, lowest=1.0), "military_users": USERS, "share": SHARE},
        at_parts=("share",),
    ),
    "licence_office": Table(
        ("id",),
        {
            "reviewers": _required(replace(COUNT, lowest=1.0, highest=1e5)),
            "cases_per_week": _required(
                Parameter(("cases per reviewer and week",), lowest=0.001, highest=1e6)
            ),
            "review_calendar_days": _required(replace(FROM_A_DAY, highest=3_650.0)),
            "approve": _required(SHARE),
            "return": _required(SHARE),
            "refuse": _required(SHARE),
            "reapply_days": _required(DAYS),
            "validity_days": _required(FROM_A_DAY),
            "renewal_review_factor": _required(SHARE),
            "military": _text("refuse", "as civil", required=True),
            "office_cases_per_week": Parameter(("cases per week",), lowest=0.001, highest=1e6),
            "mean_review_days": replace(FROM_A_DAY, highest=3_650.0),
            "first_application_days": DAYS,
            "tonnage_months": Parameter(("months",), lowest=0.1, highest=1_200.0),
            "covered_share": Parameter(("fraction",), lowest=0.01, highest=10.0),
            "returned": _text(IN_PLACE, TO_THE_END),
            "user_size_exponent": Parameter(("number",), highest=5.0),
        },
        needed=("reviewers",),
    ),
    "holidays": Table(
        ("country", "calendar_year"),
        {"closed_weekdays": WORDS, "typical_closed_weekdays": Parameter(("days/yr",), highest=200)},
        at_parts=("closed_weekdays",),
    ),
    "defaults": Table(
        ("topic",),
        {
            "producer_stock_days": UNDER_WAY,
            "amount_share": SHARE,
            "pile_days": DAYS,
            "new_supply_days": DAYS,
            "swap_share": SHARE,
            "design_speed": SHARE,
            "sharing_degree": SHARE,
            "air_days": replace(UNDER_WAY, lowest=1.0),
            "air_threshold_days": UNDER_WAY,
            "air_oxide_price": Parameter(("USD/kg",)),
            "air_freight": Parameter(("USD/kg",)),
        },
        needed=("producer_stock_days", "amount_share"),
    ),
    "targets": Table(
        ("id", "kind", "stage", "quantity"),
        {
            "target": Parameter((), True, lowest=-inf),
            "tolerance": Parameter(("percent", "points"), True),
            "measure": _text(required=True),
            "per": TEXT,
            "factor": Parameter(("number",), lowest=-inf),
        },
    ),
}
"""Table -> columns and parameters. A parameter without units takes any unit."""
KEYS: Mapping[str, tuple[str, ...]] = {name: table.keys for name, table in TABLES.items()}
"""Table -> columns that say what a row is about."""
