"""Which rules of behaviour moved most tonnes in a run, in plain words, and which are off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.figures.finding import whole_run
from sim.figures.finished_run import FinishedRun, rows
from sim.figures.wording import join_in_words, percent, tonnes
from sim.rules.behaviour import RULES

MOVED = {
    "piles": "of by-products that nobody buys would be thrown away, since their piles are full",
    "new_supply": "that new mines, plants and makers do not deliver as planned would be asked again of those "
    "whose buyers they took over",
    "market": "would be sold to buyers that learned to buy from sellers they never traded with",
    "producers": "would be dug and started that would not be without the rule, since mines and plants "
    "refill their stocks and hear of unfilled orders (ore counts again where a plant starts it)",
    "swaps": "of ingredients that a grade's recipe asks for would be missing, and others would give its effect",
    "grades": "would be sold in place of a grade that users lack",
    "designs": "of use would turn to designs that need none of it: given up, and no part of demand or of what "
    "is called missing any more",
    "expediting": "would fly to users that are nearly out of it instead of going the planned way",
    "limits": "of ore that the plan asks for would not be dug, since mines and plants may grow only so fast",
    "sharing": "would be lent among users of one sector in one region, by those who hold more days of use than "
    "the mean of all",
    "priority": "would be sent to others than if all shared in proportion, or kept for contracts",
}
"""Rule -> what its tonnes are"""
MOST_NAMED = 3
PARTS = {"mines": "of mines", "separation": "of separation", "thrifting": "thrifting"}
"""Parts of the rule `limits` that can be left out"""


@dataclass(frozen=True, slots=True)
class Rules:
    """The page's paragraph on them."""

    introduction: str
    sentences: Sequence[str]
    """A rule each, the most tonnes first"""
    off: str


def settings(run: FinishedRun) -> Mapping[str, Any]:
    """Rule -> `off`, `on` or its numbers; empty where the run folder does not say."""
    written = (run.scenario.get("settings") or {}).get("behaviour") or {}
    found: Mapping[str, Any] = written.get("value") or {}
    return found


def postponed_share(run: FinishedRun, sector: str) -> float:
    """The part of a sector's use that can wait or is made without, by the rules of the run."""
    return share_that_waits(settings(run), sector)


def share_that_waits(rules: Mapping[str, Any], sector: str) -> float:
    """The same by these rules: `off`, `on` or numbers."""
    rule = rules.get("postponable")
    share = rule["share"] if isinstance(rule, Mapping) else {}
    return float(share.get("value", share.get("by_sector", {}).get(sector, 0.0)))


def is_on(run: FinishedRun, rule: str) -> bool:
    """Whether a rule holds in the run."""
    return settings(run).get(rule, "off") != "off"


def rules(run: FinishedRun) -> Rules | None:
    """What each moved in scenario and reference; None where the run folder does not say which hold."""
    if not settings(run):
        return None
    on = [rule for rule in RULES if is_on(run, rule)]
    own, others = (_moved(run, world) for world in ("scenario", "reference"))
    changed = {rule: abs(own.get(rule, 0.0) - others.get(rule, 0.0)) for rule in on}
    on.sort(key=lambda rule: (-changed[rule], -own.get(rule, 0.0), RULES.index(rule)))
    off = [rule for rule in RULES if rule not in on]
    if not on:
        return Rules("", (), "No rule of behaviour holds in this run: everybody keeps to the plan.")
    said = [_sentence(run, rule, own.get(rule, 0.0), others.get(rule, 0.0)) for rule in on]
    return Rules(
        "Mines, plants and buyers follow rules, in the scenario and in the reference alike. What each moved "
        "over the run, those first of which the scenario changes most tonnes:",
        said,
        " ".join([*_parts_off(run), f"Off in this run: {join_in_words(off)}." if off else "No rule is off."]),
    )  # fmt: skip


def _moved(run: FinishedRun, world: str) -> Mapping[str, float]:
    table = whole_run(rows(run.summary, "moved_by_rule", run=world))
    return dict(zip(table["sector"].astype(str), table["value"].astype(float), strict=True))


def _sentence(run: FinishedRun, rule: str, own_t: float, other_t: float) -> str:
    name = rule.replace("_", " ")
    more = _numbers(run, rule)
    if rule == "offices":
        return _of_offices(run)
    if rule not in MOVED:
        return f"{name}: it changes no tonne{more}."
    if own_t <= 0 and other_t <= 0:
        return f"{name}: it moved nothing{more}."
    reference = f" (reference: {tonnes(other_t, run.unit)})" if run.levers else ""
    return f"{name}: {tonnes(own_t, run.unit)}{reference} {MOVED[rule]}{more}."


def _of_offices(run: FinishedRun) -> str:
    if not any(lever.is_drawn for lever in run.levers):
        return "offices: nothing in this run needs a licence."
    return (
        "offices: how licences are reviewed, drawn down and renewed; not counted in tonnes, see the licence "
        "queue. With `behaviour: {offices: off}` an approval covers whatever has piled up."
    )


