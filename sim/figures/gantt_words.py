"""The Gantt of new capacity in words and numbers: its finding, what is drawn, and the table behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from sim.figures.counting import places, users
from sim.figures.finished_run import FinishedRun
from sim.figures.gap_of_users import Gap
from sim.figures.projects_touched import LEAST_T, Project
from sim.figures.wording import (
    capitalised,
    join_in_words,
    month_in_words,
    percent,
    two_figures,
)  # fmt: skip

MOST_NAMED = 12
COMES = {"before": "before that", "meanwhile": "meanwhile", "after": "later", "never": "never"}
"""As `Project.against` says it -> in the title."""


def finding(run: FinishedRun, touched: Sequence[Project], gap: Gap | None) -> str:
    """What comes when, against when it is missing."""
    count = f"{len(touched)} project{'s' * (len(touched) != 1)}"
    if gap is None:
        return (
            f"In this scenario nothing noticeable would be missing to {users(run)} beyond the reference; "
            f"{_when_alone(touched, count)}"
        )
    broken = ", on and off," if len(gap.spans(run)) > 1 else ""
    is_open = gap.last == run.months()[-1]
    until = "the end of the run" if is_open else month_in_words(gap.last)
    return (
        f"In this scenario {run.name('elements', gap.element)} would be missing {places(run)}{broken} "
        f"from {month_in_words(gap.first)} to {until}; {_when(touched, count, gap)}"
    )


def _projects(touched: Sequence[Project]) -> str:
    return "project" if len(touched) == 1 else f"{len(touched)} projects"


def _when_alone(touched: Sequence[Project], count: str) -> str:
    days = sorted(project.goods_from for project in touched if project.goods_from)
    if not days:
        return f"the {_projects(touched)} that it touches would bring nothing"
    first, last = (month_in_words(day.isoformat()[:7]) for day in (days[0], days[-1]))
    when = f"from {first}" if first == last else f"from {first} to {last}"
    if len(touched) == 1:
        return f"the project that it touches would bring goods {when}"
    return f"of {count} that it touches, {len(days)} would begin to bring goods {when}"


def _when(touched: Sequence[Project], count: str, gap: Gap) -> str:
    when = [project.against(gap) for project in touched]
    said = [(when.count(each), words) for each, words in COMES.items() if each in when]
    if len(said) == 1:
        return f"the {_projects(touched)} that it touches would bring goods {said[0][1]}"
    parts = [f"{number} {words}" for number, words in said]
    parts[0] = f"{said[0][0]} would bring goods {said[0][1]}"
    return f"of {count} that it touches, {join_in_words(parts)}"


def aid(
    found: Sequence[Project],
    touched: Sequence[Project],
    shown: Sequence[Project],
    *,
    in_short: bool,
) -> str:
    """How many are not drawn, in one sentence; what their sizes mean where there is room for it."""
    beside, cut = len(found) - len(touched), len(touched) - len(shown)
    parts = []
    if cut:
        parts.append(f"{cut} smaller one{'s' * (cut != 1)}")
    if beside:
        parts.append(f"{beside} that the scenario does not touch")
    said = [f"Not drawn: {join_in_words(parts)}."] if parts else []
    if not (in_short and said):
        said.append("Sizes: all elements, with their chance of success.")
    return " ".join(said)


def made(output_t: float) -> str:
    """Tonnes that a site made, or none."""
    return two_figures(output_t) if output_t >= LEAST_T else "0"


def moved_from(run: FinishedRun, project: Project) -> date | None:
    """The date of the pack where a lever replaces it and it lies within the run."""
    announced = project.announced
    if announced is None or announced == project.first_output:
        return None
    return announced if run.starts <= announced < run.ends else None


def measure_in_words(
    run: FinishedRun, found: Sequence[Project], touched: Sequence[Project], gap: Gap | None
) -> str:
    """What is drawn and who is left out, for whoever pastes it."""
    missing = (
        f" Missing: months in which users lack more than {percent(gap.share)} of their need, beyond the "
        "reference."
        if gap
        else ""
    )
    return (
        f"Mines and plants that start or grow, {run.period_in_words()}, as far as the scenario touches them: "
        f"{len(touched)} of {len(found)}. It touches one that a lever is about or names, whose feed or output "
        "may come into the scope of one, or that sends goods to somebody who lacks them just then. A ramp "
        "goes from 10 to 90\u00a0% of what is reached. On the right is what the last year brings beyond the "
        "base "
        f"year, and the design, in {run.unit} a year of all elements together; sizes count with their chance "
        "of success, and those of a mine, of the plant behind it and of the maker behind that are the same "
        "tonnes again."
        f"{missing}"
    )


def table_of(run: FinishedRun, touched: Sequence[Project], gap: Gap | None) -> pd.DataFrame:
    """One row a project that is touched."""
    return pd.DataFrame(
        [
            {
                "site": p.site,
                "name": p.name,
                "country": p.country,
                "central_asia": p.in_c5,
                "stage": p.stage,
                "lever": p.lever,
                "touched_by": " ".join(p.touched_by),
                "supplies_who_lacks": p.supplies_short,
                "date_in_pack": p.announced.isoformat() if p.announced else "",
                "first_output": p.first_output.isoformat(),
                "goods_from": p.goods_from.isoformat() if p.goods_from else "",
                "ramped_up": p.ramped.isoformat(),
                "design_t_per_year": p.design_t,
                "expected_share": p.expected_share,
                "made_in_last_year_t_per_year": p.output_t,
                "cut_off": p.cut_off,
                "element_missing": gap.element if gap else "",
                "missing_from": gap.first if gap else "",
                "missing_to": gap.last if gap else "",
                "missing_t": gap.t if gap else 0.0,
                "goods_come": p.against(gap),
                "unit": run.unit,
            }
            for p in touched
        ]
    )


def alt_text(run: FinishedRun, touched: Sequence[Project], gap: Gap | None, title: str) -> str:
    """The picture for who does not see it."""
    parts = [
        f"{p.name} ({run.name('countries', p.country)}): first output {p.first_output.isoformat()}, "
        f"{p.cut_off or f'90 % by {p.ramped.isoformat()}'}, {made(p.output_t)} of "
        f"{two_figures(p.design_t)} {run.unit} a year"
        for p in touched[:MOST_NAMED]
    ]
    missing = (
        f" {capitalised(run.name('elements', gap.element))} missing: {two_figures(gap.t)} {gap.unit}."
        if gap
        else ""
    )
    return (
        "Gantt chart, one bar a mine or plant over the years of the run. "
        f"{title}.{missing} {'; '.join(parts)}. {run.source_line}"
    )
