"""What people slip into a scenario is pointed at where it stands, and named: characters, marks, names, keys.

Each table has what is put in place of what, and what somebody must be told: line, column, and words.
"""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from sim.commands.asked import no_such_command
from sim.commands.cli import critmin, main
from sim.lever import buyers_at, expand_groups, families_of
from sim.levers import KINDS
from sim.scenario import load
from sim.scenario.lever_entries import every_key
from sim.words.absent import ABSENT, NOT_MODELLED, NOT_YET, what_is_said_of
from sim.words.problems import MOST_SHOWN, BadInputError, Problem, render, rendered
from sim.world import load_pack
from sim.world.places import USE, places_in

BAN = """\
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
LICENCE = BAN.replace("export_ban", "export_licence")
QUOTA = BAN.replace("export_ban", "production_quota").replace(
    "elements: [Dy, NdPr, Y]", "amount: 50 %\n    stage: mine"
)
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
RELEASE = """\
starts: 2025-01-01
ends: 2026-01-01
measures:
  - {id: pile, kind: stockpile_release, stockpile: stockpile_jpn, trigger: 30 d, starts: 2025-02-01, reason: x}
"""
CLOSURE = """\
starts: 2025-01-01
ends: 2026-01-01
shocks:
  - {id: sea, kind: corridor_closure, corridor: trans_caspian, starts: 2025-02-01, reason: x}
