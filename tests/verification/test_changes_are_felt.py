"""A number that a scenario changes moves a result, or the check says that nothing reads it."""

from __future__ import annotations

import dataclasses
import shutil
from datetime import date
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim.engine import Variant, simulate_one, warm_up
from sim.levers import KINDS
from sim.pipeline.resolved import names, projects
from sim.scenario import unread as felt
from sim.scenario.behaviour import BehaviourText, LimitsText, behaviour_of
from sim.scenario.priority import PriorityText
from sim.scenario.unread import unread
from sim.summary import summarise
from sim.words.problems import BadInputError
from sim.world import Change, load_pack
from sim.world.schema import TABLES
from sim.world.world import Changed

TOY = Path(__file__).parents[1] / "packs" / "toy_mineral"
STARTS, ENDS = date(2021, 1, 1), date(2022, 1, 1)
INVENTED = ",2020,toy,,assumed,,,invented\n"

MORE = {
    "pack": "toy_mineral,other_stages,brokers,text",
    "elements": "Zor,element_share,0.8,t element per t content",
    "sites": """\
mine_b,feed_from,,,mine_a,text
mine_p,name,,,Hill P,text
mine_p,country,,,BBB,text
mine_p,region,,,BBB,text
mine_p,stage,,,mine,text
mine_p,status,,,project,text
mine_p,planned_capacity,,,200,t content/yr
mine_p,earliest_start,,,2020.5,year
mine_p,ramp_years,,,1,years
mine_p,ramp_cap,,,0.9,fraction
mine_p,success,,,0.8,fraction
mine_a,most_growth,,,1,%/yr
sep_a,most_growth,,,1,%/yr""",
    "recipes": """\
coil_hot,Mav,thrift,3,%/yr
coil_hot,Mav,replaced_by,ZP,text
coil_plain,Pel,thrift,3,%/yr
coil_plain,Pel,replaced_by,ZP,text
coil_hot,Mav,effect,2,per t element
coil_hot,Pel,effect,1,per t element
coil_hot,Pel,replaced_by,ZP,text""",
    "ores": "mine_p,Zor,share,0.6,fraction\nmine_p,Pel,share,0.4,fraction",
    "sales": "mine_p,sep_b,share,1,fraction",
    "links": "mine_p,sep_b,ore,lane,bbb-bbb,text\nmine_p,sep_b,ore,planned_full,200,t content/yr",
    "products": "coil_plain,serves,coil_hot,text\ncoil_hot,serves_in_part,coil_plain,text",
    "sectors": """\
gadgets,other_grade,0.5,fraction
drives,other_design,0.3,fraction
glazing,growth_from_2030,1,%/yr
glazing,heatmap_group,g,text""",
    "lanes": "aaa-ccc,next_corridor,pass_e,text\naaa-ccc,next_transit_days,50,days",
    "corridors": "pass_e,,name,Pass E,text\npass_e,1,name,all of it,text\npass_e,1,days,50,days\n"
    "pass_f,,name,Pass F,text\npass_f,1,name,all of it,text\npass_f,1,days,60,days\n"
    "pass_f,1,capacity,1,t content/week",
}
"""Rows that the toy pack does not have, so that every parameter stands in some row."""

LEVERS = {
    "restrictions": [
        {"id": "licence", "kind": "export_licence", "exporter": "AAA", "starts": "2021-02-01",
         "review": "40 working days", "destinations": ["BBB", "CCC"]},
        {"id": "pack_terms", "kind": "export_licence", "exporter": "BBB", "starts": "2021-02-01"},
        {"id": "quota", "kind": "production_quota", "exporter": "BBB", "stage": "mine",
         "amount": "90 %", "starts": "2021-02-01"},
    ],
    "shocks": [
        {"id": "shut", "kind": "corridor_closure", "corridor": "pass_d", "starts": "2021-03-01",
         "ends": "2021-06-01"},
    ],
    "measures": [
        {"id": "release", "kind": "stockpile_release", "stockpile": "stockpile_c", "trigger": "60 d",
         "starts": "2021-02-01"},
        {"id": "faster", "kind": "corridor_capacity", "corridor": "pass_d", "leg": 1, "transit": "5 d",
         "starts": "2021-06-01"},
    ],
}  # fmt: skip

