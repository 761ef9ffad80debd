"""Whatever is wrong with a scenario is said with line, column, caret and help, all at once."""

import functools
import importlib
import os
import time
from pathlib import Path

import pytest

from sim.scenario import load, shipped_names
from sim.words.problems import BadInputError, Problem, render
from sim.world import load_pack

GOOD = """\
title: A stress case
question: What runs short?
starts: 2025-01-01
ends: 2029-01-01
restrictions:
  - id: ban
    kind: export_ban
    exporter: CHN
    elements: [Dy, NdPr, Y]
    starts: 2026-01-01
    ends: 2027-01-01
    reason: Stress case.
"""
LICENCE = GOOD.replace("export_ban", "export_licence")
RAMP_UP = """\
starts: 2030-01-01
ends: 2040-01-01
measures:
  - id: plant
    kind: capacity_ramp_up
    site: sep_sareco
    first_output: 2031-01-01
    reason: An example.
"""
CHANGE = """\
starts: 2025-01-01
ends: 2029-01-01
changes:
  - {table: sites, id: sep_sareco, parameter: recovery, value: 92 %, reason: An example.}
"""


@pytest.fixture(autouse=True, scope="module")
def one_pack():
    """Reading the pack once is enough: it is frozen."""
    with pytest.MonkeyPatch.context() as patch:
        # `sim.scenario.load` is the function; the module of that name is found by import.
        module = importlib.import_module("sim.scenario.load")
        patch.setattr(module, "load_pack", functools.cache(load_pack))
        yield


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def faults(text: str | bytes, name: str = "bad.yaml") -> list[Problem]:
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    try:
        load(name)
    except BadInputError as error:
        return list(error.problems)
    return []


@pytest.mark.parametrize("text", [GOOD, LICENCE, RAMP_UP, CHANGE])
def test_the_examples_of_this_file_are_good(folder, text):
    assert faults(text) == []


