"""What stands in the page's tables and lists, each cell as the reader sees it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from sim.figures.dates import as_date
from sim.figures.finished_run import FinishedRun
from sim.figures.wording import capitalised, two_figures
from sim.report.limiters import limiter_in_words
from sim.summary.long import NAMED_T

ROWS_SHOWN = 20
ASSUMPTIONS_SHOWN = 15
STILL_SHORT = "still short at the end"
COUNTED = ("months", "weeks", "days")
"""Units of what is counted, not measured."""
NEVER = "never above 5 %"
NOTHING_TO_COUNT_FROM = "no restriction to count from"
_LINK = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:)\]]")
_NUMBER_FIGURES = 4
_QUOTED_FORMULA = ("'=", "'+", "'-", "'@")


@dataclass(frozen=True, slots=True)
class WorstRow:
    """A product in one sector and region, as the table prints it."""

    key: str
    """Material, sector and region as `worst.csv` names them."""
    product: str
    sector: str
    region: str
    peak_percent: str
    share_percent: str
    """Over the whole run"""
    shortfall_t: str
    first_short: str
    recovers_on: str
    """Date from which it is supplied for 90 days; empty where that does not come"""
    afterwards: str
    """When it is short again, or last, or why no days are counted; empty where it stays supplied"""
    limited_by: str
    caused_t: str
    """Of what is missing, beyond the reference"""

    @property
    def recovers(self) -> str:
        """Both in one cell."""
        return ", ".join(filter(None, (self.recovers_on, self.afterwards)))


@dataclass(frozen=True, slots=True)
class HeadlineRow:
    """A number a reader quotes."""

    id: str
    label: str
    about: str
    value: str
    unit: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A publication in the page's list of sources."""

    id: str
    anchor: str
    number: int
    """As the page cites it."""
    text: str
    """Publisher, title and year."""
    link: str


@dataclass(frozen=True, slots=True)
class AssumptionRow:
    """A value the answer hangs on, with its range and where it comes from."""

    what: str
    value: str
    span: str
    confidence: str
    why: str
    note: Markup
    place: str
    """Table and line of the pack."""
    locator: str
    sources: Sequence[SourceRow]


def worst_rows(run: FinishedRun, most: int | None = ROWS_SHOWN) -> list[WorstRow]:
    """The worst product x sector-regions, or all, rounded from `worst.csv`."""
    return [_worst_row(run, row) for row in bites(run).iloc[:most].to_dict("records")]


def bites(run: FinishedRun) -> pd.DataFrame:
    """All gaps; with levers, those that are larger than without them."""
    return run.worst[run.worst["caused_t"] > NAMED_T] if run.levers else run.worst


def headline_rows(run: FinishedRun) -> list[HeadlineRow]:
    """All headline numbers, in their order."""
    return [
        HeadlineRow(
            id=str(number["id"]),
            label=capitalised(str(number["label"])),
            about=_about(run, number),
            value=_headline_value(run, number["value"], str(number["unit"])),
            unit=str(number["unit"]) if number["unit"] != "date" else "",
            is_number=isinstance(number["value"], int | float),
        )
        for number in run.headline
    ]


def source_rows(run: FinishedRun) -> Mapping[str, SourceRow]:
    """The publications behind the assumptions, by their id in the pack, numbered in their order there."""
    return {
        str(row["id"]): SourceRow(
            id=str(row["id"]),
            anchor=f"source-{number}",
            number=number,
            text=", ".join(_cell(row[c]) for c in ("publisher", "title", "year") if row[c]),
            link=str(row["link"]),
        )
        for number, row in enumerate(run.sources.to_dict("records"), start=1)
    }


def assumption_rows(run: FinishedRun, sources: Mapping[str, SourceRow]) -> list[AssumptionRow]:
    """The assumptions of the run, in their order, each with its sources."""
    return [_assumption(row, sources) for row in run.assumptions.to_dict("records")]


def changes(run: FinishedRun) -> list[Mapping[str, Any]]:
    """Rows of the pack that the scenario replaces."""
    found = (run.scenario.get("settings") or {}).get("changes") or []
    return [
        {
            "row": " ".join([str(c["table"]), *map(str, c["key"]), str(c["parameter"])]),
            "before": short_number(c["before"]),
            "after": short_number(c["after"]),
            "unit": c["unit"],
            "why": linked("; ".join(str(c[k]) for k in ("source", "reason") if c.get(k))),
        }
        for c in found
    ]


def linked(text: str) -> Markup:
    """Escaped text in which web addresses can be followed."""
    parts: list[Markup] = []
    end = 0
    for match in _LINK.finditer(text):
        address = escape(match[0])
        parts += [
            escape(text[end : match.start()]),
            Markup('<a href="{0}">{0}</a>').format(address),
        ]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def short_number(written: object) -> str:
    """A number of the pack without the digits of its derivation; text stays as it is."""
    text = str(written)
    try:
        value = float(text)
    except ValueError:
        return text
    if not math.isfinite(value) or len(text) <= _NUMBER_FIGURES + 2:
        return text
    return f"{value:,.0f}" if abs(value) >= 10**_NUMBER_FIGURES else f"{value:.{_NUMBER_FIGURES}g}"


