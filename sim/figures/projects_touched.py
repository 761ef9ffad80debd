"""Mines and plants that start or grow, and which of them a scenario touches."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from sim.figures.dates import as_date
from sim.figures.finished_run import FinishedRun
from sim.figures.gap_of_users import Gap, held_up_makers, lacking_users
from sim.words.quantities import DAYS_PER_YEAR

CENTRAL_ASIA = ("KAZ", "KGZ", "TJK", "TKM", "UZB")
"""The five republics (C5), ISO 3166-1."""
LAST_MONTHS = 12
"""Output at the end is that of the last year of the run."""
LEAST_T = 0.5


@dataclass(frozen=True, slots=True)
class Project:
    """A mine or plant that starts or grows within the run."""

    site: str
    name: str
    country: str
    stage: str
    lever: str
    """Empty where the pack announces it and no lever changes it."""
    touched_by: tuple[str, ...]
    """Levers that are about it, its feed or its output."""
    supplies_short: bool
    """Whether it sends goods to somebody who lacks them just then."""
    announced: date | None
    first_output: date
    ramped: date
    """Day on which 90 % of what is reached is there."""
    design_t: float
    expected_share: float
    output_t: float
    """What the site made in the last year of the run, t a year, over what it made before."""
    fed_from: date | None
    """When its first feed comes, where that is much later than its first output."""
    cut_off: str
    """Why it makes or sells nothing; empty where nothing is missing."""

    @property
    def is_idle(self) -> bool:
        """Whether it brings nothing: cut off, or nothing made in the last year."""
        return bool(self.cut_off) or self.output_t < LEAST_T

    @property
    def in_c5(self) -> bool:
        """Whether it lies in Central Asia."""
        return self.country in CENTRAL_ASIA

    @property
    def is_touched(self) -> bool:
        """Whether the scenario has to do with it."""
        return bool(self.touched_by) or self.supplies_short

    @property
    def goods_from(self) -> date | None:
        """When its goods come; None where they do not."""
        return None if self.is_idle else self.fed_from or self.first_output

    def against(self, gap: Gap | None) -> str:
        """When its goods come beside the months of a gap; empty where there is none."""
        if gap is None:
            return ""
        if self.goods_from is None:
            return "never"
        month = self.goods_from.isoformat()[:7]
        if month < gap.first:
            return "before"
        return "meanwhile" if month <= gap.last else "after"


def projects(run: FinishedRun) -> list[Project]:
    """Projects that bring something before the end of the run; those of levers first, then down the chain."""
    made = _made_in_last_year(run)
    helpers = _suppliers_of_the_short(run, {str(written["site"]) for written in run.projects})
    found = []
    for written in run.projects:
        first = as_date(written["first_output"])
        ramped = first + timedelta(days=round(float(written["ramp_days"])))
        if first >= run.ends or ramped < run.starts:
            continue
        site, before_t = str(written["site"]), float(written.get("before_t") or 0.0)
        found.append(
            Project(
                site=site,
                name=str(written["name"]),
                country=str(written["country"]),
                stage=str(written["stage"]),
                lever=str(written["lever"]),
                touched_by=tuple(str(lever) for lever in written["touched_by"]),
                supplies_short=site in helpers,
                announced=as_date(written["announced"]) if written["announced"] else None,
                first_output=first,
                ramped=ramped,
                design_t=float(written["design_t"]),
                expected_share=float(written["expected_share"]),
                output_t=max(0.0, made.get(site, 0.0) - before_t),
                fed_from=as_date(written["fed_from"]) if written.get("fed_from") else None,
                cut_off=str(written.get("cut_off") or ""),
            )
        )
    stages = {stage: number for number, stage in enumerate(run.stages)}
    return sorted(
        found,
        key=lambda p: (
            not p.lever, stages.get(p.stage, len(stages)), p.first_output, p.name, p.site,
        ),
    )  # fmt: skip


def _made_in_last_year(run: FinishedRun) -> dict[str, float]:
    """Tonnes a year by site over the last twelve months (or all there are), by-products left out."""
    table = run.record("production")
    if table.empty:
        return {}
    months = run.months()[-LAST_MONTHS:]
    days = sum(run.days_in(month) for month in months)
    recent = table[table["month"].isin(months)]
    # By-products (scrap, mixed concentrate) are not what a site is built for.
    first_form = recent.groupby(["site", "form"])["output_t"].sum().reset_index()
    main = first_form[~first_form["form"].isin(run.by_products)]
    total = main.groupby("site")["output_t"].sum() * DAYS_PER_YEAR / days
    return {str(site): float(t) for site, t in total.items()}


def _suppliers_of_the_short(run: FinishedRun, sites: Collection[str]) -> set[str]:
    """Those of these sites that send goods to users or makers who lack them in that very month."""
    if not run.levers:
        return set()
    users, makers = lacking_users(run), held_up_makers(run)
    if users.empty and makers.empty:
        return set()
    shipped = run.record("shipments")
    if shipped.empty:
        return set()
    sent = shipped[shipped["seller"].isin(sites) & (shipped["dispatched_t"] > 0)]
    # End users have a region and no country.
    to_users = sent[sent["buyer_country"] == ""].merge(
        users, left_on=["month", "product", "buyer_region"], right_on=["month", "product", "region"]
    )
    to_makers = sent.merge(
        makers, left_on=["month", "product", "buyer"], right_on=["month", "product", "place"]
    )
    helped = pd.concat([to_users, to_makers]).groupby("seller")["dispatched_t"].sum()
    return {str(site) for site in helped[helped >= LEAST_T].index}
