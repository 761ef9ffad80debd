"""Records become the tables people read: metrics as pure functions, one topic a file."""

from sim.summary.exports import before_from
from sim.summary.service import beyond, first_beyond, products_needed
from sim.summary.summarise import OF_SUMMARY, Summary, summarise

__all__ = [
    "OF_SUMMARY",
    "Summary",
    "before_from",
    "beyond",
    "first_beyond",
    "products_needed",
    "summarise",
]