def _worst_row(run: FinishedRun, row: Mapping[Any, Any]) -> WorstRow:
    # With levers, what is beyond the reference.
    first_short = str(row["first_caused" if run.levers else "first_short"])
    day, afterwards = _recovery(
        run, first_short, float(row["recover_days"]), str(row["last_short"])
    )
    return WorstRow(
        key="/".join(str(row[key]) for key in ("material", "sector", "region")),
        product=run.product(str(row["material"])),
        sector=run.name("sectors", str(row["sector"])),
        region=run.name("regions", str(row["region"])),
        peak_percent=two(float(row["peak_caused" if run.levers else "peak"])),
        share_percent=two(float(row["caused_share" if run.levers else "share"])),
        shortfall_t=two(float(row["shortfall_t"])),
        first_short=first_short or NEVER,
        recovers_on=day,
        afterwards=afterwards,
        limited_by=capitalised(limiter_in_words(run, str(row["limited_by"]))) or "Not known",
        caused_t=two(float(row["caused_t"])),
    )


def _recovery(run: FinishedRun, first_short: str, days: float, last_short: str) -> tuple[str, str]:
    """`recovers_on` and `afterwards` of a row."""
    if not first_short:
        return "", "not needed"
    if not any(lever.restricts for lever in run.levers):
        return "", NOTHING_TO_COUNT_FROM
    late = (
        STILL_SHORT
        if not last_short or is_at_the_end(run, last_short)
        else f"last short {last_short}"
    )
    if math.isnan(days):
        return "", late
    again = bool(last_short) and falls_again(run, days, last_short)
    return back_on(run, days), f"then short again; {late}" if again else ""


def back_on(run: FinishedRun, days: float) -> str:
    """Date of the look at stocks so many days after the first restriction; looks are at noon."""
    begun = run.counted_from or run.starts
    return (begun + timedelta(days=int(days))).isoformat()


def is_at_the_end(run: FinishedRun, last_short: str) -> bool:
    """Whether the last time on which the model looks finds the gap still there."""
    return as_date(last_short) >= run.ends - timedelta(
        days=float(run.scenario.get("review_days") or 1)
    )


def falls_again(run: FinishedRun, days: float, last_short: str) -> bool:
    """Whether a gap that was over for 90 days came back later."""
    begun = run.counted_from
    return begun is not None and as_date(last_short) > begun + timedelta(days=days)


def two(value: float) -> str:
    """Two significant figures; what is less than a tenth says so."""
    return "under 0.1" if 0 < value < 0.1 else two_figures(value)


def _about(run: FinishedRun, number: Mapping[str, Any]) -> str:
    """Product or element, sector and regions a number is about."""
    parts: list[str] = []
    material = str(number["material"])
    if material and not number["sector"] and str(number["id"]) == f"embodied_{material}":
        parts.append(run.name("elements", material))
    elif material:
        parts.append(run.product(material))
    if number["sector"]:
        parts.append(run.name("sectors", str(number["sector"])))
    parts += _regions(run, str(number["region"]))
    return ", ".join(parts)


def _regions(run: FinishedRun, written: str) -> Iterable[str]:
    return [run.name("regions", region) for region in written.split(",") if region]


def _headline_value(run: FinishedRun, value: object, unit: str) -> str:
    if isinstance(value, int | float) and unit in COUNTED:
        # Looks are at noon: of days to a date the half one is none.
        return f"{int(value) if unit == 'days' else value:,.0f}"
    if isinstance(value, int | float):
        return two_figures(float(value))
    return limiter_in_words(run, str(value))


def _assumption(row: Mapping[Any, Any], sources: Mapping[str, SourceRow]) -> AssumptionRow:
    low, high = float(row["low"]), float(row["high"])
    known = not (math.isnan(low) or math.isnan(high))
    return AssumptionRow(
        what=capitalised(_cell(row["what"])),
        value=f"{short_number(_cell(row['value']))} {_unit(str(row['unit']))}".strip(),
        span=f"{short_number(f'{low:.12g}')} to {short_number(f'{high:.12g}')}"
        if known
        else "none given",
        confidence=str(row["confidence"]),
        why=str(row["why"]),
        note=linked(_cell(row["note"])),
        place=f"{row['table']}, line {row['line']}",
        locator=_cell(row["locator"]),
        sources=[sources[id] for id in str(row["source"]).split(";") if id in sources],
    )


def _cell(written: object) -> str:
    """A text of a table without the quote that keeps a spreadsheet from taking it for a formula."""
    text = str(written)
    return text[1:] if text.startswith(_QUOTED_FORMULA) else text


def _unit(unit: str) -> str:
    """Units that say no more than the value does are left out."""
    return "" if unit in ("number", "text") else unit
