"""Runs side by side: the numbers are those of their folders, and what cannot be compared is said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from sim.comparison import Comparison, compare
from sim.comparison.answer import part_of_base
from sim.comparison.differences import differences
from sim.comparison.folder import PAGE, TABLE, TEXT
from sim.comparison.side import sides_of
from sim.figures import read_run
from sim.pipeline.without_measures import compare_with
from sim.report.measures import measures
from sim.run_folder import run_folder
from sim.scenario import load
from tests.cli.commands import critmin
from tests.page.runs import HEAD, toy_pack

BAN = """restrictions:
  - {id: ban, kind: export_ban, exporter: AAA, starts: 2021-02-01, ends: 2021-08-01, reason: Stress case}
"""
PILE = """measures:
  - {id: pile, kind: stockpile_release, stockpile: stockpile_c, form: coil, size: 60 d, trigger: 20 d,
     starts: 2021-02-01, reason: Stress case}
"""
TEXTS = {
    "ban": HEAD + "title: A ban\n" + BAN,
    "pile": "extends: ban.yaml\ntitle: A ban and a pile\n" + PILE,
    "alone": HEAD + "title: x\n" + BAN.replace("08-01", "09-01") + PILE,
    "half": HEAD.replace("2022-01-01", "2021-07-01") + BAN.replace("AAA", "BBB"),
    "later": HEAD.replace("2022", "2024").replace("2021", "2023") + "title: Calm\n",
    "other": """extends: ban.yaml
seed: 3
behaviour: {sharing: off}
changes:
  - {table: sectors, id: drives, parameter: growth, value: 20 %/yr, reason: Stress case}
