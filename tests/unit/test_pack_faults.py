"""What hands, spreadsheets and reports do to a pack: each fault is said once, with what was probably meant."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sim.words.problems import render
from sim.world import load_pack
from sim.world.numbers import in_two_ways, misread, two_readings
from tests.packs_read import AT, TOY, change, edit, marked, only, problems_of

Edit = Callable[[str], str]
Tables = dict[str, Edit]
"""Table -> what becomes of its text."""


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    folder = tmp_path / "toy_mineral"
    shutil.copytree(TOY, folder)
    return folder


# ---- what spreadsheets and reports bring in


def with_semicolons(text: str) -> str:
    return text.replace(",", ";")


def in_each_line(change: Edit) -> Edit:
    return lambda text: "".join(f"{change(line)}\n" for line in text.splitlines())


HARMLESS: Tables = {
    "a line for Excel": lambda text: f"sep=,\n{text}",
    "empty rows": lambda text: f"{text},,,,,,,,,,,,\n,,\n\n",
    "columns without a name": in_each_line(lambda line: f"{line},,,"),
    "such columns in the rows alone": in_each_line(
        lambda line: line if line.startswith("id,") else f"{line},,"
    ),
    "quotes round everything": in_each_line(lambda line: '"' + line.replace(",", '","') + '"'),
    "blanks at the ends of cells": in_each_line(lambda line: f" {line.replace(',', ' , ')} "),
    "capital letters in the header": lambda text: text.replace("id,form", "ID,Form", 1),
    "a mark of byte order and line ends of Windows": lambda text: (
        "\ufeff" + text.replace("\n", "\r\n")
    ),
}
ONE_FAULT: dict[str, tuple[Edit, str]] = {
    "semicolons": (with_semicolons, "parted by `;`"),
    "semicolons as Excel says": (lambda text: f"sep=;\n{with_semicolons(text)}", "parted by `;`"),
    "a title and semicolons": (lambda text: f"Sites\n\n{with_semicolons(text)}", "parted by `;`"),
    "tabs": (lambda text: text.replace(",", "\t"), "parted by tabs"),
    "a title": (lambda text: f"Sites of the toy\n\n{text}", "stands on line 3"),
    "no header": (lambda text: text.split("\n", 1)[1], "not the header"),
    "lines in quotes": (in_each_line(lambda line: f'"{line}"'), "as a single cell"),
    "typographic quotes": (
        in_each_line(lambda line: "\u201c" + line.replace(",", "\u201d,\u201c") + "\u201d"),
        "typographic",
    ),
    "a semicolon at the end": (in_each_line(lambda line: f"{line};"), "unknown column `note;`"),
    "a note beside the table": (
        in_each_line(lambda line: f"{line}{',see mail' if 'mine_a,output' in line else ','}"),
        "`see mail` stands in a column without a name",
    ),
    "a note behind a row": (
        lambda text: text.replace(
            "mine_a,output,,,1000,t content/yr,2020,toy,,assumed,,,invented",
            "mine_a,output,,,1000,t content/yr,2020,toy,,assumed,,,invented,x",
        ),
        "more than the 13 columns",
    ),
    "a comma for the point": (
        lambda text: text.replace("mine_a,output,,,1000,", "mine_a,output,,,1000,5,"),
        "more than the 13 columns",
    ),
    "a comma in a name": (
        lambda text: text.replace("Hill A", "Hill A, the old"),
        "more than the 13 columns",
    ),
    "a line break in a cell": (
        lambda text: text.replace("Hill A", '"Hill\nA"'),
        "it goes on to line 3",
    ),
    "merged cells": (
        lambda text: text.replace("mine_a,", ",").replace(",name,,,Hill A", "mine_a,name,,,Hill A"),
        "the cell `id` is empty (and",
    ),
}


def test_what_a_spreadsheet_does_to_a_table_is_read_or_said_once(toy):
    path = toy / "sites.csv"
    text = path.read_text(encoding="utf-8")
    for what, of_text in HARMLESS.items():
        path.write_bytes(of_text(text).encode())
        assert load_pack(toy).content_hash == load_pack(TOY).content_hash, what
    for what, (of_text, message) in ONE_FAULT.items():
        path.write_bytes(of_text(text).encode())
        problems = problems_of(toy)
        assert len(problems) == 1, (what, *map(render, problems))
        assert message in problems[0].message, what


@pytest.mark.parametrize(
    ("written", "message", "help"),
    [
        ("3-5", "a range", "the middle 4 as `value`, 3 in `low` and 5 in `high`"),
        ("3 \u2013 5", "a range", "3 in `low`"),
        ("10\u00b12", "a range", "8 in `low` and 12 in `high`"),
        ("~1500", "a rough one", "write 1500 and `estimated` as `confidence`"),
        ("ca. 12", "a rough one", "write 12"),
        (">1000", "bound from below", "1000 as `value` and in `low`"),
        ("< 1000", "bound from above", "in `high`"),
        ("2024e", "an estimate", "write 2024 and `estimated`"),
        ("1500p", "a remark", "write 1500, and the remark in `note`"),
        ("W", "was withheld", "leave the row out, or write an estimate"),
        ("n/a", "no figure", "leave the row out"),
        ("-", "no figure", "0 if there is none"),
        ("NaN", "no figure", "leave the row out"),
        ("", "an empty text", "leave the row out"),
        ("1 200", "not a number", "write 1200"),
        ("1.200,5", "not a number", "write 1200.5"),
        ("1'200", "not a number", "write 1200"),
        ("1,5", "not a number", "write 1.5"),
        ("1,200", "in two ways", "1.2 if the mark begins the decimals, 1200 if"),
        ("1.200.000", "not a number", "write 1200000"),
        ("1,5E+03", "not a number", "write 1.5E+03"),
        ("25.000", "in two ways", "`25000` if the point parts the thousands, `25` if"),
        ("12%", "the unit stands in", "write 12 (in t content)"),
        ("1500 kt", "alone", "write 1500 if it is in t content"),
        ("\u201c25\u201d", "in quotes", "write 25"),
        ("#REF!", "a formula fails", "mend the formula"),
        ("=A1*2", "a formula", "the number that it gives"),
        ("TRUE", "not a number", "write 1"),
        ("01.05.2024", "a date", "write 1.5"),
        ("5. Mrz", "a date", "write 5.3"),
        ("Mai 24", "a date", "write 5.24"),
        ("abc", "not a number", "digits and a point"),
    ],
)
def test_what_is_no_number_gets_the_reading_that_was_meant(written, message, help):
    found = two_readings(written) if in_two_ways(written, "t") else misread(written, "t content")
    assert message in found.message
    assert help in found.help


def test_a_number_is_the_same_at_every_door(toy):
    """In a table, in its columns `low` and `high`, and in a change that a scenario makes."""
    for written in ("1e3", "75.099", "007", "+5", "1000.000"):
        edit(toy, "stockpiles", "stock,25,", f"stock,{written},")
        assert load_pack(toy).stockpiles["stockpile_c"].t == float(written)
        edit(toy, "stockpiles", f"stock,{written},", "stock,25,")
    for written in ("25.000", "1.000", "3-5", "1,5", "5.", "inf", "0x10", "2_5", "W"):
        cell = f'"{written}"'
        edit(toy, "stockpiles", "stock,25,", f"stock,{cell},")
        assert marked(only(toy)) == written
        edit(toy, "stockpiles", f"stock,{cell},", "stock,25,")
        edit(toy, "stockpiles", ",assumed,,,invented", f",assumed,{cell},{cell},invented")
        assert [marked(problem) for problem in problems_of(toy)] == [written, written]
        edit(toy, "stockpiles", f",assumed,{cell},{cell},invented", ",assumed,,,invented")
        assert only(TOY, change("stockpiles", "stock", written, id="stockpile_c")).place == AT
    for unit_of in ("price", "order"):  # units that are none of a scenario's own
        assert "two ways" in only(TOY, change("elements", unit_of, "2.000", id="Mav")).message
    assert "middle 4" in only(TOY, change("stockpiles", "stock", "3-5 kt", id="stockpile_c")).help
    edit(toy, "licence_office", "renewal_review_factor,1,", "renewal_review_factor,1.000,")
    assert load_pack(toy).licence_office.renewal_review_factor == 1.0  # a share is no thousand


def test_a_table_that_mixes_marks_asks_which_begins_the_decimals(toy):
    edit(toy, "flows", "Mav,flow,63,", "Mav,flow,63.125,")
    assert all("flows say" in problem.message for problem in problems_of(toy))
    edit(toy, "flows", "ore,,flow,1000,", 'ore,,flow,"1,000",')
    assert [marked(problem) for problem in problems_of(toy)] == ["1,000", "63.125"]


def test_a_wrong_mark_in_many_rows_is_one_fault_with_their_number(toy):
    path = toy / "flows.csv"
    rows = path.read_text(encoding="utf-8").replace(".5,t", ",t").splitlines()
    rows = [re.sub(r",flow,(\d+),", r',flow,"\1,25",', row) for row in rows]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    more = f"(and {len(rows) - 2} more like it in this table, on lines 3, 4, 5, 6, 7, ...)"
    assert more in only(toy).message
    edit(toy, "sources", "toy,,", "toi,,")
    unknown = [p for p in problems_of(toy) if "unknown source" in p.message]
    assert sum(Path(p.place.file).stem == "sites" for p in unknown) == 1


# ---- names and keys that are one for people


def lines(*added: str) -> Edit:
    return lambda text: text + "".join(f"{line}\n" for line in added)


def without(start: str | tuple[str, ...]) -> Edit:
    return lambda text: "".join(
        line for line in text.splitlines(True) if not line.startswith(start)
    )


def swap(old: str, new: str) -> Edit:
    return lambda text: text.replace(old, new)


NAMED = ",text,2020,definition,,assumed,,,"
COUNTED = ",2020,toy,,assumed,,,invented"
TWICE: dict[str, tuple[Tables, str]] = {
    "a leg": (
        {"corridors": lines(f"pass_d,02,days,5,days{COUNTED}")},
        "`02` stands twice: `2` on line 8",
    ),
    "a leg with decimals": ({"corridors": swap("pass_d,2,", "pass_d,1.0,")}, "`1.0` stands twice"),
    "a leg of another spelling": (
        {"corridors": swap("pass_d,2,", "pass_d,02,")},
        "leg `02` cannot be read",
    ),
    "a leg 0": ({"corridors": swap("pass_d,2,", "pass_d,0,")}, "leg `0` cannot be read"),
    "a negative leg": ({"corridors": swap("pass_d,2,", "pass_d,-1,")}, "leg `-1` cannot be read"),
    "a leg left out": ({"corridors": swap("pass_d,2,", "pass_d,4,")}, "a leg 3, but no leg 2"),
    "a year": (
        {"holidays": lines(f"AAA,02021,closed_weekdays,2021-02-01,text{COUNTED}")},
        "`02021` stands twice",
    ),
    "a year alone": ({"holidays": swap("AAA,2021", "AAA,02021")}, "`02021` cannot be read"),
    "a default": (
        {"defaults": lines(f"other,producer_stock_days,20,days{COUNTED}")},
        "`producer_stock_days` stands twice: on line 2",
    ),
    "a base year": (
        {"pack": lines("other,base_year,2021,year,2020,definition,,assumed,,,")},
        "`base_year` stands twice",
    ),
    "a title": ({"pack": lines(f"other,title,Another{NAMED}")}, "`title` stands twice"),
    "an order": ({"elements": swap("Pel,order,2", "Pel,order,1")}, "order 1 stands twice"),
    "a word of a list": ({"pack": swap("Zor Pel", "Zor Pel Zor")}, "`Zor` stands twice in members"),
    "a region in small letters": (
        {"regions": lines(f"aaa,name,Other{NAMED}")},
        "`aaa` stands twice: `AAA` on line 2",
    ),
    "a region with a blank": (
        {"regions": lines(f"AAA ,name,Other{NAMED}")},
        "this row stands twice",
    ),
    "a country": ({"countries": lines(f"Aaa,region,AAA{NAMED}")}, "`Aaa` stands twice"),
    "a sector": (
        {"sectors": lines(f"Drives,name,Other{NAMED}", f"Drives,form,coil{NAMED}")},
        "`Drives` stands twice",
    ),
    "a product": ({"products": lines(f"Coil_Hot,name,Other{NAMED}")}, "`Coil_Hot` stands twice"),
    "a site": ({"sites": lines(f"Coil_B,growth,,,1,%/yr{COUNTED}")}, "`Coil_B` stands twice"),
    "a source": ({"sources": lines("TOY,,Again,2020,,")}, "`TOY` stands twice"),
    "an element and a product": (
        {t: swap("coil_hot", "Zor") for t in ("products", "recipes", "demand", "flows", "sites")},
        "`Zor` stands twice: for an element (elements.csv, line 2) and for a product",
    ),
    "a region and a site": (
        {"regions": lines(f"sep_a,name,Other{NAMED}")},
        "`sep_a` stands twice: for a region",
    ),
    "a group and an element": (
        {"pack": swap("ZP,", "Zor,"), "recipes": swap("ZP", "Zor")},
        "`Zor` stands twice",
    ),
    "a group and a family": (
        {"pack": swap("ZP,", "plain,"), "recipes": swap("ZP", "plain")},
        "`plain` stands twice",
    ),
    "a country in another region": (
        {"countries": swap("BBB,region,BBB", "BBB,region,AAA")},
        "`BBB` stands twice",
    ),
    "two end uses": (
        {
            "regions": lines(f"x_AAA,name,Other{NAMED}"),
            "sectors": lines(f"drives_x,name,Other{NAMED}", f"drives_x,form,coil{NAMED}"),
            "demand": lines(
                f"drives_x,AAA,coil_hot,need,0,t content/yr{COUNTED}",
                f"drives,x_AAA,coil_hot,need,0,t content/yr{COUNTED}",
            ),
        },
        "`use_drives_x_aaa` stands twice",
    ),
    "everything": ({"regions": lines(f"all,name,Other{NAMED}")}, "`all` cannot be a name"),
    "a name that is two words": (
        {"stockpiles": swap("stockpile_c", "pile c")},
        "cannot have a blank in it",
    ),
}


@contextmanager
def changed(toy: Path, tables: Tables) -> Iterator[None]:
    """The toy mineral with these tables changed, and as it was afterwards."""
    for name, change_of in tables.items():
        text = (TOY / f"{name}.csv").read_text(encoding="utf-8")
        assert change_of(text) != text, name
        (toy / f"{name}.csv").write_text(change_of(text), encoding="utf-8")
    yield
    for name in tables:
        shutil.copy(TOY / f"{name}.csv", toy)


def test_what_people_take_for_one_is_refused_as_two(toy):
    for what, (tables, message) in TWICE.items():
        with changed(toy, tables):
            problems = problems_of(toy)
        assert len(problems) == 1, (what, *map(render, problems))
        assert message in problems[0].message, (what, problems[0].message)
        assert problems[0].help, what


# ---- contradictions and gaps

CONTRADICTIONS: dict[str, tuple[Tables, str]] = {
    "a site outside its country": (
        {"sites": swap("coil_b,region,,,BBB", "coil_b,region,,,AAA")},
        "`coil_b` is in the region `AAA`, its country in `BBB`",
    ),
    "more soldiers than users": (
        {"end_users": swap("aaa,,military_users,1", "aaa,,military_users,9")},
        "`use_drives_aaa` has 9 military users of 3 users",
    ),
    "no users": ({"end_users": swap("aaa,,users,4", "aaa,,users,0")}, "users cannot be 0"),
    "users counted and named": (
        {"end_users": lines(f"coil_b,,users,5,number{COUNTED}")},
        "5 users, but shares of 2",
    ),
    "a share of nobody": (
        {"end_users": lines(f"coil_a,,share,1,fraction{COUNTED}")},
        "needs an entry in the column `user`",
    ),
    "a negative share": (
        {"ores": swap("Mav,share,0.048", "Mav,share,-0.048")},
        "share cannot be -0.048",
    ),
    "an output of a form": (
        {"sites": swap("coil_b,output,,,", "coil_b,output,ingot,,")},
        "`output` cannot have an entry in the column `form`",
    ),
    "a row of a whole corridor": (
        {"corridors": lines(f"pass_d,,days,3,days{COUNTED}")},
        "needs an entry in the column `leg`",
    ),
    "a link to oneself": (
        {"links": lines(f"sep_a,sep_a,powder,lane,aaa-aaa{NAMED}")},
        "`sep_a` sells to itself",
    ),
    "a mine that separates": (
        {"sites": lines(f"mine_a,can_separate,,,Zor,text{COUNTED}")},
        "separates elements but is a mine",
    ),
    "no capacity": (
        {"sites": without("coil_b,capacity")},
        "`coil_b` has an output, but no `capacity`",
    ),
    "a demand that nothing reaches": (
        {"flows": without("sep_b,use_glazing_ccc,powder,Pel")},
        "Pel: the flows say 0, but 20",
    ),
    "a filler for itself": (
        {"pack": swap("Zor Pel", "Mav")},
        "the filler Mav is replaced by itself alone",
    ),
    "thrift without what makes up the mass": (
        {"recipes": lines(f"coil_hot,Mav,thrift,3,%/yr{COUNTED}")},
        "nothing in `coil_hot` makes up the mass of the Mav that is saved",
    ),
    "thrift made up by itself": (
        {
            "recipes": lines(
                f"coil_hot,Mav,thrift,3,%/yr{COUNTED}", f"coil_hot,Mav,replaced_by,Mav{NAMED}"
            )
        },
        "nothing in `coil_hot` makes up the mass of the Mav that is saved",
    ),
    "all of it saved": (
        {
            "recipes": lines(
                f"coil_hot,Mav,thrift,100,%/yr{COUNTED}", f"coil_hot,Mav,replaced_by,ZP{NAMED}"
            )
        },
        "thrift cannot be 100",
    ),
    "an effect of one ingredient": (
        {"recipes": lines(f"coil_hot,Mav,effect,1,per t element{COUNTED}")},
        "Mav is the only ingredient of `coil_hot` with an effect",
    ),
    "an effect of a member of a group": (
        {
            "recipes": lines(
                f"coil_hot,Mav,effect,1,per t element{COUNTED}",
                f"coil_hot,Mav,replaced_by,ZP{NAMED}",
                f"coil_hot,Pel,effect,1,per t element{COUNTED}",
                f"coil_hot,Pel,replaced_by,ZP{NAMED}",
            )
        },
        "Pel is a member of a group in `coil_hot`, and has an `effect`",
    ),
    "effects out of proportion": (
        {
            "pack": swap("Zor Pel", "Zor"),
            "recipes": lines(
                f"coil_hot,Mav,effect,100,per t element{COUNTED}",
                f"coil_hot,Mav,replaced_by,ZP{NAMED}",
                f"coil_hot,Pel,effect,1,per t element{COUNTED}",
                f"coil_hot,Pel,replaced_by,ZP{NAMED}",
            ),
        },
        "by these effects a swap in `coil_hot` could take 9.9 of its mass, more than it has of ZP",
    ),
    "a holiday of another year": (
        {"holidays": swap("2021-05-03", "2022-05-03")},
        "`2022-05-03` is not in 2021",
    ),
    "an end of everything": (
        {"sectors": swap("drives,growth,5", "drives,growth,-100")},
        "growth cannot be -100",
    ),
    "a source without a title": (
        {"sources": swap("Invented for the tests", "")},
        "source `toy` has no title",
    ),
    "a year that is none": (
        {"stockpiles": swap("25,t content,2020", "25,t content,2020e")},
        "`2020e` is not a year",
    ),
}


def test_contradictions_are_refused_where_they_stand(toy):
    for what, (tables, message) in CONTRADICTIONS.items():
        with changed(toy, tables):
            problems = problems_of(toy)
        assert len(problems) == 1, (what, *map(render, problems))
        assert message in problems[0].message, (what, problems[0].message)
        assert problems[0].place.line > 1, what


def test_a_plant_without_its_recovery_is_one_fault_at_the_plant(toy):
    table = toy / "sites.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("sep_b,recovery,")]
    table.write_text("\n".join(kept) + "\n", encoding="utf-8")
    (problem,) = problems_of(toy)
    assert "`sep_b` has no `recovery`, so it counts as 100 %" in problem.message


def test_a_grade_is_sold_by_who_makes_it(toy):
    with changed(toy, {"sites": swap("coil_plain coil_hot", "coil_plain")}):
        assert all("but does not make it" in problem.message for problem in problems_of(toy))


PROJECT = [
    f"p,{column},,,{value}{NAMED}"
    for column, value in {
        "name": "P",
        "country": "AAA",
        "region": "AAA",
        "stage": "mine",
        "status": "project",
    }.items()
]
PLANNED = f"p,planned_capacity,,,100,t content/yr{COUNTED}"
ORE = lines(f"p,Zor,share,1,fraction{COUNTED}")
LEFT_OUT: dict[str, tuple[Tables, str, str]] = {
    "a cover": (
        {"covers": without("coil_b,ingot,,")},
        "flows",
        "no cover for ingot at `coil_b` in covers.csv; it counts as 0 days",
    ),
    "needs": (
        {"sectors": lines(f"x,name,X{NAMED}", f"x,form,coil{NAMED}")},
        "sectors",
        "the sector `x` needs nothing",
    ),
    "growth": (
        {"sectors": without("drives,growth")},
        "sectors",
        "`drives` has no `growth`; it counts as 0 %/yr",
    ),
    "what can wait": (
        {"sectors": without("drives,postponable")},
        "sectors",
        "`drives` has no `postponable`; it counts as 0",
    ),
    "a maker": (
        {"products": lines(f"x,name,X{NAMED}", f"x,form,coil{NAMED}")},
        "products",
        "nobody makes `x`",
    ),
    "time": (
        {"sites": without("coil_b,processing_days")},
        "sites",
        "no `processing_days`; it counts as 0 days",
    ),
    "size": (
        {"sites": lines(*PROJECT), "ores": ORE},
        "sites",
        "`p` has no `planned_capacity`; it makes nothing",
    ),
    "a start": (
        {"sites": lines(*PROJECT, PLANNED), "ores": ORE},
        "sites",
        "`p` has no `earliest_start`",
    ),
    "a chance": (
        {
            "sites": lines(*PROJECT, PLANNED, f"p,earliest_start,,,2022.5,year{COUNTED}"),
            "ores": ORE,
        },
        "sites",
        "`p` has no `success`; it counts as certain",
    ),
    "the present": (
        {"sites": lines(*PROJECT, PLANNED, f"p,earliest_start,,,2010,year{COUNTED}"), "ores": ORE},
        "sites",
        "`p` starts in 2010, before the base year 2020",
    ),
    "buyers": (
        {"stockpiles": swap("form,powder", "form,residue")},
        "stockpiles",
        "nobody in `CCC` buys the residue",
    ),
    "a pile": (
        {"defaults": without("stock,pile_days")},
        "defaults",
        "the pack has no `pile_days`; it counts as 90 days",
    ),
    "lending": (
        {"defaults": without("trade,sharing_degree")},
        "defaults",
        "the pack has no `sharing_degree`; it counts as 0.1 a week",
    ),
    "classes": (
        {"pack": without("toy_mineral,priority_classes")},
        "sectors",
        "does not say in which order its classes are served; they count as second, first, other",
    ),
    "a flight": (
        {"defaults": without("trade,air_freight")},
        "defaults",
        "the pack has no `air_freight`; it counts as 6 USD/kg",
    ),
    "what flies": (
        {
            "forms": without(("powder,flies", "ingot,flies", "coil,flies")),
            "defaults": without("trade,air_days"),
        },
        "forms",
        "no form has `flies`, so nothing flies to who is nearly out of it",
    ),
    "a year": (
        {"sources": swap("for the tests,2020", "for the tests,")},
        "sources",
        "the source `toy` has no year",
    ),
}


def test_what_is_left_out_is_said_with_file_and_line(toy):
    for what, (tables, table, message) in LEFT_OUT.items():
        with changed(toy, tables):
            cautions = load_pack(toy).cautions
        assert [(c.severity, Path(c.place.file).stem) for c in cautions] == [("warning", table)], (
            what,
            cautions,
        )
        assert message in cautions[0].message, (what, cautions[0].message)
        assert cautions[0].place.line > 1


def test_a_pack_that_leaves_nothing_out_gets_no_warning():
    assert (load_pack("rare_earths_2024").cautions, load_pack(TOY).cautions) == ((), ())
