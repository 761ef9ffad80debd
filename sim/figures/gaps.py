"""Months in which a noticeable part of an element is missing, run together, and how such times are said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sim.figures.dates import month_bounds
from sim.figures.finished_run import FinishedRun
from sim.figures.shortfall_over_time import shortfall_by_element
from sim.figures.wording import day_in_words, join_in_words, month_in_words

GAP_SHARE = 0.05
"""Of what is needed in a month; as in the dates of first shortfalls."""
MOST_SAID = 2


@dataclass(frozen=True, slots=True)
class Gap:
    """Months in a row in which more than `GAP_SHARE` of an element is missing."""

    element: str
    starts: date
    ends: date
    """The day after the last of them."""
    peak: float
    """Part missing in the worst of them"""
    anyway: bool
    """Whether no more than `GAP_SHARE` is missing beyond the reference."""


def gaps_of(run: FinishedRun) -> dict[str, list[Gap]]:
    """Element -> its gaps in order, of the elements hit most that have any."""
    found: dict[str, list[Gap]] = {}
    for element, panel in shortfall_by_element(run).groupby("element", sort=False):
        gaps: list[Gap] = []
        shares = panel[["month", "shortfall_share", "reference_share"]]
        for month, share, reference in shares.itertuples(index=False):
            if share <= GAP_SHARE:
                continue
            first, after = month_bounds(month)
            anyway = share - reference <= GAP_SHARE
            if gaps and gaps[-1].ends == first and gaps[-1].anyway == anyway:
                gaps[-1] = replace(gaps[-1], ends=after, peak=max(gaps[-1].peak, share))
            else:
                gaps.append(Gap(str(element), first, after, share, anyway))
        if gaps:
            found[str(element)] = gaps
    return found


def joined(times: Sequence[tuple[date, date]]) -> list[tuple[date, date]]:
    """Times in order, those that touch or overlap as one."""
    found: list[tuple[date, date]] = []
    for starts, ends in sorted(times):
        if found and starts <= found[-1][1]:
            found[-1] = (found[-1][0], max(ends, found[-1][1]))
        else:
            found.append((starts, ends))
    return found


def days_in_words(run: FinishedRun, times: Sequence[tuple[date, date]]) -> str:
    """`from 2026-01-01 until 2027-01-01`; `on` where it lasts as long as the run."""
    return _in_words(run, times, day_in_words, "until", day_in_words)


def months_in_words(run: FinishedRun, times: Sequence[tuple[date, date]]) -> str:
    """The same in whole months: `from Feb 2026 to Jan 2027`."""
    return _in_words(run, times, _month, "to", lambda after: _month(after - timedelta(days=1)))


def _in_words(
    run: FinishedRun, times: Sequence[tuple[date, date]], first: Callable[[date], str], until: str,
    last: Callable[[date], str],
) -> str:  # fmt: skip
    def one(starts: date, ends: date) -> str:
        if ends >= run.ends:
            return f"from {first(starts)} on"
        if first(starts) == last(ends):
            return f"in {first(starts)}"
        return f"from {first(starts)} {until} {last(ends)}"

    if len(times) <= MOST_SAID:
        return join_in_words([one(*each) for each in times])
    ends = min(times[-1][1], run.ends)
    return f"{len(times)} times between {first(times[0][0])} and {last(ends)}"


def _month(day: date) -> str:
    return month_in_words(f"{day:%Y-%m}")