@pytest.mark.parametrize(
    ("before", "after", "marked", "message", "help"),
    [
        ("question", "qestion", "qestion", "unknown key", "did you mean `question`?"),
        ("exporter", "exportr", "exportr", "unknown key", "did you mean `exporter`?"),
        ("export_ban", "export_bann", "export_bann", "unknown kind", "`export_ban`?"),
        ("export_ban", "tariff", "tariff", "not modelled", "no prices"),
        ("export_ban", "capacity_ramp_up", "capacity_ramp_up", "belong", "move it to `measures`"),
        ("restrictions", "shocks", "export_ban", "belong", "move it to `restrictions`"),
        ("Dy,", "Dyy,", "Dyy", "unknown element", "did you mean `Dy`?"),
        ("Dy,", "dysprosium,", "dysprosium", "unknown element", "did you mean `Dy`?"),
        ("Dy,", "3,", "3", "a text is needed", "quotes"),
        ("[Dy, NdPr, Y]", "[]", "[]", "this list is empty", "leave the key out"),
        ("[Dy, NdPr, Y]", "[Dy, Yb, Dy]", "Dy", "named twice", "keep one"),
        ("CHN", "CHNA", "CHNA", "unknown exporter", "did you mean `CHN`?"),
        ("CHN", "China", "China", "unknown exporter", "did you mean `CHN`?"),
        ("CHN", "EU", "EU", "is a region", "one of"),
        ("CHN", "ARM", "ARM", "no site of the pack lies in Armenia", "one of"),
        ("[Dy, NdPr, Y]", "all\n    destinations: IND", "IND", "only as part of", "write `ROW`"),
        ("[Dy, NdPr, Y]", "all\n    destinations: [Mars]", "Mars", "unknown dest", "one of: CHN"),
        ("[Dy, NdPr, Y]", "all\n    forms: [magnets]", "magnets", "unknown form", "`magnet`?"),
        ("2026-01-01", "2026-02-30", "2026-02-30", "not a date", "February 2026 has 28 days"),
        ("2026-01-01", "2026-13-01", "2026-13-01", "not a date", "no month 13"),
        ("2026-01-01", "01.01.2026", "01.01.2026", "not a date", "year, month, day"),
        ("2027-01-01", "2025-06-01", "2025-06-01", "not after it starts", "swap"),
        ("2029-01-01", "2024-01-01", "2024-01-01", "not after it starts", "swap"),
        ("2029-01-01", "2129-01-01", "2129-01-01", "runs for 104 years", "at most 60"),
        ("2025-01-01", "2020-01-01", "2020-01-01", "the pack describes 2024", "2024-01-01"),
        ("    exporter: CHN\n", "", "id", "`exporter` is missing", "add a line"),
        ("starts: 2025-01-01\n", "", "title", "`starts` is missing", "add a line"),
        ("    starts: 2026-01-01\n    ends: 2027-01-01\n", "", "id", "no date", "`starts`"),
        ("    reason: Stress case.\n", "", "id", "neither `source` nor `reason`", "add one"),
        ("Stress case.", "", "reason", "this is empty", "leave the key out"),
        (
            "title:",
            "replications: 100\ntitle:",
            "replications",
            "not in this version",
            "central values",
        ),
        ("title:", "behaviour: off\ntitle:", "off", "is no behaviour", "`rigid`"),
        ("title:", "behaviour: {limits: {mines: x}}\ntitle:", "x", "neither on nor off", "`on`"),
        ("title:", "behaviour: {piles: 5}\ntitle:", "5", "how this rule", "`{days: 90 d}`"),
        ("title:", "behaviour: Rigid\ntitle:", "Rigid", "is no behaviour", "`rigid`?"),
        (
            "title:",
            "behaviour: {priority: by_class}\ntitle:",
            "by_class",
            "how this rule",
            "`{sellers: by_class}`",
        ),
        (
            "title:",
            "behaviour: {priority: {sellers: by_clas}}\ntitle:",
            "by_clas",
            "is no order",
            "did you mean `by_class`?",
        ),
        (
            "title:",
            "behaviour: {priority: {sellers: {sep_kuantann: by_class}}}\ntitle:",
            "sep_kuantann",
            "unknown seller",
            "did you mean `sep_kuantan`?",
        ),
        (
            "title:",
            "behaviour: {priority: {sellers: {EU: by_class}}}\ntitle:",
            "EU",
            "is a region",
            "DEU",
        ),
        (
            "title:",
            "behaviour: {priority: {sellers: {CHN: first}}}\ntitle:",
            "first",
            "is no order",
            "home_first",
        ),
        (
            "title:",
            "behaviour: {priority: {sellers: {}}}\ntitle:",
            "{}",
            "no name stands here",
            "by_class",
        ),
        (
            "title:",
            "behaviour: {priority: {regions: {european_union: by_class}}}\ntitle:",
            "european_union",
            "unknown region",
            "did you mean `EU`?",
        ),
        (
            "title:",
            "behaviour: {priority: {regions: {France: by_class}}}\ntitle:",
            "France",
            "part of the region `EU`",
            "write `EU`",
        ),
        (
            "title:",
            "behaviour: {priority: {regions: {EU: home_first}}}\ntitle:",
            "home_first",
            "an order of sellers",
            "under `sellers`",
        ),
        (
            "title:",
            "behaviour: {priority: {floors: {defense: 80 %}}}\ntitle:",
            "defense",
            "unknown class",
            "did you mean `defence`?",
        ),
        (
            "title:",
            "behaviour: {priority: {floors: {medical: 80 %}}}\ntitle:",
            "medical",
            "is a sector",
            "of the class `essential`",
        ),
        (
            "title:",
            "behaviour: {priority: {floors: {defence: 110 %}}}\ntitle:",
            "110 %",
            "more than 100 %",
            "0 % to 100 %",
        ),
        (
            "title:",
            "behaviour: {priorities: {sellers: by_class}}\ntitle:",
            "priorities",
            "unknown key",
            "did you mean `priority`?",
        ),
        ("title:", "priority: by_class\ntitle:", "priority", "unknown key", "below `behaviour`"),
        (
            "title:",
            "behaviour: {sharing: {degree: 120 %}}\ntitle:",
            "120 %",
            "more than 100 %",
            "100 %",
        ),
        ("title:", "market: off\ntitle:", "market", "unknown key", "below `behaviour`"),
        ("title:", "behaviour: {pile: off}\ntitle:", "pile", "unknown key", "`piles`?"),
        ("title:", "behaviour: {piles: {days: 9}}\ntitle:", "9", "needs a unit", "45 d"),
        (
            "title:",
            "behaviour: {expediting: {freight: 9}}\ntitle:",
            "9",
            "needs a unit",
            "50 USD/kg",
        ),
        (
            "title:",
            "behaviour: {expediting: {freight: 9 d}}\ntitle:",
            "9 d",
            "a price is needed",
            "USD/kg",
        ),
        ("title:", "pack: rare_earths\ntitle:", "rare_earths", "unknown pack", "_2024`?"),
        ("title:", "review: 7\ntitle:", "7", "needs a unit", "45 d"),
        ("title:", "review: 0.5 d\ntitle:", "0.5 d", "whole number of days", "1 d"),
        ("title:", "seed: 1.5\ntitle:", "1.5", "a whole number", "12"),
        ("title:", "seed: -1\ntitle:", "-1", "out of range", "at least 0"),
        ("title:", "measures: {}\ntitle:", "{}", "a list is needed", "[] for none"),
        ("title:", "measures: [1]\ntitle:", "1", "`key: value` lines", "id"),
        ("title:", "extends: nope\ntitle:", "nope", "there is no scenario", "baseline"),
        ("title:", f"title: {'x' * 400}\nnotes:", "xxx", "has 400 characters", "at most 300"),
        ("title:", f"seed: {10**40}\ntitle:", "1" + "0" * 40, "whole number", "12"),
        ("CHN", "{a: 1}", "a", "not a group of keys", "quotes"),
        ("[Dy, NdPr, Y]", f"[{'Dy, ' * 600}Y]", "[Dy", "this list has 601 names", "at most 500"),
        ("2029-01-01", "2050-01-01\nreview: 1 d", "1 d", "makes 9131 of them", "at most 5000"),
        ("id: ban", "id: 1ban", "1ban", "cannot be an id", "beginning with a letter"),
    ],
)
def test_a_fault_is_marked_and_helped(folder, before, after, marked, message, help):
    problem = only(faults(GOOD.replace(before, after, 1)))
    assert text_under_caret(problem).startswith(marked)
    assert message in problem.message
    assert help in problem.help


