"""What a scenario says that has no effect, or another than it seems, is warned of before anything runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from sim.engine.batches import put_together
from sim.engine.calendar import Calendar
from sim.lever import Reach
from sim.scenario import load
from sim.scenario.behaviour import BehaviourText
from sim.scenario.idle_rules import in_vain
from sim.words.problems import Problem
from sim.world import load_pack
from sim.world.where import Where

BAN = """\
starts: 2025-01-01
ends: 2029-01-01
restrictions:
  - id: ban
    kind: export_ban
    exporter: CHN
    elements: [Dy]
    starts: 2026-01-01
    ends: 2027-01-01
    reason: x
"""
QUOTA = BAN.replace("export_ban", "export_quota") + "    amount: 50 %\n"
DATES = "    starts: 2026-01-01\n    ends: 2027-01-01\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def warnings(text: str) -> tuple[Problem, ...]:
    Path("case.yaml").write_text(text, encoding="utf-8")
    return load("case.yaml").warnings


def only(text: str) -> Problem:
    found = warnings(text)
    assert len(found) == 1, found
    assert found[0].severity == "warning"
    assert found[0].help
    return found[0]


def marked(problem: Problem) -> str:
    start = problem.place.column - 1
    return problem.place.text[start : start + problem.place.length]


@pytest.mark.parametrize("text", [BAN, QUOTA])
def test_a_restriction_that_restricts_is_not_warned_of(folder, text):
    assert warnings(text) == ()


@pytest.mark.parametrize(
    ("before", "after", "under_the_caret", "message"),
    [
        ("[Dy]", "[Er]\n    forms: [magnet]", "[magnet]", "meets no trade of this world"),
        ("[Dy]", "[Dy]\n    destinations: [CHN]", "[CHN]", "meets no trade of this world"),
        ("CHN", "KAZ", "KAZ", "meets no trade of this world"),
        (
            DATES,
            "    phases: [{phase: announced, from: 2026-01-01}]\n",
            "2026-01-01",
            "never comes",
        ),
        (DATES, "    starts: 2031-01-01\n", "2031-01-01", "when the scenario has ended"),
        (DATES, "    starts: 2020-01-01\n    ends: 2024-06-01\n", "2024-06-01", "left behind may"),
    ],
)
def test_a_restriction_nobody_can_feel(folder, before, after, under_the_caret, message):
    problem = only(BAN.replace(before, after))
    assert message in problem.message
    assert marked(problem) == under_the_caret


@pytest.mark.parametrize(
    ("amount", "message"),
    [("0 %", "lets nothing leave"), ("0 t/yr", "lets nothing leave"), ("100 %", "allows 100 %"),
     ("120 %", "allows 120 %"), ("5 Mt/yr", "holds back growth at most")],
)  # fmt: skip
def test_a_quota_that_shuts_or_lets_everything_pass(folder, amount, message):
    problem = only(QUOTA.replace("50 %", amount))
    assert message in problem.message
    assert marked(problem) == amount


def test_no_day_is_counted_from_a_lever_that_meets_nothing(folder):
    shocks = """\
shocks:
  - {id: iran, kind: corridor_closure, corridor: south_iran, starts: 2026-01-01, reason: x}
"""
    Path("case.yaml").write_text(BAN.replace("[Dy]", "[Pm]") + shocks, encoding="utf-8")
    assert load("case.yaml").idle == {"ban", "iran"}
    Path("case.yaml").write_text(BAN, encoding="utf-8")
    assert load("case.yaml").idle == set()


def test_a_closure_of_a_way_that_nobody_takes(folder):
    shock = """\
shocks:
  - {id: iran, kind: corridor_closure, corridor: south_iran, starts: 2026-01-01, reason: x}
