"""Commands end to end: exit codes, what is printed, what is written, what is left alone."""

from __future__ import annotations

import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from sim.commands.cli import folded, main
from sim.figures.opening import brief_run
from sim.figures.wording import uncapitalised
from sim.guide.lists import LISTS
from sim.report.terminal import in_words
from sim.run_folder.run_folder import write_run_file
from sim.tables import RECORDS, TABLES
from tests.cli.commands import critmin

ROOT = Path(__file__).parents[2]

SHORT = """\
title: A short ban <with> "quotes" & $signs$
question: Does a short run work?
starts: 2025-01-01
ends: 2025-12-01
restrictions:
  - id: ban
    kind: export_ban
    exporter: CHN
    elements: [Dy, Tb]
    starts: 2025-03-01
    ends: 2025-06-01
    reason: a test
"""
BROKEN = """\
title: Broken in three ways
starts: 2025-01-01
ends: 2026-01-01
restrictions:
  - id: ban
    kind: export_bann
    exporter: CHN
    starts: 2025-03-01
    reason: a typo
  - id: other
    kind: export_ban
    exporter: CHN
    elements: [Dx]
    starts: 2025-13-01
    reason: an unknown element and an impossible date
"""


TOY = """\
title: A short ban <with> "quotes" & $signs$
question: Does a short run work?
pack: toy_mineral
starts: 2021-01-01
ends: 2021-12-01
restrictions:
  - {id: ban, kind: export_ban, exporter: AAA, starts: 2021-03-01, ends: 2021-06-01, reason: a test}
"""
ELSEWHERE = """
from sim.commands.cli import main
from tests.page.runs import toy_pack

if __name__ == "__main__":
    with toy_pack():
        main()
"""