@pytest.mark.parametrize(
    ("added", "marked", "message"),
    [
        ("review: 40,5 d", "40,5 d", "comma"),
        ("review: 40", "40", "needs a unit"),
        ("review: 0 d", "0 d", "out of range"),
        ("review: 90 years", "90 years", "out of range"),
        ("validity: 0 d", "0 d", "shorter than a day"),
        ("validity: 1000 years", "1000 years", "more than possible"),
        ("review: {value: 45 d, source: [x]}", "[x]", "a text is needed here, not a list"),
        ("office: {reviewers: 2, cases_per_week: 2.125 each}", "2.125 each", "in two ways"),
        ("review: 40 t", "40 t", "is a mass, but a duration is needed"),
        ("office: {reviewers: 12}", "reviewers", "`cases_per_week` is missing"),
        ("office: {reviewers: 12, cases_per_week: 2}", "2", "needs a unit"),
        ("office: {reviewers: 0, cases_per_week: 2 each}", "0", "out of range"),
        ("office: {reviewer: 2, cases_per_week: 2 each}", "reviewer", "unknown key"),
        ("office: fast", "fast", "is not an office"),
        ("approve: 90 %", "id", "given together"),
        ("approve: 90 %\n    return: 5 %\n    refuse: 4 %", "4 %", "add up to 99 %"),
        ("approve: 130 %\n    return: 5 %\n    refuse: 4 %", "130 %", "more than 100 %"),
        ("renewal: hold", "hold", "unknown value"),
        ("general_licence: [use_everything]", "use_everything", "unknown buyer"),
        ("forms: [concentrate]", "concentrate", "no licences for"),
    ],
)
def test_faults_of_a_licence(folder, added, marked, message):
    problem = only(faults(f"{LICENCE}    {added}\n"))
    assert text_under_caret(problem).startswith(marked)
    assert message in problem.message