"""
ELEMENTS = "[Dy, NdPr, Y]"
DESTINATION = ("elements: [Dy, NdPr, Y]", "destinations: [")


@pytest.fixture(autouse=True, scope="module")
def one_pack() -> Iterator[None]:
    """Reading the pack once is enough: it is frozen."""
    with pytest.MonkeyPatch.context() as patch:
        module = importlib.import_module("sim.scenario.load")
        patch.setattr(module, "load_pack", functools.cache(load_pack))
        yield


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[Problem]]:
    monkeypatch.chdir(tmp_path)

    def faults(text: str) -> list[Problem]:
        Path("x.yaml").write_text(text, encoding="utf-8")
        try:
            load("x.yaml")
        except BadInputError as error:
            return list(error.problems)
        return []

    return faults


Check = Callable[[str], list[Problem]]
Row = tuple[str, str, int, int, str]


def differing(check: Check, text: str, rows: Iterable[Row]) -> list[str]:
    """Rows for which something else is said than they say: one fault, there, with these words."""
    wrong = []
    for before, after, line, column, words in rows:
        assert before in text, before
        found = check(text.replace(before, after, 1))
        said = "\n".join(render(problem) for problem in found)
        there = [(problem.place.line, problem.place.column) for problem in found]
        if there != [(line, column)] or any(word not in said for word in words.split("|")):
            wrong.append(f"{after!r} needs {line}:{column} {words!r}, but:\n{said}")
    return wrong


def test_a_slip_of_yaml_is_pointed_at_on_its_own_line(check: Check) -> None:
    colon, dash = "space is missing after this colon|`: `", "space is missing after this dash|`- `"
    rows = [
        ("exporter: CHN", "exporter:CHN", 8, 13, colon),
        ("elements: [", "elements:[", 9, 13, colon),
        ("kind: ", "kind:", 7, 9, colon),
        ("    starts: ", "    starts:", 10, 11, colon),
        ("starts: 2025", "starts:2025", 3, 7, colon),
        ("title: A", "title:A", 1, 6, colon),
        ("id: ban", "id:ban", 6, 7, colon),
        ("exporter: CHN", "exporter :CHN", 8, 14, colon),
        ("- id:", "-id:", 6, 3, dash),
        ("reason: Stress case.", "reason:Stress", 12, 11, colon),
        ("exporter: CHN", "exporter = CHN", 8, 14, "`=` stands|write `exporter: ...`"),
        ("exporter: CHN", "exporter=CHN", 8, 13, "`=` stands"),
        ("exporter: CHN", "exporter CHN", 8, 5, "a `:` is missing after `exporter`"),
        ("exporter: CHN", "exporter; CHN", 8, 5, "a line without `key: value`"),
        ("restrictions:", "restrictions", 5, 1, "a `:` is missing after `restrictions`"),
        ("  - id", "  * id", 6, 3, "`*` does not begin an entry|`- `"),
        ("  - id", "  + id", 6, 3, "`+` does not begin"),
        ("  - id", "  1. id", 6, 3, "`1.` does not begin"),
        ("exporter: CHN", '"exporter": "CHN",', 8, 22, "a comma at the end of a line|delete it"),
        ("exporter: CHN", "exporter: CHN,", 8, 15, "delete the `,` at its end"),
        ("2026-01-01", "2026-01-01;", 10, 13, "delete the `;` at its end"),
        (ELEMENTS, "\n      -Dy\n      -NdPr", 10, 7, "put a space after each `-`"),
        (ELEMENTS, "Dy, NdPr", 9, 15, "write several as a list: `[Dy, NdPr]`"),
        (ELEMENTS, "[Dy; NdPr]", 9, 16, "write several as a list: `[Dy, NdPr]`"),
        ("    exporter", "\texporter", 8, 1, "a tab in the indent"),
    ]
    assert differing(check, BAN, rows) == []


def test_a_character_that_is_not_what_it_seems_is_named(check: Check) -> None:
    rows = [
        ("  - id", "  \u2013 id", 6, 3, "en dash (U+2013)|`- `"),
        ("  - id", "  \u2014id", 6, 3, "em dash (U+2014)"),
        ("  - id", "  \u2022 id", 6, 3, "bullet (U+2022)"),
        ("  - id", "  \u2212 id", 6, 3, "minus sign (U+2212)"),
        ("exporter: C", "exporter\uff1aC", 8, 13, "full-width colon (U+FF1A)"),
        ("exporter: C", "exporter\uff1a C", 8, 13, "full-width colon (U+FF1A)"),
        ("restrictions:", "restrictions\uff1a", 5, 13, "full-width colon"),
        ("exporter: C", "exporter:\u00a0C", 8, 14, "no-break space (U+00A0)|plain space"),
        ("exporter: C", "exporter:\u3000C", 8, 14, "full-width space (U+3000)"),
        ("exporter: C", "exporter:\u200bC", 8, 14, "zero-width space (U+200B)"),
        ("restrictions:", "restrictions:\u00a0", 5, 14, "no-break space (U+00A0)"),
        ("restrictions:", "restrictions: \u200b", 5, 15, "zero-width space|delete it"),
        ("title: A stress case", "title: \u201cA: b\u201d", 1, 8, 'curly quote|write `"`'),
        ("title: A stress case", 'title: "A b\u201d', 1, 12, "curly quote `\u201d` (U+201D)"),
        ("Stress case.", "\u201csee # 3\u201d", 12, 13, "so that the text ends before `#`"),
        ("CHN", "\u201cCHN\u201d", 8, 15, "unknown exporter|curly quote|did you mean `CHN`?"),
        ("[Dy,", "[\u2018Dy\u2019,", 9, 16, "unknown element|curly quote"),
        ("2026-01-01", "2026\u201301\u201301", 10, 17, "not a date|en dash (U+2013)|write `-`"),
        ("2026-01-01", "2026\u221201\u221201", 10, 17, "not a date|minus sign (U+2212)"),
        ("2026-01-01", "2026-01\u2011\u200b01", 10, 20, "non-breaking hyphen (U+2011)"),
        ("CHN", "C\u200bHN", 8, 16, "zero-width space (U+200B)|delete it"),
        ("CHN", "\u00adCHN", 8, 15, "soft hyphen (U+00AD)"),
        ("CHN", "\u200eCHN", 8, 15, "left-to-right mark (U+200E)"),
        ("CHN", "\ufeffCHN", 8, 15, "byte-order mark"),
        ("CHN", "\u0421HN", 8, 15, "Cyrillic letter (U+0421) that looks like `C`"),
        ("exporter", "\u0435xporter", 8, 5, "unknown key|Cyrillic letter (U+0435)"),
        ("exporter", "expo\u200brter", 8, 9, "unknown key|zero-width space"),
        ("export_ban", "export_b\u0430n", 7, 19, "unknown kind|Cyrillic|`export_ban`?"),
        ("id: ban", "id: b\u0430n", 6, 10, "cannot be an id|Cyrillic"),
        (ELEMENTS, "[Dy\uff0cNdPr]", 9, 18, "full-width comma (U+FF0C)|write `,`"),
        (ELEMENTS, "\uff3bDy, NdPr\uff3d", 9, 15, "full-width left square bracket"),
        (ELEMENTS, "[Dy, NdPr\uff3d", 9, 24, "full-width right square bracket"),
        (ELEMENTS, "[Dy, \u2026]", 9, 20, "horizontal ellipsis (U+2026)"),
        (ELEMENTS, "\n      \u2013 Dy", 10, 7, "en dash (U+2013)"),
        ("    exporter", "\u00a0   exporter", 8, 1, "no-break space (U+00A0) in the indent"),
    ]
    assert differing(check, BAN, rows) == []
    licence = [
        ("Stress case.", "x\n    review: 45\u200bd", 13, 15, "zero-width space (U+200B)"),
        ("Stress case.", "x\n    validity: \u22125 d", 13, 15, "minus sign (U+2212)"),
        ("Stress case.", "x\n    review: 45 \uff44", 13, 16, "full-width latin small letter d"),
        ("Stress case.", "x\n    review:45 d", 13, 11, "space is missing"),
        ("Stress case.", "x\n    office: {reviewers\uff1a12\uff0c cases_per_week: 2 each}", 13, 23,
         "full-width colon"),
    ]  # fmt: skip
    assert differing(check, LICENCE, licence) == []


def test_a_slip_inside_of_brackets_is_pointed_at_too(check: Check) -> None:
    text = (
        BAN[: BAN.index("  - id")] + "  - {id:ban, kind:export_ban, exporter=CHN, elements:[Dy], "
    )
    found = check(f"{text}starts:2026-01-01, reason:x}}\n")
    places = [(p.place.line, p.place.column) for p in found]
    assert places == [(6, 8), (6, 18), (6, 39), (6, 53), (6, 66), (6, 85)]
    assert "`=` stands in place of `:`" in found[2].message


def test_what_does_no_harm_is_read(check: Check) -> None:
    for before, after in (
        ("CHN", "CHN\u00a0"), ("2026-01-01", "2026-01-01\u00a0"), ("export_ban", "export_ban\u202f"),
        ("exporter:", "exporter\u00a0:"), ("Stress case.", "Stress \u2013 \u201ccase\u201d\u00a0\u2026"),
        ("exporter: ", "exporter:\t"), ("Stress case.", "see http://a.org/b:c, C:\\x and ratio:3\n      a:b"),
        ("Stress case.", "|\n      -id:x\n      key:value\n      \u2022 y"), ("CHN", "CHN  # \u2013 a:b"),
    ):  # fmt: skip
        assert check(BAN.replace(before, after, 1)) == [], after
    for written in ("45\u00a0d", "1\u00a0200 d", "1\u202f200\u2009d"):
        assert check(f"{LICENCE}    review: {written}\n") == []


def test_only_what_makes_the_parser_fail_is_blamed(check: Check) -> None:
    """An en dash in a title is none of its business."""
    (problem,) = check(BAN.replace("A stress case", "Ban \u2013 phase 1: heavy"))
    assert "a second `:`" in problem.message


def test_a_file_without_any_space_behind_its_colons_is_told_so(check: Check) -> None:
    found = check(re.sub(r"(?m)^(\w+): ", r"\1:", BAN[: BAN.index("restrictions")]))
    assert [(p.place.line, p.place.column) for p in found] == [(1, 6), (2, 9), (3, 7), (4, 5)]


def test_slips_hide_neither_each_other_nor_what_else_is_wrong(check: Check) -> None:
    text = BAN.replace("exporter: CHN", "exporter:CHN").replace("  - id", "  \u2013 id")
    text = (
        text.replace("Dy,", "Dx,")
        .replace("ends: 2027", "ends\uff1a2027")
        .replace("id: ban", "id:  ban")
    )
    found = check(text + "    general_licence: [x]\n")
    assert [(p.place.line, p.place.column) for p in found] == [
        (6, 3),
        (8, 13),
        (9, 16),
        (11, 9),
        (13, 5),
    ]


def test_a_name_leads_to_the_one_that_is_accepted_there(check: Check) -> None:
    elements: list[Row] = [
        (ELEMENTS, f"['{given}']", 9, 16, words)
        for given, words in (
            ("Tb (terbium)", "did you mean `Tb`?"), ("neodymium oxide", "`Nd`?"), ("Dy2O3", "`Dy`?"),
            ("DY", "`Dy`?"), ("Heavy", "`heavy`?"), ("HREE", "`heavy`?"), ("Dysprosium", "`Dy`?"),
            ("NdFeB", "write `forms: [magnet]`"), ("magnets", "write `forms: [magnet]`"),
            ("terbium and dysprosium", "`[Tb, Dy]`"), ("REE", "write `all`"),
        )
    ]  # fmt: skip
    destinations: list[Row] = [
        (DESTINATION[0], f"{DESTINATION[1]}'{given}']", 9, 20, words)
        for given, words in (
            ("Germany", "Germany (`DEU`) only as part of|write `EU`"), ("DE", "write `EU`"),
            ("UK", "United Kingdom|write `ROW`"), ("Europe", "did you mean `EU`?"), ("U.S.", "`USA`?"),
            ("America", "`USA`?"), ("japan", "`JPN`?"), ("eu", "`EU`?"), ("Korea", "`KOR`?"),
            ("ev_traction", "is a sector, not a destination"), ("use_ev_traction_eu", "write `EU`"),
            ("magnet_japan", "write `JPN`"), ("Dy", "is an element|`elements`"), ("magnet", "is a form"),
        )
    ]  # fmt: skip
    exporters: list[Row] = [
        ("CHN", f"'{given}'", 8, 15, words)
        for given, words in (
            ("China", "`CHN`?"), ("CN", "`CHN`?"), ("DE", "`DEU`?"), ("US", "`USA`?"), ("kazakhstan", "`KAZ`?"),
            ("Europe", "is a region|one of: DEU, EST, FRA"), ("EU", "one of: DEU, EST, FRA"),
            ("AM", "no site of the pack lies in Armenia"), ("Armenia", "no site"),
            ("mine_bayan_obo", "write `CHN`"), ("Bayan Obo", "`CHN`?"), ("ev_traction", "is a sector"),
        )
    ]  # fmt: skip
    forms: list[Row] = [
        (ELEMENTS, f"all\n    forms: ['{given}']", 10, 13, words)
        for given, words in (
            ("metal and alloy", "`metal`?"), ("Alloy", "`metal`?"), ("NdFeB", "`magnet`?"),
            ("oxides", "`oxide`?"),
            ("ndfeb_sh", "`magnet`?"), ("mine", "is a stage"), ("Dy", "is an element"), ("SEG", "`seg_conc"),
            ("mixed heavy concentrate", "`seg_concentrate`?"),
        )
    ]  # fmt: skip
    ids: list[Row] = [
        ("id: ban", f"id: {given}", 6, 9, f"cannot be an id|beginning with a letter|`{example}`")
        for given, example in (("2021", "lever_2021"), ("'2021'", "lever_2021"), ("my ban", "my_ban"),
                               ("true", "my_ban"), ("[a]", "my_ban"))
    ]  # fmt: skip
    assert differing(check, BAN, [*elements, *destinations, *exporters, *forms, *ids]) == []
    sites: list[Row] = [
        ("sep_sareco", given, 6, 11, words)
        for given, words in (
            ("Bayan Obo", "`mine_bayan_obo`?"), ("SARECO", "`sep_sareco`?"), ("KZ", "Kazakhstan has 5"),
            ("kazakhstan", "mine_akbulak"), ("Mountain Pass", "one of: mine_mountain_pass, sep_mountain_pass"),
            ("mine", "one of: mine_"), ("Dy", "is an element"),
        )
    ]  # fmt: skip
    assert differing(check, RAMP_UP, sites) == []
    stages: list[Row] = [
        ("stage: mine", f"stage: {given}", 10, 12, words)
        for given, words in (
            ("mining", "`mine`?"),
            ("refining", "`separation`?"),
            ("oxide", "is a form"),
        )
    ]
    assert differing(check, QUOTA, stages) == []
    piles: list[Row] = [
        ("stockpile_jpn", given, 4, 52, "write `stockpile_jpn`") for given in ("Japan", "JP")
    ]
    assert differing(check, RELEASE, piles) == []
    ways: list[Row] = [
        ("trans_caspian", given, 4, 49, "`trans_caspian`?")
        for given in ("middle corridor", "Aktau")
    ]
    assert differing(check, CLOSURE, ways) == []


def test_a_key_of_another_kind_or_another_word_for_one_leads_to_the_right_one(check: Check) -> None:
    def renamed(before: str, after: str, line: int, meant: str) -> Row:
        return (
            before,
            after,
            line,
            5,
            f"unknown key `{after.split(':')[0].strip()}`|did you mean `{meant}`?",
        )

    quota = [
        *(renamed("    starts:", f"    {key}:", 11, "starts")
          for key in ("from", "start", "begin", "begins", "date", "since", "first_output")),
        *(renamed("    ends:", f"    {key}:", 12, "ends") for key in ("end", "until", "to", "till")),
        *(renamed("    amount:", f"    {key}:", 9, "amount") for key in ("quota", "limit", "tonnage", "size")),
        *(renamed("    exporter:", f"    {key}:", 8, "exporter") for key in ("country", "origin", "from")),
        ("reason:", "from: 2026-01-01\n    reason:", 13, 5, "`starts` is there already"),
        ("stage: mine", "stage: mine\n    elements: [Dy]", 11, 5, "it belongs to `export_ban`, `export_quota`"),
        ("stage: mine", "stage: mine\n    countries: [EU]", 11, 5, "it is called `destinations`"),
    ]  # fmt: skip
    assert differing(check, QUOTA, quota) == []
    ban = [
        *(renamed("    elements:", f"    {key}:", 9, "elements") for key in ("element", "materials")),
        *(renamed("    elements: [Dy, NdPr, Y]", f"    {key}: EU", 9, "destinations")
          for key in ("destination", "countries", "to", "importers")),
        *(renamed("    reason:", f"    {key}:", 12, "reason") for key in ("why", "note", "comment")),
        ("    kind:", "    type:", 7, 5, "unknown key `type`|did you mean `kind`?"),
        ("reason:", "amount: 50 %\n    reason:", 12, 5, "it belongs to `export_quota` and `production_quota`"),
        ("reason:", "limit: 50 %\n    reason:", 12, 5, "it is called `amount`, and belongs to `export_quota`"),
        ("title:", "exporter: CHN\ntitle:", 1, 1, "it belongs in a lever, below its `- id: ...`"),
        ("title:", "export_ban: []\ntitle:", 1, 1, "`kind: export_ban` in an entry under `restrictions`"),
        ("question:", "description:", 2, 1, "did you mean `question`?"),
        ("    starts: 2026-01-01\n    ends: 2027-01-01", "    phases: [{phase: in_force, date: 2026-01-01}]",
         10, 32,
         "did you mean `from`?"),
    ]  # fmt: skip
    assert differing(check, BAN, ban) == []
    ramp_up = [
        renamed("    first_output:", "    starts:", 7, "first_output"),
        renamed("    reason:", "    amount: 5 t/yr\n    reason:", 8, "capacity"),
        ("reason:", "ends: 2032-01-01\n    reason:", 8, 5, "belongs to most other kinds"),
    ]
    assert differing(check, RAMP_UP, ramp_up) == []
    # The value behind such a key is looked at as well.
    found = check(QUOTA.replace("    starts: 2026-01-01", "    from: soon"))
    assert [problem.message for problem in found] == ["unknown key `from`", "`soon` is not a date"]


def test_another_word_for_a_kind_leads_to_it(check: Check) -> None:
    rows: list[Row] = [
        ("export_ban", given, 7, 11, f"unknown kind|{meant}")
        for given, meant in (
            ("ban", "`export_ban`?"), ("embargo", "`export_ban`?"), ("sanction", "`export_ban`?"),
            ("Export-Ban", "`export_ban`?"), ("license", "`export_licence`?"), ("quota", "export_quota, prod"),
            ("outage", "`site_outage`? it stands under `shocks`"), ("strike", "`site_outage`?"),
            ("ramp_up", "`capacity_ramp_up`? it stands under `measures`"),
        )
    ]  # fmt: skip
    assert differing(check, BAN, rows) == []


def test_a_family_of_elements_is_a_group_and_a_place_stands_for_its_buyers(check: Check) -> None:
    world = load_pack("rare_earths_2024")
    assert expand_groups(["heavy"], world) == families_of(world)["heavy"]
    assert {"Dy", "Tb", "Y"} <= set(expand_groups(["heavy", "NdPr"], world)) & {
        "Dy",
        "Tb",
        "Y",
        "Nd",
    }
    assert check(BAN.replace(ELEMENTS, "[heavy, Nd]")) == []
    places = places_in(world)
    for name in ("EU", "JPN", "DEU"):
        (licence,) = read(check, f"    general_licence: [{name}, magnet_korea]\n")
        (effect,) = licence.effects(world)
        there = {id for id, place in places.items() if name in place.names}
        assert effect.gate.general_licence == there | {"magnet_korea"}
        assert any(places[id].stage == USE for id in there) == (name != "DEU")
    assert (
        "general licences, valid for a year, for every site in Germany and magnet_korea"
        in licence.sentence(world)
    )
    assert buyers_at("ARM", world) == frozenset()
    rows: list[Row] = [
        ("Stress case.", f"x\n    general_licence: ['{given}']", 13, 23, words)
        for given, words in (
            ("Germany", "write `DEU` for all buyers in Germany|magnet_germany"), ("ARM", "write `ROW`"),
            ("europe", "write `EU`|use_appliances_ac_eu, use_auto_catalysts_eu"),
            ("use_ev_eu", "did you mean `use_ev_traction_eu`?"), ("magnet_germ", "`magnet_germany`?"),
            ("use_ev_traction_de", "did you mean `use_ev_traction_eu`?"),
            ("ev_traction", "one of: use_ev_traction_chn, use_ev_traction_eu"),
            ("Shin-Etsu", "one of: magnet_j"),
        )
    ]  # fmt: skip
    assert differing(check, LICENCE, rows) == []


def read(check: Check, more: str) -> tuple:  # type: ignore[type-arg]
    assert check(LICENCE + more) == []
    return load("x.yaml").restrictions


def test_what_is_not_modelled_is_said_alike_at_every_door(
    check: Check, capsys: pytest.CaptureFixture[str]
) -> None:
    rows: list[Row] = [
        ("title:", f"{name}: x\ntitle:", 1, 1, f"`{name}` is not|in docs/model.md")
        for name in (
            "tariffs",
            "prices",
            "substitution",
            "replications",
            "sweep",
            "hoarding",
        )
    ]
    rows += [
        ("export_ban", name, 7, 11, f"`{name}` is not|in docs/model.md")
        for name in (
            "tariff",
            "price_floor",
            "stockpile_build",
            "substitution",
            "demand_reduction",
            "import_ban",
        )
    ]
    rows.append(("reason:", "price: 3\n    reason:", 12, 5, "`price` is not modelled"))
    assert differing(check, BAN, rows) == []
    for arguments, said in (
        (["diff", "a", "b"], "did you mean `compare`?"),
        (["serve"], "`serve` is not in this version"),
        (["sweep"], "`critmin run` takes several scenarios"),
        (["export", "x"], "its tables as CSV"),
        (["plot", "x"], "did you mean `figures`?"),
        (["rum"], "did you mean `run`?"),
        (["baseline"], "critmin run baseline"),
        (["run", "baseline", "--replications", "9"], "`--replications` is not in this version"),
        (["run", "baseline", "--workers", "2"], "did you mean `--jobs`?"),
        (["run", "baseline", "--pdf"], "print report.html"),
        (["run", "baseline", "--format", "csv"], "its tables as CSV"),
        (["run", "baseline", "--starts", "2025-01-01"], "the scenario says it: `starts: ...`"),
        (["list", "--seed", "3"], "one of: critmin run --seed"),
        (["run", "baseline", "--frobnicate"], "one of: --out"),
    ):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 2
        assert said in capsys.readouterr().err.replace("\n", " "), arguments


def test_what_is_said_to_be_absent_is_absent_and_written_in_the_model() -> None:
    there = {*every_key(), *(kind for kinds in KINDS.values() for kind in kinds), *critmin.commands}
    there |= {
        o.lstrip("-").replace("-", "_")
        for c in critmin.commands.values()
        for p in c.params
        for o in p.opts
    }
    names = [name for absent in ABSENT for name in absent.names.split()]
    assert len(names) == len(set(names))
    known = {name for absent in ABSENT if not absent.only_commands for name in absent.names.split()}
    assert known & there == set()
    options = {
        o for c in critmin.commands.values() for p in c.params for o in p.opts if o.startswith("--")
    }
    assert [
        option for option in (*options, *critmin.commands) if what_is_said_of(option, command=True)
    ] == []
    page = (Path(__file__).parents[2] / "docs" / "model.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.*)$", page, re.MULTILINE)
    assert {NOT_MODELLED[1], NOT_YET[1]} <= set(headings)
    assert "not modelled" in no_such_command("tariffs", list(critmin.commands))


def test_of_hundreds_of_faults_the_first_are_shown_and_the_rest_counted(
    check: Check, capsys: pytest.CaptureFixture[str]
) -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"k{i}: [{', '.join(['*a'] * 9)}]\n" for i in range(55))
    found = check(bomb)
    assert len(found) > 400
    lines = list(rendered(found))
    assert len(lines) == MOST_SHOWN + 1
    assert lines[-1] == f"... and {len(found) - MOST_SHOWN} more"
    for file in ("y.yaml", "z.yaml"):
        Path(file).write_text(bomb, encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["check", "y.yaml", "z.yaml"])
    said = capsys.readouterr().err
    assert [said.count(f"{file}:") for file in ("y.yaml", "z.yaml")] == [MOST_SHOWN, MOST_SHOWN]
    assert len(said) < 12_000
    wide = check("title: " + "x" * 3_000 + "\u202ey" * 3 + "\n" + "z" * 3_000)
    assert all(len(line) < 150 for problem in wide for line in render(problem).splitlines())


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("title: a\n starts: 2025-01-01\n", 2, 2, "stands further right than the one above it"),
        ("title: a\nshocks:\n  - id: q\n     kind: x\n", 4, 6, "stands further right"),
    ],
)
def test_a_line_that_stands_too_far_right_is_pointed_at_where_it_begins(
    tmp_path, text, line, column, words
):
    path = tmp_path / "case.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError) as refused:
        load(str(path))
    (problem,) = refused.value.problems
    assert (problem.place.line, problem.place.column) == (line, column)
    assert words in problem.message
