"""What stopped goods, in words."""

from __future__ import annotations

from sim.figures.finished_run import FinishedRun
from sim.summary.cause import CEILINGS


def limiter_in_words(run: FinishedRun, limiter: str) -> str:
    """An element's or group's name, a lever in a few words, or the capacity that was too small."""
    if limiter == "capacity":
        return "capacity of makers"
    if limiter in run.lever_names:
        return run.lever_names[limiter]
    if limiter == CEILINGS:
        return "limits of growth"
    members = ((run.scenario.get("names") or {}).get("groups") or {}).get(limiter)
    if members:
        return " or ".join(run.name("elements", str(each)) for each in members)
    return run.name("elements", limiter)