@pytest.mark.parametrize(
    ("phases", "marked", "message"),
    [
        ("[{phase: resumed, from: 2026-01-01}]", "resumed", "cannot be the first phase"),
        ("[{phase: in_force, from: 2026-01-01}, {phase: resumed, from: 2026-02-01}]", "resumed",
         "cannot follow `in_force`"),
        ("[{phase: in_force, from: 2026-03-01}, {phase: paused, from: 2026-02-01}]", "2026-02-01",
         "not after the one before it"),
        ("[{phase: in_force, from: 2026-03-01}, {phase: eased, from: 2026-04-01, elements: [Xx]}]",
         "Xx", "unknown element"),
        ("[{phase: in_force, from: 2026-03-01}, {phase: paused, from: 2026-04-01, forms: [metal]}]",
         "forms", "cannot be restated"),
        ("[{phase: in_force, from: 2026-03-01, until: 2026-05-01}]", "until", "unknown key"),
        ("[{phase: inforce, from: 2026-03-01}]", "inforce", "unknown phase"),
        ("2026-03-01", "2026-03-01", "`phases` is a list"),
    ],
)  # fmt: skip
def test_faults_of_phases(folder, phases, marked, message):
    dates = "    starts: 2026-01-01\n    ends: 2027-01-01\n"
    problem = only(faults(GOOD.replace(dates, f"    phases: {phases}\n")))
    assert text_under_caret(problem).startswith(marked)
    assert message in problem.message


@pytest.mark.parametrize(
    ("added", "marked", "message"),
    [
        ("capacity: 1200 t", "1200 t", "is a mass, but a rate is needed"),
        ("capacity: -1200 t/yr", "-1200 t/yr", "is negative"),
        ("capacity: 30.000 t/yr", "30.000 t/yr", "in two ways"),
        ("capacity: 30,000 t/yr", "30,000 t/yr", "in two ways"),
        ("capacity: 1e300 t/yr", "1e300 t/yr", "more than possible"),
        ("success: 120 %", "120 %", "more than 100 %"),
        ("sells_to: {EU: 60 %, USA: 30 %}", "EU", "add up to 90 %"),
        ("sells_to: {EUR: 100 %}", "EUR", "unknown region or site"),
        ("sells_to: {magnet_japan: 100 %}", "magnet_japan", "no link to `magnet_japan`"),
        ("fed_by: [mine_bayan_obo]", "mine_bayan_obo", "no link from `mine_bayan_obo`"),
        ("ramp: {value: 4 years, sorce: me}", "sorce", "unknown key"),
        ("stage: separation", "stage", "unknown key"),
    ],
)
def test_faults_of_a_ramp_up(folder, added, marked, message):
    problem = only(faults(f"{RAMP_UP}    {added}\n"))
    assert text_under_caret(problem).startswith(marked)
    assert message in problem.message


def test_a_mine_separates_nothing_and_takes_no_feed(folder):
    text = RAMP_UP.replace("sep_sareco", "mine_kutessay")
    found = faults(text + "    can_separate: [Dy]\n    fed_by: [sep_kashka]\n")
    assert [text_under_caret(problem) for problem in found] == ["can_separate", "fed_by"]


SHOCK = """shocks:
  - id: sea
    kind: corridor_closure
    corridor: trans_caspian
    starts: 2026-01-01
    reason: x
"""
RELEASE = """measures:
  - id: pile
    kind: stockpile_release
    stockpile: stockpile_jpn
    trigger: 30 d
    starts: 2026-01-01
    reason: x
"""


