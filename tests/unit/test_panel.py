"""Arrays by month and item, their long form, and groups of items."""

from __future__ import annotations

import gzip
import pickle
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.engine.calendar import Calendar
from sim.engine.panel import Panel, Texts
from sim.run_folder import csv_text
from sim.summary.long import Groups, Periods, _order

MONTHS = ("2025-11", "2025-12", "2026-01")


def panel() -> Panel:
    """Two sites, of which the second is idle for a month and the first for two."""
    t = np.array([[1.5, 0.0], [0.0, 2.0], [0.0, np.nan]])
    days = np.array([[np.nan, 0.0], [0.0, 1 / 3], [0.0, 7.0]])
    present = np.array([[True, False], [False, True], [False, True]])
    texts = {"site": ["=mine", "a, b"], "country": ["ZZZ", "AAA"]}
    return Panel.of(MONTHS, texts, {"t": t, "days": days}, present)


def test_the_long_form_has_a_row_for_each_cell_that_holds_something() -> None:
    found = panel().long()
    assert found.columns.tolist() == ["month", "site", "country", "t", "days"]
    assert found["month"].tolist() == ["2025-11", "2025-12", "2026-01"]
    assert found["site"].tolist() == ["=mine", "a, b", "a, b"]
    np.testing.assert_array_equal(found["t"], [1.5, 2.0, np.nan])
    assert found["month"].cat.ordered
    assert all(found[name].cat.categories.dtype == object for name in ("month", "site", "country"))
    pd.testing.assert_frame_equal(
        panel().long(1, 3).reset_index(drop=True), found.iloc[1:].reset_index(drop=True)
    )


def test_texts_are_numbered_in_alphabetical_order() -> None:
    texts = Texts.of(["b", "a", "b", ""])
    assert (texts.names, texts.codes.tolist()) == (("", "a", "b"), [2, 1, 2, 0])
    assert texts.words() == ["b", "a", "b", ""]
    assert texts.renamed(lambda text: "z" if text == "a" else "").words() == ["", "z", "", ""]
    assert texts.among(["a", ""]).tolist() == [False, True, False, True]
    assert texts.take(np.array([3, 1])).words() == ["", "a"]
    assert Texts.of([]).words() == []


def test_items_with_the_same_texts_are_added_up_in_the_order_of_the_texts() -> None:
    texts = {"stage": Texts.of(["x", "x", "u", "x"]), "country": Texts.of(["B", "A", "B", "B"])}
    values = np.array([[1.0, 2.0, 4.0, 8.0]])
    groups = Groups.of(texts)
    keys = list(zip(groups.texts["stage"].words(), groups.texts["country"].words(), strict=True))
    assert keys == [("u", "B"), ("x", "A"), ("x", "B")]
    assert groups.sums(values).tolist() == [[4.0, 2.0, 9.0]]
    chosen = Groups.of(texts, np.array([True, False, False, False]))
    assert chosen.sums(values).tolist() == [[1.0]]
    assert chosen.ever(values > 1).tolist() == [[False]]
    nothing = Groups.of({"stage": Texts.of([])})
    assert nothing.sums(np.zeros((3, 0))).shape == (3, 0)


def test_years_and_the_run_are_made_of_months() -> None:
    calendar = Calendar(date(2025, 11, 1), date(2026, 1, 11))
    years, months = Periods.years(calendar), Periods.months(calendar)
    values = np.array([[30.0], [31.0], [10.0]])
    assert (years.names, months.names) == (("2025", "2026", "all"), MONTHS)
    assert years.sums(values).tolist() == [[61.0], [10.0], [71.0]]
    assert years.means(np.array([[1.0], [1.0], [2.0]])).ravel() == pytest.approx([1, 2, 81 / 71])
    assert years.ever(values > 30).tolist() == [[True], [False], [True]]
    assert months.sums(values) is values


def test_a_panel_is_written_as_its_long_form_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written(table: pd.DataFrame | Panel) -> bytes:
        csv_text.write_packed(tmp_path / "table.csv.gz", table)
        return gzip.decompress((tmp_path / "table.csv.gz").read_bytes())

    text = (
        b"month,site,country,t,days\n"
        b"2025-11,'=mine,ZZZ,1.5,\n"
        b'2025-12,"a, b",AAA,2,0.333333333333\n'
        b'2026-01,"a, b",AAA,,7\n'
    )
    for rows in (1, 2, 10_000):
        monkeypatch.setattr(csv_text, "ROWS_AT_ONCE", rows)
        assert written(panel()) == written(panel().long()) == text
    nothing = Panel.of(
        MONTHS, {"site": []}, {"t": np.zeros((3, 0))}, np.zeros((3, 0), dtype=np.bool_)
    )
    assert written(nothing) == written(nothing.long()) == b"month,site,t\n"


def test_another_process_gets_the_arrays() -> None:
    back = pickle.loads(pickle.dumps(panel()))
    pd.testing.assert_frame_equal(back.long(), panel().long())


def test_rows_are_in_the_order_of_their_keys_also_where_these_do_not_fit_into_one_number() -> None:
    draw = np.random.default_rng(1)
    keys = [draw.integers(0, 7, 300) for _ in range(4)]
    wanted = sorted(range(300), key=lambda row: [int(key[row]) for key in keys])
    for sizes in ([7] * 4, [2**20] * 4, [2**40] * 4):
        assert _order(keys, sizes).tolist() == wanted