OTHER = {
    ("pack", "base_year"): "2019", ("pack", "basis"): "t metal", ("pack", "stages"): "mine separation",
    ("pack", "mixed_form"): "ore", ("pack", "scrap_form"): "residue", ("pack", "members"): "Zor Mav",
    ("elements", "order"): "9", ("forms", "order"): "0", ("forms", "kind"): "elements",
    ("countries", "region"): "BBB", ("countries", "standalone"): "0", ("sites", "country"): "BBB",
    ("sites", "region"): "BBB", ("sites", "stage"): "smelting", ("sites", "status"): "project",
    ("sites", "plan"): "own", ("sites", "can_separate"): "Zor Pel", ("sites", "drivers"): "Zor",
    ("sites", "products"): "coil_plain", ("sites", "storage_days"): "1", ("sites", "output"): "480",
    ("sites", "capacity"): "500", ("sites", "growth"): "20", ("sites", "driver_slack_days"): "0",
    ("sites", "earliest_start"): "2021.5", ("products", "form"): "powder",
    ("recipes", "role"): "essential", ("recipes", "replaced_by"): "Pel",
    ("defaults", "swap_share"): "0", ("sectors", "form"): "ingot",
    ("lanes", "corridor"): "pass_f",
    ("lanes", "next_corridor"): "pass_f", ("lanes", "states_crossed"): "BBB",
    ("corridors", "states_crossed"): "BBB", ("sites", "feed_from"): "mine_p",
    ("sites", "mixed_goes_to"): "recycle_a", ("links", "lane"): "aaa-bbb",
    ("stockpiles", "region"): "BBB", ("stockpiles", "form"): "coil", ("end_users", "share"): "0.9",
    ("licence_office", "military"): "as civil", ("holidays", "closed_weekdays"): "2021-03-01",
    ("holidays", "typical_closed_weekdays"): "150", ("licence_office", "refuse"): "0.1",
    ("corridors", "days"): "50", ("sectors", "priority_class"): "first",
    ("pack", "priority_classes"): "other second first", ("defaults", "air_oxide_price"): "1",
    ("forms", "flies"): "never", ("licence_office", "returned"): "go to the end",
    ("licence_office", "review_calendar_days"): "60",
}  # fmt: skip
"""Another value, where half of a number or a longer name would be out of place."""
ROWS = {
    ("sites", "growth"): "mine_b", ("sites", "output"): "mine_b", ("sites", "capacity"): "mine_a",
    ("sites", "drivers"): "sep_a", ("recipes", "share"): "coil_hot", ("forms", "kind"): "ore",
    ("sites", "name"): "mine_p",
    ("flows", "flow"): "sep_a", ("corridors", "days"): "pass_d/2",
    ("end_users", "users"): "use_drives_ccc", ("end_users", "military_users"): "use_drives_ccc",
    ("recipes", "role"): "coil_plain/Mav", ("recipes", "replaced_by"): "coil_plain/Mav",
    ("forms", "flies"): "coil",
}  # fmt: skip
"""Which row is changed, where it is not the first."""
REFUSED = {
    ("pack", "basis"), ("pack", "stages"), ("pack", "scrap_form"), ("forms", "kind"), ("countries", "region"),
    ("sites", "country"), ("sites", "region"), ("sites", "stage"), ("sites", "products"),
    ("products", "form"), ("sectors", "form"), ("sales", "share"), ("pack", "members"),
    ("products", "serves"), ("products", "serves_in_part"),
}  # fmt: skip
"""What no other value of one row fits, since rows of other tables hang on it."""
ELSEWHERE = [("sectors", ("gadgets",), "other_grade")]
"""What counts only while some maker has no order open, which no maker of this pack has: see test_grades."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The toy pack with a row of every parameter."""
    copy = tmp_path_factory.mktemp("pack") / "toy_mineral"
    shutil.copytree(TOY, copy)
    for table, rows in MORE.items():
        with (copy / f"{table}.csv").open("a", encoding="utf-8") as file:
            file.writelines(row + INVENTED for row in rows.split("\n"))
    # What is swapped stands for itself: its group has one member less.
    cells = (copy / "pack.csv").read_text(encoding="utf-8")
    (copy / "pack.csv").write_text(cells.replace("Zor Pel", "Zor"), encoding="utf-8")
    return copy


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """What is felt is felt after a short warm-up too."""
    monkeypatch.setattr(warm_up, "SHORTEST_WARM_UP_DAYS", 1.0)
    monkeypatch.setattr(warm_up, "LEAD_TIMES_OF_WARM_UP", 1)


