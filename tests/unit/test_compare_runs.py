"""Comparing the results of two commits: what counts as a difference, on two tiny run folders."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from benchmarks.compare_runs import compare_folders, compare_results

SHIPMENTS = """\
month,seller,buyer,day,dispatched_t,held_t
2025-01,mine,plant,3,100.5,0
2025-01,mine,plant,3,7,0
2025-02,mine,plant,31,0.0000002,0
2025-02,plant,users,40,,2
"""
HEADLINE = (
    '[{"id": "total", "value": 12.5, "low": null}, {"id": "cause", "value": "ban", "low": null}]'
)
RUN = "run_id: abc\nseed: 1\npack: {id: toy, hash: 1f}\nwall_time_s: 3.5\n"
TABLE = "records/shipments.csv.gz"


def write_run(folder: Path, shipments: str = SHIPMENTS, headline: str = HEADLINE) -> Path:
    (folder / "records").mkdir(parents=True)
    (folder / TABLE).write_bytes(gzip.compress(shipments.encode()))
    (folder / "headline.json").write_text(headline, encoding="utf-8")
    (folder / "run.yaml").write_text(RUN.replace("abc", folder.name), encoding="utf-8")
    return folder


def differences(tmp_path: Path, **changed: str) -> dict[str, tuple[int, str]]:
    folders = write_run(tmp_path / "old"), write_run(tmp_path / "new", **changed)
    found = dict(compare_folders(*folders))
    assert set(found) == {TABLE, "headline.json", "run.yaml"}
    return {name: (each.differ, each.worst) for name, each in found.items() if each.differ}


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("", ""),
        ("100.5", "100.50000009"),
        (",0\n", ",0.0\n"),
        ("2025-02,mine,plant,31,0.0000002,0\n", ""),
    ],
    ids=["nothing", "a billionth", "another way to write it", "a row of next to nothing"],
)
def test_these_are_the_same(was: str, now: str, tmp_path: Path) -> None:
    assert not differences(tmp_path, shipments=SHIPMENTS.replace(was, now))


@pytest.mark.parametrize(
    ("was", "now", "rows", "worst"),
    [
        ("100.5", "100.6", 1, "dispatched_t 100.5 -> 100.6 at 2025-01 mine plant 3"),
        ("users,40,,2", "users,40,0,2", 1, "dispatched_t  -> 0 at 2025-02 plant users 40"),
        ("2025-01,mine,plant,3,7,0\n", "", 1, "only in old: 2025-01 mine plant 3"),
        ("users", "works", 2, "only in old: 2025-02 plant users 40"),
        ("0.0000002", "5", 1, "dispatched_t 0.0000002 -> 5 at 2025-02 mine plant 31"),
        (",40,", ",41,", 2, "only in old: 2025-02 plant users 40"),
        ("held_t", "waits_t", 4, "columns held_t waits_t"),
    ],
    ids=["number", "empty cell", "lost row", "name", "more of next to nothing", "day", "column"],
)
def test_these_are_not(was: str, now: str, rows: int, worst: str, tmp_path: Path) -> None:
    found = differences(tmp_path, shipments=SHIPMENTS.replace(was, now))
    assert found == {TABLE: (rows, worst)}


def test_a_cause_in_words_is_compared_with_the_numbers(tmp_path: Path) -> None:
    found = differences(tmp_path, headline=HEADLINE.replace("ban", "quota"))
    assert found == {"headline.json": (1, "value ban -> quota at cause")}


def test_a_scenario_that_one_of_them_lacks_is_said(tmp_path: Path) -> None:
    write_run(tmp_path / "old" / "ban" / "abc")
    write_run(tmp_path / "old" / "calm" / "abc")
    write_run(tmp_path / "new" / "ban" / "xyz")
    found = list(compare_results(tmp_path / "old", tmp_path / "new", []))
    assert [(name, each.worst) for name, _, each in found if each.differ] == [
        ("calm", "only in old")
    ]