"""
    problem = only(BAN + shock)
    assert "nothing in this scenario goes by `south_iran`" in problem.message
    assert marked(problem) == "south_iran"
    assert warnings(BAN + shock.replace("south_iran", "deep_sea_asia_europe")) == ()


def test_two_restrictions_that_say_the_same(folder):
    again = BAN[BAN.index("  - id") :].replace("id: ban", "id: again")
    problem = only(BAN + again.replace("[Dy]", "[Dy]\n    source: a paper"))
    assert problem.message == ("`again` says the same as `ban` (line 4), on the same days")
    longer = only(BAN + again.replace("2027-01-01", "2027-02-01"))
    assert "all that `ban` is about is refused by `again`" in longer.message
    overlap = again.replace("2026-01-01", "2026-02-01").replace("2027-01-01", "2027-02-01")
    assert warnings(BAN + overlap) == ()
    assert warnings(BAN + again.replace("[Dy]", "[Tb]")) == ()


def test_an_empty_list_takes_nothing_away_from_what_is_extended(folder):
    problem = only("extends: china-quota-half\nrestrictions: []\n")
    assert marked(problem) == "restrictions"
    assert "`half_quota` of the extended scenario stays" in problem.message
    assert "{id: half_quota, remove: true}" in problem.help
    assert warnings("extends: china-quota-half\nmeasures: []\n") == ()
    assert warnings("extends: china-quota-half\n") == ()


def test_rules_of_the_extended_scenario_that_are_put_back_on_are_named(folder):
    base = "title: b\nquestion: q\npack: rare_earths_2024\n" + BAN
    Path("base.yaml").write_text(base + "behaviour: {piles: off, market: off}\n", encoding="utf-8")
    problem = only("extends: base.yaml\nbehaviour: {market: {patience: 7 d}}\n")
    assert marked(problem) == "behaviour"
    assert "as a whole, `piles` too" in problem.message
    assert warnings("extends: base.yaml\nbehaviour: {piles: off, market: off}\n") == ()
    assert warnings("extends: base.yaml\nbehaviour: rigid\n") == ()


def test_a_site_at_work_is_trade(folder):
    started = """\
measures:
  - {id: plant, kind: capacity_ramp_up, site: sep_sareco, first_output: 2031-01-01, reason: x}
  - {id: ore, kind: capacity_ramp_up, site: mine_u_byproduct_kaz, first_output: 2031-01-01, reason: x}
