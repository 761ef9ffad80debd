"""The flow map in words and numbers: its finding, what is drawn, and the table behind it."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from sim.figures.chain_flows import STOCKPILE, ChainYear
from sim.figures.chosen_element import outside_exporters
from sim.figures.counting import users
from sim.figures.finished_run import FinishedRun
from sim.figures.wording import NO_BREAK, capitalised, join_in_words, tonnes, two_figures

WORLDS = {"scenario": "In this scenario", "reference": "In the reference"}
COLUMNS = (
    "run", "year", "element", "from_stage", "from_country", "to_stage", "to_country", "t", "leaves_t",
    "through_t", "stock_t", "unit",
)  # fmt: skip
REFERENCE = f"reference:{NO_BREAK}"
MOST_NAMED = 3
LEAST_STOCK_SHARE = 0.1
"""Of what users get: with more from stocks the title says so, for else it would seem to come from elsewhere."""


def finding(run: FinishedRun, chain: ChainYear) -> str:
    """Who would still get how much from where, in one sentence, against the reference."""
    names = join_in_words([run.name("countries", country) for country in chain.marked])
    element = run.name("elements", chain.element)
    use = {world: chain.received(run, world) for world in chain.flows}
    by_region = use["scenario"].groupby("to_country")["t"].sum()
    total = float(by_region.sum())

    def beside(pick: Callable[[pd.DataFrame], float], words: str = "") -> str:
        return (
            f"{NO_BREAK}({words}{two_figures(pick(use['reference']))})"
            if "reference" in use
            else ""
        )

    def amount(pick: Callable[[pd.DataFrame], float]) -> str:
        return f"{two_figures(pick(use['scenario']))}{beside(pick)}"

    said = (
        f"In this scenario {_users(run)} would get {tonnes(total, chain.unit)} of {element} "
        f"in {chain.year}{beside(lambda got: float(got['t'].sum()), REFERENCE)}"
    )
    if total <= 0:
        return said
    said += f": {amount(lambda got: float(got['through_t'].sum()))} by way of {names}"
    if use["scenario"]["stock_t"].sum() >= LEAST_STOCK_SHARE * total:
        said += f", {amount(lambda got: float(got['stock_t'].sum()))} from stocks or scrap"
    if len(by_region) == 1:
        return said
    leader = str(by_region.idxmax())

    def to_leader(got: pd.DataFrame) -> float:
        return float(got.loc[got["to_country"] == leader, "t"].sum())

    return f"{said}; most to {run.region(leader)}:{NO_BREAK}{amount(to_leader)}"


def _users(run: FinishedRun) -> str:
    """Those of the whole run, whoever it is shown for."""
    if run.scope.basis == "restrictions":
        return users(run, all_of_them=True)
    return f"users{outside_exporters(run)}"


def measure_in_words(run: FinishedRun, chain: ChainYear) -> str:
    """What is drawn and what it leaves aside, for whoever pastes it."""
    how = "restricted" if run.exporters else "with a shock"
    acts = f", {how} on {chain.days_in_force} days" if chain.days_in_force else ""
    piles = any((table["from_country"] == STOCKPILE).any() for table in chain.flows.values())
    return (
        f"{capitalised(run.name('elements', chain.element))} content that arrived in {chain.year}{acts}, "
        f"{chain.unit}. The bar on the left of a place is what it takes in, the one on the right what it hands "
        "on; losses, stocks and scrap are the difference. Ore counts where plants split it, as far as they "
        "make something of it. Each place mixes what it takes in; what it hands on beyond that was in stock or "
        "is scrap, and nobody knows what that passed before the year"
        f"{'; stockpiles count as stock' if piles else ''}."
    )


def table_of(chain: ChainYear) -> pd.DataFrame:
    """Every flow of the year in both worlds."""
    parts = [
        table.assign(run=world, year=chain.year, element=chain.element, unit=chain.unit)
        for world, table in chain.flows.items()
    ]
    return pd.concat(parts, ignore_index=True)[[*COLUMNS]]


def alt_text(run: FinishedRun, chain: ChainYear, title: str) -> str:
    """The picture for who does not see it."""
    parts = []
    for world, table in chain.flows.items():
        said = []
        for stage in chain.stages[:-1]:
            made = table[table["from_stage"] == stage].groupby("from_country")["t"].sum()
            largest = made.sort_values(ascending=False, kind="stable").head(MOST_NAMED)
            names = [
                f"{run.name('countries', str(country))} {two_figures(float(t))}"
                for country, t in largest.items()
            ]
            said.append(f"{stage}: {', '.join(names)}")
        use = chain.received(run, world).groupby("to_country")["t"].sum()
        got = [f"{run.name('regions', str(r))} {two_figures(float(t))}" for r, t in use.items()]
        parts.append(
            f"{WORLDS[world]}, {chain.unit} handed on by {'; '.join(said)}; "
            f"{_users(run)}: {', '.join(got) or 'nothing'}"
        )
    stages = ", ".join(chain.stages)
    return (
        f"Flow map with ribbons as wide as tonnes through {stages}. {title}. {'. '.join(parts)}. "
        f"{measure_in_words(run, chain)} {run.source_line}"
    )