def levers(world):
    return tuple(
        KINDS[heading][settings["kind"]].model_validate(
            {"reason": "x", **settings}, context={"world": world}
        )
        for heading, several in LEVERS.items()
        for settings in several
    )


class Told:
    """What a run of a world says: its records and, worked out where these are the same, all words about it."""

    def __init__(self, world, behaviour="free"):
        self.world, self.levers = world, levers(world)
        self.behaviour = behaviour_of(behaviour, world)
        self.records = simulate_one(
            world,
            Variant(self.levers, 1, provenance=False),
            starts=STARTS,
            ends=ENDS,
            review_days=28.0,
            behaviour=self.behaviour,
        )
        self.numbers = repr(plain(self.records))

    @cached_property
    def words(self):
        world, records = self.world, self.records
        summary = summarise(
            records, records, world, starts=STARTS, ends=ENDS, exporters=["AAA"],
            behaviour=self.behaviour,
        )  # fmt: skip
        shown = projects(SimpleNamespace(world=world, levers=self.levers, ends=ENDS))
        sentences = [lever.sentence(world) for lever in self.levers]
        return repr((plain(summary), names(world), world.title, list(shown), sentences))


def plain(value):
    if isinstance(value, pd.DataFrame):
        return value.to_csv()
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if dataclasses.is_dataclass(value):
        return [plain(getattr(value, field.name)) for field in dataclasses.fields(value)]
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return repr(value)


def changed(folder, row, world, value=None):
    """The world with another value in a row; of a share, its neighbour keeps the sum."""
    value = value or OTHER.get((row.table, row.parameter))
    if value is None:
        about = TABLES[row.table].parameters[row.parameter]
        if about.is_text:
            value = f"{row.value} x"
        else:
            value = f"{float(row.value) + 1 if about.whole else float(row.value) / 2:g}"
    changes = [change(row, value)]
    if row.parameter in ("share", "approve", "return", "refuse"):
        alike = [other for other in world.rows if is_neighbour(other, row)]
        rest = float(row.value) - float(value)
        changes += [change(other, f"{float(other.value) + rest:g}") for other in alike[:1]]
    return load_pack(folder, changes)


def change(row, value):
    key = {c: cell for c, cell in zip(TABLES[row.table].keys, row.key, strict=True) if cell}
    return Change(row.table, key, row.parameter, value, unit=row.unit, reason="x")


def is_neighbour(other, row):
    """Whether it is another part of the same whole."""
    if row.table == "licence_office":
        wanted = "return" if row.parameter != "return" else "approve"
        return other.table == row.table and other.parameter == wanted
    same = other.table == row.table and other.parameter == row.parameter
    return same and other.key[0] == row.key[0] and other.key != row.key


def rows(world):
    """One row of every parameter of every table."""
    for table, about in TABLES.items():
        for parameter in about.parameters:
            named = ROWS.get((table, parameter), "")
            yield next(
                row
                for row in world.rows
                if (row.table, row.parameter) == (table, parameter) and named in "/".join(row.key)
            )


def test_every_changed_number_moves_a_result_or_is_named(folder):
    base = load_pack(folder)
    before = Told(base)
    silent, needless, refused = [], [], set()
    for row in rows(base):
        try:
            world = changed(folder, row, base)
        except BadInputError:
            refused.add((row.table, row.parameter))
            continue
        why = unread(world.changes, base, world, levers(world), ENDS)[0]
        told = Told(world)
        moves = told.numbers != before.numbers
        if why is None and not moves and told.words == before.words:
            silent.append(row[:3])
        if why is not None and moves and why.hangs == felt.NOTHING_READS:
            needless.append((row[:4], why.why))
    assert (silent, needless) == (ELSEWHERE, [])
    assert refused == REFUSED