def _numbers(run: FinishedRun, rule: str) -> str:
    """What the rule goes by in this run."""
    if rule == "grades":
        return _substituted(run)
    known = settings(run).get(rule)
    if not isinstance(known, Mapping):
        return ""
    value: Mapping[str, Any] = {
        key: each.get("value") for key, each in known.items() if isinstance(each, Mapping)
    }
    if rule == "piles":
        return f"; a pile holds {_days(value.get('days'))} of output"
    if rule == "swaps":
        return f"; at most {percent(value['share'])} of a grade's effect{_swapped(run)}"
    if rule == "designs":
        return f"; {percent(value['a_year'])} of a use in a year in which it is short, up to its sector's part"
    if rule == "new_supply":
        return f"; what is not delivered is averaged over {_days(value.get('mean'))}"
    if rule == "sharing":
        return _lent(known["degree"])
    if rule == "priority":
        return _served(run, value, known["sellers"].get("names") or {})
    if rule == "expediting":
        return _how_it_flies(run, value)
    if rule == "postponable":
        return _what_can_wait(known["share"])
    if rule != "market":
        return ""
    return (
        f"; a buyer looks for others once it has got less than {percent(value['filled'])} of its orders for "
        f"{_days(value['patience'])}, or has {percent(value['restricted'])} of its supply under a restriction, "
        f"and tries {value['at_a_time']} at a time{_days_to_qualify(run, known.get('days_to_qualify', {}))}"
    )


def _substituted(run: FinishedRun) -> str:
    """Which grades arrived in place of which, the most tonnes first."""
    table = whole_run(rows(run.summary, "substituted"))
    steps = table.groupby(["material", "country"], observed=True)["value"].sum()
    said = [
        f"{tonnes(t, run.unit)} {run.product(came)} for {run.product(asked)}"
        for (asked, came), t in steps.sort_values(ascending=False, kind="stable")
        .head(MOST_NAMED)
        .items()
    ]
    return f"; arrived by the end of the run: {join_in_words(said)}" if said else ""


def _swapped(run: FinishedRun) -> str:
    """Which ingredients went in beyond the recipes over the run, and which less."""
    table = whole_run(rows(run.summary, "swapped"))
    by_ingredient = table.groupby("material", observed=True)["value"].sum()
    more, less = (
        join_in_words([f"{tonnes(abs(t), run.unit)} {name}" for name, t in each.items()])
        for each in (by_ingredient[by_ingredient > 0], by_ingredient[by_ingredient < 0])
    )
    return f". In all {more} went in more than the recipes say, and {less} less" if more else ""


def _lent(degree: Mapping[str, Any]) -> str:
    """How much is lent, what the pack has for it, and which way the answer goes."""
    pack, among = degree.get("of_pack") or {}, ""
    if "value" in pack:
        among = f" (the pack has {percent(pack['value'])}"
        if {"low", "high"} <= pack.keys():
            among += f", between {percent(pack['low'])} and {percent(pack['high'])}"
        among += ")"
    return (
        f"; {percent(degree['value'])} of what a user holds above the mean is lent within a week{among}, "
        "nothing to who was refused a licence for it; the less is lent, the more is missing"
    )


SERVED = {
    "proportional": "in proportion",
    "by_class": "by class",
    "contracts_first": "contracts before what others fail to send",
    "home_first": "buyers at home first",
}
"""Rule of a seller, or a region, in words"""


def _served(run: FinishedRun, value: Mapping[str, Any], sites: Mapping[str, str]) -> str:
    """Who serves whom first; which class comes before which."""
    parts = [
        f"all sellers serve {SERVED[how]}"
        if who == "all"
        else f"{sites.get(who) or run.name('countries', who)} serves {SERVED[how]}"
        for who, how in value["sellers"].items()
    ]
    parts += [
        f"{run.name('regions', region)} shares {SERVED[how]} what it gets of each seller"
        for region, how in (value.get("regions") or {}).items()
    ]
    parts += [
        f"{name.replace('_', ' ')} gets {percent(part)} of its planned use before the rest is shared, as far "
        "as it orders of sellers that may send and do not serve home first"
        for name, part in (value.get("floors") or {}).items()
    ]
    if value.get("classes"):
        parts.append(
            f"{join_in_words([each.replace('_', ' ') for each in value['classes']])}, in this order"
        )
    return f"; {'; '.join(parts)}"


def _how_it_flies(run: FinishedRun, value: Mapping[str, Any]) -> str:
    """When, how fast, what, and for how much."""
    freight = run.numbers.get("air_freight")
    cost = f", for {tonnes(float(freight['value']), str(freight['unit']))}" if freight else ""
    return (
        f"{cost}; goods fly once less than {_days(value['threshold'])} of planned use are in stock, take "
        f"{_days(value['days'])}, and of oxides only those of {value['oxide_price']:g} USD/kg or more do"
    )


def _what_can_wait(share: Mapping[str, Any]) -> str:
    """Of all sectors alike, or from the least to the most of them."""
    each = sorted([share["value"]] if "value" in share else share["by_sector"].values())
    alike = each[0] == each[-1]
    part = percent(each[0]) if alike else f"{percent(each[0])} to {percent(each[-1])}"
    whose = "each sector's use" if alike else "a sector's use"
    return f"; output at risk leaves out {part} of {whose}, which can wait or is made without"


def _days(value: Any) -> str:
    return "a day" if value == 1 else f"{float(value):,.6g} days"


def _days_to_qualify(run: FinishedRun, days: Mapping[str, Any]) -> str:
    """How long buyers take to accept a new seller: what takes longest is no market of the first months."""
    said = [
        f"{run.name('forms', form)} after {each['from']:g} days"
        if each["from"] == each["to"]
        else f"{run.name('forms', form)} after {each['from']:g} to {each['to']:g} days"
        for form, each in sorted(days.items(), key=lambda item: item[1]["from"])
    ]
    return f"; a new seller is accepted for {join_in_words(said)}" if said else ""


def _parts_off(run: FinishedRun) -> list[str]:
    limits = settings(run).get("limits")
    if not isinstance(limits, Mapping):
        return []
    off = [words for part, words in PARTS.items() if not limits.get(part, {}).get("value", True)]
    return [f"Of the limits these are left out: {join_in_words(off)}."] if off else []