def process(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=cwd, capture_output=True, text=True, encoding="utf-8",
        check=False, env={**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The same scenario run twice into two folders: by this process, and by another with one beside it."""
    home = tmp_path_factory.mktemp("runs")
    (home / "short.yaml").write_text(TOY, encoding="utf-8")
    here = critmin("run", "short.yaml", "--out", "one", "--jobs", "1", cwd=home, toy=True)
    (home / "elsewhere.py").write_text(ELSEWHERE, encoding="utf-8")
    there = process("elsewhere.py", "run", "short.yaml", "--out", "two", "--jobs", "2", cwd=home)
    folders = []
    for done in (here, there):
        assert done.returncode == 0, done.stderr
        folders.append(home / done.stdout.splitlines()[-1])
        (home / f"{folders[-1].parents[1].name}.txt").write_text(done.stderr, encoding="utf-8")
    return folders


def files_of(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_the_same_run_twice_gives_the_same_bytes_but_for_its_own_diary(
    two_runs: list[Path],
) -> None:
    one, two = two_runs
    assert one.name == two.name
    names = files_of(one)
    assert names == files_of(two)
    different = [n for n in sorted(names) if not filecmp.cmp(one / n, two / n, shallow=False)]
    assert different in ([], ["run.yaml"])


def test_where_no_terminal_is_each_phase_of_a_run_has_one_line(two_runs: list[Path]) -> None:
    phases = ("preparing", "scenario and reference", "tables", "figures", "page")
    for run in two_runs:
        said = (run.parents[2] / f"{run.parents[1].name}.txt").read_text(encoding="utf-8")
        assert said.splitlines() == [f"short: {phase}" for phase in phases]


def test_a_run_folder_has_what_people_hold_on_to(two_runs: list[Path]) -> None:
    names = files_of(two_runs[0])
    for expected in (
        "run.yaml", "scenario.resolved.yaml", "summary.csv", "monthly.csv", "headline.json",
        "report.html", "records/shipments.csv.gz", "figures/shortfall_over_time.svg",
        "figures/shortfall_over_time.png", "figures/heat_map.png", "figures/supply_by_origin.png",
        "figures/flow_map.png", "figures/stock_burn_down.png", "chain.csv", "exports_monthly.csv",
    ):  # fmt: skip
        assert expected in names
    header = (two_runs[0] / "summary.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == ("metric,stage,material,sector,region,country,period,statistic,run,value,unit")
    headline = json.loads((two_runs[0] / "headline.json").read_text(encoding="utf-8"))
    assert {"id", "label", "value", "low", "high", "unit", "material", "sector", "region"} == set(
        headline[0]
    )


def test_every_table_of_a_run_folder_has_the_columns_that_are_explained(
    two_runs: list[Path],
) -> None:
    folder = two_runs[0]
    explained = {table.file: table.names for table in (*TABLES.values(), *RECORDS.values())}
    there = {
        path.relative_to(folder).as_posix(): [*pd.read_csv(path, nrows=0).columns]
        for path in (*folder.glob("*.csv"), *folder.glob("records/*"))
        if path.name != "gaps.csv"  # whose headings are words
    }
    assert there == explained


def test_exports_by_month_stand_in_the_folder(
    two_runs: list[Path],
) -> None:
    numbers = ("t", "reference_t", "mean_before_t", "reo_t")
    table = pd.read_csv(
        two_runs[0] / "exports_monthly.csv", keep_default_na=False,
        na_values={name: [""] for name in numbers},
    )  # fmt: skip
    whole = table[(table["product"] == "all") & (table["destination"] == "all")]
    coil = whole[whole["form"] == "coil"].set_index("month")
    # The ban is in force from March to May; December 2020 is warm-up.
    assert coil.loc[["2021-03", "2021-04", "2021-05"], "t"].tolist() == [0.0, 0.0, 0.0]
    assert coil.loc["2021-06", "t"] > coil.loc["2021-06", "mean_before_t"] > 10
    assert coil["mean_before_t"].nunique() == 1


def test_the_page_escapes_what_users_write_and_asks_nothing_of_the_network(
    two_runs: list[Path],
) -> None:
    page = (two_runs[0] / "report.html").read_text(encoding="utf-8")
    assert "A short ban &lt;with&gt; &#34;quotes&#34; &amp; $signs$" in page
    assert "<with>" not in page
    assert 'src="http' not in page
    assert "<script" not in page


def test_a_finished_run_is_found_again_and_an_edited_one_is_left_alone(
    two_runs: list[Path],
) -> None:
    home = two_runs[0].parents[2]
    again = critmin("run", "short.yaml", "--out", "one", cwd=home, toy=True)
    assert again.returncode == 0
    assert "already there" in again.stderr
    summary = two_runs[1] / "summary.csv"
    summary.write_text(summary.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    refused = critmin("run", "short.yaml", "--out", "two", cwd=home, toy=True)
    assert refused.returncode == 2
    assert "summary.csv" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_output_fits_eighty_columns(tmp_path: Path) -> None:
    (tmp_path / "short.yaml").write_text(TOY, encoding="utf-8")
    done = critmin("run", "short.yaml", "--no-figures", cwd=tmp_path, toy=True)
    assert max(len(line) for line in done.stdout.splitlines()) <= 80


def test_the_terminal_has_names_and_the_words_of_the_page_at_any_width(
    two_runs: list[Path],
) -> None:
    run = brief_run(two_runs[0])
    lines = list(in_words(run))
    assert lines[0].startswith("In this scenario users outside Aland would lack ")
    first = run.worst.iloc[0]
    names = (first["product"], uncapitalised(first["sector_name"]), first["region_name"])
    assert lines[2] == f" 1. {', '.join(names)}"
    assert (
        f" % of need ({first['peak_caused']:.2g} % in the worst month), from the week to "
        in lines[3]
    )
    assert not any(re.search(r"\bcoil_hot\b|\bban\b\)", line) for line in lines)
    for width in (40, 80, 200):
        folded_lines = "\n".join(folded(line, width, indent=0) for line in lines).splitlines()
        assert max(map(len, folded_lines)) <= width


def test_page_figures_and_gaps_of_a_region_are_its_own(
    two_runs: list[Path], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(two_runs[0], folder)
    whole, regions = pd.read_csv(folder / "gaps.csv"), pd.read_csv(folder / "by_region.csv")
    name = whole["Region"].iloc[0]
    region = regions.set_index("region_name").loc[name, "region"]
    made = critmin("report", str(folder), "--region", region, "--excel", cwd=folder)
    assert made.returncode == 0, made.stderr
    home = folder / "regions" / region
    assert made.stdout == f"{home / 'report.html'}\n"
    gaps = pd.read_csv(home / "gaps.csv")
    assert set(gaps["Region"]) == {name}
    assert len(gaps) == (whole["Region"] == name).sum()
    assert len(regions) > 2  # all together, and more than one
    assert (home / "figures" / "heat_map.png").is_file()
    written_page = (home / "report.html").read_text(encoding="utf-8")
    assert "For readers in" in written_page
    products = re.findall(r'<tr data-product="([^"]+)"', written_page)
    scope = pd.read_csv(folder / "scope.csv").query("what == 'product' and region == @region")
    assert sorted(products) == sorted(scope["material"])
    again = critmin("figures", str(folder), "--region", region, cwd=folder)
    assert again.stdout.splitlines()[-1] == str(home / "figures")
    for written in (folder / "worst.csv", folder / "by_region.csv"):
        found = pd.read_csv(
            folder / "excel" / written.name, sep=";", decimal=",", encoding="utf-8-sig"
        )
        pd.testing.assert_frame_equal(found, pd.read_csv(written))
    refused = critmin("figures", str(folder), "--region", "AAA", cwd=folder)
    assert refused.returncode == 2
    assert "users in `AAA` need nothing of what this run is about" in refused.stderr


def test_a_missing_picture_is_drawn_again_and_nothing_else(two_runs: list[Path]) -> None:
    picture = two_runs[0] / "figures" / "heat_map.png"
    before = picture.read_bytes()
    written = (two_runs[0] / "summary.csv").stat().st_mtime_ns
    picture.unlink()
    again = critmin("run", "short.yaml", "--out", "one", cwd=two_runs[0].parents[2], toy=True)
    assert again.returncode == 0
    assert "nothing was simulated" in again.stderr
    assert picture.read_bytes() == before
    assert (two_runs[0] / "summary.csv").stat().st_mtime_ns == written


def test_figures_and_page_are_made_again_from_the_folder_alone(two_runs: list[Path]) -> None:
    folder = two_runs[0]
    before = {name: (folder / name).read_bytes() for name in files_of(folder)}
    for name in before:
        if name.startswith("figures/") or name == "report.html":
            (folder / name).unlink()
    drawn = critmin("figures", str(folder), "--size", "all", cwd=folder)
    assert drawn.returncode == 0, drawn.stderr
    assert drawn.stdout.splitlines()[-1] == str(folder / "figures" / "slide")
    bare = critmin("figures", str(folder), "--size", "half", "--bare", cwd=folder)
    assert bare.stdout.splitlines()[-1] == str(folder / "figures" / "bare" / "half")
    written = critmin("report", str(folder), cwd=folder)
    assert written.returncode == 0, written.stderr
    assert written.stdout == f"{folder / 'report.html'}\n"
    after = {name: (folder / name).read_bytes() for name in before}
    # It lists what is drawn, hence the other sizes too.
    assert [name for name in before if before[name] != after[name]] == ["run.yaml"]
    assert (folder / "figures" / "bare" / "half" / "heat_map.png").is_file()


@pytest.mark.parametrize("command", ["figures", "report"])
def test_what_is_no_run_folder_is_said_in_one_message(command: str, tmp_path: Path) -> None:
    (tmp_path / "file.txt").touch()
    (tmp_path / "other").mkdir()
    (tmp_path / ".partial-0123-abcd").mkdir()
    run = tmp_path / "home" / "0123456789ab"
    run.mkdir(parents=True)
    (run / "summary.csv").write_text("metric\n", encoding="utf-8")
    write_run_file(run, {"seed": 1})
    (run / "summary.csv").write_text("metric\nmine\n", encoding="utf-8")
    for given, said in (
        ("nowhere", "there is no folder nowhere"),
        ("file.txt", "file.txt is a file"),
        ("other", "other is not the folder of a finished run"),
        ("home", f"did you mean {Path('home') / '0123456789ab'}?"),
        (".partial-0123-abcd", "still going on"),
        (str(run), "`summary.csv` is missing or was changed"),
    ):
        done = critmin(command, given, cwd=tmp_path)
        assert done.returncode == 2, given
        assert said in done.stderr
        assert done.stderr.count("error: ") == 1
        assert "= help: " in done.stderr
        assert "Traceback" not in done.stderr


def test_the_faults_of_all_files_are_said_before_anything_runs(tmp_path: Path) -> None:
    for name in ("one.yaml", "two.yaml"):
        (tmp_path / name).write_text(BROKEN, encoding="utf-8")
    (tmp_path / "short.yaml").write_text(SHORT, encoding="utf-8")
    for command in ("run", "check"):
        done = critmin(command, "one.yaml", "short.yaml", "two.yaml", cwd=tmp_path)
        assert done.returncode == 2
        assert "one.yaml:6:11:" in done.stderr
        assert "two.yaml:6:11:" in done.stderr
        assert not (tmp_path / "results").exists()
    assert done.stdout == "short.yaml: ok\n"


def test_a_failure_of_our_own_is_one_message_and_debug_says_where(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: str) -> list[str]:
        raise ZeroDivisionError("a fault")

    monkeypatch.setitem(LISTS, "elements", broken)
    with pytest.raises(SystemExit) as stopped:
        main(["list", "elements"])
    assert stopped.value.code == 1
    said = capsys.readouterr().err
    assert "ZeroDivisionError: a fault" in said
    assert "Traceback" not in said
    with pytest.raises(ZeroDivisionError):
        main(["--debug", "list", "elements"])


def test_three_faults_are_located_at_once(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    done = process("-m", "sim", "check", "broken.yaml", cwd=tmp_path)
    assert done.returncode == 2
    for place in ("broken.yaml:6:11:", "broken.yaml:13:16:", "broken.yaml:14:13:"):
        assert place in done.stderr
    assert "did you mean `export_ban`?" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("run", "no-such-scenario"), ("run", "missing.yaml"), ("list", "nothing"), ("rum",),
     ("run", "baseline", "--seed", "x")],
)  # fmt: skip
def test_wrong_arguments_give_one_message_and_exit_code_2(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    done = critmin(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_a_warning_has_its_place_and_does_not_stop_a_check(tmp_path: Path) -> None:
    text = SHORT.replace("[Dy, Tb]", "[Sc]\n    forms: [magnet]")
    (tmp_path / "short.yaml").write_text(text, encoding="utf-8")
    done = critmin("check", "short.yaml", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout == "short.yaml: ok\n"
    assert "short.yaml:9:15: warning: `ban` meets no trade of this world" in done.stderr
    assert "    elements: [Sc]\n   |               ^^^^" in done.stderr


def test_a_run_warns_once_of_a_restriction_nobody_can_feel(tmp_path: Path) -> None:
    text = SHORT.replace("[Dy, Tb]", "[Sc]\n    forms: [magnet]").replace("2025-12", "2025-02")
    (tmp_path / "short.yaml").write_text(text, encoding="utf-8")
    done = critmin("run", "short.yaml", "--no-figures", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("no effect") == 1
    again = critmin("run", "short.yaml", "--no-figures", cwd=tmp_path)
    assert again.stderr.count("no effect") == 1


@pytest.mark.parametrize(
    ("pack", "message"),
    [("nosuch", "there is no pack `nosuch`"), (".", "not a pack: it has no `pack.csv`"),
     ("short.yaml", "there is no pack"), ("", "no pack is named"), ("/proc/self", "pack")],
)  # fmt: skip
def test_a_pack_that_is_none_is_one_message(tmp_path: Path, pack: str, message: str) -> None:
    (tmp_path / "short.yaml").write_text(SHORT, encoding="utf-8")
    for command in (("list", "elements"), ("calibration",)):
        done = critmin(*command, "--pack", pack, cwd=tmp_path)
        assert done.returncode == 2
        assert message in done.stderr
        assert done.stderr.count("error:") == 1


def test_thousands_of_faults_do_not_flood_the_terminal(tmp_path: Path) -> None:
    lever = BROKEN[BROKEN.index("  - id: ban") : BROKEN.index("  - id: other")]
    levers = "".join(lever.replace("ban\n", f"ban{i}\n") for i in range(300))
    text = BROKEN[: BROKEN.index("  - id: ban")] + levers
    (tmp_path / "many.yaml").write_text(text, encoding="utf-8")
    done = critmin("check", "many.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("error:") == 20
    assert done.stderr.splitlines()[-1] == "... and 280 more"


def test_a_file_where_the_results_should_go_is_said_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "short.yaml").write_text(SHORT, encoding="utf-8")
    (tmp_path / "results").write_text("mine", encoding="utf-8")
    done = critmin("run", "short.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert "--out" in done.stderr
    assert (tmp_path / "results").read_text(encoding="utf-8") == "mine"


def test_all_lists_are_listed(tmp_path: Path) -> None:
    assert critmin("list", cwd=tmp_path).stdout.split() == list(LISTS)


def test_the_resolved_scenario_names_levers_and_sources(two_runs: list[Path]) -> None:
    text = (two_runs[0] / "scenario.resolved.yaml").read_text(encoding="utf-8")
    resolved = yaml.safe_load(text)
    assert resolved["levers"][0]["sentence"].startswith("Aland bans the export of")
    table = pd.read_csv(two_runs[0] / "assumptions.csv", dtype=str)
    assert len(table) > 0
    assert table[["source", "confidence"]].notna().all(axis=None)