@pytest.mark.parametrize(
    ("text", "before", "after", "marked", "message"),
    [
        (SHOCK, "trans_caspian", "suez", "suez", "unknown corridor"),
        (SHOCK, "reason: x", "reason: x\n    leg: 9", "9", "has no leg 9"),
        (SHOCK, "reason: x", "reason: x\n    leg: Aktau", "Aktau", "unknown leg"),
        (SHOCK, "reason: x", "reason: x\n    in_transit: stop", "stop", "hold, continue"),
        (RELEASE, "stockpile_jpn", "stockpile_jp", "stockpile_jp", "unknown stockpile"),
        (RELEASE, "30 d", "30 t", "30 t", "a mass"),
        (RELEASE, "30 d", "soon", "soon", "does not begin with a number"),
        (RELEASE, "reason: x", "reason: x\n    size: 0 t", "0 t", "nothing to release"),
        (RELEASE, "reason: x", "reason: x\n    size: 3 t/yr", "3 t/yr", "is a rate"),
        (RELEASE, "reason: x", "reason: x\n    floor: 120 %", "120 %", "more than 100 %"),
        (RELEASE, "reason: x", "reason: x\n    form: swarf", "swarf", "nobody in Japan buys"),
    ],
)
def test_a_fault_in_a_closure_or_a_stockpile_is_marked_where_it_stands(
    folder, text, before, after, marked, message
):
    assert faults(GOOD + text) == []
    problem = only(faults(GOOD + text.replace(before, after)))
    assert text_under_caret(problem) == marked
    assert message in problem.message + problem.help


def test_a_floor_above_the_size_is_refused(folder):
    text = RELEASE + "    size: 100 t\n    floor: 200 t\n"
    assert "lies above the size" in only(faults(GOOD + text)).message


def test_a_date_as_trigger_needs_no_other_date_and_bears_none(folder):
    text = RELEASE.replace("30 d", "2026-04-01")
    assert faults(GOOD + text.replace("    starts: 2026-01-01\n", "")) == []
    assert "a date already" in only(faults(GOOD + text)).message


def test_a_better_leg_says_what_is_better(folder):
    text = """measures:
  - {id: rail, kind: corridor_capacity, corridor: trans_caspian, leg: 2, starts: 2026-01-01, reason: x}
"""
    assert "changes nothing" in only(faults(GOOD + text)).message


@pytest.mark.parametrize(
    ("before", "after", "marked", "message"),
    [
        ("table: sites", "table: site", "site", "no table `site`"),
        ("sep_sareco", "sep_sarco", "sep_sarco", "has no id `sep_sarco`"),
        ("parameter: recovery", "parameter: recover", "recover", "no parameter `recover`"),
        ("92 %", '"92,5 %"', '"92,5 %"', "comma"),
        ("92 %", "92 t", "92 t", "is a mass, but a share is needed"),
        ("reason: An example.", "source: F0l", "F0l", "unknown source"),
        ("92 %", "130 %", "130 %", "recovery cannot be"),
        ("92 %", "1e400", "1e400", "too large"),
        (
            "parameter: recovery, value: 92 %",
            "parameter: planned_capacity, value: 30.000",
            "30.000",
            "in two ways",
        ),
        (
            "parameter: recovery, value: 92 %",
            "parameter: country, value: KAZ CHN",
            "KAZ CHN",
            "unknown country `KAZ CHN`",
        ),
        ("92 %", "[1]", "[1]", "a list is not a value"),
        (", reason: An example.", "", "table", "says where its value is from"),
        ("id: sep_sareco, ", "", "table", "rows of sites.csv"),
        ("id: sep_sareco, ", "id: sep_sareco, seller: x, ", "seller", "no key column `seller`"),
    ],
)
def test_faults_of_changes(folder, before, after, marked, message):
    problem = only(faults(CHANGE.replace(before, after)))
    assert text_under_caret(problem).startswith(marked)
    assert message in problem.message


def test_all_faults_of_a_file_come_at_once_and_each_once(folder):
    text = GOOD.replace("question", "qestion").replace("[Dy,", "[Dyy,").replace("-01-01", "-13-01")
    found = faults(text + "title: again\n")
    assert [problem.place.line for problem in found] == [2, 3, 4, 9, 10, 11, 13]
    assert len({(p.place.line, p.place.column) for p in found}) == len(found)


def test_a_misspelt_required_key_is_not_also_missing(folder):
    assert (
        "unknown key `start`" in only(faults(GOOD.replace("starts: 2025", "start: 2025"))).message
    )


