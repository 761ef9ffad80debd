"""Who lacks what: product by sector and region, with cause and dates, of the scenario and of its reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np
import pandas as pd

from sim.equations.digits import rounded
from sim.summary.cause import Limits, main_limit
from sim.summary.long import NAMED_T
from sim.summary.naming import Names
from sim.summary.scope import OF_PRODUCTS, Scope, among
from sim.summary.service import day_in_words
from sim.tables import TABLES
from sim.world.world import end_use_id

PLACE = ["material", "sector", "region"]


def worst_table(
    table: pd.DataFrame, limits: Limits, scope: Scope, names: Names, starts: date
) -> pd.DataFrame:
    """Product x sector-region that are short in some month, by tonnes missing beyond the reference."""
    worst = _short(table, limits, scope, names, starts, "scenario")
    order = ["caused_t", "shortfall_t", *PLACE]
    worst = worst.sort_values(
        order, ascending=[False, False, True, True, True], kind="stable", ignore_index=True
    )
    return worst[TABLES["worst"].names]


def reference_table(
    table: pd.DataFrame, limits: Limits, scope: Scope, names: Names, starts: date,
    first_months: Mapping[tuple[str, ...], str],
) -> pd.DataFrame:  # fmt: skip
    """The same of the reference, the most tonnes first, with the first month noticeably short."""
    short = _short(table, limits, scope, names, starts, "reference")
    keys = zip(*(short[column] for column in PLACE), strict=True)
    short["first_month"] = pd.Series([first_months.get(key, "") for key in keys], dtype=str)
    short = short.sort_values(
        ["shortfall_t", *PLACE], ascending=[False, True, True, True],
        kind="stable", ignore_index=True,
    )  # fmt: skip
    return short[TABLES["reference"].names]


def _short(
    table: pd.DataFrame, limits: Limits, scope: Scope, names: Names, starts: date, run: str
) -> pd.DataFrame:
    chosen = table[(table["run"] == run) & (table["period"] == "all") & (table["stage"] == "use")]
    plain = chosen.astype(dict.fromkeys(["metric", *PLACE], object))
    wide = plain[plain["metric"].isin(OF_PRODUCTS)].pivot_table(
        index=PLACE, columns="metric", values="value", aggfunc="first"
    )
    for metric in (
        "first_short", "time_to_recover", "peak_shortfall", "shortfall", "caused", "peak_caused",
        "first_caused", "peak_output_at_risk", "weeks_below_80", "demand", "last_short",
    ):  # fmt: skip
        if metric not in wide:
            wide[metric] = float("nan")
    wide = wide[wide["shortfall"] > NAMED_T].reset_index()
    causes = [
        main_limit(limits, end_use_id(s, r), m)
        for m, s, r in zip(wide["material"], wide["sector"], wide["region"], strict=True)
    ]
    return pd.DataFrame(
        {
            "material": wide["material"],
            "sector": wide["sector"],
            "region": wide["region"],
            "peak": wide["peak_shortfall"],
            "shortfall_t": wide["shortfall"],
            "first_short": _dates(wide["first_short"], starts),
            "recover_days": wide["time_to_recover"],
            "limited_by": pd.Series(causes, dtype=str),
            "caused_t": wide["caused"].fillna(0.0),
            "peak_caused": wide["peak_caused"].fillna(0.0),
            "first_caused": _dates(wide["first_caused"], starts),
            "output_at_risk": wide["peak_output_at_risk"].fillna(0.0),
            "weeks_below_80": wide["weeks_below_80"].fillna(0.0),
            "share": rounded(100 * (wide["shortfall"] / wide["demand"]).to_numpy()),
            "caused_share": rounded(100 * (wide["caused"].fillna(0.0) / wide["demand"]).to_numpy()),
            "last_short": _dates(wide["last_short"], starts),
            "in_scope": pd.Series(np.where(among(wide, scope.products), "yes", "no"), dtype=str),
            "product": _named(wide["material"], names.products),
            "sector_name": _named(wide["sector"], names.sectors),
            "region_name": _named(wide["region"], names.regions),
            "cause": _named(causes, names.limiters),
        }
    )


def _named(ids: Iterable[str], names: Mapping[str, str]) -> pd.Series:
    return pd.Series([names.get(str(id), str(id)) for id in ids], dtype=str)


def _dates(days: pd.Series, starts: date) -> pd.Series:
    dates = [day_in_words(starts, day) if day == day else "" for day in days]
    return pd.Series(dates, dtype=str)
