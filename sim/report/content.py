"""What stands in the page's tables and lists, each cell as the reader sees it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from sim.figures.finished_run import FinishedRun
from sim.figures.wording import two_figures
from sim.report.answer import limiter_in_words

ROWS_SHOWN = 20
NOT_WITHIN = "not within the horizon"
NEVER = "never above 5 %"
_LINK = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:)\]]")
_NUMBER_FIGURES = 4


@dataclass(frozen=True, slots=True)
class WorstRow:
    """A product in one sector and region, as the table prints it."""

    product: str
    sector: str
    region: str
    peak_percent: str
    shortfall_t: str
    first_short: str
    recovers: str
    limited_by: str


@dataclass(frozen=True, slots=True)
class HeadlineRow:
    """A number a reader quotes."""

    id: str
    label: str
    about: str
    value: str
    unit: str


@dataclass(frozen=True, slots=True)
class AssumptionRow:
    """A value the answer hangs on, with its range and where it comes from."""

    name: str
    value: str
    span: str
    source: Markup
    confidence: str
    note: Markup
    place: str


def worst_rows(run: FinishedRun) -> list[WorstRow]:
    """The worst product x sector-regions, rounded from `summary.csv`."""
    return [_worst_row(run, row) for row in run.worst.head(ROWS_SHOWN).to_dict("records")]


def headline_rows(run: FinishedRun) -> list[HeadlineRow]:
    """All headline numbers, in their order."""
    return [
        HeadlineRow(
            id=str(number["id"]),
            label=str(number["label"]),
            about=_about(run, number),
            value=_headline_value(run, number["value"]),
            unit=str(number["unit"]) if number["unit"] != "date" else "",
        )
        for number in run.headline
    ]


def assumption_rows(run: FinishedRun) -> list[AssumptionRow]:
    """The assumptions of the resolved scenario."""
    return [_assumption(written) for written in run.scenario.get("assumptions") or []]


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
    first_short = str(row["first_short"])
    return WorstRow(
        product=run.product(str(row["material"])),
        sector=run.name("sectors", str(row["sector"])),
        region=run.name("regions", str(row["region"])),
        peak_percent=_whole(row["peak"]),
        shortfall_t=_whole(row["shortfall_t"]),
        first_short=first_short or NEVER,
        recovers=_recovers(run, first_short, float(row["recover_days"])),
        limited_by=limiter_in_words(run, str(row["limited_by"])) or "not known",
    )


def _recovers(run: FinishedRun, first_short: str, days: float) -> str:
    if not first_short:
        return "not needed"
    if not any(lever.restricts for lever in run.levers):
        return "no restriction to count from"
    return NOT_WITHIN if math.isnan(days) else f"{days:.0f}"


def _whole(value: float) -> str:
    """A whole number; what rounds to nothing says so."""
    return "under 1" if 0 < value < 0.5 else f"{value:,.0f}"


def _about(run: FinishedRun, number: Mapping[str, Any]) -> str:
    """Product or element, sector and regions a number is about."""
    parts: list[str] = []
    if number["material"]:
        parts.append(run.product(str(number["material"])))
    if number["sector"]:
        parts.append(run.name("sectors", str(number["sector"])))
    parts += _regions(run, str(number["region"]))
    return ", ".join(parts)


def _regions(run: FinishedRun, written: str) -> Iterable[str]:
    return [run.name("regions", region) for region in written.split(",") if region]


def _headline_value(run: FinishedRun, value: object) -> str:
    if isinstance(value, int | float):
        return two_figures(float(value))
    return limiter_in_words(run, str(value))


def _assumption(written: Mapping[str, Any]) -> AssumptionRow:
    low, high = short_number(written.get("low") or ""), short_number(written.get("high") or "")
    return AssumptionRow(
        name=str(written["id"]),
        value=f"{short_number(written['value'])} {_unit(str(written['unit']))}".strip(),
        span=f"{low} to {high}" if low and high else "no range given",
        source=linked(str(written["source"])),
        confidence=str(written["confidence"]),
        note=linked(str(written.get("note") or "")),
        place=f"{written['table']}, line {written['line']}",
    )


def _unit(unit: str) -> str:
    """Units that say no more than the value does are left out."""
    return "" if unit in ("number", "text") else unit