def test_faults_of_both_files_are_said(folder):
    Path("parent.yaml").write_text(GOOD.replace("CHN", "CHNA"), encoding="utf-8")
    found = faults("extends: parent.yaml\nseed: -1\n", "child.yaml")
    assert [problem.place.file for problem in found] == ["child.yaml", "parent.yaml"]


def test_extends_goes_one_level(folder):
    Path("a.yaml").write_text("extends: baseline\n", encoding="utf-8")
    assert "itself extends" in only(faults("extends: a.yaml\n", "b.yaml")).message


def test_scenarios_that_extend_each_other_in_a_circle(folder):
    assert only(faults("extends: a\n", "a.yaml")).message == "a scenario cannot extend itself"
    Path("b.yaml").write_text("extends: a.yaml\n", encoding="utf-8")
    problem = only(faults("extends: b.yaml\n", "a.yaml"))
    assert problem.message == "`b.yaml` extends this scenario in turn"
    assert text_under_caret(problem) == "b.yaml"


def test_a_file_that_extends_almost_names_is_offered(folder):
    Path("my-ban.yaml").write_text(GOOD, encoding="utf-8")
    assert "did you mean `my-ban.yaml`?" in only(faults("extends: my-bam\n")).help


def link_or_skip(link: str, target: str) -> None:
    try:
        Path(link).symlink_to(target)
    except OSError:
        pytest.skip("this system makes no links")


@pytest.mark.parametrize(
    "name", ["../secret.yaml", "..", "/etc/passwd", "C:\\x.yaml", "sub/x.yaml"]
)
def test_extends_takes_no_path(folder, name):
    assert "is a path" in only(faults(f"extends: '{name}'\n")).message or name == ".."


def test_extends_follows_no_link_out_of_the_folder(folder):
    outside = folder / "outside.yaml"
    outside.write_text(GOOD, encoding="utf-8")
    (folder / "inside").mkdir()
    link_or_skip("inside/link.yaml", "../outside.yaml")
    for name in ("link", "link.yaml"):
        problem = only(faults(f"extends: {name}\n", "inside/x.yaml"))
        assert "leads out of this folder" in problem.message
        assert "stress" not in render(problem).casefold()
    link_or_skip("inside/loop.yaml", "loop.yaml")
    assert "link" in only(faults("extends: loop\n", "inside/x.yaml")).message


def test_extends_follows_a_link_inside_the_folder(folder):
    Path("real.yaml").write_text(GOOD, encoding="utf-8")
    link_or_skip("link.yaml", "real.yaml")
    assert faults("extends: link\n", "x.yaml") == []


@pytest.mark.parametrize("pack", ["/tmp", "..", "../packs", "rare_earths_2024/../x"])
def test_a_scenario_takes_no_pack_from_outside_its_folder(folder, pack):
    message = only(faults(f"pack: {pack}\n{GOOD}")).message
    assert message.endswith(
        ("leads out of the folder of this file", "a path of this machine alone")
    )


def test_only_levers_that_are_there_can_be_removed(folder):
    child = "extends: china-quota-half\nrestrictions:\n  - {id: half, remove: true}\n"
    problem = only(faults(child))
    assert text_under_caret(problem) == "half"
    assert "half_quota" in problem.help


def test_an_id_names_one_lever(folder):
    again = GOOD[GOOD.index("  - id") :]
    problem = only(faults(GOOD + again))
    assert problem.message == "the id `ban` is used twice (first on line 6)"


def test_a_missing_file_and_an_unknown_name_list_what_there_is(folder):
    for name in ("gone.yaml", "gone"):
        with pytest.raises(BadInputError) as refused:
            load(name)
        assert all(shipped in refused.value.problems[0].help for shipped in shipped_names())