def test_what_only_a_lever_reads_is_named_without_one(folder):
    base = load_pack(folder)
    only = {"licence_office", "end_users", "holidays", "stockpiles"}
    parts = {("lanes", "next_transit_days"), ("corridors", "days"), ("forms", "licence_group")}
    said = {}
    for row in rows(base):
        if row.table in only or (row.table, row.parameter) in parts:
            twice = (Changed(row, row),)
            said[row[:3]] = [
                unread(twice, base, base, given, ENDS)[0] is None for given in ((), levers(base))
            ]
    # What the office closes in a week stands for its reviewers and what each closes.
    plain = [said.pop(("licence_office", ("default",), p)) for p in ("reviewers", "cases_per_week")]
    assert plain == [[False, False]] * 2
    assert len(said) > 15
    assert set(map(tuple, said.values())) == {(False, True)}, said


OF_LIMITS = (
    ("sites", "most_growth", "mine_a"), ("sites", "most_growth", "sep_a"), ("sites", "output", "mine_a"),
    ("recipes", "thrift", "coil_hot/Mav"), ("recipes", "replaced_by", "coil_plain/Pel"),
)  # fmt: skip
"""What is read where growth has its limits, and nowhere else"""


def test_what_limits_growth_is_felt_where_that_rule_holds_and_named_elsewhere(folder):
    base, held = load_pack(folder), "free"
    none = LimitsText(mines=False, separation=False, thrifting=False)
    before, silent, needless = Told(base, held), [], []
    for table, parameter, named in OF_LIMITS:
        row = next(
            row for row in base.rows
            if (row.table, row.parameter) == (table, parameter) and named in "/".join(row.key)
        )  # fmt: skip
        # Pel itself cannot make up the mass of the Pel that is saved.
        world = changed(folder, row, base, "Mav" if parameter == "replaced_by" else None)
        for behaviour in ("rigid", BehaviourText(limits=none), held):
            why = unread(world.changes, base, world, levers(world), ENDS, behaviour)[0]
            if (why is None) != (behaviour == held):
                needless.append((row[:4], why))
        if Told(world, held).numbers == before.numbers:
            silent.append(row[:4])
    assert (silent, needless) == ([], [])


def test_classes_are_felt_where_somebody_serves_by_class_and_named_elsewhere(folder):
    base = load_pack(folder)
    by_class = BehaviourText(priority=PriorityText(sellers="by_class"))
    floors = BehaviourText(priority=PriorityText(floors={"first": "90 %"}))
    home = BehaviourText(priority=PriorityText(sellers="home_first"))
    before = Told(base, by_class)
    for table, parameter in (("sectors", "priority_class"), ("pack", "priority_classes")):
        row = next(row for row in base.rows if (row.table, row.parameter) == (table, parameter))
        world = changed(folder, row, base)
        for behaviour in ("rigid", "free", home, by_class, floors):
            why = unread(world.changes, base, world, levers(world), ENDS, behaviour)[0]
            assert (why is None) == (behaviour in (by_class, floors)), (row[:4], behaviour, why)
        assert Told(world, by_class).numbers != before.numbers, row[:4]


def test_what_goods_weigh_is_felt_where_a_restricting_country_exports_them_and_named_elsewhere(
    folder,
):
    base = load_pack(folder)
    before = Told(base, "rigid")
    named = {"products": "reo_per_t_finished", "elements": "element_share"}
    for row in rows(base):
        if named.get(row.table) != row.parameter:
            continue
        world = changed(folder, row, base)
        told = Told(world, "rigid")
        assert told.numbers == before.numbers, row[:4]
        assert told.words != before.words, row[:4]
        # AAA exports coils and ingots, BBB neither.
        for exporter, felt_there in (("AAA", True), ("BBB", False)):
            its = [x for x in levers(world) if getattr(x, "exporter", "") == exporter]
            why = unread(world.changes, base, world, its, ENDS, "rigid")[0]
            assert (why is None) == felt_there, (row[:4], exporter, why)


def test_a_mine_with_half_the_capacity_digs_half(folder):
    """1,000 t in the base year, and growth after it; 500 t of capacity are 500 t in a year of 365 days."""
    less = Change("sites", {"id": "mine_a"}, "capacity", "500", reason="x")
    made = Told(load_pack(folder, [less])).records.production
    assert made[made["site"] == "mine_a"]["output_t"].sum() == pytest.approx(500, rel=1e-9)
