"""Every table that a run leaves behind, declared once: made, written, read and documented from here."""

from sim.tables.column import BASIS, FROM_START, SEE_UNIT, Column, Table, number, text
from sim.tables.measures import MEASURES
from sim.tables.of_records import RECORDS
from sim.tables.of_run import TABLES

__all__ = [
    "BASIS",
    "FROM_START",
    "MEASURES",
    "RECORDS",
    "SEE_UNIT",
    "TABLES",
    "Column",
    "Table",
    "number",
    "text",
]