@pytest.mark.parametrize(
    ("name", "message"),
    [("notes.md", "this one has `.md`"), ("./notes.md", "this one has `.md`"), ("sub", "a folder"),
     ("ban.yaml.txt", "this one has `.txt`"), ("pipe.yaml", "a pipe"), ("none", "no such shipped"),
     ("sub/../gone.yaml", "no such file"), ("a\0b.yaml", "no such file"), ("", "no such shipped")],
)  # fmt: skip
def test_what_is_no_file_of_a_scenario(folder, name, message):
    Path("notes.md").write_text("# Notes\n", encoding="utf-8")
    Path("ban.yaml.txt").write_text(GOOD, encoding="utf-8")
    Path("sub").mkdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo("pipe.yaml")
    elif name == "pipe.yaml":
        pytest.skip("this system has no pipes in folders")
    with pytest.raises(BadInputError) as refused:
        load(name)
    assert message in refused.value.problems[0].message
    assert refused.value.problems[0].help


PILE = """\
starts: 2025-01-01
ends: 2029-01-01
measures:
  - id: pile
    kind: stockpile_release
    stockpile: stockpile_jpn
    trigger: 30 d
    starts: 2026-01-01
    reason: An example.
"""
CLOSURE = """\
starts: 2025-01-01
ends: 2029-01-01
shocks:
  - {id: sea, kind: corridor_closure, corridor: trans_caspian, starts: 2026-01-01, leg: 1, reason: x}
"""


@pytest.mark.parametrize(
    ("text", "before", "after", "marked", "message"),
    [
        (
            PILE,
            "    reason",
            "    size: 30 t\n    floor: 50 t\n    reason",
            "50 t",
            "above the size",
        ),
        (PILE, "    reason", "    floor: 120 %\n    reason", "120 %", "more than 100 %"),
        (PILE, "    reason", "    size: 30 d\n    floor: 5 t\n    reason", "5 t", "in days of use"),
        (PILE, "    reason", "    size: 30,000 t\n    reason", "30,000 t", "in two ways"),
        (PILE, "30 d", "2026-02-30", "2026-02-30", "not a date"),
        (PILE, "30 d\n    starts: 2026-01-01", "2026-02-30", "2026-02-30", "not a date"),
        (CLOSURE, "leg: 1", "leg: 9", "9", "has no leg 9"),
        (CLOSURE, "leg: 1", "leg: '\u00b2'", "'\u00b2'", "unknown leg"),
        (CLOSURE, "leg: 1", f"leg: {'9' * 5000}", "999", "unknown leg"),
    ],
)
def test_faults_of_stockpiles_and_closures(folder, text, before, after, marked, message):
    assert faults(text) == []
    problem = only(faults(text.replace(before, after)))
    assert text_under_caret(problem).startswith(marked)
    assert message in problem.message


def test_a_site_that_is_not_simulated_starts_nothing(folder):
    problem = only(faults(RAMP_UP.replace("sep_sareco", "hub_turkmenbashi")))
    assert "of the stage `corridor`, which is not simulated" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"key{i}: 1\n" for i in range(9_000)),
        GOOD + "".join(f"  - {{id: a{i}, kind: export_bam, x: 1}}\n" for i in range(3_000)),
        GOOD.replace("[Dy, NdPr, Y]", f"[{','.join(f'E{i}' for i in range(9_000))}]"),
        CHANGE + "".join(f"  - {{table: site{i}, parameter: x, value: 1}}\n" for i in range(3_000)),
        GOOD + "notes: &a [x]\n" + "".join(f"n{i}: [*a, *a, *a]\n" for i in range(3_000)),
        "a: " + "[" * 4_000,
        "a:\n" + "".join(f"{'  ' * i}- b:\n" for i in range(1_500)),
        "notes: |\n" + "  x\n" * 1_000_000,
        "- |\n  x\n" * 15_000,
    ],
)
def test_a_hostile_scenario_is_refused_soon(folder, text):
    began = time.process_time()
    assert faults(text)
    assert time.process_time() - began < 10


def test_a_scenario_is_key_value_lines(folder):
    assert "`key: value` lines" in only(faults("- a\n- b\n")).message
    assert "`key: value` lines" in only(faults("just text")).message


def only(found: list[Problem]) -> Problem:
    assert len(found) == 1, "\n".join(render(problem) for problem in found)
    return found[0]


def text_under_caret(problem: Problem) -> str:
    start = problem.place.column - 1
    return problem.place.text[start : start + problem.place.length]
