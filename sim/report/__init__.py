"""A finished run folder becomes one self-contained page; all wording is in the template."""

from sim.report.page import render

__all__ = ["render"]