""",
}


def close(value: object, expected: float) -> bool:
    """As near as numbers are that were rounded for a table."""
    return value == pytest.approx(expected, rel=1e-6, abs=1e-5)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compare")
    for name, text in TEXTS.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def runs(home: Path) -> Mapping[str, Path]:
    """Scenario -> the folder of its run."""
    pairs = (("ban", "pile"), ("half", "other"), ("later",))
    for pair in pairs:
        done = critmin("run", *(f"{n}.yaml" for n in pair), "--no-figures", cwd=home, toy=True)
        assert done.returncode == 0, done.stderr
    named = [name for pair in pairs for name in pair]
    return {name: next((home / "results" / name).iterdir()) for name in named}


@pytest.fixture(scope="module")
def both(home: Path, runs: Mapping[str, Path]) -> Comparison:
    return compare([runs["ban"], runs["pile"]], home / "results")


def test_numbers_and_differences_are_those_of_the_two_folders(
    both: Comparison, runs: Mapping[str, Path]
) -> None:
    table, (one, two) = both.table, (side.column for side in both.sides)
    total = table[table["level"] == "total"].set_index("measure")
    for column, name in ((one, "ban"), (two, "pile")):
        numbers = {n["id"]: n["value"] for n in run_folder.headline(runs[name])}
        for measure, id in (
            ("demand", "demand"), ("missing", "shortfall_total"), ("caused", "shortfall_caused"),
            ("relieved", "shortfall_relieved"), ("share", "shortfall_share"), ("peak_caused", "peak_caused"),
        ):  # fmt: skip
            assert close(total.loc[measure, column], numbers[id]), (name, measure)
        regions = run_folder.table(runs[name], "by_region").set_index("region")
        own = table[table["level"] == "region"]
        for measure, column_of in (
            ("caused", "caused_t"), ("peak_caused", "peak_caused"), ("weeks_below_80", "weeks_below_80"),
            ("output_at_risk", "output_at_risk"),
        ):  # fmt: skip
            its = own[own["measure"] == measure].set_index("region")[column]
            for region, value in its.items():
                assert close(value, regions.loc[region, column_of]), (region, measure)
        first = own[own["measure"] == "first_short"].set_index("region")[column]
        assert first.to_dict() == regions["first_caused"].reindex(first.index).to_dict()
    missing = total.loc["missing"]
    assert close(missing["B_minus_A"], missing[two] - missing[one])
    assert close(missing["B_minus_A_percent"], 100 * (missing[two] / missing[one] - 1))
    net = total.loc["more_than_base", two] - total.loc["less_than_base", two]
    assert close(net, missing["B_minus_A"])
    for level in ("region", "sector", "product", "user"):  # each level adds up to all of it
        its = table[(table["level"] == level) & (table["measure"] == "missing")]
        assert close(its["B_minus_A"].sum(), missing["B_minus_A"]), level


def test_the_answer_comes_first_and_names_what_was_added(both: Comparison) -> None:
    assert both.differences[0].only_measures_added
    assert both.answer[0].startswith(
        "The measure that pile (B) adds (stockpile release) would close "
    )
    assert both.cautions == []
    assert both.same_reference
    lines = both.differences[0].lines("A", "B")
    assert lines[0] == "Title: “A ban and a pile” instead of “A ban”."
    assert lines[1].startswith("Measure added: ")


def test_the_same_runs_give_the_same_folder_with_the_same_bytes(
    both: Comparison, home: Path, runs: Mapping[str, Path], tmp_path: Path
) -> None:
    done = critmin("compare", "ban.yaml", str(runs["pile"]), cwd=home, toy=True)
    assert done.returncode == 0, done.stderr
    folder = home / done.stdout.splitlines()[-1]
    again = both.save(tmp_path)
    assert again.name == folder.name
    names = run_folder.files_below(folder)
    assert names == run_folder.files_below(again)
    for name in names:
        assert (folder / name).read_bytes() == (again / name).read_bytes(), name
    page = (folder / PAGE).read_text(encoding="utf-8")
    assert "data:image/svg+xml" in page
    assert 'src="http' not in page
    assert "<script" not in page
    assert both.answer[0].split(" would ")[0] in (folder / TEXT).read_text(encoding="utf-8")
    written = pd.read_csv(folder / TABLE, dtype=str, keep_default_na=False)
    assert len(written) == len(both.table)
    (again / TABLE).write_text("mine", encoding="utf-8")
    found = critmin(
        "compare", "ban.yaml", str(runs["pile"]), "--out", str(tmp_path), cwd=home, toy=True
    )
    assert found.returncode == 2
    assert f"`{TABLE}` is missing or was changed" in found.stderr
    assert (again / TABLE).read_text(encoding="utf-8") == "mine"


def test_what_cannot_be_compared_is_said(home: Path, runs: Mapping[str, Path]) -> None:
    of_half = compare([runs["ban"], runs["half"]], home / "results")
    assert "only the 6 months that all of them have" in of_half.cautions[0]
    assert set(of_half.monthly["month"]) == {f"2021-0{n}" for n in range(1, 7)}
    assert any("By itself B is about other demand" in said for said in of_half.counted)
    other = compare([runs["ban"], runs["other"]], home / "results")
    said = " ".join(other.cautions)
    assert "rows of the pack and rules of behaviour" in said
    assert "What counts is not the same amount" in said
    lines = "\n".join(other.differences[0].lines("A", "B"))
    for each in (
        "Seed: 3 instead of 1.",
        "Row of the pack sectors drives growth: 20 %/yr instead of the pack's 5 %/yr.",
        "Rule sharing: off",
    ):
        assert each in lines, lines


def test_a_lever_that_changed_is_told_by_what_changed(home: Path, runs: Mapping[str, Path]) -> None:
    ban, half = sides_of([runs["ban"], runs["half"]])
    (changed,) = differences(ban, half).changed
    assert changed.settings == ["exporter: BBB instead of AAA"]


def test_bad_input_is_one_message_and_nothing_is_simulated(
    home: Path, runs: Mapping[str, Path], tmp_path: Path
) -> None:
    old = tmp_path / "old"
    old.mkdir()
    (old / "run.yaml").write_text("format: 1\nfiles: {}\n", encoding="utf-8")
    partial = tmp_path / ".partial-abc"
    partial.mkdir()
    ban = str(runs["ban"])
    for arguments, said in (
        ([ban], "2 to 6 runs are compared, and 1 is given"),
        ([ban] * 7, "and 7 are given"),
        ([ban, ban], "the same run is given twice"),
        ([ban, "ban.yaml"], "the same run is given twice"),
        ([ban, str(home)], "is not the folder of a finished run"),
        ([ban, str(old)], "this version reads form"),
        ([ban, str(partial)], "still going on, or was broken off"),
        ([ban, "no/such/folder"], "there is no folder no/such/folder"),
        ([ban, "no-such"], "there is no such shipped scenario"),
        ([ban, str(runs["later"])], "no whole month in common"),
    ):
        done = critmin("compare", *arguments, "--out", str(tmp_path / "new"), cwd=home, toy=True)
        assert done.returncode == 2, arguments
        assert said in done.stderr, done.stderr
        assert done.stderr.count("error:") == 1
    assert not (tmp_path / "new").exists()


def test_one_run_in_place_of_a_list_is_not_taken_for_its_letters() -> None:
    with pytest.raises(TypeError, match="takes a list of runs"):
        compare("baseline")


def test_no_part_of_a_gap_is_all_of_it_by_rounding_and_none_is_thousands_of_per_cent() -> None:
    own = (10.0, 49.0, 0.1, 0.0, 3000.0)
    assert [part_of_base(100.0, each).replace("\u00a0", " ") for each in own] == [
        "90 %", "51 %", "over 99 %", "100 %", "30 times as much",
    ]  # fmt: skip


def test_a_run_with_measures_knows_what_it_is_to_be_compared_with(home: Path) -> None:
    with toy_pack():
        own = {
            name: compare_with(load(str(home / f"{name}.yaml")))
            for name in ("pile", "ban", "alone")
        }
    assert own["pile"] == {"base": "ban.yaml", "this": "pile.yaml"}
    assert own["ban"] == {}
    assert own["alone"] == {"base": "", "this": "alone.yaml"}


def test_the_page_of_a_run_with_measures_names_the_command(runs: Mapping[str, Path]) -> None:
    said = measures(read_run(runs["pile"]))
    assert said is not None
    assert said.command == "critmin compare ban.yaml pile.yaml"
    assert "critmin new copy --from pile.yaml" in said.how


def test_the_shipped_stockpiles_name_the_shipped_ban() -> None:
    named = compare_with(load("stockpile-180-days"))
    assert named == {"base": "china-full-ban-12-months", "this": "stockpile-180-days"}
