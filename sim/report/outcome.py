"""What became of a lever: the words of its kind with the numbers of the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.figures.dates import month_bounds
from sim.figures.finished_run import FinishedRun
from sim.figures.lever_words import LeverInWords
from sim.figures.spans import spans_in_force
from sim.figures.wording import join_in_words, tonnes, two_figures
from sim.words.quantities import DAYS_PER_YEAR

LEAST_MORE_SHARE = 0.005
"""Of what a site makes: less beyond the base year's rate is none."""
LEAST_CALM_SHARE = 0.01
"""Of what a stock gives: less in calm months is not put into words."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the run, to be put into a text."""

    value: float
    unit: str = ""

    def __format__(self, choice: str) -> str:
        """In words; with a choice `more|less` the first where it is above zero, else the second."""
        if choice:
            return choice.split("|")[self.value <= 0]
        size = abs(self.value)
        return tonnes(size, self.unit) if self.unit else two_figures(size)


Numbers = Mapping[str, Number | str]


def outcome(run: FinishedRun, lever: LeverInWords) -> str:
    """The sentence of its kind; empty where there is none, or the run lacks its numbers."""
    if not lever.outcome:
        return ""
    words, numbers = lever.outcome, NUMBERS[lever.outcome["numbers"]](run, lever)
    parts = [part for part in (_filled(each, numbers) for each in words["parts"]) if part]
    sentence = words["sentence"] if parts or not words["none"] else words["none"]
    return _filled(sentence, {**numbers, "parts": join_in_words(parts)})


def _filled(text: str, numbers: Numbers) -> str:
    """The text with its numbers; empty if one of them is not there."""
    try:
        return text.format_map(numbers)
    except KeyError:
        return ""


def _headline(run: FinishedRun, _: LeverInWords) -> Numbers:
    """All numbers of `headline.json`, by their id."""
    return {
        str(number["id"]): Number(float(number["value"]), str(number["unit"]))
        for number in run.headline
        if isinstance(number["value"], int | float)
    }


def _project(run: FinishedRun, lever: LeverInWords) -> Numbers:
    """What the lever's site made, by-products left out, and what is counted of its design size."""
    project = next((p for p in run.projects if p["lever"] == lever.id), None)
    made = run.record("production")
    if project is None or made.empty:
        return {}
    own = made[(made["site"] == project["site"]) & ~made["form"].isin(run.by_products)]
    made_t, before_t = float(own["output_t"].sum()), float(project["before_t"])
    more_t = made_t - before_t * (run.ends - run.starts).days / DAYS_PER_YEAR
    is_more, ran = more_t >= LEAST_MORE_SHARE * made_t, before_t > 0
    why = str(project.get("cut_off") or project.get("waits") or "")
    return {
        "made": Number(made_t, run.unit),
        "stage": str(project["stage"]),
        "expected_share": Number(100 * float(project["expected_share"])),
        **({"before": Number(before_t, run.unit)} if ran else {}),
        **({"more": Number(more_t, run.unit)} if ran and is_more else {}),
        **({"no_more": "no more"} if ran and not is_more else {}),
        **({"cut_off": why} if why else {}),
    }


def _stock(run: FinishedRun, lever: LeverInWords) -> Numbers:
    """What users drew from the lever's own stock, and how much of it in calm months."""
    shipped = run.record("shipments")
    if shipped.empty:
        return {}
    own = shipped[shipped["seller"].str.endswith(f"/{lever.id}")]
    drawn_t = float(own["dispatched_t"].sum())
    calm_t = float(own.loc[~own["month"].isin(_months_in_force(run)), "dispatched_t"].sum())
    is_said = drawn_t > 0 and calm_t >= LEAST_CALM_SHARE * drawn_t
    calm = {"drawn_in_calm": Number(calm_t, run.unit)} if is_said else {}
    return {"drawn": Number(drawn_t, run.unit), **calm}


NUMBERS = {"headline": _headline, "project": _project, "stock": _stock}
"""Which numbers a kind of lever asks for -> where they are found."""


def _months_in_force(run: FinishedRun) -> set[str]:
    spans = spans_in_force(run)
    return {
        month for month in run.months()
        if any(s.starts < month_bounds(month)[1] and s.ends > month_bounds(month)[0] for s in spans)
    }  # fmt: skip