"""
    late = BAN.replace("CHN", "KAZ").replace("2029", "2034") + started
    assert warnings(late) == ()


MEASURES = "starts: 2025-01-01\nends: 2031-01-01\nmeasures:\n"
STOCK = "kind: stockpile_release, stockpile: stockpile_eu, starts: 2025-01-01, reason: x"
SITE = "kind: capacity_ramp_up, first_output: 2030-01-01, reason: x"


def of_measures(*levers: str) -> list[tuple[str, str]]:
    """Text under the caret and message of each warning."""
    lines = "".join(f"  - {{{lever}}}\n" for lever in levers)
    return [(marked(problem), problem.message) for problem in warnings(MEASURES + lines)]


@pytest.mark.parametrize(
    ("levers", "under_the_caret", "message"),
    [
        # A site cut off: no link, no feed, no buyer, a region without use.
        ([f"id: a, site: recycle_ulba, {SITE}"], "recycle_ulba",
         "makes nothing, since no link of the pack leads to it"),
        ([f"id: a, site: sep_sareco, {SITE}"], "sep_sareco",
         "makes nothing, since its feed would come from Uranium in-situ-leach by-product"),
        ([f"id: a, site: mine_kuirektykol, {SITE}", f"id: b, site: mine_kutessay, {SITE}"],
         "mine_kutessay", "(sep_kashka), which is started by nothing"),
        ([f"id: a, site: mine_kutessay, {SITE}",
          f"id: b, site: sep_kashka, {SITE.replace('2030', '2032')}"],
         "mine_kutessay", "which has its first output only on 2032-01-01"),
        ([f"id: a, site: sep_nolans, sells_to: {{CHN: 100 %}}, {SITE}", f"id: b, site: mine_nolans, {SITE}"],
         "{CHN: 100 %}", "nobody in CHN to whom a link leads uses what `sep_nolans` makes"),
        ([f"id: a, site: sep_sareco, sells_to: {{JPN: 60 %, EU: 40 %}}, {SITE}",
          f"id: b, site: sep_sareco, sells_to: {{JPN: 40 %, EU: 60 %}}, {SITE}"],
         "{JPN: 40 %, EU: 60 %}", "name other buyers; only one of them counts"),
        ([f"id: a, site: sep_sareco, {SITE}",
          "id: b, kind: capacity_ramp_up, site: mine_u_byproduct_kaz, first_output: 2030-09-01, reason: x"],
         "sep_sareco", "makes nothing before 2030-09-01, since its feed would come from"),
        ([f"id: a, site: sep_silmet, capacity: 5 kt/yr, {SITE}"], "5 kt/yr",
         "what it makes follows from its feed"),
        ([f"id: a, site: magnet_japan, {SITE}"], "magnet_japan", "so `a` adds nothing"),
        ([f"id: a, site: mine_mount_weld, capacity: 17500 kt/yr, {SITE}"], "17500 kt/yr",
         "adds 17 500 000 to the"),
        # Out of any sense.
        ([f"id: a, size: 100 yr, trigger: 30 d, {STOCK}"], "100 yr", "holds 100 years of what European"),
        ([f"id: a, size: 30 d, trigger: 40 d, {STOCK}"], "40 d", "holds only 30 days itself"),
        ([f"id: a, size: 99 d, trigger: 60 d, {STOCK}"], "60 d", "they draw in calm times too"),
        ([f"id: a, size: 99 d, trigger: 20 d, floor: 100 %, {STOCK}"], "100 %", "keeps back all"),
        ([f"id: a, site: sep_la_rochelle, capacity: 400 kt/yr, {SITE}"], "400 kt/yr",
         "lies outside the pack's own range, 0 to 4000 t REO/yr"),
        # The same twice.
        ([f"id: a, size: 30 d, trigger: 20 d, {STOCK}", f"id: b, size: 30 d, trigger: 20 d, {STOCK}"],
         "id", "`b` says the same as `a` (line 4), on the same days, and counts a second time"),
        ([f"id: a, size: 30 d, trigger: 20 d, {STOCK}", f"id: b, size: 40 d, trigger: 20 d, {STOCK}"],
         "stockpile_eu", "each has a stock of its own"),
        ([f"id: a, site: sep_la_rochelle, {SITE}", f"id: b, site: sep_la_rochelle, {SITE}"],
         "id", "`b` says the same as `a` (line 4), on the same days, and counts a second time"),
    ],
)  # fmt: skip
def test_a_measure_that_does_nothing_or_far_too_much(folder, levers, under_the_caret, message):
    found = [(mark, text) for mark, text in of_measures(*levers) if message in text]
    assert [mark for mark, _ in found] == [under_the_caret], of_measures(*levers)


def test_a_number_out_of_range_that_says_why_is_meant(folder):
    odd = "capacity: 400 kt/yr"
    why = "capacity: {value: 400 kt/yr, reason: a stress case}"
    lever = f"id: a, site: sep_la_rochelle, {odd}, {SITE}"
    assert any("own range" in message for _, message in of_measures(lever))
    assert not any("own range" in message for _, message in of_measures(lever.replace(odd, why)))


@pytest.mark.parametrize(
    ("text", "under_the_caret", "message"),
    [
        (BAN.replace("2029-01-01", "2026-01-05"), "2026-01-01", "nobody abroad can miss it yet"),
        (QUOTA.replace("export_quota", "production_quota\n    stage: mine")
         .replace("    elements: [Dy]\n", "").replace("50 %", "300 %"),
         "300 %", "allows 300 % of what there was in 2024"),
        (BAN + "changes:\n  - {table: sites, id: mine_bayan_obo, parameter: capacity, value: 20 Mt/yr,"
         " reason: x}\n", "20 Mt/yr", "lies outside the pack's own range"),
        (BAN + "behaviour: rigid\nchanges:\n  - {table: requalification, form: oxide, parameter: days, "
         "value: 120, reason: x}\n", "120",
         "nothing in this scenario reads `oxide days` of requalification.csv"),
        (BAN + "behaviour: {piles: {days: 100 yr}}\n", "100 yr",
         "36500 days are outside the pack's own range of `pile_days`, 30 to 365 days"),
        (BAN + "behaviour: {swaps: {share: 90 %}}\n", "90 %",
         "90 % is outside the pack's own range of `swap_share`, 10 to 60 %"),
        (BAN + "changes:\n  - {table: defaults, topic: trade, parameter: sharing_degree, value: 0.3, "
         "reason: x}\n", "0.3", "only users of one end use lend to one another"),
        (BAN + "behaviour: {priority: on}\n", "on", "everybody share in proportion, as without it"),
        (BAN + "behaviour: {priority: {sellers: home_first, floors: {defence: 80 %}}}\n", "defence",
         "keep to no floors"),
        (BAN + "behaviour: {sharing: on}\n", "on", "nobody lends here"),
        (BAN + "behaviour: {sharing: {degree: 0 %}}\n", "0 %", "nobody lends any part of what it holds"),
        (BAN + "behaviour: {swaps: {share: 0 %}}\n", "0 %", "makers keep to the recipe"),
        (BAN + "behaviour: {designs: {a_year: 0 %}}\n", "0 %", "nobody turns to another design"),
        (BAN + "behaviour: {expediting: {threshold: 0 d}}\n", "0 d", "so nothing flies"),
        (BAN + "behaviour: {postponable: {share: 0 %}}\n", "0 %", "no use can wait"),
        (BAN + "changes:\n  - {table: sectors, id: medical, parameter: priority_class, value: defence, "
         "reason: x}\n", "defence", "the rule `priority` is off in this scenario"),
        (BAN + "behaviour: {expediting: {freight: 40 USD/kg}}\n", "40 USD/kg",
         "40 USD/kg is outside the pack's own range of `air_freight`, 3 to 12 USD/kg"),
        (BAN + "changes:\n  - {table: forms, id: concentrate, parameter: flies, value: always, reason: x}\n",
         "always", "`concentrate` goes to no end use and no maker"),
        (BAN + "behaviour: {expediting: off}\nchanges:\n  - {table: defaults, topic: trade, "
         "parameter: air_days, value: 4, reason: x}\n", "4", "the rule `expediting` is off"),
        (BAN + "behaviour: {postponable: {share: 70 %}}\n", "70 %",
         "70 % is outside the pack's own range of `postponable`, 0 to 60 %"),
        (BAN + "behaviour: {market: {filled: 0 %}}\n", "0 %", "so nobody looks for other sellers"),
        (BAN + "changes:\n  - {table: sites, id: mine_bayan_obo, parameter: storage_days, value: 90, "
         "reason: x}\n", "90", "`90` is what the pack says already"),
        (BAN.replace("[Dy]", "[Dy, Sc]"), "[Dy, Sc]", "`ban` would be the same without"),
        (BAN.replace(DATES, "    phases:\n      - {phase: in_force, from: 2026-01-01}\n"
                     "      - {phase: eased, from: 2026-07-01, elements: [Dy]}\n"),
         "2026-07-01", "`ban` is eased on 2026-07-01 to what held before"),
        (BAN.replace(DATES, "    phases:\n      - {phase: in_force, from: 2026-01-01}\n"
                     "      - {phase: eased, from: 2026-07-01, elements: [Dy, Tb]}\n"),
         "2026-07-01", "is eased on 2026-07-01 to a wider scope"),
        (BAN.replace("export_ban", "export_licence") + "    general_licence: [magnet_japan, sep_kuantan]\n",
         "[magnet_japan, sep_kuantan]", "`ban` covers nothing that goes to `sep_kuantan`"),
        (BAN + "  - {id: q, kind: export_quota, exporter: CHN, elements: [Dy], forms: [oxide], amount: 10 %, "
         "starts: 2026-02-01, ends: 2026-05-01, reason: x}\n", "id",
         "all that `q` is about is refused by `ban` (line 4)"),
        (QUOTA.replace("50 %", "2 t/yr"), "2 t/yr", "next to nothing"),
        ("review: 31 d\n" + BAN, "31 d", "the figures are not those of a review a week"),
        (BAN + "changes:\n  - {table: sectors, id: ev_traction, parameter: growth, value: 0.08 %/yr, "
         "reason: x}\n", "0.08 %/yr", "is a 210th of the pack's"),
        (BAN + "changes:\n  - {table: sites, id: mine_nolans, parameter: earliest_start, value: 2024, "
         "reason: x}\n", "2024", "lies outside the pack's own range, 2028 to 2033"),
        (BAN + "shocks:\n  - {id: c, kind: corridor_closure, corridor: trans_caspian, starts: 2026-01-01, "
         "reason: x}\n", "trans_caspian", "nothing in this scenario goes by `trans_caspian`"),
        (BAN + "shocks:\n  - {id: o, kind: site_outage, country: CHN, stage: mine, hazard: 40 a year, "
         "repair: 60 d, starts: 2026-01-01, reason: x}\n", "40 a year", "run only 13.2 % of the time"),
    ],
)  # fmt: skip
def test_a_restriction_shock_or_change_out_of_any_sense(folder, text, under_the_caret, message):
    found = [(marked(problem), problem.message) for problem in warnings(text)]
    assert [mark for mark, said in found if message in said] == [under_the_caret], found


def test_rules_named_for_a_pack_that_says_nothing_of_them():
    pack = load_pack("rare_earths_2024")
    bare = replace(
        pack,
        sectors={
            id: replace(each, other_design=0.0, postponable_share=0.0)
            for id, each in pack.sectors.items()
        },
        products=tuple(replace(each, serves=(), serves_in_part=()) for each in pack.products),
        forms=tuple(replace(each, flies="never") for each in pack.forms),
        recipes={
            id: replace(each, ingredients=tuple(replace(part, effect=0.0) for part in each.ingredients))
            for id, each in pack.recipes.items()
        },
    )  # fmt: skip
    named = {
        rule: BehaviourText.model_validate({rule: "on"})
        for rule in ("swaps", "grades", "designs", "sharing", "expediting", "postponable")
    }
    for rule, text in named.items():
        assert [each.rule for each in in_vain(text, [rule], bare, lends=False)] == [rule]
        assert not list(in_vain(text, [rule], pack, lends=True))


def test_what_a_market_reads_is_not_called_unread(folder):
    about = "changes:\n  - {table: requalification, form: %s, parameter: days, value: 120 d, reason: x}\n"
    for form, is_read in (("oxide", True), ("metal", True), ("concentrate", False)):
        said = [p.message for p in warnings(BAN + about % form) if "nothing in this" in p.message]
        assert bool(said) != is_read, (form, said)


@pytest.mark.parametrize(
    "pack", [Path(__file__).parents[1] / "packs" / "toy_mineral", "rare_earths_2024"]
)
def test_what_the_check_calls_out_of_reach_is_out_of_the_engines_reach(pack):
    """The check looks at the pack alone, the engine at the lanes of a run: no false alarm."""
    world = load_pack(pack)
    starts = date(world.base_year + 1, 1, 1)
    calendar = Calendar(starts, starts.replace(year=starts.year + 1))
    simulation = put_together(world, (), calendar, 7.0, provenance=False)
    scopes = simulation.columns[0].regime.scopes
    reach = Reach(world)
    exporters = sorted({site.country for site in world.sites.values()})
    places = [(), *([region] for region in world.regions)]
    elements = [(), *([element.symbol] for element in world.elements)]
    forms = [(), *([form.id] for form in world.forms)]

    def where(*named):
        exporter, *parts = named
        return Where(exporter, *(frozenset(part) for part in parts))

    def felt(*named):
        return bool(scopes.lines(where(*named)).any())

    both = 0
    # Of what the engine feels nowhere it feels no part either: nothing is to be asked of the check.
    wide = [named for named in product(exporters, places) if felt(*named, (), ())]
    wide = [
        (*named, element) for named in wide for element in elements if felt(*named, element, ())
    ]
    for named in ((*most, form) for most in wide for form in forms):
        within = reach.meets(where(*named))
        if within and both > 20:
            continue  # whatever is felt of it, no alarm is given
        assert within or not felt(*named), named
        both += within and felt(*named)
    assert both > 20
